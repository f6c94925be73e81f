"""Drawing of one block, or of several side by side, as SVG text: branch and shortcut are lines next to each other.

The thick line is the way of the shortcut from input to output; layers on it have its colour around them. Rows in which
blocks differ are lit, layers that are the same in all blocks step back.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from resnet_viz.analysis.cost import params
from resnet_viz.blocks.single import SingleBlock
from resnet_viz.graph.drawing import Mark
from resnet_viz.graph.labels import layer_label, shape_text, shortcut_text
from resnet_viz.graph.roles import Palette, Role, RoleColors, role_in_block
from resnet_viz.i18n import _
from resnet_viz.plan.ops import Add, Shape
from resnet_viz.present.blocks.facts import path_text, variant_title
from resnet_viz.present.blocks.grid import INPUT, OUTPUT, BlockColumn, Cell, Grid, Lane, block_grid
from resnet_viz.present.blocks.inception_column import inception_column, inception_title, inception_width
from resnet_viz.present.blocks.lines import block_lines
from resnet_viz.present.blocks.measures import Places, Sizes, height_of, places_of, row_y, sizes_for
from resnet_viz.present.blocks.svg import Svg, element, text_in, wrap
from resnet_viz.present.theme import PALETTES, Mode, mix_colors
from resnet_viz.present.units import exact

_LIT: Final = {Mode.LIGHT: "#FFF3C4", Mode.DARK: "#3A3312"}
_BACKGROUND: Final = {Mode.LIGHT: "#FFFFFF", Mode.DARK: "#0F1420"}
_KEPT: Final = 0.6  # of the colours of a layer that all blocks have
_KEPT_TEXT: Final = 0.88  # words keep a contrast of 4.5
_FADED: Final[Mapping[Mode, Palette]] = {
    mode: {
        role: RoleColors(
            line=mix_colors(colors.line, _BACKGROUND[mode], _KEPT),
            fill=mix_colors(colors.fill, _BACKGROUND[mode], _KEPT),
            text=mix_colors(colors.text, _BACKGROUND[mode], _KEPT_TEXT),
        )
        for role, colors in palette.items()
    }
    for mode, palette in PALETTES.items()
}
_TITLE_PX: Final = 15
_LAYER_PX: Final = 13.5
_LINE_PX: Final = 11.5
_SUM_RADIUS: Final = 13


class BlockPicture(NamedTuple):
    """A drawing.

    Attributes:
        svg: its text.
        width: its width in its own units, of which one is about a pixel.
        height: its height, likewise.
        num_blocks: blocks in it.
        alt: the drawing in one phrase, for screen readers.
    """

    svg: str
    width: float
    height: float
    num_blocks: int
    alt: str


def draw_blocks(blocks: Sequence[SingleBlock], mode: Mode, *, inception_at: int | None = None) -> BlockPicture:
    """Returns the drawing of the blocks from left to right.

    Args:
        blocks: one or more.
        mode: theme of the page.
        inception_at: number of blocks left of Inception 3a; None where that is not among them.
    """
    num_blocks = len(blocks) + (inception_at is not None)
    grid, sizes = block_grid(blocks), sizes_for(num_blocks)
    left, places, inception_left = float(sizes.gutter), list[Places](), 0.0
    for number, column in enumerate([*grid.columns, None]):
        if number == inception_at:
            inception_left = left
            left += inception_width(sizes)
        if column is not None:
            places.append(places_of(column, left, sizes))
            left += places[-1].width
    height = height_of(grid.num_rows, sizes)
    palette = PALETTES[mode]
    parts = [*_lit_rows(grid, left, sizes, mode)]
    if sizes.gutter:
        parts += _shapes(grid.columns[0], grid.num_rows, sizes, palette)
    for number, (column, place) in enumerate(zip(grid.columns, places, strict=True)):
        inside = _column(column, place, grid, mode)
        parts.append(element("g", inside, {"class": "block", "data-block": number}))
    names = [variant_title(block.variant) for block in blocks]
    if inception_at is not None:
        parts.insert(len(parts) - len(blocks) + inception_at, inception_column(grid, inception_left, sizes, palette))
        names.insert(inception_at, inception_title())
    alt = _("Residual blocks side by side: {names}").format(names=", ".join(names))
    attributes = {"viewBox": f"0 0 {left:g} {height:g}", "xmlns": "http://www.w3.org/2000/svg", "role": "img"}
    return BlockPicture(element("svg", parts, {**attributes, "aria-label": alt}), left, height, num_blocks, alt)


def _lit_rows(grid: Grid, width: float, sizes: Sizes, mode: Mode) -> Iterator[Svg]:
    for row in grid.different:
        band = {"x": 0, "y": row_y(row, sizes) - sizes.pitch / 2 + 1, "width": width, "height": sizes.pitch - 2}
        yield element("rect", (), {**band, "rx": 6, "fill": _LIT[mode], "class": "lit", "data-row": row})


def _shapes(column: BlockColumn, num_rows: int, sizes: Sizes, palette: Palette) -> Iterator[Svg]:
    """Yields the shape of each output of the branch's line, left of it."""
    shapes = {cell.row: cell.node.shape for cell in column.cells if cell.lane is Lane.BRANCH}
    block = column.block
    shapes |= {0: block.block.in_shape, num_rows - 1: block.block.shape}
    for row, shape in shapes.items():
        look = {"x": sizes.gutter - 6, "y": row_y(row, sizes) + 4, "text-anchor": "end", "font-size": _LINE_PX + 1}
        shown = shape_text(block.shape_with_batch(shape))
        yield element("text", shown, {**look, "fill": palette[Role.DATA].text, "class": "shape", "opacity": 0.8})


