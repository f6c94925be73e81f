"""Depth x step heatmaps of a gradient over that of the last block: green where it is larger, magenta where smaller.

All nets share one scale, symmetric around 1, on which a step is a power of ten.
"""

from collections.abc import Sequence
from math import isfinite
from typing import Any, Final

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.present.attribution.colors import AGAINST, FOR
from resnet_viz.present.gradients.curves import View, axis_title
from resnet_viz.present.gradients.figure import panel_title
from resnet_viz.present.gradients.numbers import number_text
from resnet_viz.present.gradients.steps import NetSteps, relative_levels
from resnet_viz.present.plotly_layout import FONT
from resnet_viz.present.theme import PALETTES, Mode

_ROW_PX: Final = 270
_GAP_PX: Final = 84  # for the axis of one heatmap and the title of the next
_MOST_COLUMNS: Final = 3
_FOUR: Final = 4
_MOST_PARTED: Final = 12  # steps that have a line between them
_NAMED_STEPS: Final = (0, 5, 10, 20, 50, 100)  # that have a label
_BAR_PX: Final = 100  # below the last heatmap: its axis, and the scale
_TOP_PX: Final = 66
_FRAME_PX: Final = _BAR_PX + _TOP_PX
_FONT_PX: Final = 14
_LEAST: Final = 1.0  # power of ten at the ends of the scale


