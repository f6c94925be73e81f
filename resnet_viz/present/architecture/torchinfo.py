"""Comparison of our counts with torchinfo's in words: a table of reasons, and whether they explain every difference."""

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
    """Returns a message on the totals: whether the reasons explain all of the differences."""
    left = [finding for finding in findings if finding.unexplained]
    if left:
        names = ", ".join(f"{_quantity_name(one.quantity)} ({signed_exact(one.unexplained)})" for one in left)
        return _("Unexplained: {names}. One of the two counts is wrong.").format(names=names)
    return _(
        "Every difference is explained **exactly**. torchinfo {version} runs the torch module; our counts come from "
        "the plan alone."
    ).format(version=opinion.version)


def layers_message(num_layers: int, differing: tuple[str, ...]) -> str:
    """Returns a message on the single layers: whether both counts agree on each."""
    if not differing:
        return ngettext(
            "Its {n} layer has the same name, output shape, parameters and multiply-adds in both.",
            "All {n} layers have the same name, output shape and parameters in both, and the same multiply-adds apart "
            "from norms and biases.",
            num_layers,
        ).format(n=exact(num_layers))
    return ngettext(
        "{n} layer differs: {name}.",
        "{n} layers differ, the first is {name}.",
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
        Cause.NORM: _("norms: scale and shift per channel, one multiply-add each"),
        Cause.CONV_BIAS: _("biases of convolutions: one addition per output value"),
        Cause.FC_BIAS: _("biases of the fc"),
        Cause.GRADIENTS: _("gradients: torchinfo doubles the outputs that it counts"),
        Cause.NOT_KEPT: _("outputs that no backward pass reads, such as a norm's before its ReLU"),
        Cause.WITHOUT_PARAMS: _("left out: the image, and outputs of ReLUs, pools and sums that training keeps"),
        Cause.POOL_INDEX: _("left out: the max pool's indices, eight bytes per output"),
        Cause.DROPPED: _("left out: dropout masks, one float per value"),
    }[cause]
