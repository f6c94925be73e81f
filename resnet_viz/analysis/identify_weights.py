"""Specs that fit the shapes of a state dict with our keys or torchvision's.

Shapes do not determine strides, dilation, activations and image size: all returned specs are equally possible. Scaled
and dropped shortcuts have no shape either: they are taken for identities.
"""

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower
from resnet_viz.plan.ops import Shape
from resnet_viz.plan.torchvision_keys import BATCHES_SEEN, layers_of, own_key, own_vgg_keys, state_shapes
from resnet_viz.spec.enums import BlockKind, DimMatch, Norm, Order, Shortcut, Stem, StrideOn
from resnet_viz.spec.fields import MAX_BLOCKS
from resnet_viz.spec.net import EXPANSION, USUAL_WIDTH_PER_GROUP, NetSpec
from resnet_viz.spec.titles import title
from resnet_viz.spec.vgg import AnySpec, VggSpec

_KERNELS: Final = {7: Stem.IMAGENET, 3: Stem.CIFAR}
_IMAGE_SIZES: Final = (224, 32)  # as the presets have them
_MOST_KEYS: Final = 12 * 3 * MAX_BLOCKS + 20  # a norm has five tensors, a convolution two, and some room
_ONLY_VGG: Final = ("head.fc1.weight", "classifier.0.weight")
_LONGEST: Final = 60
_BLOCK: Final = re.compile(r"stage([1-9])\.block([1-9][0-9]{0,3})\.", flags=re.ASCII)


def specs_of_shapes(shapes: Mapping[str, Sequence[int]]) -> tuple[AnySpec, ...]:
    """Returns every spec whose state dict has exactly these keys and shapes, as far as presets differ.

    Raises:
        SpecError: no net has them; the message names the first obstacle.
    """
    if len(shapes) > _MOST_KEYS:
        raise SpecError(_("No net has {got:,} weight tensors.").format(got=len(shapes)))
    given = {str(key).removeprefix("module."): tuple(shape) for key, shape in shapes.items()}
    specs: tuple[AnySpec, ...]
    if any(key in given for key in _ONLY_VGG):
        own = own_vgg_keys(given)
        specs = _vgg_specs(own)
    else:
        own = {own_key(key): shape for key, shape in given.items()}
        fields = _fields(own)
        specs = tuple(_made(fields, unseen) for unseen in _unseen(own))
    first_complaint = _complaint(specs[0], own)
    if first_complaint is not None:
        raise SpecError(first_complaint)
    return specs


def _vgg_specs(own: Mapping[str, Shape]) -> tuple[AnySpec, ...]:
    """Returns the VGG nets of these shapes, one for each image size."""
    blocks = _blocks(own)
    first = "stage1.block1.branch"
    fields: dict[str, Any] = {
        "in_channels": _shape(own, f"{first}.conv1.weight", 4)[1],
        "blocks": blocks,
        "widths": tuple(_shape(own, f"stage{n}.block1.branch.conv1.weight", 4)[0] for n in range(1, len(blocks) + 1)),
        "norm": Norm.BATCH if f"{first}.norm1.weight" in own else Norm.NONE,
        "conv_bias": f"{first}.conv1.bias" in own,
        "hidden_features": _shape(own, "head.fc1.weight", 2)[0],
        "num_classes": _shape(own, "head.fc.weight", 2)[0],
    }
    return tuple(VggSpec(**fields, image_size=max(size, 2 ** len(blocks))) for size in _IMAGE_SIZES)


def _made(fields: dict[str, Any], unseen: dict[str, Any]) -> NetSpec:
    """Returns the spec; too small an image is enlarged, and a net that zero padding cannot serve becomes plain."""
    larger = {**fields, **unseen, "image_size": _IMAGE_SIZES[0]}
    for attempt in ({**fields, **unseen}, larger):
        try:
            return NetSpec(**attempt)
        except SpecError:
            continue
    return NetSpec(**{**larger, "shortcut": Shortcut.NONE})


def _unseen(own: Mapping[str, Shape]) -> list[dict[str, Any]]:
    """Returns the combinations of fields that leave the shapes as they are."""
    strides = tuple(StrideOn) if _kind(own) is BlockKind.BOTTLENECK else (StrideOn.CONV_3X3,)
    return [
        {"shortcut": shortcut, "stride_on": stride_on, "image_size": size}
        for shortcut, stride_on, size in itertools.product(_kinds(own), reversed(strides), _IMAGE_SIZES)
    ]


def _kinds(own: Mapping[str, Shape]) -> tuple[Shortcut, ...]:
    """Returns the possible shortcut kinds. 1x1 convolutions in all blocks are taken for option C."""
    if any(".gate.conv." in key for key in own):
        return (Shortcut.EXCLUSIVE_GATING, Shortcut.SHORTCUT_ONLY_GATING)
    projected = _projected(own)
    if _is_conv1x1(projected, _blocks(own)):
        return (Shortcut.CONV1X1,)
    return (Shortcut.IDENTITY,) if projected else (Shortcut.IDENTITY, Shortcut.NONE)


def _projected(own: Mapping[str, Shape]) -> set[str]:
    """Returns the names of the blocks with a 1x1 convolution on their shortcut."""
    return {key.rpartition(".shortcut.")[0] for key in own if key.endswith(".shortcut.conv.weight")}


