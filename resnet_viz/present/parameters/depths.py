"""Depths in the names of nets, worked out from their blocks: 2·8 + 2 = 18, 3·16 + 2 = 50, 6·4 + 4 = 28."""

from typing import Final

from resnet_viz.i18n import _
from resnet_viz.present.tables import Rows
from resnet_viz.spec.enums import Stem
from resnet_viz.spec.net import CONVS_PER_BLOCK, NetSpec
from resnet_viz.spec.presets import residual_preset
from resnet_viz.spec.titles import is_wide_of_cifar, paper_depth, title, value_name

NETS: Final = {  # by family of the page
    "imagenet": ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152"),
    "cifar": (
        *("cifar_resnet20", "cifar_resnet32", "cifar_resnet44", "cifar_resnet56", "cifar_resnet110"),
        *("cifar_resnet1202", "cifar_preact_bottleneck164", "cifar_preact_bottleneck1001"),
        *("wrn_16_8", "wrn_28_10", "wrn_40_4"),
    ),
}


def depth_table(family: str) -> Rows:
    """Returns a row for each net of a family: its blocks, its depth worked out, and the layers that are counted."""
    return [_row(name, residual_preset(name)) for name in NETS[family]]


def wide_note(family: str) -> str:
    """Returns a message on the wide nets of a family, whose paper counts depth in another way; nothing without any."""
    wide = [spec for spec in map(residual_preset, NETS[family]) if is_wide_of_cifar(spec)]
    if not wide:
        return ""
    last = wide[-1]
    return _(
        "Zagoruyko and Komodakis 2016 count the projections of the three stages and leave the fc out: {name} has "
        "6n + 4 layers by their counting and {own}, 6n + 2, by that of He et al."
    ).format(name=title(last), own=last.depth)


def worked_out(spec: NetSpec) -> str:
    """Returns the depth as the net's paper counts it, from the number of its blocks or of those of a stage."""
    convs, num_blocks, depth = CONVS_PER_BLOCK[spec.block], sum(spec.blocks), paper_depth(spec)
    stages = len(spec.blocks) if spec.stem is Stem.CIFAR else 1  # 6n + 2: n blocks in each of three stages
    return f"{convs * stages}·{num_blocks // stages} + {depth - convs * num_blocks} = {depth}"


def _row(name: str, spec: NetSpec) -> dict[str, object]:
    return {
        _("net"): name,
        _("blocks"): sum(spec.blocks),
        _("type"): value_name(spec.block.value),
        _("depth"): worked_out(spec),
        _("counted beside the branches"): _beside(spec),
        _("blocks per stage"): ", ".join(map(str, spec.blocks)),
        _("name in its paper"): title(spec),
    }


def _beside(spec: NetSpec) -> str:
    """Returns the layers that a depth counts beside those of the branches."""
    return _("first convolution, three projections") if is_wide_of_cifar(spec) else _("first convolution, fc")
