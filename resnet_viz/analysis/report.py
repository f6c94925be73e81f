"""All figures of one net in one pass: a row per node, per block, per part, and the totals."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from resnet_viz.analysis.cost import macs, params
from resnet_viz.analysis.memory import float_bytes, inference_peak_bytes, kept_bytes
from resnet_viz.analysis.receptive_field import WIDTH, ReceptiveField, receptive_fields
from resnet_viz.plan.ops import Op, Shape
from resnet_viz.plan.plan import Block, Node, Part, Plan


class Figures(NamedTuple):
    """Figures of one node, one block or one part.

    Attributes:
        name: "stage1.block1.branch.conv1", "stage1.block1" or "stage1".
        shape: of the output, per image.
        params: trainable parameters inside.
        macs: multiply-adds inside, one image.
        field: receptive field and jump of the output; along the height where the axes differ.
        output_bytes: bytes of all outputs inside, float32, one image.
        kept_bytes: bytes kept for its backward pass, one image; no tensor counts twice.
        across: receptive field and jump along the width where they differ from those along the height: of what reads a
            whole map that is no square.
    """

    name: str
    shape: tuple[int, ...]
    params: int
    macs: int
    field: ReceptiveField
    output_bytes: int
    kept_bytes: int
    across: ReceptiveField | None = None

    @property
    def field_sides(self) -> tuple[int, int]:
        """Height and width of the receptive field."""
        return self.field.size, (self.across or self.field).size

    @property
    def jumps(self) -> tuple[int, int]:
        """Jump along the height and along the width."""
        return self.field.jump, (self.across or self.field).jump


class Totals(NamedTuple):
    """Costs of a whole net.

    Attributes:
        params: trainable parameters.
        macs: multiply-adds of one image's forward pass.
        training_bytes: activations kept for the backward pass of one image, float32.
        inference_bytes: peak of activations alive at once in a forward pass of one image, float32.
    """

    params: int
    macs: int
    training_bytes: int
    inference_bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Analysis:
    """Every figure of one plan.

    Attributes:
        plan: the analysed plan.
        nodes: a row per node, in running order.
        blocks: a row per block.
        parts: a row for the stem, each stage and the head.
        totals: of the whole net.
    """

    plan: Plan
    nodes: tuple[Figures, ...]
    blocks: tuple[Figures, ...]
    parts: tuple[Figures, ...]
    totals: Totals


def analyse(plan: Plan) -> Analysis:
    """Returns all figures of a plan."""
    seen = receptive_fields(plan)
    rows = tuple(
        [_node_row(node, seen[node.name], kept) for node, kept in zip(plan.nodes, kept_bytes(plan), strict=True)]
    )
    height, width = plan.spec.image_sides
    if height != width:
        rows = tuple(_with_width(rows, receptive_fields(plan, WIDTH)))
    parts = tuple(_sum_row(part, rows) for part in plan.parts)
    return Analysis(
        plan=plan,
        nodes=rows,
        blocks=tuple(_sum_row(block, rows) for block in plan.blocks),
        parts=parts,
        totals=Totals(
            params=sum(row.params for row in parts),
            macs=sum(row.macs for row in parts),
            training_bytes=sum(row.kept_bytes for row in parts),
            inference_bytes=inference_peak_bytes(plan),
        ),
    )


def totals(plan: Plan) -> Totals:
    """Returns the costs of the whole net."""
    return analyse(plan).totals


def describe(analysis: Analysis, *, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    """Returns the figures as one JSON object, as printed by `describe --json`.

    Args:
        analysis: figures of a plan.
        name: of the net.
        spec: all fields of its description as JSON values.
    """
    plan = analysis.plan
    return {
        "name": name,
        "spec": spec,
        "params": analysis.totals.params,
        "macs": analysis.totals.macs,
        "depth": plan.spec.depth,
        "input": list(plan.input_shape),
        "stages": [_json_row(row) | {"jump": _json_sides(row.jumps)} for row in analysis.parts],
        "layers": [
            _json_row(row) | {"kind": type(node.op).__name__}
            for row, node in zip(analysis.nodes, plan.nodes, strict=True)
        ],
    }


def _json_row(row: Figures) -> dict[str, Any]:
    shape = [*row.shape, 1, 1][:3]  # the fc's output as a map of one pixel
    return {
        "name": row.name,
        "shape": shape,
        "params": row.params,
        "macs": row.macs,
        "receptive_field": _json_sides(row.field_sides),
    }


def _json_sides(sides: tuple[int, int]) -> int | list[int]:
    """Returns one number, or height and width where they differ."""
    return sides[0] if sides[0] == sides[1] else list(sides)


@lru_cache(maxsize=4096)  # a ResNet-152 has 514 nodes and 40 different ones
def _work(op: Op, shape: Shape) -> tuple[int, int, int]:
    """Returns parameters, MACs and output bytes: the figures that do not depend on an op's place in the net."""
    return params(op), macs(op, shape), float_bytes(shape)


def _node_row(node: Node, field: ReceptiveField, kept: int) -> Figures:
    name, op, _inputs, shape, _section = node
    num_params, num_macs, output_bytes = _work(op, shape)
    return Figures(name, shape, num_params, num_macs, field, output_bytes, kept)


def _with_width(rows: tuple[Figures, ...], across: Mapping[str, ReceptiveField]) -> Iterator[Figures]:
    """Yields the rows with their receptive field along the width where it is another one."""
    for row in rows:
        yield row if across[row.name] == row.field else row._replace(across=across[row.name])


def _sum_row(span: Block | Part, rows: tuple[Figures, ...]) -> Figures:
    own = rows[span.start : span.stop]
    _, _, own_params, own_macs, _, outputs, kept, _ = zip(*own, strict=True)
    last = own[-1]
    sums = sum(own_params), sum(own_macs), last.field, sum(outputs), sum(kept)
    return Figures(span.name, span.shape, *sums, last.across)