def _column(column: BlockColumn, place: Places, grid: Grid, mode: Mode) -> Iterator[Svg]:
    block, sizes, palette = column.block, place.sizes, PALETTES[mode]
    yield from block_lines(column, place, grid.num_rows, palette)
    yield _end(INPUT, block, block.block.in_shape, 0, place, palette)
    for cell in column.cells:
        yield _layer(cell, place, palette, _FADED[mode])
    for row in column.gaps:
        if row in grid.different:
            yield _gap(row, place, palette)
    yield _end(OUTPUT, block, block.block.shape, grid.num_rows - 1, place, palette)
    yield from _words(column, place, palette, bottom=row_y(grid.num_rows - 1, sizes) + sizes.box / 2)


def _words(column: BlockColumn, place: Places, palette: Palette, *, bottom: float) -> Iterator[Svg]:
    """Yields the block's name, the kind of its shortcut beside the line, and the layers on its path."""
    block, middle = column.block, place.left + place.width / 2
    title = {"class": "title", "fill": palette[Role.DATA].text, "font-weight": 650}
    lines = wrap(variant_title(block.variant), place.width - 4, _TITLE_PX)
    for number, line in enumerate(lines, start=2 - len(lines)):
        yield text_in(line, middle, 16 + 18 * number, place.width - 4, _TITLE_PX, **title)
    orange = palette[Role.SHORTCUT].text
    path = _("on the shortcut: {layers}").format(layers=path_text(block))
    look = {"class": "path", "fill": orange}
    yield text_in(path, middle, bottom + 20, place.width - 4, _LINE_PX + 0.5, **look)
    if not block.is_plain:
        x, y = place.centers[Lane.SHORTCUT], place.y_of(column.split) + place.sizes.pitch / 2 - 6
        kind = shortcut_text(block.block, block.spec)
        is_free = Lane.SHORTCUT not in {cell.lane for cell in column.cells}
        if is_free:
            yield text_in(kind, x, y, place.widths[Lane.SHORTCUT], _LINE_PX, **{"class": "kind", "fill": orange})


