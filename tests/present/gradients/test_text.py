"""Messages under the chart, from constructed numbers."""

from dataclasses import replace
from math import nan

import pytest

from resnet_viz.present.gradients.curves import NetCurve, View, curves_of
from resnet_viz.present.gradients.figure import Panel
from resnet_viz.present.gradients.text import (
    edge_messages,
    equal_curves,
    often_said,
    panel_message,
    precision_messages,
)
from resnet_viz.spec.enums import Norm
from resnet_viz.theory.gradients import SinglePrecision
from tests.present.gradients.made import curve, net, record, with_ratios


def panel(*curves: NetCurve, has_norm: bool = True) -> Panel:
    return Panel(has_norm, curves, ())


def said(*curves: NetCurve, view: View = View.BLOCK, has_norm: bool = True) -> str:
    return panel_message(panel(*curves, has_norm=has_norm), view)


@pytest.mark.parametrize(
    ("ratios", "words"),
    [
        ((6e3, 3e3, 3e3), "*plain* explodes towards the input, first / last **3,800** (3,000 to 6,000 over 3 seeds)"),
        ((30.0,), "*plain* grows towards the input, first / last **30**"),
        ((1.2e-22,), "*plain* vanishes towards the input, first / last **1.2·10⁻²²**"),
        ((0.05,), "*plain* falls towards the input, first / last **0.05**"),
        ((5.0, 0.2), "*plain* stays within a power of ten, first / last **1** (0.2 to 5 over 2 seeds)"),
        (
            (50.0, 0.02),
            "*plain* grows with one seed and falls with another, first / last **1** (0.02 to 50 over 2 seeds)",
        ),
        ((0.0,), "*plain* has no ratio: it is 0 or not finite at an end."),
        ((nan, 3.0), "*plain* has no ratio: it is 0 or not finite at an end."),
    ],
)
def test_the_message_has_direction_factor_and_seeds(ratios: tuple[float, ...], words: str) -> None:
    assert words in said(curve(net(), *ratios))


def test_the_message_begins_with_the_norm() -> None:
    assert said(curve(net(), 1.0)).startswith("**With batch norm:**")
    assert said(curve(net(norm=Norm.NONE), 1.0), has_norm=False).startswith("**Without norm:**")
    assert said() == ""


def test_shortcuts_are_compared_with_none() -> None:
    assert "Without shortcuts the ratio is 300 times as large." in said(
        curve(net(), 3e3), curve(net("a_original"), 10.0)
    )
    assert "With shortcuts the ratio is 10²⁰ times as large." in said(
        curve(net(), 1e-20), curve(net("a_original"), 1.0)
    )
    assert "times as large" not in said(curve(net(), 5.0), curve(net("a_original"), 1.0))
    assert "times as large" not in said(curve(net(), 0.0), curve(net("a_original"), 1.0))
    assert "times as large" not in said(curve(net("b_bn_after_add"), 1e5), curve(net("a_original"), 1.0))


def test_of_many_nets_the_ends_are_named() -> None:
    names = ("plain", "a_original", "b_bn_after_add", "c_relu_before_add", "e_full_preact")
    message = said(*(curve(net(name), ratio) for name, ratio in zip(names, (1e5, 30, 100, 20, 0.0), strict=True)))
    assert message.index("*plain*") < message.index("*(c) ReLU before addition*")
    assert "2 nets lie between." in message
    assert "(a) original" not in message
    assert "*(e) full pre-activation* has no ratio" in message


def test_signals_are_described_by_their_levels() -> None:
    of = net("a_original")
    records = [replace(record(of), activation_std=(1.0, 2.0, 9.0, 2.0, 2.0, 2.0, 2.0, 2.0, 3.0))]
    message = said(*curves_of([of], records, View.STD), view=View.STD)
    assert "*(a) original* goes from **1** to **3**, at most 9 (stage1.block3)." in message


def test_what_lies_on_the_edges_is_counted() -> None:
    of = net("a_original")
    values = (0.0, nan, nan, *(1.0,) * 6)
    panels = [panel(*curves_of([of], [replace(record(of), block_grad=values)], View.BLOCK))]
    zero, broken = edge_messages(panels)
    assert "exactly 0 at 1 of 9 places" in zero
    assert "not finite at 2 of 9 places" in broken
    assert edge_messages([panel(curve(of, 1.0))]) == []


def test_equal_curves_are_named_and_others_are_not() -> None:
    one, same, other = (
        curve(net(name), ratio) for name, ratio in (("a_original", 2), ("b_bn_after_add", 2), ("plain", 3))
    )
    (message,) = equal_curves([panel(one, same, other)])
    assert "(a) original and (b) BN after addition" in message
    assert equal_curves([panel(one), panel(same, has_norm=False)]) == []


def test_single_precision_is_called_noise_where_it_is() -> None:
    nets = [net("plain"), net("a_original"), net("plain", norm=Norm.NONE)]
    records = [
        replace(record(nets[0]), single=SinglePrecision.NOISE, single_error=0.05, single_cosine=0.998),
        replace(record(nets[0]), seed=1, single=SinglePrecision.NOISE, single_error=0.9, single_cosine=-0.31),
        replace(record(nets[1], place=1), single=SinglePrecision.SAME),
        replace(record(nets[2], place=2), single=SinglePrecision.NOT_FINITE),
    ]
    noise, overflow, double = precision_messages(nets, records)
    assert noise == (
        "plain, batch norm (norms up to 90% off, cosine of the first gradient -0.31): in single precision, in which "
        "nets are trained, this gradient is rounding noise."
    )
    assert overflow.startswith("plain, no norm: in single precision")
    assert "double" in double
    assert precision_messages(nets, records[2:3]) == []


def test_often_said_that_vanishing_gradients_cause_degradation() -> None:
    plain = net()
    (note,) = often_said([curve(plain, 4e3)], [curve(plain, 2e3, view=View.WEIGHT)])
    assert "4,000" in note.measured
    assert "4.1" in note.measured
    assert often_said([curve(plain, 5.0)], [curve(plain, 1.0, view=View.WEIGHT)]) == []
    other = net("a_original")
    assert often_said([curve(other, 4e3)], [curve(other, 4e3, view=View.WEIGHT)]) == []


def test_often_said_that_vanishing_shows_in_the_weight_gradients() -> None:
    plain = net(norm=Norm.NONE)
    (note,) = often_said([curve(plain, 1.2e-22)], [curve(plain, 7.4, view=View.WEIGHT)])
    assert "1.2·10⁻²²" in note.measured
    assert "7.4" in note.measured
    assert often_said([curve(plain, 1e-22)], [curve(plain, 1e-20, view=View.WEIGHT)]) == []
    assert often_said([curve(plain, 1e3)], [curve(plain, 1.0, view=View.WEIGHT)]) == []


def test_a_net_of_many_records_is_told_once() -> None:
    of = net()
    records = [replace(one, single=SinglePrecision.NOISE) for one in with_ratios(of, 1e3, 1e3)]
    assert precision_messages([of], records)[0].count("plain") == 1
