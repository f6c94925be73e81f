"""Tables of a net as lists of rows, ready for a data frame or a CSV file, and of its work by several conventions."""

import csv
import io
from collections.abc import Sequence
from typing import Any, Final

from resnet_viz.analysis.mac_conventions import MACS, work_counts
from resnet_viz.analysis.report import Analysis
from resnet_viz.graph.labels import layer_label, shape_text
from resnet_viz.graph.roles import Role, role_of
from resnet_viz.i18n import _
from resnet_viz.present.units import exact, training_memory
from resnet_viz.spec.enums import BlockKind, StrideOn
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.titles import paper_stage
from resnet_viz.spec.vgg import AnySpec

Rows = list[dict[str, Any]]
KINDS: Final = (Role.CONV, Role.NORM, Role.ACT, Role.POOL, Role.SHORTCUT, Role.HEAD)  # of layers
MINUS: Final = " − "  # in headings of signed differences


def stage_table(analysis: Analysis) -> Rows:
    """Returns a row per part of the net: shape, blocks, parameters, MACs, memory, receptive field and jump."""
    rows = []
    for row, part in zip(analysis.parts, analysis.plan.parts, strict=True):
        rows.append(
            {
                _("part"): row.name,
                _("paper"): paper_stage(analysis.plan.spec, part.stage) if part.stage else "",
                _("output shape"): shape_text(row.shape),
                _("blocks"): len(part.blocks),
                _("params"): row.params,
                _("MACs"): row.macs,
                _("{quantity}, bytes").format(quantity=training_memory()): row.kept_bytes,
                _("receptive field, px"): row.field.size,
                _("jump, px"): row.field.jump,
            }
        )
    return rows


def kind_name(kind: str) -> str:
    """Returns the name of a layer's role."""
    return {
        Role.CONV: _("convolution"),
        Role.NORM: _("norm"),
        Role.ACT: _("activation"),
        Role.POOL: _("pooling"),
        Role.SHORTCUT: _("addition, padding"),
        Role.HEAD: _("fully connected"),
    }[Role(kind)]


def layer_table(analysis: Analysis, *, kinds: Sequence[str] = KINDS) -> Rows:
    """Returns a row per layer of the given kinds, in running order."""
    return [
        {
            _("layer"): row.name,
            _("kind"): layer_label(node)[0],
            _("output shape"): shape_text(row.shape),
            _("params"): row.params,
            _("MACs"): row.macs,
            _("output, bytes"): row.output_bytes,
            _("{quantity}, bytes").format(quantity=training_memory()): row.kept_bytes,
            _("receptive field, px"): row.field.size,
            _("jump, px"): row.field.jump,
        }
        for row, node in zip(analysis.nodes, analysis.plan.nodes, strict=True)
        if role_of(node) in kinds
    ]


def to_csv(rows: Sequence[dict[str, Any]]) -> str:
    """Returns rows as CSV text with a header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else [])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def work_rows(spec: AnySpec) -> list[tuple[str, str, str]]:
    """Returns a row for each convention: its name, the net's work by it, and what is counted."""
    return [(found.convention.name, exact(found.work), _(found.convention.rule)) for found in work_counts(spec)]


def work_table(spec: AnySpec, *, is_narrow: bool = False) -> str:
    """Returns the rows as a Markdown table; as a list where the screen is narrow."""
    if is_narrow:
        return "\n".join(f"- {name}: **{work}**, {rule}" for name, work, rule in work_rows(spec))
    rows = [(_("by"), _("FLOPs"), _("counted")), (":---", "---:", ":---"), *work_rows(spec)]
    return "\n".join(f"| {name} | {work} | {rule} |" for name, work, rule in rows)


def stride_note(spec: AnySpec) -> str:
    """Returns a message on the MACs with the paper's placement of the stride; nothing where it makes no difference."""
    if not isinstance(spec, NetSpec) or spec.block is not BlockKind.BOTTLENECK:
        return ""
    first, other = (_macs(spec.replace(stride_on=place)) for place in (StrideOn.FIRST_1X1, StrideOn.CONV_3X3))
    if first == other:
        return ""
    return _(
        "With the stride on the first 1×1, as in the paper, it has {first} MACs; on the 3×3, as torchvision has it, "
        "{other}."
    ).format(first=exact(first), other=exact(other))


def _macs(spec: AnySpec) -> int:
    return next(found.work for found in work_counts(spec) if found.convention is MACS)
