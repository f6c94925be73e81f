"""Names on screen: titles of nets for legends, and the vocabulary of fields, values, families and stages."""

from collections.abc import Sequence
from typing import Final, assert_never

from resnet_viz.i18n import N_, _
from resnet_viz.spec.enums import BlockKind, DimMatch, Norm, Order, Shortcut, Stem, StrideOn
from resnet_viz.spec.net import USUAL_WIDTH_PER_GROUP, NetSpec
from resnet_viz.spec.vgg import AnySpec, VggSpec

ORDER_NAMES: Final = {  # as He et al. 2016 print them
    Order.ORIGINAL: N_("original"),
    Order.BN_AFTER_ADD: N_("BN after addition"),
    Order.RELU_BEFORE_ADD: N_("ReLU before addition"),
    Order.RELU_ONLY_PREACT: N_("ReLU-only pre-activation"),
    Order.FULL_PREACT: N_("full pre-activation"),
}
_FIELD_NAMES: Final = {
    "stem": N_("Stem"),
    "blocks": N_("Blocks per stage"),
    "widths": N_("Widths per stage"),
    "block": N_("Block"),
    "order": N_("Activation order"),
    "shortcut": N_("Shortcut"),
    "shortcut_scale": N_("Shortcut scale"),
    "residual_scale": N_("Branch scale"),
    "gate_bias": N_("Initial gate bias"),
    "dropout": N_("Dropout rate"),
    "dim_match": N_("Shape-changing shortcut"),
    "stride_on": N_("Bottleneck stride on"),
    "cardinality": N_("Cardinality (groups of the 3×3)"),
    "width_per_group": N_("Width per group"),
    "dilated_stages": N_("Dilated stages"),
    "norm": N_("Norm"),
    "conv_bias": N_("Convolution biases"),
    "projection_norm": N_("BatchNorm after projection"),
    "zero_init_residual": N_("Zero-init residual (last BN scale = 0)"),
    "hidden_features": N_("Hidden fc outputs"),
    "in_channels": N_("Image channels"),
    "image_size": N_("Image size, px"),
    "num_classes": N_("Classes"),
}
_VALUE_NAMES: Final = {
    **{order.value: name for order, name in ORDER_NAMES.items()},
    "none": N_("none"),
    "identity": N_("identity"),
    "constant_scaling": N_("constant scaling"),
    "exclusive_gating": N_("exclusive gating"),
    "shortcut_only_gating": N_("shortcut-only gating"),
    "conv1x1": N_("1×1 convolution"),
    "dropout": N_("dropout"),
    "zero_pad": N_("A: zero padding"),
    "projection": N_("B: projection"),
    "projection_everywhere": N_("C: all projections"),
    "first_1x1": N_("first 1×1"),
    "conv_3x3": "3×3",
    "imagenet": N_("7×7, max pool"),
    "cifar": "3×3",
    "batch": N_("batch norm"),
    "basic": N_("basic block"),
    "bottleneck": N_("bottleneck"),
}
_BLOCK_SHORTCUT_NAMES: Final = {"zero_pad": N_("zero padding"), "projection": N_("projection")}  # without their letter
_FAMILY_NAMES: Final = {
    "resnet": N_("ResNet (torchvision)"),
    "resnet_v1": N_("ResNet v1, stride on the first 1×1"),
    "plain": N_("plain net"),
    "cifar_resnet": N_("CIFAR ResNet, 6n+2"),
    "cifar_plain": N_("CIFAR plain net, 6n+2"),
    "cifar_preact_resnet": N_("CIFAR pre-activation ResNet, 6n+2"),
    "cifar_bottleneck": N_("CIFAR bottleneck ResNet, 9n+2"),
    "cifar_preact_bottleneck": N_("CIFAR pre-activation bottleneck, 9n+2"),
    "preact_resnet": N_("pre-activation ResNet"),
    "resnext": "ResNeXt",
    "wide_resnet": N_("wide ResNet (torchvision)"),
    "wrn": N_("CIFAR wide ResNet, 6n+4 and k"),
    "d2l_resnet": N_("ResNet of d2l.ai"),
    "vgg": N_("VGG (torchvision)"),
}
_CIFAR_STAGES: Final = 3
_KNOWN_BLOCKS: Final = {  # of four stages: He et al. 2015, table 1; 2016, table 5; ResNet-10, -14 and -26 of timm
    BlockKind.BASIC: ((1, 1, 1, 1), (2, 2, 2, 2), (3, 4, 6, 3)),
    BlockKind.BOTTLENECK: (
        (1, 1, 1, 1), (2, 2, 2, 2), (3, 4, 6, 3), (3, 4, 23, 3), (3, 8, 36, 3), (3, 24, 36, 3),
    ),
}  # fmt: skip
_USUAL_DIM_MATCH: Final = {Stem.CIFAR: DimMatch.ZERO_PAD, Stem.IMAGENET: DimMatch.PROJECTION}


