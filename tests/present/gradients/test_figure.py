"""The chart by block: one scale, bands over seeds, and a place for what has none on a logarithmic axis."""

from collections.abc import Sequence
from dataclasses import replace
from math import log10, nan
from typing import Any

import plotly.graph_objects as go
import pytest

from resnet_viz.present.gradients.curves import NetCurve, View, curves_of
from resnet_viz.present.gradients.figure import Panel, bench_figure, span_of
from resnet_viz.present.gradients.nets import BENCH_NETS
from resnet_viz.present.theme import Mode
from resnet_viz.spec.enums import Norm
from tests.present.gradients.made import curve, net, record

BLOCKS = record(net()).blocks


def panel(*curves: NetCurve, has_norm: bool = True) -> Panel:
    return Panel(has_norm, curves, ())


def drawn(panels: Sequence[Panel], **options: Any) -> go.Figure:
    return bench_figure(panels, BLOCKS, View.BLOCK, Mode.LIGHT, **options)


def lines(figure: go.Figure) -> list[go.Scatter]:
    return [trace for trace in figure.data if trace.mode in ("lines", "lines+markers") and trace.fill is None]


def test_a_curve_has_its_means_at_the_blocks() -> None:
    (line,) = lines(drawn([panel(curve(net(), 1.0, 100.0))]))
    assert line.x == tuple(range(1, 10))
    assert line.y[0] == pytest.approx(10.0)
    assert line.customdata[0][0] == "stage1.block1"
    assert "1 to 100" in line.customdata[0][1]


def test_the_band_goes_from_the_least_to_the_largest_seed() -> None:
    band = next(trace for trace in drawn([panel(curve(net(), 2.0, 8.0, 4.0))]).data if trace.fill == "toself")
    at_first = [y for x, y in zip(band.x, band.y, strict=True) if x == 1]
    assert (min(at_first), max(at_first)) == (2.0, 8.0)


def test_one_seed_has_no_band() -> None:
    assert all(trace.fill is None for trace in drawn([panel(curve(net(), 2.0))]).data)


def test_a_gap_parts_the_band() -> None:
    of = net()
    records = [
        replace(one, block_grad=(1.0, 1.0, 0.0, *one.block_grad[3:])) for one in (record(of), record(of, seed=1))
    ]
    figure = drawn([panel(curves_of([of], records, View.BLOCK)[0])])
    band = next(trace for trace in figure.data if trace.fill == "toself")
    assert [x for x in band.x if x is None] == [None, None]
    assert 3.0 not in band.x


def test_both_panels_have_one_scale() -> None:
    panels = [panel(curve(net(), 1e6)), panel(curve(net(norm=Norm.NONE), 1e-8), has_norm=False)]
    figure = drawn(panels)
    low, high = figure.layout.yaxis.range
    assert low < -8
    assert high > 6
    assert figure.layout.yaxis2.range == figure.layout.yaxis.range
    narrow = drawn(panels, is_narrow=True)
    assert narrow.layout.yaxis.title.text == narrow.layout.yaxis2.title.text == "‖∂E/∂x‖"
    assert narrow.layout.yaxis2.range == narrow.layout.yaxis.range
    assert narrow.layout.xaxis2.domain == narrow.layout.xaxis.domain


@pytest.mark.parametrize(("value", "end", "symbol"), [(0.0, 0, "triangle-down"), (nan, 1, "x")])
def test_what_has_no_place_lies_on_the_edge(value: float, end: int, symbol: str) -> None:
    panels = [panel(curve(net(), value))]
    figure = drawn(panels)
    (edge,) = [trace for trace in figure.data if trace.mode == "markers"]
    assert (edge.x, edge.customdata, edge.marker.symbol) == ((1.0,), ("stage1.block1",), symbol)
    assert log10(edge.y[0]) == pytest.approx(figure.layout.yaxis.range[end])
    assert lines(figure)[0].y[0] is None


def test_a_chart_without_a_positive_value_still_has_an_axis() -> None:
    of = net()
    dead = replace(record(of), block_grad=(0.0,) * 9)
    figure = drawn([panel(*curves_of([of], [dead], View.BLOCK))])
    low, high = figure.layout.yaxis.range
    assert low < high
    (edge,) = [trace for trace in figure.data if trace.mode == "markers"]
    assert len(edge.x) == 9


def test_a_flat_curve_is_not_blown_up() -> None:
    span = span_of([panel(curve(net(), 1.0))])
    assert span.high - span.low >= 1.0


def test_a_short_axis_has_more_than_powers_of_ten() -> None:
    figure = drawn([panel(curve(net(), 3.0))])
    assert {"0.5", "1", "2", "5"} <= set(figure.layout.yaxis.ticktext)
    assert drawn([panel(curve(net(), 1e6))]).layout.yaxis.ticktext is None


def test_stages_are_parted_and_named() -> None:
    figure = drawn([panel(curve(net(), 1.0)), panel(curve(net(norm=Norm.NONE), 1.0), has_norm=False)])
    assert [(shape.x0, shape.xref) for shape in figure.layout.shapes] == [
        (3.5, "x"), (3.5, "x2"), (6.5, "x"), (6.5, "x2"),
    ]  # fmt: skip
    names = [note.text for note in figure.layout.annotations if note.text.startswith("stage")]
    assert sorted(names) == ["stage 1"] * 2 + ["stage 2"] * 2 + ["stage 3"] * 2


def test_a_net_is_once_in_the_legend_and_has_one_colour_everywhere() -> None:
    curves = [curve(net(name), 1.0) for name in BENCH_NETS]
    without = [curve(net(name, norm=Norm.NONE), 1.0) for name in BENCH_NETS]
    figure = drawn([panel(*curves), panel(*without, has_norm=False)])
    shown = [trace.name for trace in figure.data if trace.showlegend]
    assert len(shown) == len(set(shown)) == len(BENCH_NETS)
    for name in shown:
        assert len({trace.line.color for trace in lines(figure) if trace.name == name}) == 1
