"""Small multiples: images with maps over them, tile by tile in one pair of axes and on one scale.

One pair of axes instead of one for each tile: ResNet-56 has 27 blocks, and 54 pairs of axes take a browser seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from resnet_viz.attribution.net_result import NetPrediction
from resnet_viz.attribution.npz_codec import Floats
from resnet_viz.attribution.result import FilmResult, MapsResult, SanityResult, TrainingResult
from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.plan.names import short_name
from resnet_viz.present.attribution.colors import (
    channel_sum,
    colorscale,
    data_uri,
    dimmed,
    enlarged,
    scale_limit,
    to_bytes,
)
from resnet_viz.present.attribution.text import percent
from resnet_viz.present.plotly_layout import FONT
from resnet_viz.present.theme import PALETTES, Mode

_WIDE_PX: Final = 1_270  # width of the figure on a page of 1440 px, and on a phone of 390 px
_NARROW_PX: Final = 345
_GAP: Final = 0.10  # between tiles, as a share of a tile's side
_LEAST_PX: Final = 74  # of a tile's side: below that a map is unreadable
_TITLE_PX: Final = 22  # of a line of text above or below a tile
_NAME_PX: Final = 30
_GROUND: Final = "#1C1F26"
_HUNDREDTH: Final = 0.005
_BASE_PX: Final = 160  # of the image under a map, which the browser scales


@dataclass(frozen=True, kw_only=True, slots=True)
class Tile:
    """Image with a map.

    Attributes:
        title: above it.
        note: below it.
        has_ground: whether a map without an image has a dark background, which shows its extent.
        image_CHW: values from 0 to 1, or None for a map alone.
        values: the map over it, (H, W) of any resolution, or None for the image alone.
    """

    title: str = ""
    note: str = ""
    image_CHW: Floats | None = None
    values: Floats | None = None
    has_ground: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class TileRow:
    """Tiles of one kind, wrapped to the width of the figure.

    Attributes:
        name: above the tiles.
        tiles: from left to right.
    """

    name: str
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TileStyle:
    """Style of all tiles of a figure.

    Attributes:
        end: of the scale.
        is_signed: whether the scale starts at minus `end`.
        mode: light or dark.
        is_narrow: for a phone.
        tile_px: side of a tile on a wide screen.
    """

    end: float
    is_signed: bool
    mode: Mode
    is_narrow: bool = False
    tile_px: int = 136


@dataclass(frozen=True, kw_only=True, slots=True)
class _Parts:
    """Parts of a figure, collected because a Plotly figure validates all its parts at each addition."""

    traces: list[go.Heatmap] = field(default_factory=list)
    images: list[dict[str, Any]] = field(default_factory=list)
    shapes: list[dict[str, Any]] = field(default_factory=list)
    texts: list[dict[str, Any]] = field(default_factory=list)


def tile_figure(strips: Sequence[TileRow], look: TileStyle) -> go.Figure:
    """Returns rows of tiles as one figure."""
    side, per_line = _measures(max(len(strip.tiles) for strip in strips), look)
    title, name = _TITLE_PX / side, _NAME_PX / side
    parts, top = _Parts(), 0.0
    for strip in strips:
        if strip.name:
            parts.texts.append(_text(0.0, top + 0.45 * name, f"<b>{strip.name}</b>", size=15, anchor="left"))
            top += name
        has_note = any(tile.note for tile in strip.tiles)
        for place, tile in enumerate(strip.tiles):
            line, column = divmod(place, per_line)
            left, above = column * (1 + _GAP), top + line * (1 + title * (1 + has_note) + _GAP)
            _draw(parts, tile, left, above + title, look)
            parts.texts.append(_text(left + 0.5, above + 0.5 * title, tile.title, size=12))
            parts.texts.append(_text(left + 0.5, above + 1 + 1.45 * title, tile.note, size=12))
        num_lines = -(-len(strip.tiles) // per_line)
        top += num_lines * (1 + title * (1 + has_note) + _GAP)
    figure = go.Figure(parts.traces)
    figure.update_layout(
        images=parts.images, shapes=parts.shapes, annotations=[text for text in parts.texts if text["text"]]
    )
    _lay_out(figure, per_line * (1 + _GAP) - _GAP, top, side, look)
    return figure


def _measures(most: int, look: TileStyle) -> tuple[float, int]:
    """Returns the side of a tile in px and the number of tiles in a line, for lines of about equal length."""
    room = _NARROW_PX if look.is_narrow else _WIDE_PX
    least = min(_LEAST_PX if look.is_narrow else 0.8 * look.tile_px, look.tile_px)
    fitting = max(1, int((room / least + _GAP) / (1 + _GAP)))
    per_line = -(-most // -(-most // fitting))
    side = min(look.tile_px, room / (per_line * (1 + _GAP)))
    return side, max(per_line, int(room / (side * (1 + _GAP))))


def _draw(parts: _Parts, tile: Tile, left: float, above: float, look: TileStyle) -> None:
    if tile.image_CHW is not None:
        lying = tile.image_CHW if tile.values is None else dimmed(tile.image_CHW)
        parts.images.append(
            {
                "source": data_uri(enlarged(to_bytes(lying), _BASE_PX)),
                "x": left,
                "y": above,
                "sizex": 1,
                "sizey": 1,
                "xref": "x",
                "yref": "y",
                "xanchor": "left",
                "yanchor": "top",
                "sizing": "stretch",
                "layer": "below",
            }
        )
    if tile.has_ground:
        corners = {"x0": left, "y0": above, "x1": left + 1, "y1": above + 1}
        parts.shapes.append({"type": "rect", "fillcolor": _GROUND, "line": {"width": 0}, "layer": "below", **corners})
    if tile.values is None:
        return
    height, width = tile.values.shape
    is_coarse = tile.image_CHW is not None and (height, width) != tile.image_CHW.shape[-2:]
    parts.traces.append(
        go.Heatmap(
            z=np.asarray(tile.values, np.float32),
            x0=left + 0.5 / width,
            dx=1 / width,
            y0=above + 0.5 / height,
            dy=1 / height,
            coloraxis="coloraxis",
            zsmooth="best" if is_coarse else False,
            name=tile.title,
            hovertemplate="%{z:.3g}<extra>%{fullData.name}</extra>",
        )
    )


def _text(x: float, y: float, text: str, *, size: int, anchor: str = "center") -> dict[str, Any]:
    place = {"x": x, "y": y, "xanchor": anchor, "yanchor": "middle", "showarrow": False, "borderpad": 0}
    return {**place, "text": text, "font": {"size": size}}


def _lay_out(figure: go.Figure, wide: float, high: float, side: float, look: TileStyle) -> None:
    ink = PALETTES[look.mode][Role.DATA].text
    axis: dict[str, Any] = {"visible": False, "fixedrange": True, "constrain": "domain"}
    figure.update_layout(
        xaxis=axis | {"range": [0, wide], "constraintoward": "left"},
        yaxis=axis | {"range": [high, 0], "scaleanchor": "x", "constraintoward": "top"},
        height=round(high * side) + 8,
        margin={"l": 0, "r": 0, "t": 4, "b": 4},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "color": ink, "size": 13},
        coloraxis=coloraxis(look.end, is_signed=look.is_signed) | {"showscale": False},
        hoverlabel={"font": {"family": FONT}},
        showlegend=False,
    )


def coloraxis(end: float, *, is_signed: bool) -> dict[str, Any]:
    """Returns one scale for all maps of a figure."""
    return {"cmin": -end if is_signed else 0.0, "cmax": end, "colorscale": colorscale(is_signed=is_signed)}


def scale_text(*, is_signed: bool, is_one_scale: bool = True) -> str:
    """Returns the meaning of the colours of a map."""
    meaning = (
        _("Green: for the class; magenta: against it.")
        if is_signed
        else _("The stronger the green, the more the logit depends on that place.")
    )
    scale = _("One scale for all maps.") if is_one_scale else _("Each map has its own scale.")
    return f"{meaning} {scale}"


def film_figure(result: FilmResult, mode: Mode, *, is_narrow: bool) -> go.Figure:
    """Returns GradCAM at every block of each net. Each tile has its own scale, since their sizes differ."""
    rows = []
    for net, film in zip(result.nets, result.films, strict=True):
        tiles = []
        for one in film:
            height, width = one.values_hw.shape
            tiles.append(_own_scale(short_name(one.block), f"{height}×{width}", net, one.values_hw))
        rows.append(TileRow(name=net.title, tiles=tuple(tiles)))
    return tile_figure(rows, TileStyle(end=1.0, is_signed=True, mode=mode, is_narrow=is_narrow))


def methods_figure(
    result: MapsResult, titles: Mapping[str, str], mode: Mode, *, is_one_scale: bool, is_narrow: bool
) -> go.Figure:
    """Returns the maps of several methods; the nets share each method's scale or have their own."""
    rows = []
    for net, own in zip(result.nets, result.maps, strict=True):
        tiles = []
        for one in own.maps:
            values = channel_sum(one.values)
            every = [channel_sum(maps.of(one.method).values) for maps in result.maps]
            scaled = np.asarray(values / scale_limit(every if is_one_scale else [values]), np.float32)
            tiles.append(Tile(title=titles.get(one.method, one.method), image_CHW=net.image_CHW, values=scaled))
        rows.append(TileRow(name=net.title, tiles=tuple(tiles)))
    return tile_figure(rows, TileStyle(end=1.0, is_signed=True, mode=mode, is_narrow=is_narrow, tile_px=200))


