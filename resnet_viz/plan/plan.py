"""Plan: a net written out, its nodes in running order with their names, inputs and shapes."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from resnet_viz.plan.ops import Op, Shape
from resnet_viz.spec.vgg import AnySpec


class Node(NamedTuple):
    """One layer. A tuple and no dataclass: a ResNet-152 has 520 of them, to be made within a millisecond.

    Attributes:
        name: path of the layer, which is its name in the torch module too: "stage1.block1.branch.conv1".
        op: what it does.
        inputs: names of the nodes it reads; "input" is the picture. The shortcut comes last at an addition.
        shape: of its output, per image: (C, H, W), or (K,) for vectors.
    """

    name: str
    op: Op
    inputs: tuple[str, ...]
    shape: Shape

    @property
    def leaf(self) -> str:
        """The last part of the name: "conv1"."""
        return self.name.rpartition(".")[2]


class ShortcutKind(StrEnum):
    """What one block's shortcut does, as drawn and counted."""

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
        """Whether it stands only where the shape stays."""
        return self in (ShortcutKind.IDENTITY, ShortcutKind.CONV1X1)


class Block(NamedTuple):
    """One unit: nodes `start` to `stop` (exclusive) of the plan.

    Attributes:
        name: "stage1.block1".
        start: index of its first node.
        stop: index behind its last node.
        source: name of the node whose output it reads.
        shortcut: what is added to the branch.
        in_shape: shape that comes in.
        shape: shape that goes out.
        match: how x gets to the shape of the sum before it is scaled, gated or dropped: identity, zero_pad, projection
            or conv1x1. The same as `shortcut` where nothing more is done to it.
    """

    name: str
    start: int
    stop: int
    source: str
    shortcut: ShortcutKind
    in_shape: Shape
    shape: Shape
    match: ShortcutKind


class Part(NamedTuple):
    """The stem, a stage or the head: nodes `start` to `stop` (exclusive); only stages have blocks.

    A VGG stage has a pool of its own behind its blocks.
    """

    name: str
    start: int
    stop: int
    blocks: tuple[Block, ...]
    shape: Shape


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """A spec lowered to layers.

    Attributes:
        spec: what was picked.
        nodes: all layers in running order.
        parts: stem, stages, head; a VGG net has no stem.
    """

    spec: AnySpec
    nodes: tuple[Node, ...]
    parts: tuple[Part, ...]

    @property
    def input_shape(self) -> Shape:
        """Shape of the picture: (C, H, W)."""
        return (self.spec.in_channels, self.spec.image_size, self.spec.image_size)

    @property
    def stages(self) -> tuple[Part, ...]:
        """The parts that have blocks."""
        return tuple(part for part in self.parts if part.blocks)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All blocks in running order."""
        return tuple(block for stage in self.stages for block in stage.blocks)

    def tail_of(self, part: Part) -> tuple[Node, ...]:
        """Returns the nodes of a part behind its blocks; all of them where it has none."""
        return self.nodes[part.blocks[-1].stop if part.blocks else part.start : part.stop]

    def nodes_of(self, span: Block | Part) -> tuple[Node, ...]:
        """Returns the nodes of a block or of a part."""
        return self.nodes[span.start : span.stop]
