"""Drawings of several nets below each other, and marks of what is equal in all of them."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Final, NamedTuple

from resnet_viz.graph.drawing import Drawing, Frame, Mark
from resnet_viz.graph.expansion import MORE
from resnet_viz.plan.plan import Block, Part, Plan

NET: Final = "net"  # name of the frame around a net


class TitledDrawing(NamedTuple):
    """One net's drawing with the words above it."""

    title: str
    note: str
    drawing: Drawing


def stack_drawings(nets: Sequence[TitledDrawing]) -> Drawing:
    """Returns one drawing of up to three nets, each in a frame of its own; a single net stays as it is."""
    if len(nets) == 1:
        return nets[0].drawing
    drawings = [_framed(titled, number) for number, titled in enumerate(nets)]
    return Drawing(
        rows=tuple(chain.from_iterable(drawing.rows for drawing in drawings)),
        frames=tuple(chain.from_iterable(drawing.frames for drawing in drawings)),
        turns=tuple(chain.from_iterable(drawing.turns for drawing in drawings)),
    )


def comparison_marks(plans: Sequence[Plan]) -> tuple[Mapping[str, Mark], ...]:
    """Returns for each net which of its parts, blocks and layers are the same in all of them, by name.

    Equal ones have equal layers of equal shapes under equal names, inputs included.
    """
    if len(plans) == 1:
        return ({},)
    signed = [_signatures(plan) for plan in plans]

    def mark(name: str) -> Mark:
        first = signed[0].get(name)
        return Mark.EQUAL if all(own.get(name) == first for own in signed) else Mark.DIFFERENT

    return tuple({name: mark(name) for name in own} for own in signed)


def _signatures(plan: Plan) -> dict[str, object]:
    """Returns the layers, inputs and shapes of each part, block and layer; a fold has those of its first block."""
    found: dict[str, object] = {node.name: (node.op, node.inputs, node.shape) for node in plan.nodes}
    for block in plan.blocks:
        found[block.name] = found[block.name + MORE] = _inside(plan, block)
    for part in plan.parts:
        found[part.name] = _inside(plan, part)
    return found


def _inside(plan: Plan, span: Part | Block) -> object:
    return tuple((node.name, node.op, node.shape) for node in plan.nodes_of(span))


def _framed(titled: TitledDrawing, net: int) -> Drawing:
    drawing = titled.drawing
    frames = (frame._replace(net=net, parent=frame.parent or NET) for frame in drawing.frames)
    rows = (
        row._replace(
            net=net,
            frame=row.frame or NET,
            boxes=tuple(box._replace(net=net) for box in row.boxes),
            arrows=tuple(arrow._replace(net=net) for arrow in row.arrows),
        )
        for row in drawing.rows
    )
    return Drawing(
        rows=tuple(rows),
        frames=(Frame(NET, titled.title, titled.note, closes=False, net=net), *frames),
        turns=tuple(turn._replace(net=net) for turn in drawing.turns),
    )
