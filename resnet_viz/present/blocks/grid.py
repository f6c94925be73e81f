"""Blocks side by side on one grid: a row for each layer of the branch, aligned over all blocks.

The first convolutions of all branches share a row, as do the last; norms and activations have the rows around them, so
that blocks that differ in their order differ in the rows that they leave empty. A row that no block uses is left out.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from resnet_viz.blocks.single import SingleBlock
from resnet_viz.graph.drawing import Mark
from resnet_viz.plan.ops import Add, BatchNorm, Conv, Dropout, Multiply, Op, ReLU, Scale, ZeroPad
from resnet_viz.plan.plan import Node, Section

# Names in a drawing of what is no layer: the ends, and the lines of branch and shortcut.
INPUT: Final = "x"
OUTPUT: Final = "x'"
BRANCH_LINE: Final = "branch"
SHORTCUT_LINE: Final = "shortcut"

Slot = tuple[int, ...]  # its order is the order of the rows
_INPUT: Final[Slot] = (0,)
_LEAD: Final = 1
_CONVS: Final = 2
_FACTOR: Final[Slot] = (3,)
_SUM: Final[Slot] = (4,)
_POST: Final = 5
_OUTPUT: Final[Slot] = (6,)


class Lane(StrEnum):
    """Vertical line of a block."""

    BRANCH = "branch"  # and what lies before the paths split and after they join
    GATE = "gate"
    SHORTCUT = "shortcut"


class Cell(NamedTuple):
    """One layer on the grid.

    Attributes:
        row: number of its row, from 0, which is the input's.
        lane: its line.
        node: layer of the plan.
        mark: comparison with the same row and lane of the other blocks.
        is_on_path: whether it lies on the path of the shortcut.
    """

    row: int
    lane: Lane
    node: Node
    mark: Mark
    is_on_path: bool


class BlockColumn(NamedTuple):
    """One block on the grid.

    Attributes:
        block: the block.
        cells: its layers, from top to bottom.
        gaps: rows that another block uses in the branch's line and this one does not.
        split: row after which the paths part.
        sum: row of the addition; that of the last layer of the branch in a plain block.
    """

    block: SingleBlock
    cells: tuple[Cell, ...]
    gaps: tuple[int, ...]
    split: int
    sum: int


class Grid(NamedTuple):
    """Blocks side by side.

    Attributes:
        columns: the blocks from left to right.
        num_rows: rows, those of input and output included.
        different: rows in which the blocks differ.
    """

    columns: tuple[BlockColumn, ...]
    num_rows: int
    different: tuple[int, ...]


_Placed = dict[tuple[int, Lane], Node]


def block_grid(blocks: Sequence[SingleBlock]) -> Grid:
    """Returns the blocks on one grid."""
    num_convs = max(_num_convs(block) for block in blocks)
    slots = [dict(_slots(block, num_convs)) for block in blocks]
    used = sorted({_INPUT, _OUTPUT, *(slot for own in slots for slot in own)})
    rows = {slot: row for row, slot in enumerate(used)}
    placed = [_placed(block, own, rows) for block, own in zip(blocks, slots, strict=True)]
    places = {place for own in placed for place in own}
    has_one_input = len({block.block.in_shape for block in blocks}) == 1
    marks = {place: _mark([own.get(place) for own in placed], has_one_input=has_one_input) for place in places}
    columns = tuple(_column(block, own, rows, marks) for block, own in zip(blocks, placed, strict=True))
    different = {row for (row, _lane), mark in marks.items() if mark is Mark.DIFFERENT}
    return Grid(columns=columns, num_rows=len(used), different=tuple(sorted(different)))


def _num_convs(block: SingleBlock) -> int:
    return sum(isinstance(node.op, Conv) for node in block.of(Section.BRANCH))


def _slots(block: SingleBlock, num_convs: int) -> Iterator[tuple[Slot, Node]]:
    """Yields the layers of the branch's line with their slots."""
    conv, own_convs = 0, _num_convs(block)
    for node in block.of(Section.PRE):
        yield (_LEAD, isinstance(node.op, ReLU)), node
    for node in block.of(Section.BRANCH):
        if isinstance(node.op, Conv):
            conv += 1
        number = num_convs if conv == own_convs else conv
        yield _branch_slot(node.op, number), node
    for node in block.nodes:
        if node.section is Section.ADD:
            yield _SUM, node
        elif node.section is Section.POST:
            yield (_POST, isinstance(node.op, ReLU)), node


def _branch_slot(op: Op, conv: int) -> Slot:
    if isinstance(op, Scale | Multiply):
        return _FACTOR
    if not conv:
        return (_LEAD, isinstance(op, ReLU))
    return (_CONVS, conv, 0 if isinstance(op, Conv) else 1 if isinstance(op, BatchNorm) else 2)


def _placed(block: SingleBlock, own: dict[Slot, Node], rows: dict[Slot, int]) -> _Placed:
    """Returns the layers by row and lane. Gate and shortcut begin beside the first convolution."""
    placed: _Placed = {(rows[slot], Lane.BRANCH): node for slot, node in own.items()}
    first = rows[(_CONVS, 1, 0)]
    for section, lane in ((Section.GATE, Lane.GATE), (Section.SHORTCUT, Lane.SHORTCUT)):
        row = first
        for node in block.of(section):
            if isinstance(node.op, Scale | Multiply | Dropout):  # the last before the sum
                placed[_row_of_factor(rows), lane] = node
            else:
                placed[row, lane] = node
                row += 1
    return placed


def _row_of_factor(rows: dict[Slot, int]) -> int:
    return rows[_FACTOR] if _FACTOR in rows else rows[_SUM] - 1


def _mark(nodes: Sequence[Node | None], *, has_one_input: bool) -> Mark:
    if len(nodes) == 1:
        return Mark.NONE
    signatures = [_signature(node, has_one_input=has_one_input) for node in nodes]
    return Mark.EQUAL if all(one == signatures[0] for one in signatures) else Mark.DIFFERENT


def _signature(node: Node | None, *, has_one_input: bool) -> object:
    """Returns what makes a layer; blocks of different inputs are compared without their channels and sides."""
    if node is None:
        return None
    op, is_before = node.op, node.section is Section.PRE
    if has_one_input:
        return (op, node.shape, is_before)
    if isinstance(op, Conv):
        return (op.kernel, op.stride, op.has_bias, op.dilation, op.groups, is_before)
    return (type(op) if isinstance(op, BatchNorm | ZeroPad) else op, is_before)


def _column(
    block: SingleBlock, placed: _Placed, rows: dict[Slot, int], marks: dict[tuple[int, Lane], Mark]
) -> BlockColumn:
    on_path = {node.name for node in block.on_shortcut_path()}
    cells = tuple(
        Cell(row, lane, node, marks[row, lane], node.name in on_path)
        for (row, lane), node in sorted(placed.items(), key=lambda item: (item[0][0], item[0][1]))
    )
    gaps = tuple(sorted(row for row, lane in marks if lane is Lane.BRANCH and (row, lane) not in placed))
    in_line = {node.name: row for (row, lane), node in placed.items() if lane is Lane.BRANCH}
    pre = [in_line[node.name] for node in block.of(Section.PRE)]
    sums = [row for (row, _lane), node in placed.items() if isinstance(node.op, Add)]
    last = max(in_line[node.name] for node in block.of(Section.BRANCH))
    return BlockColumn(block, cells, gaps, split=max(pre, default=0), sum=sums[0] if sums else last)
