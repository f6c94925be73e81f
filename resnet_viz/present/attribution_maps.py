"""The page's main figure: the picture as the nets see it, and beside it for each net its map and what it predicts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import plotly.graph_objects as go

from resnet_viz.explain.answers import Floats
from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.present.attribution_answer import SeenNet, percent, says
from resnet_viz.present.attribution_colors import data_uri, dimmed, enlarged, grey
from resnet_viz.present.attribution_sheet import coloraxis
from resnet_viz.present.figures import FONT
from resnet_viz.present.theme import PALETTES, Mode, mixed

_PICTURE_PX: Final = 284
_BARS_PX: Final = 132
_TITLE_PX: Final = 50
_BETWEEN_PX: Final = 12
_MOST_BARS: Final = 4
_FIRST: Final = 2  # number of the first map's axes; the picture has the first ones
_LABEL: Final = 0.30  # of a column's width: names of classes beside the bars
_OPACITIES: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_SURE: Final = {Mode.LIGHT: "#008F5D", Mode.DARK: "#25D695"}  # the hue that speaks for the class, as bars need it


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """One net's map as it is shown.

    Attributes:
        net: whose it is.
        values: the map, (H, W); coarser than the picture for a layer's.
        end: of its scale.
    """

    net: SeenNet
    values: Floats
    end: float


class _Place(NamedTuple):
    """Where a column of the figure stands, in shares of its width and height."""

    x: tuple[float, float]
    picture: tuple[float, float]
    bars: tuple[float, float]
    title: float


def maps_figure(shown: Sequence[Shown], mode: Mode, *, truth: str, is_signed: bool, is_narrow: bool) -> go.Figure:
    """Returns the picture, the maps over it and the predictions.

    Args:
        shown: one net or two.
        mode: light or dark.
        truth: the picture's class; empty where nobody knows it.
        is_signed: whether maps have values below zero.
        is_narrow: for a phone: everything below each other.
    """
    ink = PALETTES[mode][Role.DATA].text
    places, height_px = _places(1 + len(shown), is_narrow=is_narrow)
    figure = go.Figure()
    picture_CHW = shown[0].net.picture_CHW
    _frame(figure, 1, places[0], picture_CHW, is_dimmed=False)
    said = _("in truth: {truth}").format(truth=truth) if truth else _("your picture")
    _title(figure, places[0], _("The picture, as the nets see it"), said, ink)
    for number, one in enumerate(shown, start=_FIRST):
        place = places[number - 1]
        _frame(figure, number, place, one.net.picture_CHW, is_dimmed=True)
        _title(figure, place, one.net.title, says(one.net, truth), ink)
        _map(figure, number, one)
        _bars(figure, number, place, one.net, mode)
    figure.update_layout(
        height=height_px,
        margin={"l": 0, "r": 0, "t": 0, "b": 6},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "color": ink, "size": 13},
        **{
            _scale(number): coloraxis(one.end, is_signed=is_signed)
            | {"showscale": number == _FIRST, "colorbar": _colorbar(places[0], one.end, is_signed=is_signed)}
            for number, one in enumerate(shown, start=_FIRST)
        },
        showlegend=False,
        sliders=[_opacity(places[0], len(shown), ink)],
        bargap=0.28,
    )
    return figure


def _places(num: int, *, is_narrow: bool) -> tuple[list[_Place], int]:
    """Returns the places of the columns and the figure's height in px."""
    each_px = _TITLE_PX + _PICTURE_PX + _BETWEEN_PX + _BARS_PX
    if not is_narrow:
        width = 1.0 / max(num, 3)
        bars = (0.0, _BARS_PX / each_px)
        picture = ((_BARS_PX + _BETWEEN_PX) / each_px, 1 - _TITLE_PX / each_px)
        gap = 0.012
        return [_Place((i * width + gap, (i + 1) * width - gap), picture, bars, 1.0) for i in range(num)], each_px
    each_px += _BETWEEN_PX
    height_px, places = num * each_px, []
    for i in range(num):
        top = height_px - i * each_px
        picture = ((top - _TITLE_PX - _PICTURE_PX) / height_px, (top - _TITLE_PX) / height_px)
        bars = ((top - each_px + _BETWEEN_PX) / height_px, (top - each_px + _BETWEEN_PX + _BARS_PX) / height_px)
        places.append(_Place((0.0, 1.0), picture, bars, top / height_px))
    return places, height_px