def steps_figure(nets: Sequence[NetSteps], view: View, mode: Mode, *, is_narrow: bool = False) -> go.Figure:
    """Returns a heatmap for each net, two or three beside each other, or all below each other on a phone."""
    columns = 1 if is_narrow else 2 if len(nets) == _FOUR else min(len(nets), _MOST_COLUMNS)
    rows = -(-len(nets) // columns)
    height = _ROW_PX * rows + _FRAME_PX
    figure = make_subplots(
        rows=rows, cols=columns, horizontal_spacing=0.08, vertical_spacing=_GAP_PX / _ROW_PX / rows,
        subplot_titles=[f"{net.net.title}, {panel_title(net.net.has_norm)}" for net in nets],
    )  # fmt: skip
    end = scale_end(nets)
    for number, net in enumerate(nets):
        place = {"row": number // columns + 1, "col": number % columns + 1}
        figure.add_heatmap(**_cells(net, view, number), **place)
        for trace in _marks(net, mode):
            figure.add_scatter(**trace, **place)
    figure.update_layout(height=height, coloraxis=_color_axis(end, is_narrow=is_narrow))
    _lay_out(figure, view, mode, num_blocks=round(nets[0].curves[0].places[-1].x))
    return figure


def scale_end(nets: Sequence[NetSteps]) -> float:
    """Returns the power of ten at both ends of the scale of all nets."""
    levels = [abs(level) for net in nets for curve in net.curves for level in relative_levels(curve) if isfinite(level)]
    return max([_LEAST, *levels])


def _cells(net: NetSteps, view: View, number: int) -> dict[str, Any]:
    """Returns the heatmap of one net; its steps are equally high, for they are far apart."""
    first = net.curves[0]
    levels = [relative_levels(curve) for curve in net.curves]
    texts = [
        [
            f"{place.name}, {_('step {n}').format(n=step)}<br>{axis_title(view, is_short=True)} "
            f"{number_text(place.mean)}<br>{_('over the last block: {n}').format(n=_ratio(level))}"
            for place, level in zip(curve.places, row, strict=True)
        ]
        for step, curve, row in zip(net.steps, net.curves, levels, strict=True)
    ]
    return {
        "x": [place.x for place in first.places],
        "y": [str(step) for step in net.steps],
        "z": [[level if isfinite(level) else None for level in row] for row in levels],
        "text": texts,
        "hovertemplate": f"{net.net.title}, {panel_title(net.net.has_norm)}<br>%{{text}}<extra></extra>",
        "coloraxis": "coloraxis",
        "ygap": 2 if len(net.steps) <= _MOST_PARTED else 0,
        "name": net.net.title,
        "hoverongaps": False,
    }


def _ratio(level: float) -> str:
    return number_text(10.0**level) if isfinite(level) else _("none")


def _marks(net: NetSteps, mode: Mode) -> list[dict[str, Any]]:
    """Returns a cross on every cell without a colour: its gradient, or the last block's, is 0 or not finite."""
    cells = [
        (place.x, str(step), place.name)
        for step, curve in zip(net.steps, net.curves, strict=True)
        for place, level in zip(curve.places, relative_levels(curve), strict=True)
        if not isfinite(level)
    ]
    if not cells:
        return []
    xs, ys, names = zip(*cells, strict=True)
    return [
        {
            "x": xs, "y": ys, "customdata": names, "mode": "markers", "showlegend": False,
            "marker": {"symbol": "x-thin-open", "size": 7, "color": PALETTES[mode][Role.DATA].text},
            "hovertemplate": "%{customdata}: " + _("0 or not finite") + "<extra></extra>", "name": net.net.title,
        }
    ]  # fmt: skip


def _color_scale() -> list[list[float | str]]:
    """Returns the colours from smaller to larger, transparent in the middle and strong soon beside it."""

    def shade(rgb: tuple[int, int, int], opacity: float) -> str:
        return f"rgba({','.join(map(str, rgb))},{opacity})"

    levels = ((0.0, 1.0), (0.25, 0.72), (0.42, 0.35))
    below: list[list[float | str]] = [[at, shade(AGAINST, opacity)] for at, opacity in levels]
    above: list[list[float | str]] = [[1 - at, shade(FOR, opacity)] for at, opacity in reversed(levels)]
    return [*below, [0.5, shade(AGAINST, 0.0)], [0.5, shade(FOR, 0.0)], *above]


def _color_axis(end: float, *, is_narrow: bool) -> dict[str, Any]:
    """Returns the scale of all heatmaps, with its legend below them."""
    ticks = _ticks(end)
    return {
        "colorscale": _color_scale(),
        "cmin": -end,
        "cmax": end,
        "colorbar": {
            "orientation": "h", "y": 0, "yref": "container", "yanchor": "bottom", "thickness": 12,
            "len": 1.0 if is_narrow else 0.6, "tickvals": ticks, "tickangle": 0,
            "ticktext": [number_text(10.0**tick) for tick in ticks],
        },
    }  # fmt: skip


def _lay_out(figure: go.Figure, view: View, mode: Mode, *, num_blocks: int) -> None:
    ink = PALETTES[mode][Role.DATA].text
    title = _("{symbol} over that of the last block").format(symbol=axis_title(view, is_short=True))
    figure.update_layout(
        title={"text": title, "font": {"size": _FONT_PX + 1, "color": ink}, "x": 0, "xanchor": "left", "y": 0.985},
        margin={"l": 8, "r": 8, "t": _TOP_PX, "b": _BAR_PX},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "color": ink, "size": _FONT_PX},
        hoverlabel={"font": {"family": FONT, "size": _FONT_PX}},
    )
    figure.update_annotations(font={"size": _FONT_PX, "color": ink})
    figure.update_yaxes(
        type="category", autorange="reversed", tickmode="array", tickvals=[str(step) for step in _NAMED_STEPS],
        title=_("step"), title_font_size=_FONT_PX, title_standoff=4, fixedrange=True, showgrid=False, zeroline=False,
        automargin=True,
    )  # fmt: skip
    figure.update_xaxes(
        title=_("block"), range=[0.5, num_blocks + 0.5], title_font_size=_FONT_PX, title_standoff=4, fixedrange=True,
        showgrid=False, zeroline=False, automargin=True,
    )  # fmt: skip


def _ticks(end: float) -> list[float]:
    """Returns whole powers of ten on both sides of 1, at most three on each."""
    step = max(1, round(end / 3))
    powers = list(range(step, int(end) + 1, step))
    return [float(-power) for power in reversed(powers)] + [0.0] + [float(power) for power in powers]
