"""Published figures beside ours, each with its source."""

from dataclasses import dataclass
from typing import Any, Final

from resnet_viz.analysis.report import analyse
from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower
from resnet_viz.present.units import signed_percent
from resnet_viz.spec.presets import preset


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedFigures:
    """Figures of one net as a source prints them.

    Attributes:
        net: preset that it is.
        params: parameters as printed, an int where every digit is; None where it prints none.
        macs: multiply-adds as printed (the papers call them FLOPs); None where it prints none.
        source: paper and table, or package and version.
    """

    net: str
    params: float | None = None
    macs: float | None = None
    source: str


_MEGA: Final = 1e6
_GIGA: Final = 1e9
_TORCHVISION: Final = "torchvision 0.29.2, model metadata"
_TABLE_1: Final = "He et al. 2015, table 1"
_TABLE_6: Final = "He et al. 2015, table 6"
_PREACT: Final = "He et al. 2016, table 4"

IMAGENET: Final = (
    PublishedFigures(net="resnet18", params=11_689_512, macs=1.814e9, source=_TORCHVISION),
    PublishedFigures(net="resnet34", params=21_797_672, macs=3.664e9, source=_TORCHVISION),
    PublishedFigures(net="resnet50", params=25_557_032, macs=4.089e9, source=_TORCHVISION),
    PublishedFigures(net="resnet101", params=44_549_160, macs=7.801e9, source=_TORCHVISION),
    PublishedFigures(net="resnet152", params=60_192_808, macs=11.514e9, source=_TORCHVISION),
    PublishedFigures(net="vgg11", params=132_863_336, macs=7.609e9, source=_TORCHVISION),
    PublishedFigures(net="vgg11_bn", params=132_868_840, macs=7.609e9, source=_TORCHVISION),
    PublishedFigures(net="vgg13", params=133_047_848, macs=11.308e9, source=_TORCHVISION),
    PublishedFigures(net="vgg13_bn", params=133_053_736, macs=11.308e9, source=_TORCHVISION),
    PublishedFigures(net="vgg16", params=138_357_544, macs=15.47e9, source=_TORCHVISION),
    PublishedFigures(net="vgg16_bn", params=138_365_992, macs=15.47e9, source=_TORCHVISION),
    PublishedFigures(net="vgg19", params=143_667_240, macs=19.632e9, source=_TORCHVISION),
    PublishedFigures(net="vgg19_bn", params=143_678_248, macs=19.632e9, source=_TORCHVISION),
    PublishedFigures(net="resnet18", macs=1.8e9, source=_TABLE_1),
    PublishedFigures(net="resnet34", macs=3.6e9, source=_TABLE_1),
    PublishedFigures(net="resnet50_v1", macs=3.8e9, source=_TABLE_1),
    PublishedFigures(net="resnet101_v1", macs=7.6e9, source=_TABLE_1),
    PublishedFigures(net="resnet152_v1", macs=11.3e9, source=_TABLE_1),
    PublishedFigures(net="plain34", macs=3.6e9, source="He et al. 2015, fig. 3"),
    PublishedFigures(net="vgg16", macs=15.3e9, source="He et al. 2015, section 4.1, without fc"),
    PublishedFigures(net="vgg19", macs=19.6e9, source="He et al. 2015, fig. 3"),
)
CIFAR: Final = (
    PublishedFigures(net="cifar_resnet20", params=0.27e6, source=_TABLE_6),
    PublishedFigures(net="cifar_resnet32", params=0.46e6, source=_TABLE_6),
    PublishedFigures(net="cifar_resnet44", params=0.66e6, source=_TABLE_6),
    PublishedFigures(net="cifar_resnet56", params=0.85e6, source=_TABLE_6),
    PublishedFigures(net="cifar_resnet110", params=1.7e6, source=_TABLE_6),
    PublishedFigures(net="cifar_resnet1202", params=19.4e6, source=_TABLE_6),
    PublishedFigures(net="cifar_preact_bottleneck164", params=1.7e6, source=_PREACT),
    PublishedFigures(net="cifar_preact_bottleneck1001", params=10.2e6, source=_PREACT),
)

FAMILIES: Final = {"imagenet": IMAGENET, "cifar": CIFAR}
FAMILY_NAMES: Final = {"imagenet": "ImageNet", "cifar": "CIFAR-10"}


def family_table(rows: tuple[PublishedFigures, ...]) -> list[dict[str, Any]]:
    """Returns our exact count, the printed one and the difference, for each printed figure."""
    return [_row(row) for row in rows]


def _row(row: PublishedFigures) -> dict[str, Any]:
    ours = analyse(lower(preset(row.net))).totals
    return {
        _("net"): row.net,
        _("our params"): ours.params,
        _("published params"): _printed(row.params),
        _("params, difference"): _difference(ours.params, row.params),
        _("our MACs"): ours.macs,
        _("published MACs"): _printed(row.macs),
        _("MACs, difference"): _difference(ours.macs, row.macs),
        _("source"): row.source,
    }


def _printed(value: float | None) -> str:
    """Returns a figure as its source prints it: to the digit where that is what it gives."""
    if value is None:
        return ""
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value / _GIGA:g} G" if value >= _GIGA else f"{value / _MEGA:g} M"


def _difference(ours: int, printed: float | None) -> str:
    if printed is None:
        return ""
    return "0" if ours == printed else signed_percent(ours, printed)
