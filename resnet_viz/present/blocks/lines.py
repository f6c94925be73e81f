"""Lines of a block's drawing: the branch, the way of the shortcut from input to output, and those of a gate."""

from collections.abc import Iterator
from typing import Final

from resnet_viz.graph.roles import Palette, Role
from resnet_viz.plan.ops import Complement, Multiply, Sigmoid
from resnet_viz.present.blocks.grid import BRANCH_LINE, SHORTCUT_LINE, BlockColumn, Lane
from resnet_viz.present.blocks.measures import Places
from resnet_viz.present.blocks.svg import Svg, element, polyline

_THICK: Final = 4.5
_THIN: Final = 1.8
_RADIUS: Final = 13  # of the circle of a sum
_HEAD: Final = 6
_NAMES: Final = {"branch": BRANCH_LINE, "shortcut-path": SHORTCUT_LINE}


def block_lines(column: BlockColumn, place: Places, num_rows: int, palette: Palette) -> Iterator[Svg]:
    """Yields the lines of a block, which lie below its boxes."""
    x, last = place.centers[Lane.BRANCH], num_rows - 1
    top, split, end, bottom = (place.y_of(row) for row in (0, column.split, column.sum, last))
    bottom -= place.sizes.box * 0.35
    if column.block.is_plain:
        yield from _arrow([(x, top), (x, bottom)], palette, Role.DATA, "branch")
        return
    parting = split + place.sizes.pitch / 2 if column.split else top + place.sizes.pitch * 0.45
    yield from _arrow([(x, parting), (x, end - _RADIUS)], palette, Role.BRANCH, "branch")
    yield from _gate(column, place, parting, palette)
    right = place.centers[Lane.SHORTCUT]
    way = [(x, top), (x, parting), (right, parting), (right, end), (x + _RADIUS, end)]
    yield from _arrow(way, palette, Role.SHORTCUT, "shortcut-path", thick=_THICK)
    yield from _arrow([(x, end), (x, bottom)], palette, Role.SHORTCUT, "shortcut-path", thick=_THICK)


def _gate(column: BlockColumn, place: Places, parting: float, palette: Palette) -> Iterator[Svg]:
    if Lane.GATE not in place.centers:
        return
    x, gate = place.centers[Lane.BRANCH], place.centers[Lane.GATE]
    rows = {type(cell.node.op): cell.row for cell in column.cells if cell.lane is Lane.GATE}
    half = place.sizes.box / 2
    complement = place.y_of(rows[Complement])
    yield from _arrow([(x, parting), (gate, parting), (gate, complement - half)], palette, Role.DATA, "gate")
    for cell in column.cells:
        if not isinstance(cell.node.op, Multiply):
            continue
        y = place.y_of(cell.row)
        if cell.lane is Lane.SHORTCUT:
            edge = place.centers[Lane.SHORTCUT] - place.widths[Lane.SHORTCUT] / 2
            start = (gate, complement) if y != complement else (gate + place.widths[Lane.GATE] / 2, complement)
            points = [start, (gate, y), (edge, y)] if y != complement else [start, (edge, y)]
            yield from _arrow(points, palette, Role.DATA, "gate")
        else:
            middle = gate - place.widths[Lane.GATE] / 2 - place.sizes.gap / 2
            sigmoid = place.y_of(rows[Sigmoid])
            left = gate - place.widths[Lane.GATE] / 2
            edge = x + place.widths[Lane.BRANCH] / 2
            points = [(left, sigmoid), (middle, sigmoid), (middle, y), (edge, y)]
            yield from _arrow(points, palette, Role.DATA, "gate")


def _arrow(
    points: list[tuple[float, float]], palette: Palette, role: Role, name: str, *, thick: float = _THIN
) -> Iterator[Svg]:
    """Yields a line and, where it ends beside a box or a sum, its head."""
    color = palette[role].line
    named = {"data-name": _NAMES[name]} if name in _NAMES else {}
    yield polyline(points, {"stroke": color, "stroke-width": thick, "class": f"line {name}", **named})
    (from_x, from_y), (x, y) = points[-2:]
    along, across = _HEAD + thick / 2, 0.7 * (_HEAD + thick / 2)
    if from_y == y:
        way = along if x > from_x else -along
        tip = f"M{x:g} {y:g} l{-way:g} {-across:g} v{2 * across:g} z"
    else:
        tip = f"M{x:g} {y:g} l{-across:g} {-along:g} h{2 * across:g} z"
    yield element("path", (), {"d": tip, "fill": color, "class": "head"})
