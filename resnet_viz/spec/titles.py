"""Names on screen: titles of nets, values of a spec's fields, and the papers' names for stages."""

from collections.abc import Sequence
from typing import Final, assert_never

from resnet_viz.i18n import _
from resnet_viz.spec.enums import BlockKind, DimMatch, Norm, Order, Shortcut, Stem, StrideOn
from resnet_viz.spec.net import USUAL_WIDTH_PER_GROUP, NetSpec
from resnet_viz.spec.vgg import AnySpec, VggSpec

ORDER_NAMES: Final = {  # as He et al. 2016 print them
    Order.ORIGINAL: "original",
    Order.BN_AFTER_ADD: "BN after addition",
    Order.RELU_BEFORE_ADD: "ReLU before addition",
    Order.RELU_ONLY_PREACT: "ReLU-only pre-activation",
    Order.FULL_PREACT: "full pre-activation",
}
_USUAL_DIM_MATCH: Final = {Stem.CIFAR: DimMatch.ZERO_PAD, Stem.IMAGENET: DimMatch.PROJECTION}


def order_name(order: Order) -> str:
    """Returns the activation order's name as He et al. 2016 print it, in the active language."""
    return _(ORDER_NAMES[order])


def shortcut_name(kind: str) -> str:
    """Returns the name on screen of a kind of shortcut, of a whole net's or of one block's."""
    return {
        "none": _("none"),
        "identity": _("identity"),
        "zero_pad": _("zero padding"),
        "projection": _("projection"),
        "constant_scaling": _("constant scaling"),
        "exclusive_gating": _("exclusive gating"),
        "shortcut_only_gating": _("shortcut-only gating"),
        "conv1x1": _("1×1 convolution"),
        "dropout": _("dropout"),
    }[kind]


def option_name(match: DimMatch) -> str:
    """Returns the letter and the name on screen of an option of He et al. 2015: "A: zero padding"."""
    if match is DimMatch.PROJECTION_EVERYWHERE:
        return _("{letter}: all projections").format(letter=match.letter)
    return f"{match.letter}: {shortcut_name(match.value)}"


def block_kind_name(spec: AnySpec) -> str:
    """Returns the name on screen of the blocks of a net; a block of a VGG net is one convolution."""
    return _("3×3 convolution") if isinstance(spec, VggSpec) else value_name(spec.block.value)


def value_name(value: str) -> str:
    """Returns the name on screen of a value of a spec's field; any other text as it is."""
    if value in set(Order):
        return order_name(Order(value))
    if value in set(DimMatch):
        return option_name(DimMatch(value))
    if value in set(Shortcut):
        return shortcut_name(value)
    return {
        "first_1x1": _("first 1×1"),
        "conv_3x3": _("3×3"),
        "imagenet": _("7×7 and pool"),
        "cifar": "3×3",
        "batch": _("batch norm"),
        "basic": _("basic block"),
        "bottleneck": _("bottleneck"),
    }.get(value, value)


def title(spec: AnySpec) -> str:
    """Returns a short name with the depth and what is unusual: "plain-20", "ResNet-56, full pre-activation".

    Two nets of one kind that differ in widths, stages or input only share a title.
    Titles are keys of saved runs, so that they are the same in every language.
    """
    if isinstance(spec, VggSpec):
        return _vgg_title(spec)
    is_grouped = spec.cardinality > 1
    family = "ResNeXt" if is_grouped else "ResNet"
    name = f"plain-{spec.depth}" if spec.shortcut is Shortcut.NONE else f"{family}-{spec.depth}"
    unusual = []
    if is_grouped:
        unusual.append(f"{spec.cardinality}×{spec.width_per_group}d")
    elif spec.width_per_group != USUAL_WIDTH_PER_GROUP:
        unusual.append(f"{spec.width_per_group / USUAL_WIDTH_PER_GROUP:g} times as wide")
    if spec.stem is Stem.CIFAR and spec.block is BlockKind.BOTTLENECK and not is_grouped:
        unusual.append("bottleneck")
    if spec.order is not Order.ORIGINAL:
        unusual.append(ORDER_NAMES[spec.order])
    unusual += _shortcut_names(spec)
    if not spec.is_plain and spec.dim_match is not _USUAL_DIM_MATCH[spec.stem]:
        unusual.append(f"option {spec.dim_match.letter}")
    if spec.block is BlockKind.BOTTLENECK and spec.stride_on is StrideOn.FIRST_1X1:
        unusual.append("v1")
    if spec.dilated_stages:
        unusual.append("dilated " + "+".join(map(str, spec.dilated_stages)))
    if spec.norm is Norm.NONE:
        unusual.append("no norm")
    if spec.conv_bias:
        unusual.append("biases")
    if not spec.projection_norm:
        unusual.append("bare projections")
    if spec.zero_init_residual:
        unusual.append("zero init")
    return ", ".join([name, *unusual])


def titles(specs: Sequence[NetSpec]) -> tuple[str, ...]:
    """Returns the titles of nets that stand side by side; where two would be the same, their widths are told too."""
    plain = [title(spec) for spec in specs]
    return tuple(
        name if plain.count(name) == 1 else f"{name}, width {spec.widths[0]}"
        for name, spec in zip(plain, specs, strict=True)
    )


def _shortcut_names(spec: NetSpec) -> list[str]:
    match spec.shortcut:
        case Shortcut.NONE | Shortcut.IDENTITY:
            return []
        case Shortcut.CONSTANT_SCALING:
            return [f"shortcut times {spec.shortcut_scale:g}", f"branch times {spec.residual_scale:g}"]
        case Shortcut.EXCLUSIVE_GATING:
            return [f"exclusive gating from {spec.gate_bias:g}"]
        case Shortcut.SHORTCUT_ONLY_GATING:
            return [f"shortcut-only gating from {spec.gate_bias:g}"]
        case Shortcut.CONV1X1:
            return ["1×1 convolution shortcuts"]
        case Shortcut.DROPOUT:
            return [f"dropout {spec.dropout:g} on shortcuts"]
        case _:
            assert_never(spec.shortcut)


def _vgg_title(spec: VggSpec) -> str:
    unusual = []
    if spec.norm is Norm.BATCH:
        unusual.append("batch norm")
    if not spec.conv_bias:
        unusual.append("no biases")
    if spec.hidden_features != VggSpec.__dataclass_fields__["hidden_features"].default:
        unusual.append(f"fc of {spec.hidden_features}")
    return ", ".join([f"VGG-{spec.depth}", *unusual])


def paper_stage(spec: AnySpec, stage: int) -> str:
    """Returns what the papers call a stage, counted from 1.

    conv2_x in an ImageNet net, 32×32 in a CIFAR net, conv1_x in a VGG net, whose authors' code says conv1_1, conv1_2.
    """
    if isinstance(spec, VggSpec):
        return f"conv{stage}_x"
    if spec.stem is Stem.IMAGENET:
        return f"conv{stage + 1}_x"
    halvings = sum(number not in spec.dilated_stages for number in range(2, stage + 1))
    side = -(-spec.image_size // 2**halvings)
    return f"{side}×{side}"