def randomised_figure(result: SanityResult, mode: Mode, *, is_signed: bool, is_narrow: bool) -> go.Figure:
    """Returns the map of the trained net and those after each randomised unit, each on its own scale."""
    rows = []
    for net, check in zip(result.nets, result.checks, strict=True):
        tiles = [_own_scale(_("trained"), "", net, channel_sum(check.trained))]
        for one in check.units:
            note = "" if np.isnan(one.signed) else f"ρ = {_correlation(one.signed)}"
            tiles.append(_own_scale(short_name(one.unit), note, net, channel_sum(one.values)))
        rows.append(TileRow(name=net.title, tiles=tuple(tiles)))
    return tile_figure(rows, TileStyle(end=1.0, is_signed=is_signed, mode=mode, is_narrow=is_narrow, tile_px=108))


def training_figure(result: TrainingResult, mode: Mode, *, is_signed: bool, is_narrow: bool) -> go.Figure:
    """Returns the maps at all kept steps on one scale."""
    end = scale_limit([channel_sum(one.values) for steps in result.steps for one in steps])
    rows = [
        TileRow(
            name=net.title,
            tiles=tuple(
                Tile(
                    title=_("step {step}").format(step=one.step),
                    note=percent(one.target_probability),
                    image_CHW=net.image_CHW,
                    values=channel_sum(one.values),
                )
                for one in steps
            ),
        )
        for net, steps in zip(result.nets, result.steps, strict=True)
    ]
    return tile_figure(rows, TileStyle(end=end, is_signed=is_signed, mode=mode, is_narrow=is_narrow, tile_px=120))


def _own_scale(title: str, note: str, net: NetPrediction, values: Floats) -> Tile:
    scaled = np.asarray(values / scale_limit([values]), np.float32)
    return Tile(title=title, note=note, image_CHW=net.image_CHW, values=scaled)


def _correlation(value: float) -> str:
    return f"{value:.2f}".replace("-", "−") if abs(value) >= _HUNDREDTH else "0.00"
