"""What becomes of a gradient over the first steps, from constructed ratios."""

from dataclasses import replace
from math import inf, isnan, log10, nan

import plotly.graph_objects as go
import pytest

from resnet_viz.present.gradients.curves import View
from resnet_viz.present.gradients.steps import (
    Turn,
    course_message,
    course_of,
    named_steps,
    paper_message,
    relative_levels,
    seeds_message,
    steps_of,
)
from resnet_viz.present.gradients.steps_figure import scale_end, steps_figure
from resnet_viz.present.gradients.trend import Trend
from resnet_viz.present.theme import Mode
from resnet_viz.spec.enums import Norm
from tests.present.gradients.made import curve, net, with_ratios

STEPS = (0, 1, 5, 20, 100)


@pytest.mark.parametrize(
    ("ratios", "turn", "start", "step"),
    [
        ((3.3e3, 1.7e3, 56, 0.41, 0.78), Turn.TURNS, Trend.GROWS, 20),  # THEORY, section 3: plain-56, seed 0
        ((1.7e7, 68, 0.039, 1e-3, 0.02), Turn.TURNS, Trend.GROWS, 5),  # plain-110
        ((13, 14, 17, 2.9, 3.4), Turn.EVENS, Trend.GROWS, 20),  # e
        ((13, 14, 17, 29, 34), Turn.KEEPS, Trend.GROWS, 100),
        ((5.8e3, 7.8e3, 160, 0.9, 5.8), Turn.EVENS, Trend.GROWS, 20),  # below 1 for a moment
        ((5.5, 6.9, 8.7, 0.39, 0.65), Turn.STAYS, Trend.STAYS, 100),  # a
        ((3, 3.8, 12, 2.2, 1.1), Turn.STAYS, Trend.STAYS, 100),  # even again
        ((5.5, 6.9, 1, 0.01, 0.01), Turn.TILTS, Trend.STAYS, 20),
        ((1e-22, 1e-20, 1e-3, 2, 3), Turn.TURNS, Trend.FALLS, 20),
        ((1e-22, 1e-22, 1e-22, 1e-9, 0.9), Turn.EVENS, Trend.FALLS, 100),
        ((1e-22, 1e-22, 1e-22, 1e-9, 1e-2), Turn.KEEPS, Trend.FALLS, 100),
        ((5, 5, nan, 1, 1), Turn.BREAKS, Trend.STAYS, 5),
        ((3e3, 0.0, 1, 1, 1), Turn.BREAKS, Trend.GROWS, 1),
        ((inf, 1, 1, 1, 1), Turn.BREAKS, Trend.UNKNOWN, 0),
        ((3e3,), Turn.KEEPS, Trend.GROWS, 0),
    ],
)
def test_the_course_follows_from_the_ratios(ratios: tuple[float, ...], turn: Turn, start: Trend, step: int) -> None:
    found = course_of(STEPS[: len(ratios)], ratios)
    assert (found.turn, found.start, found.step) == (turn, start, step)


def test_the_message_of_a_plain_net_that_turns() -> None:
    message = course_message(net(), course_of(STEPS, (3.3e3, 1.7e3, 56, 0.41, 0.78)), View.WEIGHT)
    assert message == (
        "With batch norm, the weight gradient of the plain net explodes towards the input at birth (first / last "
        "**3,300**) and has **turned by step 20** (0.41)."
    )


def test_the_message_of_a_net_that_does_not_turn() -> None:
    course = course_of(STEPS, (13, 14, 17, 29, 34))
    message = course_message(net("e_full_preact", norm=Norm.NONE), course, View.BLOCK)
    assert message == (
        "Without norm, the block gradient of *(e) full pre-activation* grows towards the input at birth (first / last "
        "**13**) and still does at step 100 (34)."
    )


def test_every_course_has_its_own_message() -> None:
    ratios = [(100, 0.5), (0.01, 2), (100, 5), (100, 50), (0.01, 0.1), (1, 1), (1, 100), (1, nan), (nan, 1)]
    messages = {course_message(net(), course_of((0, 1), pair), View.BLOCK) for pair in ratios}
    assert len(messages) == len(ratios)


