"""The chart of the gradients page: one quantity by block on one logarithmic axis, a panel with norm and one without.

Both panels have the same scale. A value of 0 lies on the lower edge, one that is not finite on the upper edge.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from math import ceil, floor, inf, isfinite, log10
from typing import Any, Final, NamedTuple

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.plan.names import locate
from resnet_viz.present.gradients.curves import CurvePlace, NetCurve, View, axis_title
from resnet_viz.present.gradients.nets import LOOKS, BenchNet
from resnet_viz.present.gradients.numbers import number_text, range_text
from resnet_viz.present.gradients.theory_lines import TheoryLine
from resnet_viz.present.plotly_layout import FONT
from resnet_viz.present.theme import PALETTES, Mode

_HEIGHT_PX: Final = 470
_NARROW_PX: Final = 400  # of a panel on a phone
_FONT_PX: Final = 14
_MOST_TICKS: Final = 8
_LEAST_DECADES: Final = 1.0
_FEW_DECADES: Final = 2.5
_MOST_MARKED: Final = 60  # blocks of which each has its point
_FEW_MARKS: Final = 18  # of a longer curve
_AFTER_THE_NETS: Final = 2_000  # in the legend
_BAND: Final = "26"  # opacity behind #RRGGBB


class Panel(NamedTuple):
    """Curves with norm, or those without."""

    has_norm: bool
    curves: tuple[NetCurve, ...]
    lines: tuple[TheoryLine, ...]


class Span(NamedTuple):
    """Ends of the vertical axis, as powers of ten."""

    low: float
    high: float


def bench_figure(
    panels: Sequence[Panel], blocks: Sequence[str], view: View, mode: Mode, *, is_narrow: bool = False
) -> go.Figure:
    """Returns the chart of one quantity.

    Args:
        panels: one or two.
        blocks: names of the blocks, from input to output.
        view: the quantity.
        mode: light or dark.
        is_narrow: whether the panels lie below each other, for a phone.
    """
    rows, columns = (len(panels), 1) if is_narrow else (1, len(panels))
    figure = make_subplots(
        rows=rows, cols=columns, shared_yaxes=not is_narrow, horizontal_spacing=0.03, vertical_spacing=0.16,
        subplot_titles=[panel_title(panel.has_norm) for panel in panels],
    )  # fmt: skip
    span = span_of(panels)
    named: set[str] = set()  # in the legend
    for number, panel in enumerate(panels):
        row, column = (number + 1, 1) if is_narrow else (1, number + 1)
        for trace in _traces(panel, blocks, span, mode, is_narrow=is_narrow):
            key = trace.get("legendgroup", "")
            trace["showlegend"] = trace.get("showlegend", True) and key not in named
            if trace["showlegend"]:
                named.add(key)
            figure.add_scatter(**trace, row=row, col=column)
    _lay_out(figure, panels, blocks, view, span, mode, is_narrow=is_narrow)
    return figure


def panel_title(has_norm: bool) -> str:
    """Returns the name of a panel."""
    return _("batch norm") if has_norm else _("no norm")


def net_color(net: BenchNet, mode: Mode) -> str:
    """Returns the colour of a net in all charts of the page."""
    return PALETTES[mode][LOOKS[net.id].role].line


def span_of(panels: Sequence[Panel]) -> Span:
    """Returns the ends of the vertical axis for all panels; room for the edges where something lies on them."""
    places = [place for panel in panels for curve in panel.curves for place in curve.places]
    values = [value for place in places for value in place.drawn]
    values += [y for panel in panels for line in panel.lines for y in line.ys if y > 0 and isfinite(y)]
    low, high = (log10(min(values)), log10(max(values))) if values else (0.0, 0.0)
    spare = max(_LEAST_DECADES - (high - low), 0.0) / 2
    room = 0.05 * max(high - low, _LEAST_DECADES)
    return Span(
        low - spare - room * (3 if any(place.has_zero for place in places) else 1),
        high + spare + room * (3 if any(place.is_broken for place in places) else 1),
    )


def _traces(
    panel: Panel, blocks: Sequence[str], span: Span, mode: Mode, *, is_narrow: bool
) -> Iterator[dict[str, Any]]:
    """Yields bands, theory lines, curves and points on the edges, in the order in which they are drawn."""
    for curve in panel.curves:
        if len(curve.seeds) > 1:
            yield _band(curve, mode)
    for line in panel.lines:
        yield _theory(line, mode, is_narrow=is_narrow)
    for curve in panel.curves:
        yield _mean(curve, panel.has_norm, mode, num_blocks=len(blocks))
        yield from _edges(curve, panel.has_norm, span, mode)


def _band(curve: NetCurve, mode: Mode) -> dict[str, Any]:
    """Returns the area from the least to the largest seed; a place without values parts it."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for is_drawn, run in groupby(curve.places, key=lambda place: bool(place.drawn)):
        if is_drawn:
            places = list(run)
            xs += [place.x for place in places] + [place.x for place in reversed(places)] + [None]
            ys += [max(place.drawn) for place in places] + [min(place.drawn) for place in reversed(places)] + [None]
    return {
        "x": xs, "y": ys, "mode": "lines", "fill": "toself", "fillcolor": net_color(curve.net, mode) + _BAND,
        "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False, "legendgroup": curve.net.id,
        "name": _("{net}: least to largest seed").format(net=curve.net.title),
    }  # fmt: skip


def _theory(line: TheoryLine, mode: Mode, *, is_narrow: bool) -> dict[str, Any]:
    return {
        "x": line.xs, "y": line.ys, "mode": "lines", "name": line.title(is_short=is_narrow),
        "legendgroup": line.formula, "legendrank": _AFTER_THE_NETS,
        "line": {"color": net_color(line.net, mode), "width": 2, "dash": "dash"},
        "hovertemplate": f"{line.net.title}: {line.formula}<br>{line.source}<extra></extra>",
    }  # fmt: skip


