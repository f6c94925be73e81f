"""Drawing of an Inception block, or of the residual block that is left of it: paths side by side, and their join."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from resnet_viz.blocks.inception import BRANCH, FIXED_CONV, IN_SHAPE, InceptionPath, Join
from resnet_viz.graph.labels import shape_text
from resnet_viz.graph.roles import Palette, Role
from resnet_viz.i18n import _
from resnet_viz.present.blocks.drawing import BlockPicture
from resnet_viz.present.blocks.grid import INPUT, OUTPUT
from resnet_viz.present.blocks.svg import Svg, element, polyline, text_in
from resnet_viz.present.theme import PALETTES, Mode

_LANE: Final = 150
_GAP: Final = 24
_PITCH: Final = 58
_BOX: Final = 40
_MARGIN: Final = 8
_TITLE_PX: Final = 13.5


class _Box(NamedTuple):
    """One layer: name, words, role."""

    name: str
    words: str
    role: Role


def draw_inception(paths: Sequence[InceptionPath], join: Join, mode: Mode) -> BlockPicture:
    """Returns the drawing: of these paths where they are concatenated, else of a branch and the identity."""
    lanes = [_layers(path) for path in paths] if join is Join.CONCAT else [_layers(BRANCH), []]
    palette = PALETTES[mode]
    width = 2 * _MARGIN + len(lanes) * (_LANE + _GAP) - _GAP
    rows = 1 + max(map(len, lanes))
    ends = _ends(paths, join)
    height = (rows + len(ends)) * _PITCH + _MARGIN
    parts = [*_lines(lanes, rows, palette), *_boxes(lanes, palette)]
    middle = width / 2
    parts.append(_box(_Box(INPUT, f"x {shape_text(IN_SHAPE)}", Role.DATA), middle, 0, palette, width=_LANE + 30))
    for row in range(rows, rows + len(ends) - 1):
        parts.append(_line([(middle, _y(row)), (middle, _y(row + 1))], palette, Role.DATA))
    parts += [_box(box, middle, rows + number, palette, width=_LANE + 70) for number, box in enumerate(ends)]
    alt = _("Paths of the block, and their join")
    attributes = {"viewBox": f"0 0 {width:g} {height:g}", "xmlns": "http://www.w3.org/2000/svg", "role": "img"}
    block = element("g", parts, {"class": "block", "data-block": "inception"})
    return BlockPicture(element("svg", [block], {**attributes, "aria-label": alt}), width, height, 1, alt)


def _layers(path: InceptionPath) -> list[_Box]:
    pool = [_Box(f"{path.id}.pool", _("max pool 3×3"), Role.POOL)] if path.has_pool else []
    return pool + [
        _Box(f"{path.id}.conv{number}", f"{conv.kernel}×{conv.kernel}, {conv.out_channels}", Role.CONV)
        for number, conv in enumerate(path.convs, start=1)
    ]


def _ends(paths: Sequence[InceptionPath], join: Join) -> list[_Box]:
    """Returns what comes below the paths: their join, and the output."""
    channels = IN_SHAPE[0]
    if join is Join.CONCAT:
        joined = [_Box("concat", _("concatenation"), Role.HEAD)]
        channels = sum(path.channels for path in paths)
    elif join is Join.FIXED:
        words = _("concatenation, {channels} channels").format(channels=FIXED_CONV.in_channels)
        joined = [
            _Box("concat", words, Role.HEAD),
            _Box("fixed", _("1×1, {channels}, fixed: [I I]").format(channels=channels), Role.SHORTCUT),
        ]
    else:
        joined = [_Box("add", "+", Role.SHORTCUT)]
    return [*joined, _Box(OUTPUT, _("output {shape}").format(shape=shape_text((channels, *IN_SHAPE[1:]))), Role.DATA)]


def _lines(lanes: Sequence[Sequence[_Box]], rows: int, palette: Palette) -> Iterator[Svg]:
    middle = _x(0) + (_x(len(lanes) - 1) - _x(0)) / 2
    for number, boxes in enumerate(lanes):
        x, top, bottom = _x(number), _y(0) + _PITCH / 2, _y(rows) - _PITCH / 2
        points = [(middle, _y(0)), (middle, top), (x, top), (x, bottom), (middle, bottom), (middle, _y(rows))]
        yield _line(points, palette, Role.DATA if boxes else Role.SHORTCUT, thick=1.8 if boxes else 4.5)


def _boxes(lanes: Sequence[Sequence[_Box]], palette: Palette) -> Iterator[Svg]:
    for number, boxes in enumerate(lanes):
        for row, box in enumerate(boxes, start=1):
            yield _box(box, _x(number), row, palette, width=_LANE)


def _x(lane: int) -> float:
    return _MARGIN + lane * (_LANE + _GAP) + _LANE / 2


def _y(row: int) -> float:
    return _MARGIN + row * _PITCH + _BOX / 2


def _line(points: list[tuple[float, float]], palette: Palette, role: Role, *, thick: float = 1.8) -> Svg:
    kept = [point for number, point in enumerate(points) if not number or point != points[number - 1]]
    return polyline(kept, {"stroke": palette[role].line, "stroke-width": thick, "class": "line"})


def _box(box: _Box, x: float, row: int, palette: Palette, *, width: float) -> Svg:
    paint, y = palette[box.role], _y(row)
    place = {"x": x - width / 2, "y": y - _BOX / 2, "width": width, "height": _BOX, "rx": 6}
    parts = [
        element("rect", (), {**place, "fill": paint.fill, "stroke": paint.line, "stroke-width": 1.4}),
        text_in(box.words, x, y + 4.5, width - 8, _TITLE_PX, fill=paint.text, **{"font-weight": 600}),
    ]
    names = {"class": f"layer role-{box.role}", "data-name": box.name, "data-row": row, "data-lane": f"{x:g}"}
    return element("g", parts, names)