def order_name(order: Order) -> str:
    """Returns the activation order's name as He et al. 2016 print it, in the active language."""
    return _(ORDER_NAMES[order])


def field_name(field: str) -> str:
    """Returns the label of a spec's field."""
    return _(_FIELD_NAMES[field])


def value_name(value: str) -> str:
    """Returns the name of a value of a spec's field; a value without one is its own name."""
    return _(_VALUE_NAMES[value]) if value in _VALUE_NAMES else value


def shortcut_name(kind: str) -> str:
    """Returns the name of a kind of shortcut, of a whole net's or of one block's."""
    return _(_BLOCK_SHORTCUT_NAMES[kind]) if kind in _BLOCK_SHORTCUT_NAMES else value_name(kind)


def block_kind_name(spec: AnySpec) -> str:
    """Returns the name of the blocks of a net; a block of a VGG net is one convolution."""
    return _("3×3 convolution") if isinstance(spec, VggSpec) else value_name(spec.block.value)


def family_name(family: str) -> str:
    """Returns the name of a family of presets, as `presets.series` groups them."""
    return _(_FAMILY_NAMES[family]) if family in _FAMILY_NAMES else family


def title(spec: AnySpec) -> str:
    """Returns a short name with the depth and what is unusual: "plain-20", "ResNet-56, full pre-activation".

    Wide nets are named as in their paper, "WRN-28-10". A net whose blocks are those of no known net is not named by its
    depth, which may be another net's: "ResNet, blocks 2,2,2,3". Two nets of one kind that differ in widths, stages or
    input only share a title, which is the same in every language.
    """
    if isinstance(spec, VggSpec):
        return _vgg_title(spec)
    if is_wide_of_cifar(spec):
        name, usual_order, usual_match = f"WRN-{paper_depth(spec)}-{_widening(spec):g}", spec.order, DimMatch.PROJECTION
        return ", ".join([name, *_unusual(spec, usual_order, usual_match)])
    unusual = _unusual(spec, Order.ORIGINAL, _USUAL_DIM_MATCH[spec.stem])
    if not _has_known_blocks(spec):
        family = "plain net" if spec.is_plain else _family(spec)
        return ", ".join([family, f"blocks {','.join(map(str, spec.blocks))}", *_width_names(spec), *unusual])
    if _is_wide_of_imagenet(spec):
        return ", ".join([f"WRN-{spec.depth}-{_widening(spec):g}-bottleneck", *unusual])
    return run_label(spec)


def run_label(spec: NetSpec) -> str:
    """Returns the name of a net in a run: the key of its records, by which saved runs are read.

    It is the title of most nets, but never changes: wide nets and unusual blocks are called by their depth.
    """
    name = f"plain-{spec.depth}" if spec.is_plain else f"{_family(spec)}-{spec.depth}"
    return ", ".join([name, *_width_names(spec), *_unusual(spec, Order.ORIGINAL, _USUAL_DIM_MATCH[spec.stem])])


def run_labels(specs: Sequence[NetSpec]) -> tuple[str, ...]:
    """Returns the labels of nets side by side; where two would be the same, their widths are added."""
    plain = [run_label(spec) for spec in specs]
    return tuple(
        name if plain.count(name) == 1 else f"{name}, width {spec.widths[0]}"
        for name, spec in zip(plain, specs, strict=True)
    )


