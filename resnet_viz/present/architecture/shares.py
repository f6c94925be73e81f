"""Share of each net's multiply-adds in those of the first, worked out, beside the shares that papers print."""

from collections.abc import Iterator, Sequence
from typing import Final

from resnet_viz.analysis.report import Analysis
from resnet_viz.i18n import _
from resnet_viz.present.units import exact
from resnet_viz.published import files
from resnet_viz.published.result import PublishedQuantity, PublishedResult
from resnet_viz.spec.titles import title
from resnet_viz.spec.vgg import AnySpec

_PAPER: Final = "he2015"  # figure 3


def share_texts(analyses: Sequence[Analysis]) -> Iterator[str]:
    """Yields a message for each net but the first: its multiply-adds as a share of the first's, and a paper's share."""
    first, *others = analyses
    for other in others:
        text = _("**{net}** has {macs} of the {whole} MACs of {first}: {macs} / {whole} = **{percent:.1f} %**.").format(
            net=title(other.plan.spec),
            macs=exact(other.totals.macs),
            whole=exact(first.totals.macs),
            first=title(first.plan.spec),
            percent=100 * other.totals.macs / first.totals.macs,
        )
        yield " ".join(filter(None, (text, _published_text(other.plan.spec, first.plan.spec))))


def _published_text(spec: AnySpec, whole: AnySpec) -> str:
    """Returns the share that a paper prints, and the quotient of its rounded counts; "" where it has neither."""
    texts = []
    share = _find(spec, PublishedQuantity.MACS_SHARE)
    if share is not None and share.case == f"of {title(whole)}":
        texts.append(_("{citation}: {printed} %.").format(citation=share.citation, printed=share.printed))
    part, total = (_find(one, PublishedQuantity.MACS) for one in (spec, whole))
    if part is not None and total is not None:
        quotient = _("{citation}: {part} of {whole}, rounded counts whose quotient is {percent:.1f} %.")
        texts.append(
            quotient.format(
                citation=part.citation,
                part=part.printed,
                whole=total.printed,
                percent=100 * part.value / total.value,
            )
        )
    return " ".join(texts)


def _find(spec: AnySpec, quantity: PublishedQuantity) -> PublishedResult | None:
    """Returns what the paper of the figure prints of a net."""
    found = (one for one in files.results() if one.spec == spec and one.quantity is quantity)
    return next((one for one in found if one.source.name == _PAPER), None)
