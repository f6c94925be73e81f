"""Differences between two nets by part, block and layer. Every signed difference is b minus a.

Parts are paired by name, blocks by stage and number, layers by name. An unpaired one counts as zero on the other side
of a sum and has no shape and no receptive field there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from resnet_viz.analysis.report import Analysis, Figures, Totals
from resnet_viz.plan.plan import Block, Node, Part
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.vgg import AnySpec, VggSpec


class Difference(NamedTuple):
    """One part or block of two nets.

    Attributes:
        name: "stage1" or "stage1.block1".
        stage: number of the stage, from 1; 0 of the stem and the head.
        a: figures in the first net, None where it has no such part or block.
        b: figures in the second net, None where it has none.
    """

    name: str
    stage: int
    a: Figures | None
    b: Figures | None

    @property
    def params(self) -> int:
        """Trainable parameters that b has more than a."""
        return (self.b.params if self.b else 0) - (self.a.params if self.a else 0)

    @property
    def macs(self) -> int:
        """Multiply-adds of one image that b has more than a."""
        return (self.b.macs if self.b else 0) - (self.a.macs if self.a else 0)

    @property
    def kept_bytes(self) -> int:
        """Bytes of one image that training keeps in b beyond those in a."""
        return (self.b.kept_bytes if self.b else 0) - (self.a.kept_bytes if self.a else 0)

    @property
    def receptive_field(self) -> int | None:
        """Input pixels by which the receptive field is higher in b; None where unpaired."""
        return self.b.field.size - self.a.field.size if self.a and self.b else None

    @property
    def jump(self) -> int | None:
        """Input pixels by which outputs one below the other are further apart in b; None where unpaired."""
        return self.b.field.jump - self.a.field.jump if self.a and self.b else None

    @property
    def channels(self) -> int | None:
        """Output channels (or classes of the fc) that b has more than a; None where unpaired."""
        return self.b.shape[0] - self.a.shape[0] if self.a and self.b else None

    @property
    def side(self) -> int | None:
        """Pixels by which the output is wider in b; None where unpaired."""
        return _side(self.b) - _side(self.a) if self.a and self.b else None

    @property
    def is_alone(self) -> bool:
        """Whether only one of the nets has it."""
        return self.a is None or self.b is None

    @property
    def is_equal(self) -> bool:
        """Whether both have it with the same shape, parameters, MACs, kept bytes and field."""
        return self.a is not None and self.b is not None and _figures(self.a) == _figures(self.b)


class TotalsDifference(NamedTuple):
    """Totals of two nets and their differences."""

    a: Totals
    b: Totals

    @property
    def params(self) -> int:
        """Trainable parameters that b has more than a."""
        return self.b.params - self.a.params

    @property
    def macs(self) -> int:
        """Multiply-adds of one image that b has more than a."""
        return self.b.macs - self.a.macs

    @property
    def training_bytes(self) -> int:
        """Bytes of one image that training keeps in b beyond those in a."""
        return self.b.training_bytes - self.a.training_bytes

    @property
    def inference_bytes(self) -> int:
        """Bytes by which the peak of one image's forward pass is higher in b."""
        return self.b.inference_bytes - self.a.inference_bytes

    @property
    def is_equal(self) -> bool:
        """Whether both nets cost the same."""
        return self.a == self.b


