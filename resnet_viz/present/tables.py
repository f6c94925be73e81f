"""Tables of a net as lists of rows, ready for a data frame or a CSV file, and rows as text for a terminal."""

import csv
import io
from collections.abc import Collection, Sequence
from typing import Any, Final

from resnet_viz.analysis.report import Analysis, Figures
from resnet_viz.graph.labels import layer_label, shape_text
from resnet_viz.graph.roles import Role, role_of
from resnet_viz.i18n import _
from resnet_viz.present.units import training_memory
from resnet_viz.spec.image_size import ImageSize
from resnet_viz.spec.titles import paper_stage

Rows = list[dict[str, Any]]
KINDS: Final = (Role.CONV, Role.NORM, Role.ACT, Role.POOL, Role.SHORTCUT, Role.DROPOUT, Role.HEAD)  # of layers
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
                **_field_columns(analysis, row),
            }
        )
    return rows


def _field_columns(analysis: Analysis, row: Figures) -> dict[str, int]:
    """Returns receptive field and jump; along both axes where the image is no square."""
    (height, width), (down, right) = row.field_sides, row.jumps
    if not isinstance(analysis.plan.spec.image_size, ImageSize):
        return {_("receptive field, px"): height, _("jump, px"): down}
    return {
        _("receptive field, height"): height,
        _("receptive field, width"): width,
        _("jump downwards, px"): down,
        _("jump to the right, px"): right,
    }


def kind_name(kind: str) -> str:
    """Returns the name of a layer's role."""
    return {
        Role.CONV: _("convolution"),
        Role.NORM: _("norm"),
        Role.ACT: _("activation"),
        Role.POOL: _("pooling"),
        Role.SHORTCUT: _("addition, padding"),
        Role.DROPOUT: _("dropout on a shortcut"),
        Role.HEAD: _("fully connected"),
    }[Role(kind)]


def role_name(role: Role) -> str:
    """Returns the name of a role in a legend of boxes."""
    return {Role.BRANCH: _("residual branch"), Role.SHORTCUT: _("shortcut")}.get(role) or kind_name(role)


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
            **_field_columns(analysis, row),
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


def in_columns(rows: Sequence[Sequence[str]], *, left: Collection[int] = (0,)) -> str:
    """Returns rows of equally many cells as text, the head among them, one a line.

    Args:
        rows: of cells.
        left: numbers of the columns of words, which are aligned at their left; the others hold numbers.
    """
    columns = list(zip(*rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    aligned = [
        [cell.ljust(width) if place in left else cell.rjust(width) for cell in column]
        for place, (column, width) in enumerate(zip(columns, widths, strict=True))
    ]
    return "\n".join("  ".join(cells).rstrip() for cells in zip(*aligned, strict=True))
