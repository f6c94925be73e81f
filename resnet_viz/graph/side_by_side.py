"""Several nets in one drawing, below each other, and how each of their parts compares."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from resnet_viz.graph.drawing import Arrow, Drawing, Frame, Mark
from resnet_viz.graph.expansion import MORE
from resnet_viz.plan.plan import Block, Part, Plan

PREFIXES: Final = ("", "b/", "c/")  # of the ids in the first, second and third net
NET: Final = "net"


class TitledDrawing(NamedTuple):
    """One net's drawing with the words above it."""

    title: str
    note: str
    picture: Drawing


def stack_drawings(nets: Sequence[TitledDrawing]) -> Drawing:
    """Returns one drawing of up to three nets, each in a frame of its own; a single net stays as it is."""
    if len(nets) == 1:
        return nets[0].picture
    pictures = [_framed(net, prefix) for net, prefix in zip(nets, PREFIXES, strict=False)]
    return Drawing(
        rows=tuple(row for picture in pictures for row in picture.rows),
        frames=tuple(frame for picture in pictures for frame in picture.frames),
        turns=tuple(turn for picture in pictures for turn in picture.turns),
    )


def split(name: str) -> tuple[int, str]:
    """Returns which net an id of the drawing belongs to, from 0, and the name in that net's plan."""
    for position, prefix in reversed(tuple(enumerate(PREFIXES))):
        if name.startswith(prefix):
            return position, name.removeprefix(prefix)
    raise AssertionError("the first prefix is empty")


def comparison_marks(plans: Sequence[Plan]) -> tuple[Mapping[str, Mark], ...]:
    """Returns for each net which of its parts, blocks and layers are the same in all of them, by name.

    The same is what has the same layers with the same shapes under the same names, inputs included.
    """
    if len(plans) == 1:
        return ({},)
    signed = [_signatures(plan) for plan in plans]

    def mark(name: str) -> Mark:
        first = signed[0].get(name)
        return Mark.EQUAL if all(own.get(name) == first for own in signed) else Mark.DIFFERENT

    return tuple({name: mark(name) for name in own} for own in signed)


def _signatures(plan: Plan) -> dict[str, object]:
    """Returns what makes each part, block and layer what it is; folded blocks stand under the first that is hidden."""
    found: dict[str, object] = {node.name: (node.op, node.inputs, node.shape) for node in plan.nodes}
    for block in plan.blocks:
        found[block.name] = found[block.name + MORE] = _inside(plan, block)
    for part in plan.parts:
        found[part.name] = _inside(plan, part)
    return found


def _inside(plan: Plan, span: Part | Block) -> object:
    return tuple((node.name, node.op, node.shape) for node in plan.nodes_of(span))


def _framed(net: TitledDrawing, prefix: str) -> Drawing:
    outer = f"{prefix}{NET}"
    frames = [Frame(outer, net.title, net.note, closes=False)]
    frames += [
        frame._replace(id=f"{prefix}{frame.id}", parent=f"{prefix}{frame.parent}" if frame.parent else outer)
        for frame in net.picture.frames
    ]
    rows = [
        row._replace(
            id=f"{prefix}{row.id}",
            frame=f"{prefix}{row.frame}" if row.frame else outer,
            boxes=tuple(box._replace(id=f"{prefix}{box.id}") for box in row.boxes),
            arrows=tuple(_moved(arrow, prefix) for arrow in row.arrows),
        )
        for row in net.picture.rows
    ]
    turns = tuple(_moved(turn, prefix) for turn in net.picture.turns)
    return Drawing(rows=tuple(rows), frames=tuple(frames), turns=turns)


def _moved(arrow: Arrow, prefix: str) -> Arrow:
    return arrow._replace(source=f"{prefix}{arrow.source}", target=f"{prefix}{arrow.target}")
