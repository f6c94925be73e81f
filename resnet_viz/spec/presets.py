"""Named nets. Each row holds the fields in which a net differs from NetSpec's defaults; families take their depth.

ImageNet rows: He et al. 2015, table 1, with projections (option B) and the stride on the 3x3 convolution as
torchvision and fb.resnet.torch have it; `_v1` has the paper's own placement on the first 1x1.
CIFAR rows: He et al. 2015, section 4.2, identity shortcuts with zero padding (option A); bottlenecks and
pre-activation He et al. 2016 with the authors' code (KaimingHe/resnet-1k-layers). VGG's rows are in `vgg`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec.enums import BlockKind, DimMatch, Order, Shortcut, Stem, StrideOn
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.validation import did_you_mean, known_field, refused, shown
from resnet_viz.spec.vgg import VGG, AnySpec, VggSpec


def kind_of(name: str) -> type[NetSpec] | type[VggSpec]:
    """Returns the class of a named net; an unknown name counts as a residual net."""
    return VggSpec if name in VGG else NetSpec


def fields_of(name: str) -> tuple[str, ...]:
    """Returns the names of all fields that a named net has, in order."""
    return tuple(kind_of(name).__dataclass_fields__)


def check_field(name: str, field: str) -> None:
    """Checks that a named net has a field.

    Raises:
        SpecError: it has none of this name; the message lists its fields.
    """
    known_field(name, field, fields_of(name))


Fields = Mapping[str, Any]
Changes = tuple[tuple[str, Any], ...]  # field and value

_IMAGENET_WIDTHS: Final = (64, 128, 256, 512)
_BASIC_18: Final[Fields] = {"blocks": (2, 2, 2, 2), "widths": _IMAGENET_WIDTHS}
_BASIC_34: Final[Fields] = {"blocks": (3, 4, 6, 3), "widths": _IMAGENET_WIDTHS}
_BOTTLENECK: Final[Fields] = {"block": BlockKind.BOTTLENECK, "widths": _IMAGENET_WIDTHS}
_BLOCKS: Final = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
_BLOCKS_200: Final = (3, 24, 36, 3)  # He et al. 2016, table 5
_DEEP: Final = {**_BLOCKS, 200: _BLOCKS_200}
_PREACT: Final[Fields] = {"order": Order.FULL_PREACT}  # fb.resnet.torch, preresnet.lua


def _grouped(depth: int, cardinality: int, width_per_group: int) -> Fields:
    """Returns a net of Xie et al. 2017 or, with one group, of Zagoruyko and Komodakis 2016, as torchvision has it."""
    blocks = _BLOCKS[depth]
    return {**_BOTTLENECK, "blocks": blocks, "cardinality": cardinality, "width_per_group": width_per_group}


def _resnext29(cardinality: int) -> Fields:
    """Returns the CIFAR net of Xie et al. 2017, section 5.2: three stages of three blocks with 64 channels a group."""
    return {
        "stem": Stem.CIFAR,
        "blocks": (3, 3, 3),
        "widths": (64, 128, 256),
        "block": BlockKind.BOTTLENECK,
        "cardinality": cardinality,
        "width_per_group": 64,
        "image_size": 32,
        "num_classes": 10,
    }


NAMED: Final[Mapping[str, Fields]] = MappingProxyType(
    {
        "resnet18": _BASIC_18,
        "resnet34": _BASIC_34,
        **{f"resnet{depth}": {**_BOTTLENECK, "blocks": blocks} for depth, blocks in _BLOCKS.items()},
        **{
            f"resnet{depth}_v1": {**_BOTTLENECK, "blocks": blocks, "stride_on": StrideOn.FIRST_1X1}
            for depth, blocks in _BLOCKS.items()
        },
        "plain18": {**_BASIC_18, "shortcut": Shortcut.NONE},
        "plain34": {**_BASIC_34, "shortcut": Shortcut.NONE},
        "resnet200": {**_BOTTLENECK, "blocks": _BLOCKS_200},
        "preact_resnet18": {**_BASIC_18, **_PREACT},
        "preact_resnet34": {**_BASIC_34, **_PREACT},
        **{f"preact_resnet{depth}": {**_BOTTLENECK, "blocks": blocks, **_PREACT} for depth, blocks in _DEEP.items()},
        "resnext50_32x4d": _grouped(50, 32, 4),
        "resnext101_32x8d": _grouped(101, 32, 8),
        "resnext101_64x4d": _grouped(101, 64, 4),
        "wide_resnet50_2": _grouped(50, 1, 128),
        "wide_resnet101_2": _grouped(101, 1, 128),
        "resnext29_8x64d": _resnext29(8),
        "resnext29_16x64d": _resnext29(16),
        # d2l.ai, section 8.6 (7.6 of the Chinese edition): biases, projections without norm, grey images
        "d2l_resnet18": {
            **_BASIC_18,
            "conv_bias": True,
            "projection_norm": False,
            "in_channels": 1,
            "num_classes": 10,
        },
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """Nets that differ in depth only: depth = layers_per_n * n + 2, n blocks in each of three stages.

    Attributes:
        layers_per_n: weighted layers that one more block per stage adds.
        fields: fields shared by all members.
        examples: depths of the papers, offered in menus.
    """

    layers_per_n: int
    fields: Fields
    examples: tuple[int, ...]

    def member(self, depth: int) -> Fields:
        """Returns the fields of the member of this depth.

        Raises:
            SpecError: no member has this depth.
        """
        n, rest = divmod(depth - 2, self.layers_per_n)
        if rest or n < 1:
            few = ", ".join(str(self.layers_per_n * k + 2) for k in (1, 2, 3))
            lower = self.layers_per_n * max(1, n) + 2
            raise SpecError(
                _("CIFAR depths of this family are {per}n + 2 ({few}, ...); got {depth}.").format(
                    per=self.layers_per_n, few=few, depth=depth
                )
                + " "
                + _("Near to it: {near}.").format(near=f"{lower}, {lower + self.layers_per_n}")
            )
        return {**self.fields, "blocks": (n, n, n)}


_CIFAR: Final[Fields] = {
    "stem": Stem.CIFAR,
    "widths": (16, 32, 64),
    "dim_match": DimMatch.ZERO_PAD,
    "image_size": 32,
    "num_classes": 10,
}
_CIFAR_BOTTLENECK: Final[Fields] = {
    **_CIFAR,
    "block": BlockKind.BOTTLENECK,
    "dim_match": DimMatch.PROJECTION,
    "stride_on": StrideOn.FIRST_1X1,  # as KaimingHe/resnet-1k-layers has it
}
_PAPER_DEPTHS: Final = (20, 32, 44, 56, 110)

FAMILIES: Final[Mapping[str, Family]] = MappingProxyType(
    {
        "cifar_resnet": Family(layers_per_n=6, fields=_CIFAR, examples=(*_PAPER_DEPTHS, 1202)),
        "cifar_plain": Family(layers_per_n=6, fields={**_CIFAR, "shortcut": Shortcut.NONE}, examples=_PAPER_DEPTHS),
        "cifar_preact_resnet": Family(
            layers_per_n=6, fields={**_CIFAR, "order": Order.FULL_PREACT}, examples=_PAPER_DEPTHS
        ),
        "cifar_bottleneck": Family(layers_per_n=9, fields=_CIFAR_BOTTLENECK, examples=(164,)),
        "cifar_preact_bottleneck": Family(
            layers_per_n=9, fields={**_CIFAR_BOTTLENECK, "order": Order.FULL_PREACT}, examples=(164, 1001)
        ),
    }
)


WIDE_EXAMPLES: Final = ((16, 8), (28, 10), (40, 4))  # depth and k of Zagoruyko and Komodakis 2016, table 4


def _wide(depth: int, k: int) -> Fields:
    """Returns WRN-depth-k: Zagoruyko and Komodakis 2016. Their depth counts projections and leaves out the fc."""
    n, rest = divmod(depth - 4, 6)
    if rest or n < 1 or k < 1:
        raise SpecError(
            _(
                "Wide ResNets are wrn_<depth>_<k> with depth 6n + 4 (10, 16, 22, 28, ...); got {depth} and k = {k}."
            ).format(depth=depth, k=k)
        )
    return {
        **_CIFAR,
        "blocks": (n, n, n),
        "dim_match": DimMatch.PROJECTION,
        "order": Order.FULL_PREACT,
        "width_per_group": 64 * k,
    }


def preset_names() -> tuple[str, ...]:
    """Returns every name of the menus: the named nets, VGG, then the families at their papers' depths."""
    members = (f"{family}{depth}" for family, row in FAMILIES.items() for depth in row.examples)
    wide = (f"wrn_{depth}_{k}" for depth, k in WIDE_EXAMPLES)
    return (*NAMED, *VGG, *members, *wide)


