"""Published results in words: quantities, protocols and rows of a table."""

from collections.abc import Iterable

from resnet_viz.i18n import _, ngettext
from resnet_viz.present.tables import Rows
from resnet_viz.present.units import exact
from resnet_viz.published.result import Protocol, PublishedQuantity, PublishedResult


def quantity_name(quantity: PublishedQuantity) -> str:
    """Returns the name of a quantity."""
    return {
        PublishedQuantity.TEST_ERROR: _("test error"),
        PublishedQuantity.TOP1_ERROR: _("top-1 error"),
        PublishedQuantity.TOP5_ERROR: _("top-5 error"),
        PublishedQuantity.TRAINING_ERROR: _("training error"),
        PublishedQuantity.TOP1_ACCURACY: _("top-1 accuracy"),
        PublishedQuantity.TOP5_ACCURACY: _("top-5 accuracy"),
        PublishedQuantity.TEST_ACCURACY: _("test accuracy"),
        PublishedQuantity.TRAINING_ACCURACY: _("training accuracy"),
        PublishedQuantity.TRAINING_LOSS: _("training loss"),
        PublishedQuantity.PARAMS: _("parameters"),
        PublishedQuantity.MACS: _("multiply-adds"),
        PublishedQuantity.MACS_SHARE: _("share of multiply-adds"),
    }[quantity]


def value_text(result: PublishedResult) -> str:
    """Returns a value as its source prints it: "6.50", "6.43 (6.61 ± 0.16)" with the mean over runs, "fail (> 20)"."""
    bound = f"{result.relation} {result.value:g}"
    if result.printed.isalpha():
        return f"{result.printed} ({bound})"
    if result.mean is None or result.std is None:
        return bound if result.relation else result.printed
    return f"{result.printed} ({result.mean:.2f} ± {result.std:.2f})"


def unit_text(result: PublishedResult) -> str:
    """Returns the unit of a value; empty for counts, whose quantity names it."""
    return {"count": "", "share": _("share")}.get(result.unit, result.unit)


def protocol_text(protocol: Protocol) -> str:
    """Returns the conditions of a result, as far as they are known: "CIFAR-10, 110 layers, median of 5 runs"."""
    depth = protocol.depth
    layers = "" if depth is None else ngettext("{n} layer", "{n} layers", depth).format(n=exact(depth))
    parts = (protocol.data, layers, protocol.crops, protocol.runs, protocol.augmentation, protocol.note)
    return ", ".join(_(part) for part in parts if part)


def result_rows(results: Iterable[PublishedResult]) -> Rows:
    """Returns a row for each result."""
    return [
        {
            _("net"): result.net,
            _("case"): _(result.case) if result.case else "",
            _("quantity"): quantity_name(result.quantity),
            _("value"): value_text(result),
            _("unit"): unit_text(result),
            _("protocol"): protocol_text(result.protocol),
            _("source"): result.citation,
        }
        for result in results
    ]
