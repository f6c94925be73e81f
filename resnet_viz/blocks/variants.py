"""Vocabulary of block variants. A variant is a table row: fields in which its net differs, and its own size if any.

Ids are part of addresses. Orders and operations on the shortcut: He et al. 2016, figures 4 and 2. Options A to C and
the two kinds of branch: He et al. 2015, section 3.3 and figure 5. The others are classes of code in their own sizes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from resnet_viz.i18n import N_
from resnet_viz.spec.enums import BlockKind, DimMatch, Norm, Order, Shortcut, Stem, StrideOn
from resnet_viz.spec.net import NetSpec

MAX_BLOCKS: Final = 5  # side by side


class VariantGroup(StrEnum):
    """Kinds of variants; the first three are names of files of published results."""

    ORDERS = "orders"
    SHORTCUTS = "shortcuts"
    OPTIONS = "options"
    CONVOLUTIONS = "convolutions"
    CODE = "code"


class ShapeChange(StrEnum):
    """Whether a block changes the shape of its input."""

    STAYS = "stays"
    HALVES = "halves"  # half the side, twice the width


class OwnSize(NamedTuple):
    """Numbers of a class of code as its source calls it.

    Attributes:
        width: of the block's 3x3 convolutions.
        size: side of the input map in pixels.
        batch: images of a batch.
    """

    width: int
    size: int
    batch: int = 1


class BlockSettings(NamedTuple):
    """Settings that all variants share, but for those that a variant has of its own.

    Attributes:
        convs: the convolutions of the branch.
        shape: whether the shape changes.
        width: of the 3x3 convolutions of the input's stage; twice as many come out where the shape changes.
        size: side of the input map in pixels.
        has_norm: whether there is batch norm.
    """

    convs: BlockKind = BlockKind.BASIC
    shape: ShapeChange = ShapeChange.STAYS
    width: int = 64
    size: int = 56
    has_norm: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class BlockVariant:
    """One variant of a block.

    Attributes:
        id: name in addresses.
        group: kind of variant.
        title: name on screen, in English.
        fields: fields in which its net differs from `NetSpec`'s defaults.
        shape: change of shape that the variant is about; None where the settings decide.
        own: numbers of its own; None where the settings decide.
    """

    id: str
    group: VariantGroup
    title: str
    fields: Mapping[str, Any]
    shape: ShapeChange | None = None
    own: OwnSize | None = None


def _variant(id: str, group: VariantGroup, title: str, **fields: Any) -> BlockVariant:
    more = {name: fields.pop(name) for name in ("own", "shape") if name in fields}
    return BlockVariant(id=id, group=group, title=title, fields=MappingProxyType(fields), **more)


_D2L: Final[Mapping[str, Any]] = {"conv_bias": True, "projection_norm": False}
_BASIC: Final[Mapping[str, Any]] = {"block": BlockKind.BASIC}
_BOTTLENECK: Final[Mapping[str, Any]] = {"block": BlockKind.BOTTLENECK}
_HALVED: Final = ShapeChange.HALVES
_ORDERS, _SHORTCUTS, _OPTIONS, _CONVS, _CODE = VariantGroup
_ROWS: Final = (
    _variant("a_original", _ORDERS, N_("(a) original")),
    _variant("b_bn_after_add", _ORDERS, N_("(b) BN after addition"), order=Order.BN_AFTER_ADD),
    _variant("c_relu_before_add", _ORDERS, N_("(c) ReLU before addition"), order=Order.RELU_BEFORE_ADD),
    _variant("d_relu_only_preact", _ORDERS, N_("(d) ReLU-only pre-activation"), order=Order.RELU_ONLY_PREACT),
    _variant("e_full_preact", _ORDERS, N_("(e) full pre-activation"), order=Order.FULL_PREACT),
    _variant("plain", _ORDERS, N_("plain, no shortcut"), shortcut=Shortcut.NONE),
    _variant("identity", _SHORTCUTS, N_("identity")),
    _variant(
        "scaled_half",
        _SHORTCUTS,
        N_("constant scaling, 0.5 and 0.5"),
        shortcut=Shortcut.CONSTANT_SCALING,
        shortcut_scale=0.5,
        residual_scale=0.5,
    ),
    _variant(
        "scaled_shortcut",
        _SHORTCUTS,
        N_("constant scaling, 0.5 and 1"),
        shortcut=Shortcut.CONSTANT_SCALING,
        shortcut_scale=0.5,
        residual_scale=1,
    ),
    _variant(
        "exclusive_gating",
        _SHORTCUTS,
        N_("exclusive gating"),
        shortcut=Shortcut.EXCLUSIVE_GATING,
        gate_bias=-6,
    ),
    _variant(
        "shortcut_only_gating",
        _SHORTCUTS,
        N_("shortcut-only gating"),
        shortcut=Shortcut.SHORTCUT_ONLY_GATING,
        gate_bias=-6,
    ),
    _variant("conv1x1", _SHORTCUTS, N_("1×1 convolution"), shortcut=Shortcut.CONV1X1),
    _variant("dropout", _SHORTCUTS, N_("dropout 0.5"), shortcut=Shortcut.DROPOUT, dropout=0.5),
    _variant("option_a", _OPTIONS, N_("option A, zero padding"), shape=_HALVED, dim_match=DimMatch.ZERO_PAD),
    _variant("option_b", _OPTIONS, N_("option B, projection"), shape=_HALVED),
    _variant("option_c", _OPTIONS, N_("option C, all projections"), dim_match=DimMatch.PROJECTION_EVERYWHERE),
    _variant("basic", _CONVS, N_("basic block"), **_BASIC),
    _variant("bottleneck", _CONVS, N_("bottleneck"), **_BOTTLENECK),
    _variant(
        "bottleneck_v1",
        _CONVS,
        N_("bottleneck v1, stride on the first 1×1"),
        shape=_HALVED,
        stride_on=StrideOn.FIRST_1X1,
        **_BOTTLENECK,
    ),
    _variant("bottleneck_v1_5", _CONVS, N_("bottleneck v1.5, stride on the 3×3"), shape=_HALVED, **_BOTTLENECK),
    _variant(
        "d2l_residual", _CODE, N_("d2l Residual(3)"), shape=ShapeChange.STAYS, own=OwnSize(3, 6, 4), **_BASIC, **_D2L
    ),
    _variant(
        "d2l_residual_1x1",
        _CODE,
        N_("d2l Residual(6, 1×1, strides 2)"),
        shape=_HALVED,
        own=OwnSize(6, 6, 4),
        **_BASIC,
        **_D2L,
    ),
    _variant(
        "residual_64_64", _CODE, "ResidualBlock(64, 64, 1)", shape=ShapeChange.STAYS, own=OwnSize(64, 56), **_BASIC
    ),
    _variant("residual_64_128", _CODE, "ResidualBlock(64, 128, 2)", shape=_HALVED, own=OwnSize(128, 56), **_BASIC),
    _variant(
        "torchvision_basic", _CODE, "torchvision BasicBlock", shape=ShapeChange.STAYS, own=OwnSize(64, 56), **_BASIC
    ),
    _variant(
        "torchvision_bottleneck",
        _CODE,
        "torchvision Bottleneck",
        shape=ShapeChange.STAYS,
        own=OwnSize(64, 56),
        **_BOTTLENECK,
    ),
)

VARIANTS: Final[Mapping[str, BlockVariant]] = MappingProxyType({row.id: row for row in _ROWS})


def variants_of(group: VariantGroup) -> tuple[BlockVariant, ...]:
    """Returns the variants of a group in their order."""
    return tuple(variant for variant in VARIANTS.values() if variant.group is group)


def spec_of(variant: BlockVariant, settings: BlockSettings) -> NetSpec:
    """Returns a net of two blocks, the second of which is the variant.

    The shape stays in the second block of a stage and changes in the first of the second stage, so that the block is
    none of those after the stem.

    Raises:
        SpecError: width or size out of range, or settings that do not go together.
    """
    is_halved = (variant.shape or settings.shape) is ShapeChange.HALVES
    width, size = settings.width * (2 if is_halved else 1), settings.size
    if variant.own:
        width, size, _batch = variant.own
    fields = {"block": settings.convs, **variant.fields}
    if not variant.own and not settings.has_norm:
        fields["norm"] = Norm.NONE
    return NetSpec(
        stem=Stem.CIFAR,
        blocks=(1, 1) if is_halved else (2,),
        widths=(width // 2, width) if is_halved else (width,),
        image_size=size,
        num_classes=10,
        **fields,
    )
