"""Main figure of the page: the image as the nets see it, and beside it each net's map and prediction."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from resnet_viz.attribution.net_result import NetPrediction
from resnet_viz.attribution.npz_codec import Floats
from resnet_viz.attribution.result import MapsResult
from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.present.attribution import tiles
from resnet_viz.present.attribution.colors import channel_sum
from resnet_viz.present.attribution.small_multiples import coloraxis
from resnet_viz.present.attribution.text import percent, plotly_text, prediction_text, truth_text
from resnet_viz.present.attribution.tiles import FigureColumn, figure_columns
from resnet_viz.present.plotly_layout import FONT
from resnet_viz.present.theme import PALETTES, Mode, mix_colors

_FIRST: Final = 2  # number of the first map's axes; the image has the first ones
_OPACITIES: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_MOST_BARS: Final = 4
_FIRST_BARS: Final = 10  # number of the first bars' axes, after those of images
_LABEL: Final = 0.30  # of a column's width: names of classes left of the bars
_LONGEST_LABEL: Final = 16  # characters in it
_SURE: Final = {Mode.LIGHT: "#008F5D", Mode.DARK: "#25D695"}  # the hue for the class, as bars need it


def most_likely(net: NetPrediction) -> list[int]:
    """Returns the classes with bars, most likely first; the explained one is always among them."""
    order = [int(place) for place in np.argsort(-net.probabilities_K, kind="stable")]
    first = order[: min(_MOST_BARS, len(order))]
    return first if net.target in first else [*first[:-1], net.target]


def bar_labels(net: NetPrediction, classes: Sequence[int]) -> list[str]:
    """Returns the classes' names as labels of bars: short, and different from each other."""
    names = [_shortened(net.class_name(one)) for one in classes]
    if len(set(names)) < len(names):
        names = [_shortened(f"{one}: {net.class_name(one)}") for one in classes]
    return list(map(plotly_text, names))


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_LABEL else f"{name[: _LONGEST_LABEL - 1]}…"


def add_bars(figure: go.Figure, number: int, place: FigureColumn, net: NetPrediction, mode: Mode) -> None:
    """Adds the bars of one net, whose map has the axes of this number."""
    palette = PALETTES[mode]
    classes = most_likely(net)
    own = _FIRST_BARS + number
    shares = [net.probability(one) for one in classes]
    other = mix_colors(palette[Role.HEAD].line, palette[Role.DATA].fill, 0.55)
    _add_bar_axes(figure, own, place)
    figure.add_trace(
        go.Bar(
            y=bar_labels(net, classes),
            x=shares,
            text=[percent(share) for share in shares],
            orientation="h",
            xaxis=f"x{own}",
            yaxis=f"y{own}",
            textposition="outside",
            cliponaxis=False,
            marker={"color": [_SURE[mode] if one == net.target else other for one in classes]},
            name=net.title,
            hovertemplate="%{y}: %{x:.2%}<extra></extra>",
        )
    )


def _add_bar_axes(figure: go.Figure, own: int, place: FigureColumn) -> None:
    left = place.x[0] + _LABEL * (place.x[1] - place.x[0])
    figure.update_layout(
        {
            f"xaxis{own}": {
                "domain": [left, place.x[1]],
                "range": [0, 1.4],
                "visible": False,
                "fixedrange": True,
                "anchor": f"y{own}",
            },
            f"yaxis{own}": {
                "domain": place.bars,
                "type": "category",  # names such as "3" are no numbers
                "autorange": "reversed",
                "fixedrange": True,
                "showgrid": False,
                "ticksuffix": "  ",
                "tickfont": {"size": 14},
                "anchor": f"x{own}",
            },
        }
    )


def maps_figure(
    result: MapsResult, method: str, ends: Sequence[float], mode: Mode, *, is_signed: bool, is_narrow: bool
) -> go.Figure:
    """Returns the image, the nets' maps over it and their predictions.

    Args:
        result: of one net or two.
        method: of the maps.
        ends: of the scale of each net.
        mode: light or dark.
        is_signed: whether maps have values below zero.
        is_narrow: for a phone: columns below each other.
    """
    ink = PALETTES[mode][Role.DATA].text
    columns, height_px = figure_columns(1 + len(result.nets), is_narrow=is_narrow)
    figure = go.Figure()
    _frame(figure, 1, columns[0], result.nets[0].image_CHW, is_dimmed=False)
    _title(figure, columns[0], _("Image, as the nets see it"), truth_text(result.image, result.nets), ink)
    for net, maps in zip(result.nets, result.maps, strict=True):
        number = _FIRST + net.place
        column = columns[number - 1]
        _frame(figure, number, column, net.image_CHW, is_dimmed=True)
        _title(figure, column, net.title, prediction_text(net, result.image), ink)
        _map(figure, number, net, channel_sum(maps.of(method).values))
        add_bars(figure, number, column, net, mode)
    _lay_out(figure, columns[0], ends, height_px, ink, is_signed=is_signed)
    return figure


