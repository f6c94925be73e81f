"""What a second opinion comes to: a ledger from our count to the other, and whether it accounts for all."""

from resnet_viz.analysis.torchinfo import Cause, CountedQuantity, Finding, TorchinfoReport
from resnet_viz.i18n import _, ngettext
from resnet_viz.present.units import exact


def difference_table(finding: Finding) -> str:
    """Returns a Markdown table from our count to torchinfo's: the heading has the difference, a row each reason."""
    difference = signed_exact(finding.difference) if finding.difference else _("the same")
    rows = [
        (_quantity_name(finding.quantity), difference),
        (":---", "---:"),
        (_("ours"), exact(finding.ours)),
        *((_cause_text(reason.cause), signed_exact(reason.amount)) for reason in finding.reasons),
    ]
    if finding.unexplained:
        rows.append((_("unexplained"), signed_exact(finding.unexplained)))
    rows.append(("torchinfo", exact(finding.theirs)))
    return "\n".join(f"| {why} | {count} |" for why, count in rows)


def totals_message(findings: tuple[Finding, ...], opinion: TorchinfoReport) -> str:
    """Returns a sentence on the totals: whether the reasons account for all of the differences."""
    left = [finding for finding in findings if finding.unexplained]
    if left:
        names = ", ".join(f"{_quantity_name(one.quantity)} ({signed_exact(one.unexplained)})" for one in left)
        return _("Not accounted for: {names}. One of the two sides has it wrong.").format(names=names)
    return _(
        "The reasons account for **all** of every difference, to the last unit: what torchinfo {version} counts by "
        "running the torch module, we count from the plan alone."
    ).format(version=opinion.version)


def layers_message(num_layers: int, differing: tuple[str, ...]) -> str:
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


def signed_exact(difference: int) -> str:
    """Returns a difference with its sign and grouped digits; 0 has none."""
    return f"{difference:+,}".replace("-", "−") if difference else "0"


def _quantity_name(quantity: CountedQuantity) -> str:
    return {
        CountedQuantity.PARAMS: _("parameters"),
        CountedQuantity.MACS: _("multiply-adds"),
        CountedQuantity.ACTIVATIONS: _("activations, bytes"),
    }[quantity]


def _cause_text(cause: Cause) -> str:
    return {
        Cause.NORM: _("norms: a scale and a shift per channel, each one piece of work"),
        Cause.CONV_BIAS: _("biases of convolutions: an addition per output value"),
        Cause.FC_BIAS: _("biases of the fc"),
        Cause.GRADIENTS: _("gradients: it doubles the outputs that it counts"),
        Cause.NOT_KEPT: _("outputs that no backward pass reads, as a norm's before its ReLU"),
        Cause.WITHOUT_PARAMS: _("left out: the picture, and what ReLUs, pools and sums leave to be kept"),
        Cause.POOL_INDEX: _("left out: the max pool's index, eight bytes per output"),
        Cause.DROPPED: _("left out: what a dropout set to zero, one float per value"),
    }[cause]
