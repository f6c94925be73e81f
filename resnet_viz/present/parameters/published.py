"""Published counts beside ours, each with its source, as `resnet_viz.published` has them."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import floor
from typing import Any, Final, NamedTuple, assert_never

from resnet_viz.analysis.cost import macs, params
from resnet_viz.analysis.report import analyse
from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower
from resnet_viz.plan.ops import Conv
from resnet_viz.present.units import signed_percent
from resnet_viz.published import files
from resnet_viz.published.result import PublishedQuantity
from resnet_viz.spec.enums import DimMatch
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset
from resnet_viz.spec.vgg import AnySpec


class Counting(StrEnum):
    """Ways in which a source counts, or prints, that give the figures of its rows."""

    WHOLE = "whole"  # as we count, rounded
    CUT_OFF = "cut_off"  # as we count, the further digits cut off
    OPTION_A = "option_a"  # shortcuts without parameters
    CONVS = "convs"  # convolutions alone


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedFigures:
    """Figures of one net as a source prints them.

    Attributes:
        net: preset that it is.
        params: parameters as printed, an int where every digit is; None where it prints none.
        macs: multiply-adds as printed (the papers call them FLOPs); None where it prints none.
        source: paper and table, or package and version.
        counting: the way of counting that gives the printed figure; of the papers it is inferred from the numbers.
    """

    net: str
    params: float | None = None
    macs: float | None = None
    source: str
    counting: Counting = Counting.WHOLE


_MEGA: Final = 1e6
_GIGA: Final = 1e9
_TORCHVISION: Final = "torchvision"
_COSTS: Final = "costs"
_IMAGENET: Final = "imagenet"
FAMILY_NAMES: Final = {_IMAGENET: "ImageNet", "cifar": "CIFAR-10"}
_IMAGENET_CLASSES: Final = 1_000
_HE: Final = ("he2015", "he2016")
_COUNTINGS: Final = {  # preset and source; all others are our count, rounded
    ("resnet34", "he2015"): Counting.OPTION_A,
    ("resnet50_v1", "he2015"): Counting.CUT_OFF,
    ("vgg16", "he2015"): Counting.CONVS,
    ("cifar_preact_bottleneck1001", "he2016"): Counting.CONVS,
}


def published_figures(family: str) -> tuple[PublishedFigures, ...]:
    """Returns the rows of the nets of a family, a key of `FAMILY_NAMES`."""
    is_imagenet = family == _IMAGENET
    return tuple(row for row in _figures() if (preset(row.net).num_classes == _IMAGENET_CLASSES) is is_imagenet)


@lru_cache(maxsize=1)
def _figures() -> tuple[PublishedFigures, ...]:
    """Returns a row for each net and place that prints its counts: torchvision's weights, then the papers of He."""
    groups = files.groups()
    printed = [*groups[_TORCHVISION].results, *(row for row in groups[_COSTS].results if row.source.name in _HE)]
    found: dict[tuple[str, str], dict[PublishedQuantity, float]] = {}
    sources = {}
    for result in printed:
        if result.preset and not result.changes and result.unit == "count":
            key = result.preset, result.citation
            found.setdefault(key, {})[result.quantity] = result.value
            sources[key] = result.source.name
    return tuple(
        PublishedFigures(
            net=net,
            params=counts.get(PublishedQuantity.PARAMS),
            macs=counts.get(PublishedQuantity.MACS),
            source=citation,
            counting=_COUNTINGS.get((net, sources[net, citation]), Counting.WHOLE),
        )
        for (net, citation), counts in found.items()
    )


def family_table(rows: tuple[PublishedFigures, ...]) -> list[dict[str, Any]]:
    """Returns our exact count, the printed one and the difference, for each printed figure."""
    return [_row(row) for row in rows]


def _row(row: PublishedFigures) -> dict[str, Any]:
    ours = _whole(preset(row.net))
    return {
        _("net"): row.net,
        _("our params"): ours.params,
        _("published params"): _printed(row.params),
        _("params, difference"): _difference(ours.params, row.params),
        _("our MACs"): ours.macs,
        _("published MACs"): _printed(row.macs),
        _("MACs, difference"): _difference(ours.macs, row.macs),
        _("reason"): _reason(row, ours),
        _("source"): row.source,
    }


class Counts(NamedTuple):
    """Exact counts of a net, or of a part of it."""

    params: int
    macs: int


def counted_as_printed(row: PublishedFigures) -> Counts:
    """Returns the exact counts that the row's way of counting gives."""
    spec = preset(row.net)
    match row.counting:
        case Counting.WHOLE | Counting.CUT_OFF:
            return _whole(spec)
        case Counting.OPTION_A:
            assert isinstance(spec, NetSpec)
            return _whole(spec.replace(dim_match=DimMatch.ZERO_PAD))
        case Counting.CONVS:
            convs = [node for node in lower(spec).nodes if isinstance(node.op, Conv)]
            return Counts(
                params=sum(params(node.op) for node in convs), macs=sum(macs(node.op, node.shape) for node in convs)
            )
        case _:
            assert_never(row.counting)


def _whole(spec: AnySpec) -> Counts:
    found = analyse(lower(spec)).totals
    return Counts(params=found.params, macs=found.macs)


def as_printed(value: int, printed: float, counting: Counting) -> float:
    """Returns a count with as many digits as the printed figure has, rounded or cut off."""
    unit = _unit(printed)
    shift = 10.0 ** len(f"{printed / unit:g}".partition(".")[2])
    scaled = value / unit * shift
    return (floor(scaled) if counting is Counting.CUT_OFF else round(scaled)) / shift * unit


def explanations(rows: tuple[PublishedFigures, ...]) -> list[str]:
    """Returns a message for each printed figure that is not our rounded count, with the count that it follows from."""
    return [_explanation(row) for row in rows if row.counting is not Counting.WHOLE]


def _explanation(row: PublishedFigures) -> str:
    counted = counted_as_printed(row)
    printed, number = (row.params, counted.params) if row.macs is None else (row.macs, counted.macs)
    assert printed is not None
    match row.counting:
        case Counting.CUT_OFF:
            text = _("{net}, {printed}: {number:,} with its further digits cut off; rounded it would be {rounded}.")
        case Counting.OPTION_A:
            text = _("{net}, {printed}: {number:,} with option A, whose shortcuts have no weights.")
        case _:
            text = _("{net}, {printed}: {number:,} in the convolutions alone.")
    return text.format(
        net=row.net,
        printed=_printed(printed),
        number=number,
        rounded=_printed(as_printed(number, printed, Counting.WHOLE)),
    )


def _reason(row: PublishedFigures, ours: Counts) -> str:
    """Returns why the printed figures are not ours, in a word; "" where they are."""
    if all(printed is None or own == printed for own, printed in zip(ours, (row.params, row.macs), strict=True)):
        return ""
    return {
        Counting.WHOLE: _("rounding"),
        Counting.CUT_OFF: _("cut off"),
        Counting.OPTION_A: _("option A"),
        Counting.CONVS: _("convs alone"),
    }[row.counting]


def _printed(value: float | None) -> str:
    """Returns a figure as its source prints it: to the digit where that is what it gives."""
    if value is None:
        return ""
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value / _unit(value):g} {'G' if value >= _GIGA else 'M'}"


def _unit(value: float) -> float:
    return _GIGA if value >= _GIGA else _MEGA


def _difference(ours: int, printed: float | None) -> str:
    if printed is None:
        return ""
    return "0" if ours == printed else signed_percent(ours, printed)
