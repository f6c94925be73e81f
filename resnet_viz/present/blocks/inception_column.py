"""Inception 3a as a column beside residual blocks: its convolutions in their rows, its join where their addition is."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from resnet_viz.blocks.inception import IN_SHAPE, PATHS, InceptionPath
from resnet_viz.graph.labels import shape_text
from resnet_viz.graph.roles import Palette, Role
from resnet_viz.i18n import _
from resnet_viz.plan.ops import Conv
from resnet_viz.present.blocks.grid import INPUT, OUTPUT, Grid, Lane
from resnet_viz.present.blocks.measures import MARGIN, Sizes, row_y
from resnet_viz.present.blocks.svg import Svg, element, polyline, text_in

_LANE: Final = 82  # width of a box
_NARROW_LANE: Final = 62  # beside three blocks or more
_GAP: Final = 10
_TITLE_PX: Final = 15
_LAYER_PX: Final = 13.5
_NOTE_PX: Final = 12


class _Rows(NamedTuple):
    """Rows of the grid in which the column has its layers."""

    convs: tuple[int, int]
    join: int
    output: int


def inception_title() -> str:
    """Returns the name of the block."""
    return _("Inception 3a")


def inception_width(sizes: Sizes) -> float:
    """Returns the width of the column."""
    return 2 * MARGIN + len(PATHS) * (_lane(sizes) + _GAP) - _GAP


def inception_column(grid: Grid, left: float, sizes: Sizes, palette: Palette) -> Svg:
    """Returns the column, drawn from `left` on, in the rows of residual blocks."""
    rows, width = _rows(grid), inception_width(sizes)
    middle = left + width / 2
    title = {"class": "title", "fill": palette[Role.DATA].text, "font-weight": 650}
    parts = [*_lines(rows, left, sizes, palette)]
    parts.append(_box(INPUT, shape_text(IN_SHAPE), Role.DATA, (middle, 0), 110, sizes, palette))
    for number, path in enumerate(PATHS):
        parts += _layers(path, rows, _center(left, number, sizes), sizes, palette)
    shape = (sum(path.channels for path in PATHS), *IN_SHAPE[1:])
    parts.append(_box("concat", _("concatenation"), Role.HEAD, (middle, rows.join), 150, sizes, palette))
    parts.append(_box(OUTPUT, shape_text(shape), Role.DATA, (middle, rows.output), 110, sizes, palette))
    parts.append(text_in(inception_title(), middle, 34, width - 4, _TITLE_PX, **title))
    foot = row_y(rows.output, sizes) + sizes.box / 2 + 20
    note = _("no shortcut: {n} paths are concatenated").format(n=len(PATHS))
    look = {"class": "path", "fill": palette[Role.DATA].text}
    parts.append(text_in(note, middle, foot, width - 4, _NOTE_PX, **look))
    return element("g", parts, {"class": "block", "data-block": "inception"})


def _rows(grid: Grid) -> _Rows:
    """Returns the rows of the first and last convolutions, of the addition or else the row behind them, and the end."""
    cells = [cell for column in grid.columns for cell in column.cells if cell.lane is Lane.BRANCH]
    convs = [cell.row for cell in cells if isinstance(cell.node.op, Conv)]
    first, last, output = min(convs), max(convs), grid.num_rows - 1
    join = max(column.sum for column in grid.columns)
    return _Rows((first, last), join if last < join < output else (last + output) // 2, output)


def _lane(sizes: Sizes) -> int:
    return _LANE if sizes.branch > _NARROW_LANE * 2 else _NARROW_LANE


def _center(left: float, number: int, sizes: Sizes) -> float:
    return left + MARGIN + number * (_lane(sizes) + _GAP) + _lane(sizes) / 2


def _layers(path: InceptionPath, rows: _Rows, x: float, sizes: Sizes, palette: Palette) -> Iterator[Svg]:
    first, last = rows.convs
    if path.has_pool:
        yield _box(f"{path.id}.pool", _("max pool"), Role.POOL, (x, first), _lane(sizes), sizes, palette)
    places = (first, last) if len(path.convs) > 1 else (last if path.has_pool else first,)
    for number, (conv, row) in enumerate(zip(path.convs, places, strict=True), start=1):
        words = f"{conv.kernel}×{conv.kernel}, {conv.out_channels}"
        yield _box(f"{path.id}.conv{number}", words, Role.CONV, (x, row), _lane(sizes), sizes, palette)


def _lines(rows: _Rows, left: float, sizes: Sizes, palette: Palette) -> Iterator[Svg]:
    """Yields the lines of the paths, from the input to their join, and on to the output."""
    middle, half = left + inception_width(sizes) / 2, sizes.pitch / 2
    top, bottom = row_y(0, sizes) + half, row_y(rows.join, sizes) - half
    for number in range(len(PATHS)):
        x = _center(left, number, sizes)
        points = [(middle, row_y(0, sizes)), (middle, top), (x, top), (x, bottom), (middle, bottom)]
        yield _line([*points, (middle, row_y(rows.join, sizes))], palette)
    yield _line([(middle, row_y(rows.join, sizes)), (middle, row_y(rows.output, sizes))], palette)


def _line(points: Sequence[tuple[float, float]], palette: Palette) -> Svg:
    return polyline(points, {"stroke": palette[Role.DATA].line, "stroke-width": 1.8, "class": "line"})


def _box(
    name: str, words: str, role: Role, place: tuple[float, int], width: float, sizes: Sizes, palette: Palette
) -> Svg:
    x, y, paint = place[0], row_y(place[1], sizes), palette[role]
    weight = {} if role is Role.DATA else {"font-weight": 600}
    height = sizes.box * (0.7 if role is Role.DATA else 1)
    look = {"rx": height / 2 if role is Role.DATA else 6, "fill": paint.fill, "stroke": paint.line, "stroke-width": 1.4}
    parts = [
        element("rect", (), {"x": x - width / 2, "y": y - height / 2, "width": width, "height": height, **look}),
        text_in(words, x, y + 4.5, width - 8, _LAYER_PX, fill=paint.text, **weight),
    ]
    kind = "end" if role is Role.DATA else f"layer role-{role}"
    return element(
        "g", parts, {"class": kind, "data-name": name, "data-row": place[1], "data-lane": f"inception {x:g}"}
    )