def _end(name: str, block: SingleBlock, shape: Shape, row: int, place: Places, palette: Palette) -> Svg:
    """Returns the input or the output, with its shape where no column of shapes has it."""
    sizes, x, y = place.sizes, place.centers[Lane.BRANCH], place.y_of(row)
    paint, width = palette[Role.DATA], place.widths[Lane.BRANCH] * 0.9
    shown = shape_text(block.shape_with_batch(shape))
    title = {INPUT: _("x"), OUTPUT: _("output")}[name]
    words = f"{title} {shown}" if sizes.gutter else shown
    parts = [
        _box(x, y, width, sizes.box * 0.7, paint.fill, paint.line, rx=sizes.box * 0.35),
        text_in(words, x, y + 4.5, width - 8, _LAYER_PX, fill=paint.text),
    ]
    return element("g", parts, {"class": "end", "data-row": row, "data-lane": Lane.BRANCH.value, "data-name": name})


def _layer(cell: Cell, place: Places, palette: Palette, faded: Palette) -> Svg:
    x, y = place.centers[cell.lane], place.y_of(cell.row)
    palette = faded if cell.mark is Mark.EQUAL and not isinstance(cell.node.op, Add) else palette
    classes = ["layer", f"role-{role_in_block(cell.node)}", cell.mark.value, "on-path" if cell.is_on_path else ""]
    title, *lines = layer_label(cell.node)
    parts = list(_sum(x, y, palette) if isinstance(cell.node.op, Add) else _filled(cell, x, y, place, palette))
    counted = params(cell.node.op)
    words = [title, *lines, shape_text(cell.node.shape), *([f"{exact(counted)} params"] if counted else [])]
    parts.append(element("title", " · ".join(words), {}))
    attributes = {"class": " ".join(filter(None, classes)), "data-row": cell.row, "data-lane": cell.lane.value}
    return element("g", parts, {**attributes, "data-name": cell.node.name})


def _filled(cell: Cell, x: float, y: float, place: Places, palette: Palette) -> Iterator[Svg]:
    node, sizes, width = cell.node, place.sizes, place.widths[cell.lane]
    paint = palette[role_in_block(node)]
    border = palette[Role.SHORTCUT].line if cell.is_on_path else paint.line
    thick = 3.2 if cell.is_on_path else 2.4 if cell.mark is Mark.DIFFERENT else 1.4
    yield _box(x, y, width, sizes.box, paint.fill, border, thick=thick)
    title, *lines = layer_label(node)
    counted = params(node.op)
    if sizes.gutter and counted:
        lines.append(_("{n} params").format(n=exact(counted)))
    look = {"fill": paint.text}
    second = " · ".join(lines)
    yield text_in(title, x, y + (-2.5 if second else 4.5), width - 8, _LAYER_PX, **look, **{"font-weight": 600})
    if second:
        yield text_in(second, x, y + 12, width - 8, _LINE_PX, **look)


def _sum(x: float, y: float, palette: Palette) -> Iterator[Svg]:
    paint = palette[Role.SHORTCUT]
    circle = {"cx": x, "cy": y, "r": _SUM_RADIUS, "fill": paint.fill, "stroke": paint.line, "stroke-width": 2.4}
    yield element("circle", (), circle)
    yield text_in("+", x, y + 6.5, 2 * _SUM_RADIUS, 20, fill=paint.text, **{"font-weight": 700})


def _gap(row: int, place: Places, palette: Palette) -> Svg:
    """Returns the place of a layer that this block lacks."""
    x, y, sizes = place.centers[Lane.BRANCH], place.y_of(row), place.sizes
    width = place.widths[Lane.BRANCH]
    box = {"x": x - width / 2, "y": y - sizes.box / 2, "width": width, "height": sizes.box, "rx": 6, "fill": "none"}
    dashes = {"stroke": palette[Role.DATA].line, "stroke-dasharray": "3 4", "opacity": 0.7, "class": "gap"}
    return element("rect", (), {**box, **dashes, "data-row": row})


def _box(
    x: float, y: float, width: float, height: float, fill: str, line: str, *, rx: float = 6, thick: float = 1.4
) -> Svg:
    place = {"x": x - width / 2, "y": y - height / 2, "width": width, "height": height, "rx": rx}
    return element("rect", (), {**place, "fill": fill, "stroke": line, "stroke-width": thick})