def preset_fields(name: str) -> Fields:
    """Returns the fields of a named net or of a family's member, without the defaults of its kind.

    Raises:
        SpecError: no net has this name; the message suggests the nearest names.
    """
    if not isinstance(name, str):
        raise refused("net", _("the name of a net, such as resnet50"), name)
    if name in NAMED:
        return NAMED[name]
    if name in VGG:
        return VGG[name]
    match = re.fullmatch(r"([a-z_]{1,30}?)([0-9]{1,6})", name, flags=re.ASCII)
    if match and match[1] in FAMILIES:
        return FAMILIES[match[1]].member(int(match[2]))
    match = re.fullmatch(r"wrn_([0-9]{1,4})_([0-9]{1,3})", name, flags=re.ASCII)
    if match:
        return _wide(int(match[1]), int(match[2]))
    raise unknown_name(name)


def unknown_name(name: str) -> SpecError:
    """Returns the refusal of a name that no net has, with the nearest ones."""
    near = did_you_mean(name.strip() or "resnet", preset_names())
    return SpecError(_("No net is called {name!r}.").format(name=shown(name)) + near)


def preset(name: str, **overrides: Any) -> AnySpec:
    """Returns a named net, with `overrides` by field name.

    Raises:
        SpecError: an unknown name, or overrides that make no net.
    """
    fields = {**preset_fields(name), **overrides}
    for field in overrides:
        check_field(name, field)
    return kind_of(name)(**fields)