def _mean(curve: NetCurve, has_norm: bool, mode: Mode, *, num_blocks: int) -> dict[str, Any]:
    color, symbol = net_color(curve.net, mode), LOOKS[curve.net.id].symbol
    is_open = symbol.endswith("open")
    has_points = num_blocks <= _MOST_MARKED or is_open
    marks = 0 if num_blocks <= _MOST_MARKED else _FEW_MARKS
    return {
        "x": [place.x for place in curve.places],
        "y": [place.mean if place.drawn else None for place in curve.places],
        "mode": "lines+markers" if has_points else "lines",
        "name": curve.net.title,
        "legendgroup": curve.net.id,
        "line": {"color": color, "width": 2.5},
        "marker": {"color": color, "size": 9 if is_open else 5, "symbol": symbol, "maxdisplayed": marks},
        "customdata": [[place.name, _value_text(place)] for place in curve.places],
        "hovertemplate": f"{curve.net.title}, {panel_title(has_norm)}<br>%{{customdata[0]}}: %{{customdata[1]}}"
        "<extra></extra>",
    }


def _value_text(place: CurvePlace) -> str:
    """Returns the mean of a place, and its range over several seeds."""
    if len(place.drawn) < 2:  # noqa: PLR2004 - no range
        return number_text(place.mean)
    return _("{mean} ({range}, {n} seeds)").format(
        mean=number_text(place.mean), range=range_text(place.drawn), n=len(place.drawn)
    )


def _edges(curve: NetCurve, has_norm: bool, span: Span, mode: Mode) -> Iterator[dict[str, Any]]:
    """Yields the points of values without a place on the axis: exactly 0 below, not finite above."""
    for value, at, symbol in ((0.0, span.low, "triangle-down"), (inf, span.high, "x")):
        places = [p for p in curve.places if (p.is_broken if value else p.has_zero)]
        if places:
            yield {
                "x": [place.x for place in places], "y": [10.0**at] * len(places), "mode": "markers",
                "marker": {"color": net_color(curve.net, mode), "size": 11, "symbol": symbol}, "cliponaxis": False,
                "name": curve.net.title, "showlegend": False, "legendgroup": curve.net.id,
                "customdata": [place.name for place in places],
                "hovertemplate": f"{curve.net.title}, {panel_title(has_norm)}<br>%{{customdata}}: "
                f"{number_text(value)}<extra></extra>",
            }  # fmt: skip


def _lay_out(
    figure: go.Figure, panels: Sequence[Panel], blocks: Sequence[str], view: View, span: Span, mode: Mode,
    *, is_narrow: bool,
) -> None:  # fmt: skip
    palette = PALETTES[mode]
    ink, grid = palette[Role.DATA].text, palette[Role.DATA].fill
    height = _NARROW_PX * len(panels) + 120 if is_narrow else _HEIGHT_PX
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 12, "t": 28, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "color": ink, "size": _FONT_PX},
        hoverlabel={"font": {"family": FONT, "size": _FONT_PX}},
        legend={
            "orientation": "h", "x": 0, "y": -0.09 if is_narrow else -0.16, "yanchor": "top", "itemclick": False,
            "itemdoubleclick": False,
        },
    )  # fmt: skip
    figure.update_annotations(font={"size": _FONT_PX + 1, "color": ink})
    figure.update_yaxes(
        type="log", range=list(span), **_ticks(span),
        exponentformat="power", tickfont_size=_FONT_PX, gridcolor=grid, zeroline=False, fixedrange=True,
        automargin=True,
    )  # fmt: skip
    figure.update_xaxes(
        title=_("block, from input to output"),
        title_font_size=_FONT_PX, range=[0.3, len(blocks) + 0.7], showgrid=False, zeroline=False, fixedrange=True,
        automargin=True,
    )  # fmt: skip
    title = axis_title(view, is_short=is_narrow)
    figure.update_yaxes(title=title, title_font_size=_FONT_PX, **({} if is_narrow else {"row": 1, "col": 1}))
    _mark_stages(figure, blocks, ink, grid, num_panels=len(panels))


def _ticks(span: Span) -> dict[str, Any]:
    """Returns whole powers of ten, at most _MOST_TICKS; with 2 and 5 times each where there are few."""
    size = span.high - span.low
    if size < _FEW_DECADES:
        powers = range(floor(span.low), ceil(span.high) + 1)
        values = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
        return {"tickvals": values, "ticktext": [number_text(value) for value in values]}
    return {"dtick": max(1, ceil(size / _MOST_TICKS)), "tick0": floor(span.low)}


def _mark_stages(figure: go.Figure, blocks: Sequence[str], ink: str, grid: str, *, num_panels: int) -> None:
    """Draws the ends of the stages as thin lines and writes their names inside."""
    start = 0
    for stage, names in groupby(blocks, key=lambda name: locate(name).stage):
        count = len(list(names))
        for panel in range(1, num_panels + 1):
            axis = "" if panel == 1 else str(panel)
            if start:
                figure.add_shape(
                    type="line", x0=start + 0.5, x1=start + 0.5, y0=0, y1=1, xref=f"x{axis}", yref=f"y{axis} domain",
                    line={"color": grid, "width": 1.5}, layer="below",
                )  # fmt: skip
            figure.add_annotation(
                x=start + count / 2 + 0.5, y=1, xref=f"x{axis}", yref=f"y{axis} domain", yanchor="top", showarrow=False,
                text=_("stage {n}").format(n=stage), font={"size": _FONT_PX - 2, "color": ink}, opacity=0.7,
            )  # fmt: skip
        start += count
