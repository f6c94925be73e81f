"""Who counts what: a net's work by the conventions of several programs, as rows and as a Markdown table."""

from resnet_viz.analysis.mac_conventions import MACS, work_counts
from resnet_viz.i18n import _
from resnet_viz.plan.ops import Conv, Linear
from resnet_viz.plan.plan import Plan, Section
from resnet_viz.present.tables import in_columns
from resnet_viz.present.units import exact
from resnet_viz.spec.enums import BlockKind, StrideOn
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.vgg import AnySpec


def layers_note(plan: Plan) -> str:
    """Returns a message on the convolutions of a net, which are more than its depth where some are projections."""
    convs = [node for node in plan.nodes if isinstance(node.op, Conv)]
    beside = sum(node.section in (Section.SHORTCUT, Section.GATE) for node in convs)
    if not beside:
        return ""
    num_fc = sum(isinstance(node.op, Linear) for node in plan.nodes)
    return _("{convs} convolutions, {beside} of them not on the longest path, and {fc} fully connected.").format(
        convs=len(convs), beside=beside, fc=num_fc
    )


def work_rows(spec: AnySpec) -> list[tuple[str, str, str]]:
    """Returns a row for each convention: its name, the net's work by it, and what is counted."""
    return [(found.convention.name, exact(found.work), _(found.convention.rule)) for found in work_counts(spec)]


def work_table(spec: AnySpec, *, is_narrow: bool = False) -> str:
    """Returns the rows as a Markdown table; as a list where the screen is narrow."""
    if is_narrow:
        return "\n".join(f"- {name}: **{work}**, {rule}" for name, work, rule in work_rows(spec))
    rows = [(_("by"), _("FLOPs"), _("counted")), (":---", "---:", ":---"), *work_rows(spec)]
    return "\n".join(f"| {name} | {work} | {rule} |" for name, work, rule in rows)


def work_columns(spec: AnySpec) -> str:
    """Returns the rows as text for a terminal, a line for each convention, with the note on the stride."""
    names = in_columns([(name, work) for name, work, _rule in work_rows(spec)]).splitlines()
    lines = [f"{line}  {rule}" for line, (_name, _work, rule) in zip(names, work_rows(spec), strict=True)]
    return "\n".join([_("FLOPs, who counts what:"), *lines, *filter(None, [stride_note(spec)])])


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