def residual_preset(name: str, **overrides: Any) -> NetSpec:
    """Returns a named net like `preset`, but only a residual or plain one.

    Raises:
        SpecError: as `preset`, and a VGG net.
    """
    spec = preset(name, **overrides)
    if isinstance(spec, VggSpec):
        raise SpecError(_("{net} is a VGG net; here it takes a residual net or a plain one.").format(net=name))
    return spec


_USUAL_VGG: Final = "vgg16"  # named where others are as near


def nearest_preset(spec: AnySpec) -> str:
    """Returns the preset that needs the fewest fields changed to become `spec`; menu order breaks ties.

    Members of a family are tried at the spec's own depth too, so that ResNet-14 is found as `cifar_resnet14`.
    """
    if isinstance(spec, VggSpec):
        return min(VGG, key=lambda name: (len(differing_fields(spec, name)), name != _USUAL_VGG))
    own_depths = (
        f"{family}{spec.depth}"
        for family, row in FAMILIES.items()
        if (spec.depth - 2) % row.layers_per_n == 0 and spec.depth > 2  # noqa: PLR2004 - stem and fc
    )
    known = (name for name in preset_names() if name not in VGG)
    return min((*known, *own_depths), key=lambda name: len(differing_fields(spec, name)))


@lru_cache(maxsize=256)  # the nearest preset is looked for among all of them
def _named(name: str) -> AnySpec:
    return preset(name)


def differing_fields(spec: AnySpec, name: str) -> tuple[str, ...]:
    """Returns the names of the fields in which `spec` differs from the preset `name`, in their order.

    Raises:
        SpecError: an unknown name, or a net of the other kind, which no field turns into this one.
    """
    base = _named(name)
    if type(base) is not type(spec):
        raise SpecError(_("{net} is a net of another kind and has other fields.").format(net=name))
    return tuple(f for f in fields_of(name) if getattr(spec, f) != getattr(base, f))


def series() -> dict[str, tuple[str, ...]]:
    """Returns the names of the menus in series of nets that differ in depth only, shallow ones first.

    The key is the name without its depth: "resnet" for resnet18 to resnet152, "resnet_v1" for the paper's placement.
    """
    found: dict[str, list[str]] = {}
    for name in preset_names():
        found.setdefault(series_of(name), []).append(name)
    return {key: tuple(members) for key, members in found.items()}


def series_of(name: str) -> str:
    """Returns a preset's name without its depth; ResNeXts, wide nets and VGG nets form one series each."""
    for together in ("resnext", "wide_resnet", "wrn", "vgg"):
        if name.startswith(together):
            return together
    return re.sub(r"[0-9]+(?=$|_v1$)", "", name, count=1, flags=re.ASCII)
