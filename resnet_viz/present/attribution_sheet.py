"""Small multiples: pictures with maps over them, tile beside tile in one pair of axes and on one scale.

One pair of axes and not one for each tile: ResNet-56 has 27 blocks, and 54 pairs of axes take a browser seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from resnet_viz.explain.answers import Floats
from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.present.attribution_colors import colorscale, data_uri, dimmed, enlarged, grey
from resnet_viz.present.figures import FONT
from resnet_viz.present.theme import PALETTES, Mode

_WIDE_PX: Final = 1_270  # the room of a page of 1440 px, and of a phone of 390 px
_NARROW_PX: Final = 345
_GAP: Final = 0.10  # between tiles, as a share of a tile's side
_LEAST_PX: Final = 74  # of a tile's side: below that a map says nothing
_TITLE_PX: Final = 22  # of a line of text over or under a tile
_NAME_PX: Final = 30
_BASE_PX: Final = 160  # of the picture under a map, which the browser scales


@dataclass(frozen=True, kw_only=True, slots=True)
class Tile:
    """One small picture.

    Attributes:
        title: over it.
        note: under it.
        picture_CHW: values from 0 to 1, or None for the page's background.
        values: the map over it, (H, W) of any resolution, or None for the picture alone.
    """

    title: str = ""
    note: str = ""
    picture_CHW: Floats | None = None
    values: Floats | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Strip:
    """Tiles of one kind, wrapped where a line has no more room.

    Attributes:
        name: over the tiles.
        tiles: from left to right.
    """

    name: str
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """How tiles are drawn.

    Attributes:
        end: of the scale, one for all.
        is_signed: whether it begins at minus this.
        mode: light or dark.
        is_narrow: for a phone.
        tile_px: side of a tile on a wide screen.
    """

    end: float
    is_signed: bool
    mode: Mode
    is_narrow: bool = False
    tile_px: int = 136


def sheet(strips: Sequence[Strip], look: Look) -> go.Figure:
    """Returns all tiles of some strips as one figure."""
    side, per_line = _measures(max(len(strip.tiles) for strip in strips), look)
    title, name = _TITLE_PX / side, _NAME_PX / side
    ink = PALETTES[look.mode][Role.DATA].text
    figure = go.Figure()
    top = 0.0
    for strip in strips:
        if strip.name:
            _write(figure, 0.0, top + 0.45 * name, f"<b>{strip.name}</b>", ink, size=15, anchor="left")
            top += name
        has_note = any(tile.note for tile in strip.tiles)
        for place, tile in enumerate(strip.tiles):
            line, column = divmod(place, per_line)
            left, above = column * (1 + _GAP), top + line * (1 + title * (1 + has_note) + _GAP)
            _write(figure, left + 0.5, above + 0.5 * title, tile.title, ink, size=12)
            _draw(figure, tile, left, above + title, look)
            if tile.note:
                _write(figure, left + 0.5, above + 1 + 1.45 * title, tile.note, ink, size=12)
        num_lines = -(-len(strip.tiles) // per_line)
        top += num_lines * (1 + title * (1 + has_note) + _GAP)
    _lay_out(figure, per_line * (1 + _GAP) - _GAP, top, side, ink, look)
    return figure


def _measures(most: int, look: Look) -> tuple[float, int]:
    """Returns the side of a tile in px and how many stand in a line, so that lines are about equally long."""
    room = _NARROW_PX if look.is_narrow else _WIDE_PX
    least = min(_LEAST_PX if look.is_narrow else 0.8 * look.tile_px, look.tile_px)
    fitting = max(1, int((room / least + _GAP) / (1 + _GAP)))
    per_line = -(-most // -(-most // fitting))
    side = min(look.tile_px, room / (per_line * (1 + _GAP)))
    return side, max(per_line, int(room / (side * (1 + _GAP))))


def _draw(figure: go.Figure, tile: Tile, left: float, above: float, look: Look) -> None:
    if tile.picture_CHW is not None:
        lying = tile.picture_CHW if tile.values is None else dimmed(tile.picture_CHW)
        figure.add_layout_image(
            source=data_uri(enlarged(grey(lying), _BASE_PX)),
            x=left,
            y=above,
            sizex=1,
            sizey=1,
            xref="x",
            yref="y",
            xanchor="left",
            yanchor="top",
            sizing="stretch",
            layer="below",
        )
    if tile.values is None:
        return
    height, width = tile.values.shape
    is_coarse = tile.picture_CHW is not None and (height, width) != tile.picture_CHW.shape[-2:]
    figure.add_trace(
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


def _write(figure: go.Figure, x: float, y: float, text: str, ink: str, *, size: int, anchor: str = "center") -> None:
    if text:
        font = {"size": size, "color": ink}
        figure.add_annotation(
            x=x, y=y, text=text, font=font, showarrow=False, xanchor=anchor, yanchor="middle", borderpad=0
        )


def _lay_out(figure: go.Figure, wide: float, high: float, side: float, ink: str, look: Look) -> None:
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


def scale_text(*, is_signed: bool) -> str:
    """Returns what the colours of a map mean, as Markdown."""
    if is_signed:
        return _("Green speaks for the class, magenta against it; the stronger, the more. One scale for all maps.")
    return _("The stronger the green, the more the score depends on that place. One scale for all maps.")
