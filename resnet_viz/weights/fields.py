"""Fields of a net, read from the shapes of its tensors under our keys.

Shapes do not determine strides, dilation, activations and image size. Scaled and dropped shortcuts have no shape
either: they are taken for identities.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.plan.ops import Shape
from resnet_viz.spec.enums import BlockKind, DimMatch, Norm, Order, Shortcut, Stem
from resnet_viz.spec.fields import MAX_CLASSES
from resnet_viz.spec.net import EXPANSION, USUAL_WIDTH_PER_GROUP
from resnet_viz.weights.heads import FEWEST_CLASSES
from resnet_viz.weights.key_map import KeyMap
from resnet_viz.weights.namings import FIRST_CONV, HEAD, HEAD_NORM, OURS, STEM, STEM_NORM
from resnet_viz.weights.outside import quote, shape_text
from resnet_viz.weights.vgg_keys import NUMBERED

Fields = dict[str, Any]
_KERNELS: Final = {7: Stem.IMAGENET, 3: Stem.CIFAR}
_USUAL_CLASSES: Final = {Stem.IMAGENET: 1000, Stem.CIFAR: 10}
_BLOCK: Final = re.compile(r"stage([1-9])\.block([1-9][0-9]{0,3})\.", flags=re.ASCII)
_CONV_SIDES: Final = 4


class Given(NamedTuple):
    """Tensors of one net: shapes by our keys, and the map from the file's."""

    own: Mapping[str, Shape]
    keys: KeyMap

    def shape(self, key: str, num_sides: int) -> Shape:
        """Returns the shape of a tensor.

        Raises:
            SpecError: it is missing, or has another number of sides; the message has the file's key.
        """
        theirs = self.keys.their_key(key)
        if key not in self.own:
            raise SpecError(
                _("These weights are named as in {naming}, but {key} is missing.").format(
                    naming=self.keys.naming.name, key=quote(theirs)
                )
            )
        found = self.own[key]
        if len(found) != num_sides or not all(type(side) is int and side > 0 for side in found):
            raise SpecError(
                _("{key} has {num} sides in a net; got {got}.").format(
                    key=quote(theirs), num=num_sides, got=shape_text(found)
                )
            )
        return found

    @property
    def is_vgg(self) -> bool:
        """Whether these are tensors of a VGG net: blocks of one convolution, and no stem."""
        second = FIRST_CONV.replace("conv1", "conv2")
        is_ours = self.keys.naming is OURS and not {f"{STEM}.weight", f"{second}.weight"} & self.own.keys()
        return is_ours or self.keys.naming is NUMBERED

    @property
    def blocks(self) -> tuple[int, ...]:
        """Number of blocks of each stage."""
        found = [match for match in map(_BLOCK.match, self.own) if match]
        stages = sorted({int(match[1]) for match in found})
        return tuple(max(int(match[2]) for match in found if int(match[1]) == stage) for stage in stages)

    @property
    def kind(self) -> BlockKind:
        """Kind of the blocks."""
        return BlockKind.BOTTLENECK if "stage1.block1.branch.conv3.weight" in self.own else BlockKind.BASIC

    @property
    def projected(self) -> frozenset[str]:
        """Names of the blocks with a 1x1 convolution on their shortcut."""
        return frozenset(key.rpartition(".shortcut.")[0] for key in self.own if key.endswith(".shortcut.conv.weight"))

    @property
    def order(self) -> Order:
        """Order of norms and activations, as far as tensors show it."""
        if "stage1.block1.post.norm.weight" in self.own:
            return Order.BN_AFTER_ADD
        if self.keys.naming is OURS:
            return Order.FULL_PREACT if f"{HEAD_NORM}.weight" in self.own else Order.ORIGINAL
        return Order.FULL_PREACT if self._norms_come_first() else Order.ORIGINAL

    def _norms_come_first(self) -> bool:
        """Whether the first norm of every block fits what its first convolution reads, and not what it puts out.

        Where both are equal in all blocks, a norm in front of the head shows it.
        """
        firsts = [
            (self.own.get(key.replace("conv1", "norm1"), ()), shape)
            for key, shape in self.own.items()
            if key.endswith(".branch.conv1.weight")
        ]
        fits_input = all(norm == conv[1:2] for norm, conv in firsts)
        fits_output = all(norm == conv[:1] for norm, conv in firsts)
        return fits_input and (not fits_output or f"{HEAD_NORM}.weight" in self.own)


def vgg_fields(given: Given) -> Fields:
    """Returns the fields of a VGG net, all but the image size.

    Raises:
        SpecError: a tensor is missing or has the wrong number of sides.
    """
    first, own, blocks = "stage1.block1.branch", given.own, given.blocks
    fields: Fields = {
        "in_channels": given.shape(f"{first}.conv1.weight", _CONV_SIDES)[1],
        "blocks": blocks,
        "widths": tuple(
            given.shape(f"stage{n}.block1.branch.conv1.weight", _CONV_SIDES)[0] for n in range(1, len(blocks) + 1)
        ),
        "norm": Norm.BATCH if f"{first}.norm1.weight" in own else Norm.NONE,
        "conv_bias": f"{first}.conv1.bias" in own,
    }
    if any(key.startswith("head.fc") for key in own):
        fields |= {"hidden_features": given.shape("head.fc1.weight", 2)[0], "num_classes": num_classes(given, 1000)}
    return fields


