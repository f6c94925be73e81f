"""Rows as text in columns: the first to the left, numbers to the right."""

from collections.abc import Sequence

from resnet_viz.i18n import _
from resnet_viz.present.tables import stride_note, work_rows
from resnet_viz.spec.vgg import AnySpec


def in_columns(rows: Sequence[Sequence[str]]) -> str:
    """Returns rows of equally many cells, the head among them, one a line."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows)
    return "\n".join(lines)


def work_columns(spec: AnySpec) -> str:
    """Returns who counts what of a net's work, FLOPs or MACs: a line for each convention."""
    rows = work_rows(spec)
    names = in_columns([(name, work) for name, work, _rule in rows]).splitlines()
    lines = [f"{line}  {rule}" for line, (_name, _work, rule) in zip(names, rows, strict=True)]
    return "\n".join([_("FLOPs, who counts what:"), *lines, *filter(None, [stride_note(spec)])])
