"""Nets among which a count is looked for: presets with another stem or option, biases, bare projections, statistics.

How far a net is from a well-known one is measured in bits: log2 of how seldom it is brought, by our own estimate, for
instance 1 for ImageNet's, CIFAR-10's and CIFAR-100's numbers of classes and 4 for one block more in one stage. The sum
orders answers; nothing else depends on it.
"""

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

from resnet_viz.analysis.count_parts import CountParts, Held, params_of, parts_of
from resnet_viz.errors import SpecError
from resnet_viz.spec.enums import DimMatch, Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import Changes, preset, preset_names
from resnet_viz.spec.vgg import AnySpec

USUAL_CLASSES: Final = (10, 100, 1000)  # CIFAR-10, CIFAR-100, ImageNet
OTHER_CLASSES: Final = (2, 3, 4, 5, 6, 7, 8, 9, 20, 37, 43, 50, 101, 102, 120, 196, 200, 365, 525, 1001, 21_841, 21_843)
USUAL_CHANNELS: Final = (3, 1)
_SPECTRA: Final = (5, 6, 7, 8, 9, 10, 12, 14)  # bands of satellites, pairs of images
OTHER_BLOCKS: Final = ((1, 1, 1, 1), (2, 2, 2, 2), (3, 3, 3, 3), (3, 4, 6, 3))  # the first two: timm's 10, 14, 26
_KNOWN_MEMBERS: Final = (  # of papers on training with few labels and on robustness
    "wrn_16_1", "wrn_16_2", "wrn_16_4", "wrn_28_2", "wrn_28_4", "wrn_28_8", "wrn_28_12", "wrn_34_10", "wrn_40_1",
    "wrn_40_2", "wrn_70_16", "cifar_resnet8", "cifar_resnet14",
)  # fmt: skip
_PLAIN_NAME: Final = re.compile(r"(cifar_)?resnet[0-9]+|cifar_preact_bottleneck[0-9]+")
_STEM_BITS: Final = 2.0
_OPTION_BITS: Final = 2.0
_BIAS_BITS: Final = 3.0
_NORM_BITS: Final = 4.0
_BOTH_BITS: Final = 3.5  # biases and bare projections come together, in Keras's and d2l's nets
_STATISTICS_BITS: Final = 2.0
_TRACKED_BITS: Final = 4.0


class Besides(NamedTuple):
    """By how much a count differs from the number of parameters.

    Attributes:
        statistics: running means and variances.
        batches: counters of batches, one a norm.
        head: parameters of the fully connected layers where these are left out, as a negative number.
    """

    statistics: int = 0
    batches: int = 0
    head: int = 0


class Variant(NamedTuple):
    """A kind of net: all of its numbers but those of classes and image channels are known.

    Attributes:
        name: its preset.
        spec: the net itself.
        changes: fields in which it differs from the preset.
        parts: parts of its count.
        held: what its blocks hold.
        size: what these count, buffers included.
        later: what a later block of each stage counts, buffers included.
        has_bias: whether its convolutions carry biases.
        has_projection_norm: whether norms follow its projections.
        counted: number of kinds of buffers counted with the parameters: 0, 1 (statistics) or 2 (batches, too).
        bits: distance from what is usual.
    """

    name: str
    spec: AnySpec
    changes: Changes
    parts: CountParts
    held: Held
    size: int
    later: tuple[int, ...]
    has_bias: bool
    has_projection_norm: bool
    counted: int
    bits: float

    def size_of(self, held: Held) -> int:
        """Returns what some layers count, buffers included."""
        return _size_of(held, self.has_bias, self.has_projection_norm, self.counted)

    def buffers_of(self, held: Held) -> Besides:
        """Returns the buffers of some layers, as far as they are counted."""
        return _buffers_of(held, self.has_projection_norm, self.counted)


def bits_of_classes(num_classes: int, usual: int) -> float:
    """Returns how unusual a number of classes is."""
    if num_classes == usual:
        return 0.0
    if num_classes in USUAL_CLASSES:
        return 1.0
    return 3.5 if num_classes in OTHER_CLASSES else 4.0 + 0.45 * math.log2(num_classes)


def bits_of_channels(in_channels: int, usual: int) -> float:
    """Returns how unusual a number of image channels is."""
    if in_channels == usual:
        return 0.0
    return {1: 1.5, 3: 1.0, 2: 3.0, 4: 3.0, 13: 4.0}.get(in_channels, 5.0 if in_channels in _SPECTRA else 7.0)


def bits_of_blocks(blocks: tuple[int, ...], usual: tuple[int, ...]) -> float:
    """Returns how unusual numbers of blocks are beside the preset's."""
    if blocks in OTHER_BLOCKS and blocks != usual:
        return 3.5
    differences = [abs(own - its) for own, its in zip(blocks, usual, strict=True)]
    return 2.0 + 2.0 * sum(differences) if any(differences) else 0.0