def test_messages_are_about_the_steps_that_tables_name() -> None:
    of = net()
    records = [one for step in range(21) for one in with_ratios(of, 1e3 / (step + 1), step=step)]
    (found,) = steps_of([of], records, View.BLOCK)
    steps, ratios = named_steps(found)
    assert steps == (0, 1, 5, 20)
    assert ratios == pytest.approx((1e3, 500, 1e3 / 6, 1e3 / 21))


def test_records_come_in_any_order_and_are_laid_out_by_net_and_step() -> None:
    nets = [net("plain"), net("a_original")]
    records = [
        *with_ratios(nets[1], 2.0, place=1, step=5),
        *with_ratios(nets[0], 100.0, 400.0, place=0, step=5),
        *with_ratios(nets[0], 1e4, place=0, step=0),
    ]
    plain, original = steps_of(nets, records, View.BLOCK)
    assert plain.steps == (0, 5)
    assert plain.ratios == pytest.approx((1e4, 200.0))
    assert original.steps == (5,)
    assert original.ratios == pytest.approx((2.0,))


def test_seeds_that_have_turned_are_counted() -> None:
    nets = [net()]
    records = [*with_ratios(nets[0], 1e3, 1e3, 1e3), *with_ratios(nets[0], 0.01, 0.1, 5.0, step=20)]
    (found,) = steps_of(nets, records, View.BLOCK)
    course = course_of(found.steps, found.ratios)
    assert course.turn is Turn.TURNS
    assert seeds_message(found, course) == "At that step so in 2 of 3 seeds."
    (one,) = steps_of(nets, [records[0], records[3]], View.BLOCK)
    assert seeds_message(one, course_of(one.steps, one.ratios)) == ""


def test_the_paper_speaks_where_a_plain_net_with_norm_explodes() -> None:
    explodes, even = course_of((0,), (1e3,)), course_of((0,), (2.0,))
    assert "4.1" in paper_message([(net(), explodes)])
    assert paper_message([(net(), even)]) == ""
    assert paper_message([(net(norm=Norm.NONE), explodes), (net("a_original"), explodes)]) == ""


def test_levels_are_powers_of_ten_over_the_last_block() -> None:
    levels = relative_levels(curve(net(), 1e3))
    assert levels[0] == pytest.approx(3.0)
    assert levels[1:] == (0.0,) * 8
    assert isnan(relative_levels(curve(net(), 0.0))[0])


def heatmaps(figure: go.Figure) -> list[go.Heatmap]:
    return [trace for trace in figure.data if trace.type == "heatmap"]


def test_all_nets_share_one_symmetric_scale() -> None:
    nets = [net("plain"), net("a_original")]
    records = [*with_ratios(nets[0], 1e5), *with_ratios(nets[1], 1e-2, place=1)]
    steps = steps_of(nets, records, View.BLOCK)
    assert scale_end(steps) == pytest.approx(5.0)
    figure = steps_figure(steps, View.BLOCK, Mode.LIGHT)
    axis = figure.layout.coloraxis
    assert (axis.cmin, axis.cmax) == (pytest.approx(-5.0), pytest.approx(5.0))
    plain, original = heatmaps(figure)
    assert plain.z[0][0] == pytest.approx(5.0)
    assert original.z[0][0] == pytest.approx(-2.0)
    assert {plain.coloraxis, original.coloraxis} == {"coloraxis"}


def test_a_cell_without_a_value_is_crossed_out() -> None:
    of = net()
    (flat,) = with_ratios(of, 1.0)
    silent = replace(flat, step=1, block_grad=(0.0, nan, *flat.block_grad[2:]))
    figure = steps_figure(steps_of([of], [flat, silent], View.BLOCK), View.BLOCK, Mode.DARK)
    assert list(heatmaps(figure)[0].z[1][:3]) == [None, None, 0.0]
    (marks,) = [trace for trace in figure.data if trace.type == "scatter"]
    assert (list(marks.x), list(marks.y)) == ([1.0, 2.0], ["1", "1"])


def test_where_the_last_block_is_zero_all_cells_are_crossed_out() -> None:
    of = net(depth=8)
    (flat,) = with_ratios(of, 1.0)
    dead = replace(flat, block_grad=(1.0, 1.0, 0.0))
    steps = steps_of([of], [dead], View.BLOCK)
    assert scale_end(steps) == 1.0
    (marks,) = [trace for trace in steps_figure(steps, View.BLOCK, Mode.LIGHT).data if trace.type == "scatter"]
    assert len(marks.x) == 3
    assert log10(1.0) == 0
