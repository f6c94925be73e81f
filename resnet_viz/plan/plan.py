"""Plan of a net: its nodes in running order, with names, sections, inputs and shapes."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from resnet_viz.plan.ops import Op, Shape
from resnet_viz.spec.vgg import AnySpec


class Section(StrEnum):
    """The place of a node in its net. In a name it follows the part or the block: "stage1.block1.branch.conv1".

    The products of a gated block belong to the path that they act on, and 1 - g to the gate; these three have a name
    of their own in the block.
    """

    STEM = "stem"
    PRE = "pre"  # norm and activation before a block divides
    BRANCH = "branch"  # F(x)
    GATE = "gate"
    SHORTCUT = "shortcut"
    ADD = "add"
    POST = "post"  # norm and activation after the addition
    POOL = "pool"  # the max pool after the blocks of a VGG stage
    HEAD = "head"


class Node(NamedTuple):
    """One layer. A tuple and no dataclass: a ResNet-152 has 520 of them, to be made within a millisecond.

    Attributes:
        name: path of the layer, which is its name in the torch module too: "stage1.block1.branch.conv1".
        op: its operation.
        inputs: names of the nodes it reads; "input" is the image. The shortcut comes last at an addition.
        shape: of its output, per image: (C, H, W), or (K,) for vectors.
        section: its place in the net.
    """

    name: str
    op: Op
    inputs: tuple[str, ...]
    shape: Shape
    section: Section

    @property
    def leaf(self) -> str:
        """The last part of the name: "conv1"."""
        return self.name.rpartition(".")[2]


class ShortcutKind(StrEnum):
    """Kind of one block's shortcut, as drawn and counted."""

    NONE = "none"
    IDENTITY = "identity"
    ZERO_PAD = "zero_pad"
    PROJECTION = "projection"
    CONSTANT_SCALING = "constant_scaling"
    EXCLUSIVE_GATING = "exclusive_gating"
    SHORTCUT_ONLY_GATING = "shortcut_only_gating"
    CONV1X1 = "conv1x1"
    DROPOUT = "dropout"

    @property
    def keeps_shape(self) -> bool:
        """Whether it occurs only where the shape stays."""
        return self in (ShortcutKind.IDENTITY, ShortcutKind.CONV1X1)


class Block(NamedTuple):
    """One unit: nodes `start` to `stop` (exclusive) of the plan.

    Attributes:
        name: "stage1.block1".
        stage: number of its stage, from 1.
        number: its position in the stage, from 1.
        start: index of its first node.
        stop: index after its last node.
        source: name of the node whose output it reads.
        shortcut: kind of the shortcut, as a whole.
        in_shape: shape that comes in.
        shape: shape that goes out.
        match: operation that gives x the shape of the sum before it is scaled, gated or dropped: identity, zero_pad,
            projection or conv1x1. The same as `shortcut` where no more follows.
    """

    name: str
    stage: int
    number: int
    start: int
    stop: int
    source: str
    shortcut: ShortcutKind
    in_shape: Shape
    shape: Shape
    match: ShortcutKind


class Part(NamedTuple):
    """The stem, a stage or the head: nodes `start` to `stop` (exclusive); only stages have blocks.

    A VGG stage has a pool of its own after its blocks.

    Attributes:
        name: "stem", "stage1", "head".
        stage: number of the stage, from 1; 0 of the stem and the head.
        start: index of its first node.
        stop: index after its last node.
        blocks: of a stage.
        shape: shape that goes out.
    """

    name: str
    stage: int
    start: int
    stop: int
    blocks: tuple[Block, ...]
    shape: Shape


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """A spec lowered to layers.

    Attributes:
        spec: the net's description.
        nodes: all layers in running order.
        parts: stem, stages, head; a VGG net has no stem.
    """

    spec: AnySpec
    nodes: tuple[Node, ...]
    parts: tuple[Part, ...]

    @property
    def input_shape(self) -> Shape:
        """Shape of the image: (C, H, W)."""
        return (self.spec.in_channels, *self.spec.image_sides)

    @property
    def stages(self) -> tuple[Part, ...]:
        """The parts that have blocks."""
        return tuple(part for part in self.parts if part.blocks)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks in running order."""
        return tuple(block for stage in self.stages for block in stage.blocks)

    def tail_of(self, part: Part) -> tuple[Node, ...]:
        """Returns the nodes of a part after its blocks; all of them where it has none."""
        return self.nodes[part.blocks[-1].stop if part.blocks else part.start : part.stop]

    def nodes_of(self, span: Block | Part) -> tuple[Node, ...]:
        """Returns the nodes of a block or of a part."""
        return self.nodes[span.start : span.stop]

    def output_of(self, name: str) -> Node | None:
        """Returns the node whose output is that of the node, block or part of this name; None for any other name."""
        spans: tuple[Block | Part, ...] = (*self.blocks, *self.parts)
        stop = next((span.stop for span in spans if span.name == name), None)
        if stop is not None:
            return self.nodes[stop - 1]
        return next((node for node in self.nodes if node.name == name), None)