def bits_of_width(width: int, usual: int) -> float:
    """Returns how unusual a width of the first stage is."""
    larger, smaller = max(width, usual), min(width, usual)
    ratio, rest = divmod(larger, smaller)
    if not rest and ratio & (ratio - 1) == 0:  # a power of two
        return 4.0
    return 7.0 if width % 8 == 0 else 10.0


def bits_of_member(name: str) -> float:
    """Returns how unusual a member of a family is that no menu has."""
    return 0.5 if name in _KNOWN_MEMBERS else 3.5


def bits_of_name(name: str) -> float:
    """Returns how seldom a preset is meant."""
    if name.startswith("d2l_"):  # with other fields it is a lesson's net again: less usual than ResNet-18
        return 0.4
    return 0.0 if _PLAIN_NAME.fullmatch(name) else 1.0


@lru_cache(maxsize=1)
def variants() -> tuple[Variant, ...]:
    """Returns every variant of every preset of the menus."""
    return tuple(found for name in preset_names() for found in variants_of(name))


def variants_of(name: str, *, has_other_shapes: bool = True) -> Iterator[Variant]:
    """Yields a preset and what becomes of it by biases, bare projections and counted buffers.

    Args:
        name: of the preset.
        has_other_shapes: yields the same of it with another stem or option, too.
    """
    base = preset(name)
    for spec, bits in _shapes(base) if has_other_shapes else ((base, 0.0),):
        parts = parts_of(spec)
        held = parts.held(spec.blocks)
        for has_bias, has_norm, more in _layers(base, parts):
            changes = _changes(base, spec, has_bias=has_bias, has_norm=has_norm)
            own = bits_of_name(name) + bits + more
            for counted, besides in enumerate((0.0, _STATISTICS_BITS, _TRACKED_BITS)):
                kind = (has_bias, has_norm, counted)
                later = tuple(_size_of(each, *kind) for each in parts.later)
                size = _size_of(held, *kind)
                yield Variant(name, spec, changes, parts, held, size, later, *kind, own + besides)


@lru_cache(maxsize=4096)
def _size_of(held: Held, has_bias: bool, has_projection_norm: bool, counted: int) -> int:
    params = params_of(held, has_bias=has_bias, has_projection_norm=has_projection_norm)
    return params + sum(_buffers_of(held, has_projection_norm, counted))


def _buffers_of(held: Held, has_projection_norm: bool, counted: int) -> Besides:
    channels, norms = held.norm_channels, held.norms
    if has_projection_norm:
        channels, norms = channels + held.projected_channels, norms + held.projected_norms
    return Besides(2 * channels if counted else 0, norms if counted > 1 else 0)


def _shapes(base: AnySpec) -> Iterator[tuple[AnySpec, float]]:
    """Yields the net itself, then with another stem, another option where the shape changes, and both."""
    yield base, 0.0
    if not isinstance(base, NetSpec):
        return
    for stem in Stem:
        for option in DimMatch:
            fields: dict[str, Any] = {"stem": stem, "dim_match": option}
            bits = _STEM_BITS * (stem is not base.stem) + _OPTION_BITS * (option is not base.dim_match)
            if not bits or (base.is_plain and option is not base.dim_match):
                continue
            try:
                yield base.replace(**fields), bits
            except SpecError:  # zero padding cannot take channels away
                continue


def _layers(base: AnySpec, parts: CountParts) -> Iterator[tuple[bool, bool, float]]:
    """Yields whether convolutions have biases and projections norms, and how unusual that is."""
    usual = (base.conv_bias, getattr(base, "projection_norm", True))
    has_projections = any(held.projected_channels for held in (*parts.first, *parts.later))
    for has_bias in (usual[0], not usual[0]):
        for has_norm in (usual[1], not usual[1]) if has_projections else usual[1:]:
            differs = (has_bias != usual[0], has_norm != usual[1])
            bits = {(False, False): 0.0, (True, False): _BIAS_BITS, (False, True): _NORM_BITS, (True, True): _BOTH_BITS}
            yield has_bias, has_norm, bits[differs]


def _changes(base: AnySpec, spec: AnySpec, *, has_bias: bool, has_norm: bool) -> Changes:
    fields = [(field, getattr(spec, field)) for field in ("stem", "dim_match") if hasattr(spec, field)]
    fields += [("conv_bias", has_bias)]
    if hasattr(base, "projection_norm"):
        fields += [("projection_norm", has_norm)]
    return tuple((field, value) for field, value in fields if getattr(base, field) != value)
