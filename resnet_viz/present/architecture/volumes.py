"""Outputs of a net's parts as boxes to scale: channels rightwards, height of the map upwards, its width backwards.

Drawn with flat polygons at an angle, which stay crisp at any size and need no camera.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import plotly.graph_objects as go

from resnet_viz.analysis.memory import float_bytes
from resnet_viz.analysis.report import Analysis
from resnet_viz.graph.labels import part_name, shape_text
from resnet_viz.graph.roles import Role, RoleColors
from resnet_viz.i18n import _
from resnet_viz.plan.ops import Shape
from resnet_viz.present.architecture.differences import LETTERS
from resnet_viz.present.plotly_layout import FONT
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.present.units import bytes_text, exact

PAGE_PX: Final = 1_270
PHONE_PX: Final = 340
_TALLEST_PX: Final = 120  # longer side of the largest map
_SLANT: Final = 0.32  # what one pixel backwards shifts right and up
_LABEL_PX: Final = 112  # room for the words under a box
_LABEL_HEIGHT: Final = 62
_GAP_PX: Final = 16
_EDGE_PX: Final = 2.0  # so that no line is cut
_NAME_HEIGHT: Final = 26
_ROW_GAP: Final = 14

Point = tuple[float, float]


class VolumeScale(NamedTuple):
    """Screen pixels of one channel, and of one pixel of a map."""

    channel: float
    pixel: float


class Volume(NamedTuple):
    """One output, placed.

    Attributes:
        name: of the part: "stage1".
        shape: channels, height, width.
        x: left edge of its front, in px from the left.
        y: lower edge of its front, in px from the bottom.
        width: of the front: channels to scale.
        height: of the front: the map's height to scale.
        slant: how far the back lies to the right of the front and above it: the map's width to scale.
    """

    name: str
    shape: Shape
    x: float
    y: float
    width: float
    height: float
    slant: float

    @property
    def faces(self) -> tuple[tuple[Point, ...], ...]:
        """Corners of the front, the top and the right side."""
        left, right, low, high = self.x, self.x + self.width, self.y, self.y + self.height
        back = self.slant
        return (
            ((left, low), (right, low), (right, high), (left, high)),
            ((left, high), (right, high), (right + back, high + back), (left + back, high + back)),
            ((right, low), (right + back, low + back), (right + back, high + back), (right, high)),
        )


class VolumeSheet(NamedTuple):
    """Positions of all boxes.

    Attributes:
        rows: of each net, its boxes.
        name_heights: height of each net's name, in px from the bottom.
        scale: shared by all boxes.
        width: of the sheet in px.
        height: of the sheet in px.
    """

    rows: tuple[tuple[Volume, ...], ...]
    name_heights: tuple[float, ...]
    scale: VolumeScale
    width: float
    height: float


def place_volumes(analyses: Sequence[Analysis], *, is_narrow: bool = False) -> VolumeSheet:
    """Returns the outputs of stem and stages of one to three nets, all on one scale, equal parts below each other."""
    shapes = [{row.name: row.shape for row in analysis.parts[:-1]} for analysis in analyses]
    names = list(dict.fromkeys(name for net in shapes for name in net))
    width, per_line = (PHONE_PX, 2) if is_narrow else (PAGE_PX, len(names))
    lines = [names[i : i + per_line] for i in range(0, len(names), per_line)]
    pixel = _TALLEST_PX / max(side for net in shapes for shape in net.values() for side in shape[1:])
    widest = {name: [net[name] for net in shapes if name in net] for name in names}
    scale = VolumeScale(min(_fitting([widest[name] for name in line], pixel, width) for line in lines), pixel)
    return _placed(shapes, lines, {name: _slot(widest[name], scale) for name in names}, scale, width)


def _slot(shapes: Sequence[Shape], scale: VolumeScale) -> float:
    """Returns the width that a column needs for the widest of these boxes and the words under it."""
    return max(_LABEL_PX, *(c * scale.channel + w * scale.pixel * _SLANT for c, _h, w in shapes))


def _fitting(columns: Sequence[Sequence[Shape]], pixel: float, width: float) -> float:
    """Returns the largest px of a channel at which the columns fit into the width."""
    low, high = 0.0, 100.0
    for _round in range(40):
        middle = (low + high) / 2
        needed = sum(_slot(shapes, VolumeScale(middle, pixel)) + _GAP_PX for shapes in columns)
        low, high = (middle, high) if needed <= width else (low, middle)
    return low


def _placed(
    shapes: Sequence[dict[str, Shape]],
    lines: Sequence[Sequence[str]],
    slots: dict[str, float],
    scale: VolumeScale,
    width: float,
) -> VolumeSheet:
    rows: list[list[Volume]] = []
    name_heights: list[float] = []
    top = 0.0  # counted downwards, turned round below
    for net in shapes:
        boxes = []
        top += _ROW_GAP if rows else 0.0
        name_heights.append(top)
        top += _NAME_HEIGHT if len(shapes) > 1 else 0.0
        for line in lines:
            here = [name for name in line if name in net]
            top += max((net[name][1] + net[name][2] * _SLANT for name in here), default=0.0) * scale.pixel
            x = _EDGE_PX
            for name in line:
                if name in net:
                    c, h, w = net[name]
                    size = (c * scale.channel, h * scale.pixel, w * scale.pixel * _SLANT)
                    boxes.append(Volume(name, net[name], x, top, *size))
                x += slots[name] + _GAP_PX
            top += _LABEL_HEIGHT if here else 0.0
        rows.append(boxes)
    upright = tuple(tuple(box._replace(y=top - box.y) for box in boxes) for boxes in rows)
    return VolumeSheet(upright, tuple(top - height for height in name_heights), scale, width, top)


def scale_text(scale: VolumeScale) -> str:
    """Returns the caption of the figure: its scale."""
    return _(
        "All boxes share one scale: channels to the right, height upwards, width backwards (foreshortened). "
        "{c} channels are as long as {p:.3g} px are high. Below each box: output shape and size for one image, float32."
    ).format(c=exact(100), p=100 * scale.channel / scale.pixel)


def volume_figure(
    analyses: Sequence[Analysis], names: Sequence[str], mode: Mode, *, is_narrow: bool = False
) -> go.Figure:
    """Returns the boxes as a figure, each with its name, shape and size."""
    sheet = place_volumes(analyses, is_narrow=is_narrow)
    palette = PALETTES[mode]
    figure = go.Figure()
    parts = {part.name: part for analysis in analyses for part in analysis.plan.parts}
    for boxes in sheet.rows:
        for box in boxes:
            part = parts[box.name]
            _draw(figure, box, palette[Role.BRANCH if part.stage else Role.CONV])
            _write(figure, box, part_name(part))
    if len(analyses) > 1:
        for letter, name, height in zip(LETTERS, names, sheet.name_heights, strict=False):
            _note(figure, f"<b>{letter}</b>  {name}", _EDGE_PX, height)
    ink = palette[Role.DATA].text
    figure.update_layout(
        height=sheet.height + 8,
        margin={"l": 0, "r": 0, "t": 4, "b": 4},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "color": ink, "size": 13},
        showlegend=False,
        hovermode="closest",
    )
    figure.update_xaxes(
        visible=False, range=[0, sheet.width], fixedrange=True, constrain="domain", constraintoward="left"
    )
    figure.update_yaxes(visible=False, range=[0, sheet.height], fixedrange=True, scaleanchor="x", constraintoward="top")
    return figure


def _draw(figure: go.Figure, box: Volume, paint: RoleColors) -> None:
    hover = f"{box.name}: {shape_text(box.shape)}, {exact(float_bytes(box.shape))} bytes"
    for face, (corners, fill) in enumerate(zip(box.faces, (paint.fill, paint.fill, paint.line), strict=True)):
        x, y = zip(*corners, corners[0], strict=True)
        figure.add_scatter(
            x=x,
            y=y,
            mode="lines",
            fill="toself",
            fillcolor=fill,
            line={"color": paint.line, "width": 1.2},
            hoveron="fills",
            hoverinfo="text",
            text=hover,
            name=f"{box.name}:{face}",
        )


def _write(figure: go.Figure, box: Volume, name: str) -> None:
    _note(figure, f"<b>{name}</b><br>{shape_text(box.shape)}<br>{bytes_text(float_bytes(box.shape))}", box.x, box.y - 4)


def _note(figure: go.Figure, text: str, x: float, y: float) -> None:
    figure.add_annotation(
        text=text, x=x, y=y, xanchor="left", yanchor="top", align="left", showarrow=False, borderpad=0
    )