def residual_fields(given: Given) -> Fields:
    """Returns all fields of a residual or plain net that shapes determine.

    Raises:
        SpecError: a tensor is missing or has the wrong number of sides, or the stem is another one.
    """
    own, blocks = given.own, given.blocks
    out_channels, in_channels, kernel = given.shape(f"{STEM}.weight", _CONV_SIDES)[:3]
    if kernel not in _KERNELS:
        raise SpecError(
            _(
                "Its first convolution, {key}, is {got}×{got}; the stems here are 7×7 (imagenet) and 3×3 (cifar)."
            ).format(key=quote(given.keys.their_key(f"{STEM}.weight")), got=kernel)
        )
    stem = _KERNELS[kernel]
    return {
        "stem": stem,
        "blocks": blocks,
        "block": given.kind,
        "order": given.order,
        **_widths(given, len(blocks), out_channels),
        **_dim_match(given),
        "norm": Norm.BATCH if any(re.search(r"\.norm\d?\.weight$", key) for key in own) else Norm.NONE,
        "conv_bias": f"{STEM}.bias" in own,
        "in_channels": in_channels,
        "num_classes": num_classes(given, _USUAL_CLASSES[stem]),
    }


def num_classes(given: Given, usual: int) -> int:
    """Returns the outputs of the head, the usual number where it is missing.

    Raises:
        SpecError: no net here has so many.
    """
    if f"{HEAD}.weight" not in given.own:
        return usual
    found = given.shape(f"{HEAD}.weight", 2)[0]
    if not FEWEST_CLASSES <= found <= MAX_CLASSES:
        raise SpecError(
            _("{key} has the shape {got}; nets here have from {fewest} to {most:,} classes.").format(
                key=quote(given.keys.their_key(f"{HEAD}.weight")),
                got=shape_text(given.own[f"{HEAD}.weight"]),
                fewest=FEWEST_CLASSES,
                most=MAX_CLASSES,
            )
        )
    return found


def shortcut_kinds(given: Given) -> tuple[Shortcut, ...]:
    """Returns the possible kinds of the shortcuts. 1x1 convolutions in all blocks are taken for option C."""
    if any(".gate.conv." in key for key in given.own):
        return (Shortcut.EXCLUSIVE_GATING, Shortcut.SHORTCUT_ONLY_GATING)
    if _is_conv1x1(given):
        return (Shortcut.CONV1X1,)
    return (Shortcut.IDENTITY,) if given.projected else (Shortcut.IDENTITY, Shortcut.NONE)


def _is_conv1x1(given: Given) -> bool:
    """Whether later blocks of a stage have a 1x1 convolution, where the shape stays, and some first ones have none."""
    projected = given.projected
    return len(projected) < sum(given.blocks) and any(not name.endswith(".block1") for name in projected)


def _widths(given: Given, num_stages: int, stem_channels: int) -> Fields:
    """Returns widths, cardinality and width per group.

    The stem is as wide as the first stage; a bottleneck's width is a quarter of its output channels.
    """
    kind = given.kind
    middle, last = ("conv2", "conv3") if kind is BlockKind.BOTTLENECK else ("conv1", "conv2")
    inner, seen_channels = given.shape(f"stage1.block1.branch.{middle}.weight", _CONV_SIDES)[:2]
    cardinality = max(1, inner // max(1, seen_channels)) if kind is BlockKind.BOTTLENECK else 1
    outs = [given.shape(f"stage{n}.block1.branch.{last}.weight", _CONV_SIDES)[0] for n in range(1, num_stages + 1)]
    if kind is BlockKind.BOTTLENECK:
        widths = tuple(out // EXPANSION[kind] for out in outs)
        per_group = USUAL_WIDTH_PER_GROUP * inner // (cardinality * max(1, widths[0]))
    else:
        widths = tuple(out * stem_channels // max(1, outs[0]) for out in outs)
        per_group = USUAL_WIDTH_PER_GROUP * outs[0] // max(1, stem_channels)
    return {"widths": widths, "cardinality": cardinality, "width_per_group": per_group}


def _dim_match(given: Given) -> Fields:
    own, blocks, projected = given.own, given.blocks, given.projected
    if not projected:
        return {"dim_match": DimMatch.ZERO_PAD}
    is_everywhere = len(projected) == sum(blocks) and blocks != (1,) * len(blocks)
    has_norm = any(key.endswith(".shortcut.norm.weight") for key in own)
    branch_ends_in_norm = given.order is Order.ORIGINAL and f"{STEM_NORM}.weight" in own
    option = DimMatch.PROJECTION_EVERYWHERE if is_everywhere else DimMatch.PROJECTION
    return {
        "dim_match": DimMatch.ZERO_PAD if _is_conv1x1(given) else option,
        "projection_norm": has_norm or not branch_ends_in_norm,
    }
