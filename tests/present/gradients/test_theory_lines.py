"""Lines of formulas over measured curves."""

from math import pi, sqrt

import pytest

from resnet_viz.present.gradients.curves import View, curves_of
from resnet_viz.present.gradients.figure import Panel
from resnet_viz.present.gradients.nets import BENCH_NETS
from resnet_viz.present.gradients.text import panel_message
from resnet_viz.present.gradients.theory_lines import source_messages, theory_lines
from resnet_viz.spec.enums import Init, Norm
from tests.present.gradients.made import curve, net, record


def test_the_line_begins_at_the_last_block_and_multiplies_towards_the_input() -> None:
    of = net(depth=20)
    (measured,) = curves_of([of], [record(of, factor=1.16)], View.BLOCK)
    (line,) = theory_lines([measured], Init.HE, View.BLOCK)
    assert line.ys[-1] == measured.places[-1].mean
    assert line.ys[0] / line.ys[-1] == pytest.approx(sqrt(pi / (pi - 1)) ** 16)  # Yang et al. 2019, theorem 8
    assert line.xs == tuple(place.x for place in measured.places)
    assert "Yang et al. 2019, theorem 8" in line.title()
    assert "1.2112 per convolution" in line.title()


@pytest.mark.parametrize(
    ("id", "norm", "init", "view", "factor"),
    [
        ("plain", Norm.NONE, Init.TORCH_DEFAULT, View.BLOCK, (1 / 6) ** 0.5),
        ("a_original", Norm.NONE, Init.HE, View.BLOCK, 2**0.25),  # of a block √2, of each of its convolutions the root
    ],
)
def test_each_law_has_its_nets(id: str, norm: Norm, init: Init, view: View, factor: float) -> None:
    (line,) = theory_lines([curve(net(id, norm=norm), 1.0)], init, view)
    assert line.ys[0] == pytest.approx(factor**16)


def test_where_there_is_no_formula_there_is_no_line() -> None:
    for view in View:
        for name in set(BENCH_NETS) - {"plain", "a_original", "e_full_preact"}:
            assert theory_lines([curve(net(name), 1.0)], Init.HE, view) == ()
    assert theory_lines([curve(net(), 1.0, view=View.WEIGHT)], Init.HE, View.WEIGHT) == ()
    assert theory_lines([curve(net(norm=Norm.NONE), 1.0)], Init.HE, View.BLOCK) == ()


def test_signals_are_counted_anew_in_each_stage() -> None:
    of = net("e_full_preact")
    found = [theory_lines([curve(of, 1.0)], Init.HE, view)[0].ys for view in (View.STD, View.SHARE)]
    assert found[0] == pytest.approx([1, sqrt(2), sqrt(3)] * 3)  # De and Smith 2020
    assert found[1] == pytest.approx([1, 1 / 2, 1 / 3] * 3)


def test_the_measured_factor_has_that_of_theory_beside_it() -> None:
    of = net(depth=20)
    measured = curves_of([of], [record(of, factor=1.16)], View.BLOCK)
    message = panel_message(Panel(True, measured, theory_lines(measured, Init.HE, View.BLOCK)), View.BLOCK)
    assert ", 1.16 per convolution (theory 1.21)." in message


def test_signals_are_compared_with_their_formula() -> None:
    of = net("e_full_preact")
    measured = curves_of([of], [record(of, activation_std=(2.0,) * 9)], View.STD)
    message = panel_message(Panel(True, measured, theory_lines(measured, Init.HE, View.STD)), View.STD)
    assert message.endswith("; 1.2 to 2 times the formula.")


def test_a_source_is_named_once() -> None:
    curves = [curve(net(name, norm=Norm.NONE), 1.0) for name in ("a_original", "e_full_preact")]
    (message,) = source_messages(theory_lines(curves, Init.HE, View.BLOCK))
    assert message.startswith("Dashed: × √2 = 1.414 per block. De and Smith 2020")


def test_a_dead_last_block_has_no_line() -> None:
    of = net()
    dead = curves_of([of], [record(of, block_grad=(1.0,) * 8 + (0.0,))], View.BLOCK)
    assert theory_lines(dead, Init.HE, View.BLOCK) == ()