def _lay_out(
    figure: go.Figure, column: FigureColumn, ends: Sequence[float], height_px: int, ink: str, *, is_signed: bool
) -> None:
    figure.update_layout(
        height=height_px,
        margin={"l": 0, "r": 0, "t": 0, "b": 6},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "color": ink, "size": 13},
        **{
            _scale(number): coloraxis(end, is_signed=is_signed)
            | {"showscale": number == _FIRST, "colorbar": _colorbar(column, end, is_signed=is_signed)}
            for number, end in enumerate(ends, start=_FIRST)
        },
        showlegend=False,
        sliders=[_opacity(column, len(ends), ink)],
        bargap=0.28,
    )


def _scale(number: int) -> str:
    return "coloraxis" if number == _FIRST else f"coloraxis{number}"


def _frame(figure: go.Figure, number: int, place: FigureColumn, image_CHW: Floats, *, is_dimmed: bool) -> None:
    name = tiles.axis_suffix(number)
    tiles.add_image(figure, number, image_CHW, x=place.x, y=place.image, is_dimmed=is_dimmed)
    # an axis without a trace is not drawn, and neither are its images
    figure.add_trace(
        go.Scatter(x=[0], y=[0], xaxis=f"x{name}", yaxis=f"y{name}", mode="none", hoverinfo="skip", showlegend=False)
    )


def _map(figure: go.Figure, number: int, net: NetPrediction, values: Floats) -> None:
    hover = _("row %{y:.0f}, column %{x:.0f}: %{z:.3g}")
    figure.add_trace(tiles.map_trace(net, number, values, coloraxis=_scale(number), hover=hover))


def _title(figure: go.Figure, place: FigureColumn, first: str, second: str, ink: str) -> None:
    figure.add_annotation(
        text=f"<b>{plotly_text(first)}</b><br>{plotly_text(second)}",
        x=sum(place.x) / 2,
        y=place.title,
        xref="paper",
        yref="paper",
        xanchor="center",
        yanchor="top",
        showarrow=False,
        font={"size": 15, "color": ink},
    )


def _colorbar(place: FigureColumn, end: float, *, is_signed: bool) -> dict[str, Any]:
    middle = place.bars[0] + 0.78 * (place.bars[1] - place.bars[0])
    words = [_("against"), "0", _("for the class")] if is_signed else ["0", _("most")]
    return {
        "orientation": "h",
        "x": sum(place.x) / 2,
        "xanchor": "center",
        "y": middle,
        "yanchor": "middle",
        "len": 0.72 * (place.x[1] - place.x[0]),
        "lenmode": "fraction",
        "thickness": 12,
        "thicknessmode": "pixels",
        "outlinewidth": 0,
        "ticks": "",
        "tickvals": [-end, 0, end] if is_signed else [0, end],
        "ticktext": words,
        "title": {"text": ""},
    }


def _opacity(place: FigureColumn, num_maps: int, ink: str) -> dict[str, Any]:
    """Returns the slider that fades the maps; it works in the browser."""
    traces = [1 + 3 * number + 1 for number in range(num_maps)]  # the image; then frame, map, bars of each net
    low, high = place.bars
    return {
        "active": len(_OPACITIES) - 1,
        "x": sum(place.x) / 2,
        "xanchor": "center",
        "y": low + 0.52 * (high - low),
        "yanchor": "top",
        "len": 0.72 * (place.x[1] - place.x[0]),
        "pad": {"t": 0, "b": 0},
        "currentvalue": {
            "prefix": _("opacity of the maps: "),
            "font": {"size": 13, "color": ink},
            "xanchor": "center",
        },
        "ticklen": 0,
        "minorticklen": 0,
        "font": {"color": "rgba(0,0,0,0)"},
        "steps": [
            {"method": "restyle", "label": f"{value:.0%}", "args": [{"opacity": value}, traces]} for value in _OPACITIES
        ],
    }
