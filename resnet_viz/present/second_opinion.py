"""What a second opinion comes to: a table of both sides, and whether the differences are accounted for."""

from resnet_viz.analysis.second_opinion import Cause, Finding, Opinion, Quantity
from resnet_viz.i18n import _, ngettext
from resnet_viz.present.tables import Rows
from resnet_viz.present.units import exact


def finding_table(findings: tuple[Finding, ...]) -> Rows:
    """Returns a row per quantity: ours, torchinfo's, the difference and what it is made of; all as text."""
    return [
        {
            _("one image"): _quantity_name(finding.quantity),
            _("ours"): exact(finding.ours),
            _("torchinfo"): exact(finding.theirs),
            _("difference"): signed(finding.difference),
            _("why"): _why(finding),
        }
        for finding in findings
    ]


def verdict(findings: tuple[Finding, ...], opinion: Opinion) -> str:
    """Returns a sentence on the totals: whether the reasons account for all of the differences."""
    left = [finding for finding in findings if finding.unexplained]
    if left:
        names = ", ".join(f"{_quantity_name(one.quantity)} ({signed(one.unexplained)})" for one in left)
        return _("Not accounted for: {names}. One of the two sides has it wrong.").format(names=names)
    return _(
        "The reasons account for **all** of every difference, to the last unit: what torchinfo {version} counts by "
        "running the torch module, we count from the plan alone."
    ).format(version=opinion.version)


def layer_verdict(num_layers: int, differing: tuple[str, ...]) -> str:
    """Returns a sentence on the single layers: whether both sides say the same of each."""
    if not differing:
        return ngettext(
            "Layer by layer too: its {n} layer has the same name, output shape, parameters and work on both sides.",
            "Layer by layer too: all {n} have the same name, output shape, parameters and, norms and biases "
            "allowed for, work on both sides.",
            num_layers,
        ).format(n=exact(num_layers))
    return ngettext(
        "{n} layer is not the same on both sides: {name}.",
        "{n} layers are not the same on both sides, first {name}.",
        len(differing),
    ).format(n=exact(len(differing)), name=differing[0])


def signed(difference: int) -> str:
    """Returns a difference with its sign and grouped digits; 0 has none."""
    return f"{difference:+,}".replace("-", "−") if difference else "0"


def _why(finding: Finding) -> str:
    if not finding.difference and not finding.reasons:
        return _("The same.")
    parts = [f"{signed(reason.amount)} {_cause_text(reason.cause)}" for reason in finding.reasons]
    if finding.unexplained:
        parts.append(_("{n} unexplained").format(n=signed(finding.unexplained)))
    return "; ".join(parts) + "."


def _quantity_name(quantity: Quantity) -> str:
    return {
        Quantity.PARAMS: _("parameters"),
        Quantity.MACS: _("multiply-adds"),
        Quantity.ACTIVATIONS: _("activations, bytes"),
    }[quantity]


def _cause_text(cause: Cause) -> str:
    return {
        Cause.NORM: _("for norms, whose scale and shift it counts as work, once per channel"),
        Cause.CONV_BIAS: _("for biases of convolutions, one addition per output value"),
        Cause.FC_BIAS: _("for biases of the fc"),
        Cause.GRADIENTS: _("because it doubles every output that it counts, for the gradients"),
        Cause.NOT_KEPT: _("for outputs that no backward pass reads, such as that of a norm before a ReLU"),
        Cause.WITHOUT_PARAMS: _("for the picture and outputs of ReLUs, pools and sums that are kept: it leaves them out"),
        Cause.POOL_INDEX: _("for the max pool's index of eight bytes per output, left out too"),
    }[cause]