def run_titles(specs: Sequence[NetSpec]) -> dict[str, str]:
    """Returns the titles of nets side by side by their run labels, each different from the others.

    Where two nets have one title, their widths are added, or else their labels.
    """
    labels = run_labels(specs)
    by_title: dict[str, list[NetSpec]] = {}
    for spec in specs:
        by_title.setdefault(title(spec), []).append(spec)
    titles = {}
    for label, spec in zip(labels, specs, strict=True):
        own = title(spec)
        same = by_title[own]
        if len({each.widths[0] for each in same}) == len(same):
            titles[label] = own if len(same) == 1 else f"{own}, width {spec.widths[0]}"
        else:
            titles[label] = label if label.startswith(own) else f"{own} ({label})"
    return titles


def is_wide_of_cifar(spec: AnySpec) -> bool:
    """Returns whether a net is a wide one of Zagoruyko and Komodakis 2016 for CIFAR, of whatever else is unusual."""
    return (
        isinstance(spec, NetSpec)
        and spec.stem is Stem.CIFAR
        and spec.block is BlockKind.BASIC
        and spec.order is Order.FULL_PREACT
        and not spec.is_plain
        and len(spec.blocks) == _CIFAR_STAGES
        and len(set(spec.blocks)) == 1
        and _widening(spec) > 1
        and _widening(spec).is_integer()
    )


def paper_depth(spec: AnySpec) -> int:
    """Returns the depth in the name of a net: for wide nets 6n + 4, with the projections and without the fc."""
    return spec.depth + _CIFAR_STAGES - 1 if is_wide_of_cifar(spec) else spec.depth


def depth_note(spec: AnySpec) -> str:
    """Returns a message on a net whose name has another depth than its weighted layers; nothing for most."""
    if not is_wide_of_cifar(spec):
        return ""
    return _("Its paper counts {depth}: with the projections of its three stages and without the fc.").format(
        depth=paper_depth(spec)
    )


def _family(spec: NetSpec) -> str:
    return "ResNeXt" if spec.cardinality > 1 else "ResNet"


def _widening(spec: NetSpec) -> float:
    return spec.width_per_group / USUAL_WIDTH_PER_GROUP


def _is_wide_of_imagenet(spec: NetSpec) -> bool:
    """Whether a net is a wide one of bottlenecks, as Zagoruyko and Komodakis 2016 have it in table 8."""
    is_bottleneck = spec.block is BlockKind.BOTTLENECK and spec.cardinality == 1 and spec.order is Order.ORIGINAL
    is_wide = _widening(spec) > 1 and _widening(spec).is_integer()
    return is_bottleneck and is_wide and spec.stem is Stem.IMAGENET and not spec.is_plain


def _has_known_blocks(spec: NetSpec) -> bool:
    """Whether the depth names the blocks: n in each of three stages, or those of a well-known net of four."""
    if len(spec.blocks) == _CIFAR_STAGES:
        return len(set(spec.blocks)) == 1
    return spec.blocks in _KNOWN_BLOCKS[spec.block]


def _width_names(spec: NetSpec) -> list[str]:
    if spec.cardinality > 1:
        return [f"{spec.cardinality}×{spec.width_per_group}d"]
    return [] if spec.width_per_group == USUAL_WIDTH_PER_GROUP else [f"{_widening(spec):g} times as wide"]


def _unusual(spec: NetSpec, usual_order: Order, usual_match: DimMatch) -> list[str]:
    unusual = []
    if spec.stem is Stem.CIFAR and spec.block is BlockKind.BOTTLENECK and spec.cardinality == 1:
        unusual.append("bottleneck")
    if spec.order is not usual_order:
        unusual.append(ORDER_NAMES[spec.order])
    unusual += _shortcut_names(spec)
    if not spec.is_plain and spec.dim_match is not usual_match:
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
    return unusual


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
    """Returns the papers' name of a stage, counted from 1.

    conv2_x in an ImageNet net, 32×32 in a CIFAR net, conv1_x in a VGG net (conv1_1, conv1_2 in its authors' code).
    """
    if isinstance(spec, VggSpec):
        return f"conv{stage}_x"
    if spec.stem is Stem.IMAGENET:
        return f"conv{stage + 1}_x"
    halvings = sum(number not in spec.dilated_stages for number in range(2, stage + 1))
    height, width = (-(-side // 2**halvings) for side in spec.image_sides)
    return f"{height}×{width}"
