"""Nets as columns whose rows are output sizes, as in He et al. 2015, fig. 3: layers and blocks of each net by size.

The costs of a column's items add up to those of its net: norms and activations count with the layer before them.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from resnet_viz.analysis.report import Analysis
from resnet_viz.graph.drawing import Level
from resnet_viz.graph.labels import block_lines, layer_label, shortcut_text
from resnet_viz.graph.roles import Role, role_of
from resnet_viz.plan.ops import AdaptiveAvgPool, Conv, Linear, Shape
from resnet_viz.plan.plan import Block, Node, Plan, ShortcutKind

Sides = tuple[int, int]
MOST_ALIKE: Final = 8  # equal blocks one below the other; more of them are folded after the first
_LISTED: Final = (Role.CONV, Role.POOL, Role.HEAD)
_VECTOR: Final = (1, 1)  # size of a layer's output without height and width


class Item(NamedTuple):
    """A layer or a block of a column, or several equal ones.

    Attributes:
        lines: its layers with weights, or its pool: "3×3, 64".
        role: decides the colour.
        sides: height and width of its output, in px.
        params: parameters of all that it stands for.
        macs: multiply-adds of all that it stands for.
        shortcut: kind of its shortcut; empty for none.
        is_dashed: whether the shortcut changes the shape.
        times: number of equal ones that it stands for.
    """

    lines: tuple[str, ...]
    role: Role
    sides: Sides
    params: int
    macs: int
    shortcut: str = ""
    is_dashed: bool = False
    times: int = 1

    @property
    def look(self) -> tuple[object, ...]:
        """All by which equal items are known; that of a folded item is no other's."""
        return self.lines, self.role, self.sides, self.shortcut, self.is_dashed


class Band(NamedTuple):
    """The items of all nets with outputs of one size.

    Attributes:
        sides: height and width of the outputs, in px.
        columns: items of each net; none where a net has no such outputs.
    """

    sides: Sides
    columns: tuple[tuple[Item, ...], ...]


def net_items(analysis: Analysis) -> tuple[Item, ...]:
    """Returns the layers and blocks of a net, in running order."""
    plan = analysis.plan
    costs = {row.name: (row.params, row.macs) for row in analysis.nodes}
    found: list[Item] = []
    for part in plan.parts:
        for block in part.blocks:
            found.append(_block_item(plan, block, costs))
        inside = plan.tail_of(part) if part.blocks else plan.nodes_of(part)
        _add_layers(found, inside, costs, plan)
    return tuple(found)


def bands(analyses: Sequence[Analysis], level: Level) -> tuple[Band, ...]:
    """Returns the bands of several nets, the largest outputs first.

    At the level of stages equal items of a band are one; at the others they are folded where they are many.
    """
    columns = [net_items(analysis) for analysis in analyses]
    sizes = sorted({item.sides for column in columns for item in column}, key=lambda sides: (-_area(sides), sides))
    most = 1 if level is Level.STAGE else MOST_ALIKE
    return tuple(
        Band(sides, tuple(tuple(_folded((i for i in column if i.sides == sides), most)) for column in columns))
        for sides in sizes
    )


def sums(items: Iterable[Item]) -> tuple[int, int]:
    """Returns parameters and multiply-adds of some items."""
    listed = list(items)
    return sum(item.params for item in listed), sum(item.macs for item in listed)


def num_shortcuts(items: Iterable[Item]) -> int:
    """Returns the number of shortcuts of some items."""
    return sum(item.times for item in items if item.shortcut)


def _folded(items: Iterable[Item], most: int) -> Iterator[Item]:
    """Yields items; of more than `most` equal ones in a row all but the first become one, or all where one is most."""
    for _look, run in groupby(items, key=lambda item: item.look):
        alike = list(run)
        if len(alike) <= most:
            yield from alike
            continue
        first = [] if most == 1 else [alike.pop(0)]
        yield from first
        params, macs = sums(alike)
        yield alike[0]._replace(params=params, macs=macs, times=len(alike))


def _block_item(plan: Plan, block: Block, costs: dict[str, tuple[int, int]]) -> Item:
    nodes = plan.nodes_of(block)
    has_shortcut = block.shortcut is not ShortcutKind.NONE
    return Item(
        lines=block_lines(nodes),
        role=Role.BRANCH,
        sides=_sides(block.shape),
        params=sum(costs[node.name][0] for node in nodes),
        macs=sum(costs[node.name][1] for node in nodes),
        shortcut=shortcut_text(block, plan.spec) if has_shortcut else "",
        is_dashed=has_shortcut and block.in_shape != block.shape,
    )


def _add_layers(found: list[Item], nodes: Sequence[Node], costs: dict[str, tuple[int, int]], plan: Plan) -> None:
    """Appends listed layers; the cost of others goes to the item before them."""
    for node in nodes:
        params, macs = costs[node.name]
        if role_of(node) in _LISTED and not _does_nothing(node, plan):
            found.append(Item((_line(node),), role_of(node), _sides(node.shape), params, macs))
        elif found:
            last = found[-1]
            found[-1] = last._replace(params=last.params + params, macs=last.macs + macs)


def _does_nothing(node: Node, plan: Plan) -> bool:
    """Whether a layer is an adaptive pool over a map that has its size already."""
    if not isinstance(node.op, AdaptiveAvgPool):
        return False
    before = next((other.shape for other in plan.nodes if other.name == node.inputs[0]), plan.input_shape)
    return before == node.shape


def _line(node: Node) -> str:
    """Returns a layer as in the papers' tables: "7×7, 64 /2", "fc, 1000"."""
    match node.op:
        case Conv(out_channels=channels, kernel=kernel, stride=stride):
            return f"{kernel}×{kernel}, {channels}" + (f" /{stride}" if stride > 1 else "")
        case Linear(out_features=features):
            return f"fc, {features}"
        case _:
            return layer_label(node)[0]


def _sides(shape: Shape) -> Sides:
    return (shape[1], shape[2]) if len(shape) > 1 else _VECTOR


def _area(sides: Sides) -> int:
    return sides[0] * sides[1]