def _is_conv1x1(projected: set[str], blocks: tuple[int, ...]) -> bool:
    """Whether later blocks of a stage have a 1x1 convolution, where the shape stays, and some first ones have none."""
    return len(projected) < sum(blocks) and any(not name.endswith(".block1") for name in projected)


def _fields(own: Mapping[str, Shape]) -> dict[str, Any]:
    """Returns all fields that shapes determine."""
    out_channels, in_channels, kernel = _shape(own, "stem.conv.weight", 4)[:3]
    if kernel not in _KERNELS:
        raise SpecError(
            _("Its first convolution is {got}×{got}; the stems here are 7×7 (imagenet) and 3×3 (cifar).").format(
                got=kernel
            )
        )
    blocks = _blocks(own)
    return {
        "stem": _KERNELS[kernel],
        "blocks": blocks,
        "block": _kind(own),
        "order": _order(own),
        **_widths(own, len(blocks), out_channels),
        **_shortcuts(own, blocks),
        "norm": Norm.BATCH if any(re.search(r"\.norm\d?\.weight$", key) for key in own) else Norm.NONE,
        "conv_bias": "stem.conv.bias" in own,
        "in_channels": in_channels,
        "num_classes": _shape(own, "head.fc.weight", 2)[0],
    }


def _blocks(own: Mapping[str, Shape]) -> tuple[int, ...]:
    found = [match for match in map(_BLOCK.match, own) if match]
    stages = sorted({int(match[1]) for match in found})
    return tuple(max(int(match[2]) for match in found if int(match[1]) == stage) for stage in stages)


def _kind(own: Mapping[str, Shape]) -> BlockKind:
    return BlockKind.BOTTLENECK if "stage1.block1.branch.conv3.weight" in own else BlockKind.BASIC


def _order(own: Mapping[str, Shape]) -> Order:
    if "stage1.block1.post.norm.weight" in own:
        return Order.BN_AFTER_ADD
    return Order.FULL_PREACT if "head.norm.weight" in own else Order.ORIGINAL


def _widths(own: Mapping[str, Shape], num_stages: int, stem_channels: int) -> dict[str, Any]:
    """Returns widths, cardinality and width per group.

    The stem is as wide as the first stage; a bottleneck's width is a quarter of its output channels.
    """
    kind = _kind(own)
    middle, last = ("conv2", "conv3") if kind is BlockKind.BOTTLENECK else ("conv1", "conv2")
    inner, seen_channels = _shape(own, f"stage1.block1.branch.{middle}.weight", 4)[:2]
    cardinality = max(1, inner // max(1, seen_channels)) if kind is BlockKind.BOTTLENECK else 1
    outs = [_shape(own, f"stage{n}.block1.branch.{last}.weight", 4)[0] for n in range(1, num_stages + 1)]
    if kind is BlockKind.BOTTLENECK:
        widths = tuple(out // EXPANSION[kind] for out in outs)
        per_group = USUAL_WIDTH_PER_GROUP * inner // (cardinality * max(1, widths[0]))
    else:
        widths = tuple(out * stem_channels // max(1, outs[0]) for out in outs)
        per_group = USUAL_WIDTH_PER_GROUP * outs[0] // max(1, stem_channels)
    return {"widths": widths, "cardinality": cardinality, "width_per_group": per_group}


def _shortcuts(own: Mapping[str, Shape], blocks: tuple[int, ...]) -> dict[str, Any]:
    projected = _projected(own)
    if not projected:
        return {"dim_match": DimMatch.ZERO_PAD}
    is_everywhere = len(projected) == sum(blocks) and blocks != (1,) * len(blocks)
    has_norm = any(key.endswith(".shortcut.norm.weight") for key in own)
    branch_ends_in_norm = _order(own) is Order.ORIGINAL and "stem.norm.weight" in own
    option = DimMatch.PROJECTION_EVERYWHERE if is_everywhere else DimMatch.PROJECTION
    return {
        "dim_match": DimMatch.ZERO_PAD if _is_conv1x1(projected, blocks) else option,
        "projection_norm": has_norm or not branch_ends_in_norm,
    }


def _shape(own: Mapping[str, Shape], key: str, num_sides: int) -> Shape:
    if key not in own:
        raise SpecError(
            _("This is no net of this program nor of torchvision's ResNet or VGG class: {key} is missing.").format(
                key=key
            )
        )
    if len(own[key]) != num_sides or not all(isinstance(side, int) and side > 0 for side in own[key]):
        raise SpecError(_("{key} has {num} sides in a net; got {got}.").format(key=key, num=num_sides, got=own[key]))
    return own[key]


def _complaint(spec: AnySpec, own: Mapping[str, Shape]) -> str | None:
    """Returns the first difference between the shapes of `spec` and those given, None where there is none."""
    expected = state_shapes(layers_of(lower(spec)))
    if not any(key.endswith(BATCHES_SEEN) for key in own):
        expected = {key: shape for key, shape in expected.items() if not key.endswith(BATCHES_SEEN)}
    for key, shape in expected.items():
        if key not in own:
            return _("It is near to {title}, but {key} is missing.").format(title=title(spec), key=key)
        if own[key] != shape:
            return _("It is near to {title}, but {key} has the shape {got} and not {needed}.").format(
                title=title(spec), key=key, got=own[key], needed=shape
            )
    extra = next((key for key in own if key not in expected), None)
    if extra is None:
        return None
    return _("It is near to {title}, but has {key!r} besides.").format(title=title(spec), key=extra[:_LONGEST])