class ChangedField(NamedTuple):
    """A field with its value in either net; None in a net whose kind has no such field."""

    name: str
    a: Any
    b: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Aligned figures of two nets. The parts' differences of params, MACs and kept bytes sum up to those of the totals.

    Attributes:
        changed_fields: fields with different values, in the order of the fields.
        parts: the stem where there is one, the stages of either net and the head; equal ones too.
        blocks: the blocks of either net, stage by stage; equal ones too.
        totals: of the whole nets.
    """

    changed_fields: tuple[ChangedField, ...]
    parts: tuple[Difference, ...]
    blocks: tuple[Difference, ...]
    totals: TotalsDifference

    @property
    def is_equal(self) -> bool:
        """Whether no figure of any part, block or total differs; the fields may still."""
        return self.totals.is_equal and all(row.is_equal for row in (*self.parts, *self.blocks))

    @property
    def differing_parts(self) -> tuple[Difference, ...]:
        """The parts that are not equal."""
        return tuple(part for part in self.parts if not part.is_equal)

    @property
    def differing_blocks(self) -> tuple[Difference, ...]:
        """The blocks that are not equal."""
        return tuple(block for block in self.blocks if not block.is_equal)

    def blocks_of(self, stage: int) -> tuple[Difference, ...]:
        """Returns the blocks of a stage by its number. The stem and the head, of number 0, have none."""
        return tuple(block for block in self.blocks if block.stage == stage)


def compare(a: Analysis, b: Analysis) -> Comparison:
    """Returns two nets aligned by part and, within a stage, by the position of the block."""
    *before_head_a, head_a = zip(a.plan.parts, a.parts, strict=True)
    *before_head_b, head_b = zip(b.plan.parts, b.parts, strict=True)
    return Comparison(
        changed_fields=_changed_fields(a.plan.spec, b.plan.spec),
        parts=(*_aligned(before_head_a, before_head_b), *_aligned([head_a], [head_b])),
        blocks=_aligned(
            zip(a.plan.blocks, a.blocks, strict=True),
            zip(b.plan.blocks, b.blocks, strict=True),
        ),
        totals=TotalsDifference(a.totals, b.totals),
    )


def _aligned(
    spans_a: Iterable[tuple[Part | Block, Figures]], spans_b: Iterable[tuple[Part | Block, Figures]]
) -> tuple[Difference, ...]:
    """Returns parts or blocks of one name side by side, stage by stage; the stem, of stage 0, comes first."""
    figures_a = {(span.stage, span.name): figures for span, figures in spans_a}
    figures_b = {(span.stage, span.name): figures for span, figures in spans_b}
    found = [
        Difference(name, stage, figures_a.get((stage, name)), figures_b.get((stage, name)))
        for stage, name in figures_a | figures_b
    ]
    return tuple(sorted(found, key=lambda row: row.stage))  # blocks of a stage stay in running order


def _changed_fields(a: AnySpec, b: AnySpec) -> tuple[ChangedField, ...]:
    names = NetSpec.__dataclass_fields__ | VggSpec.__dataclass_fields__
    values = ((name, getattr(a, name, None), getattr(b, name, None)) for name in names)
    return tuple(ChangedField(*field) for field in values if field[1] != field[2])


def _side(row: Figures) -> int:
    is_map = len(row.shape) == 3  # noqa: PLR2004 - channels, height, width
    return row.shape[-1] if is_map else 1


def _figures(row: Figures) -> tuple[Any, ...]:
    return row.shape, row.params, row.macs, row.field, row.kept_bytes, row.across


class LayerChange(StrEnum):
    """Difference between two layers of one name; the first that applies."""

    ONLY_A = "only_a"
    ONLY_B = "only_b"
    SIZE = "size"  # operation, channels, kernel, stride or output shape
    INPUTS = "inputs"  # it reads other layers, as after a change of activation order
    SIGHT = "sight"  # receptive field, jump or training memory, caused by other layers
    NONE = "none"


class LayerPair(NamedTuple):
    """One layer of two nets.

    Attributes:
        name: its name in both nets.
        a: the layer and its figures in the first net, None where it has no layer of this name.
        b: the same in the second net.
    """

    name: str
    a: tuple[Node, Figures] | None
    b: tuple[Node, Figures] | None

    @property
    def params(self) -> int:
        """Trainable parameters that b has more than a."""
        return (self.b[1].params if self.b else 0) - (self.a[1].params if self.a else 0)

    @property
    def macs(self) -> int:
        """Multiply-adds of one image that b has more than a."""
        return (self.b[1].macs if self.b else 0) - (self.a[1].macs if self.a else 0)

    @property
    def kept_bytes(self) -> int:
        """Bytes of one image that training keeps in b beyond those in a."""
        return (self.b[1].kept_bytes if self.b else 0) - (self.a[1].kept_bytes if self.a else 0)

    @property
    def change(self) -> LayerChange:
        """The difference between the two layers."""
        if self.b is None:
            return LayerChange.ONLY_A
        if self.a is None:
            return LayerChange.ONLY_B
        (node_a, row_a), (node_b, row_b) = self.a, self.b
        if (node_a.op, node_a.shape) != (node_b.op, node_b.shape):
            return LayerChange.SIZE
        if node_a.inputs != node_b.inputs:
            return LayerChange.INPUTS
        return LayerChange.NONE if row_a == row_b else LayerChange.SIGHT


def pair_layers(a: Analysis, b: Analysis) -> tuple[LayerPair, ...]:
    """Returns all layers of both nets in running order.

    The order is that of a; a layer that only b has comes before the next layer that both have.
    """
    found_a, found_b = _by_name(a), _by_name(b)
    alone: dict[str, list[str]] = {}  # layers of b alone, by the shared layer behind them
    waiting: list[str] = []
    for name in found_b:
        waiting.append(name)
        if name in found_a:
            alone[name], waiting = waiting[:-1], []
    names = [name for shared in found_a for name in (*alone.get(shared, ()), shared)]
    return tuple(LayerPair(name, found_a.get(name), found_b.get(name)) for name in (*names, *waiting))


def _by_name(analysis: Analysis) -> dict[str, tuple[Node, Figures]]:
    return {node.name: (node, row) for node, row in zip(analysis.plan.nodes, analysis.nodes, strict=True)}