def _scale(number: int) -> str:
    return "coloraxis" if number == _FIRST else f"coloraxis{number}"


def _axis(number: int) -> str:
    return "" if number == 1 else str(number)


def _frame(figure: go.Figure, number: int, place: _Place, picture_CHW: Floats, *, is_dimmed: bool) -> None:
    """Gives a picture its axes: one unit is one pixel, both ways."""
    height, width = picture_CHW.shape[-2:]
    hidden: dict[str, Any] = {"visible": False, "fixedrange": True, "constrain": "domain"}
    name = _axis(number)
    figure.update_layout(
        {
            f"xaxis{name}": hidden | {"domain": place.x, "range": [0, width], "anchor": f"y{name}"},
            f"yaxis{name}": hidden
            | {"domain": place.picture, "range": [height, 0], "scaleanchor": f"x{name}", "anchor": f"x{name}"},
        }
    )
    figure.add_layout_image(
        source=data_uri(enlarged(grey(dimmed(picture_CHW) if is_dimmed else picture_CHW))),
        xref=f"x{name}",
        yref=f"y{name}",
        x=0,
        y=0,
        sizex=width,
        sizey=height,
        sizing="stretch",
        layer="below",
    )
    # an axis without a trace is not drawn, nor what is tied to it
    figure.add_trace(
        go.Scatter(x=[0], y=[0], xaxis=f"x{name}", yaxis=f"y{name}", mode="none", hoverinfo="skip", showlegend=False)
    )


def _map(figure: go.Figure, number: int, one: Shown) -> None:
    height, width = one.net.picture_CHW.shape[-2:]
    rows, columns = one.values.shape
    figure.add_trace(
        go.Heatmap(
            z=np.asarray(one.values, np.float32),
            x0=0.5 * width / columns,
            dx=width / columns,
            y0=0.5 * height / rows,
            dy=height / rows,
            xaxis=f"x{number}",
            yaxis=f"y{number}",
            coloraxis=_scale(number),
            zsmooth=False if (rows, columns) == (height, width) else "best",
            name=one.net.title,
            hovertemplate=_("row %{y:.0f}, column %{x:.0f}: %{z:.3g}") + "<extra>%{fullData.name}</extra>",
        )
    )


def _title(figure: go.Figure, place: _Place, first: str, second: str, ink: str) -> None:
    figure.add_annotation(
        text=f"<b>{first}</b><br>{second}",
        x=sum(place.x) / 2,
        y=place.title,
        xref="paper",
        yref="paper",
        xanchor="center",
        yanchor="top",
        showarrow=False,
        font={"size": 15, "color": ink},
    )


def most_likely(net: SeenNet) -> list[int]:
    """Returns the classes whose bars are drawn, the likeliest first; the explained one is always among them."""
    order = [int(place) for place in np.argsort(-net.probabilities_K, kind="stable")]
    first = order[: min(_MOST_BARS, len(order))]
    return first if net.target in first else [*first[:-1], net.target]


def _bars(figure: go.Figure, number: int, place: _Place, net: SeenNet, mode: Mode) -> None:
    palette = PALETTES[mode]
    classes = most_likely(net)
    left = place.x[0] + _LABEL * (place.x[1] - place.x[0])
    own = 10 + number
    shares = [net.probability(one) for one in classes]
    other = mixed(palette[Role.HEAD].line, palette[Role.DATA].fill, 0.55)
    figure.update_layout(
        {
            f"xaxis{own}": {
                "domain": [left, place.x[1]],
                "range": [0, 1.3],
                "visible": False,
                "fixedrange": True,
                "anchor": f"y{own}",
            },
            f"yaxis{own}": {
                "domain": place.bars,
                "autorange": "reversed",
                "fixedrange": True,
                "showgrid": False,
                "ticksuffix": "  ",
                "tickfont": {"size": 14},
                "anchor": f"x{own}",
            },
        }
    )
    figure.add_trace(
        go.Bar(
            y=[net.class_name(one) for one in classes],
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


def _colorbar(place: _Place, end: float, *, is_signed: bool) -> dict[str, Any]:
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


def _opacity(place: _Place, num_maps: int, ink: str) -> dict[str, Any]:
    """Returns the slider that fades the maps; it works in the browser."""
    traces = [1 + 3 * number + 1 for number in range(num_maps)]  # the picture; then frame, map, bars of each net
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
            "prefix": _("strength of the maps: "),
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
