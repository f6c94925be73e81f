"""Places of a drawing of blocks: lanes, boxes and rows in units of the drawing."""

from typing import Final, NamedTuple

from resnet_viz.present.blocks.grid import BlockColumn, Lane

TITLE_ROOM: Final = 46  # above the first row, for the block's name
FOOT_ROOM: Final = 30  # below the last row, for what lies on the shortcut
MARGIN: Final = 8


class Sizes(NamedTuple):
    """Sizes of one drawing; fewer blocks have more room each.

    Attributes:
        branch: width of a box in the branch's line.
        lane: width of a box on another line.
        gap: between lines.
        bare: width of a line without boxes.
        box: height of a box.
        pitch: from row to row.
        gutter: left of the first block, for the shapes of the outputs.
    """

    branch: int
    lane: int
    gap: int
    bare: int
    box: int
    pitch: int
    gutter: int


_ONE: Final = Sizes(branch=236, lane=156, gap=34, bare=90, box=40, pitch=56, gutter=96)
_FEW: Final = Sizes(branch=140, lane=108, gap=20, bare=64, box=38, pitch=54, gutter=0)
_MANY: Final = Sizes(branch=98, lane=84, gap=12, bare=54, box=36, pitch=50, gutter=0)
_MOST_FEW: Final = 3


def sizes_for(num_blocks: int) -> Sizes:
    """Returns the sizes of a drawing of so many blocks."""
    return _ONE if num_blocks == 1 else _FEW if num_blocks <= _MOST_FEW else _MANY


class Places(NamedTuple):
    """Places of one block's lines in the drawing.

    Attributes:
        left: of the block.
        width: of the block.
        centers: x of the middle of each line that it has.
        widths: width of the boxes on each line.
        sizes: of the drawing.
    """

    left: float
    width: float
    centers: dict[Lane, float]
    widths: dict[Lane, float]
    sizes: Sizes

    def y_of(self, row: int) -> float:
        """Returns the middle of a row."""
        return row_y(row, self.sizes)


def row_y(row: int, sizes: Sizes) -> float:
    """Returns the middle of a row."""
    return TITLE_ROOM + row * sizes.pitch + sizes.box / 2


def height_of(num_rows: int, sizes: Sizes) -> float:
    """Returns the height of a drawing of so many rows."""
    return TITLE_ROOM + (num_rows - 1) * sizes.pitch + sizes.box + FOOT_ROOM


def places_of(column: BlockColumn, left: float, sizes: Sizes) -> Places:
    """Returns the places of a block that begins at `left`."""
    lanes = {cell.lane for cell in column.cells}
    x = left + MARGIN
    centers, widths = {Lane.BRANCH: x + sizes.branch / 2}, {Lane.BRANCH: float(sizes.branch)}
    x += sizes.branch
    for lane in (Lane.GATE, Lane.SHORTCUT):
        has_line = lane in lanes or (lane is Lane.SHORTCUT and not column.block.is_plain)
        if has_line:
            width = sizes.lane if lane in lanes else sizes.bare
            centers[lane], widths[lane] = x + sizes.gap + width / 2, float(width)
            x += sizes.gap + width
    return Places(left, x + MARGIN - left, centers, widths, sizes)
