"""Nets that have exactly a given count: what is unknown is solved for, not listed.

A count is own + per_channel * channels + (features + 1) * classes, where `own` are the blocks: linear in classes, in
channels and in the blocks of each stage, and quadratic in the width. For each variant (`count_variants`) one of these
is unknown and the others are as usual: any number of classes, any number of image channels, up to three blocks more or
less, any depth of a family, any width of all stages.
"""

import itertools
import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

from resnet_viz.analysis.count_parts import count_params, count_statistics
from resnet_viz.analysis.count_variants import (
    OTHER_BLOCKS,
    USUAL_CHANNELS,
    USUAL_CLASSES,
    Besides,
    Variant,
    bits_of_blocks,
    bits_of_channels,
    bits_of_classes,
    bits_of_member,
    bits_of_width,
    variants,
    variants_of,
)
from resnet_viz.errors import SpecError
from resnet_viz.spec.fields import MAX_BLOCKS, MAX_CHANNELS, MAX_CLASSES, MAX_WIDTH
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import FAMILIES, Changes, preset
from resnet_viz.spec.vgg import AnySpec

MOST_BLOCKS_CHANGED: Final = 3
_MOST_BITS: Final = 13.5  # with any number of classes alone a preset has less
_MOST_BITS_OF_TWO: Final = 3.0  # of a net of which both the classes and something else are unknown
_LARGE_HEAD: Final = 0.75  # share of the count in the last layer from which a number of classes is hardly meant
_LARGE_HEAD_BITS: Final = 1.8
_OTHER_CHANNELS: Final = (2, 4, 13)  # grey with a mask, RGB with depth or alpha, Sentinel-2
_MOST_BITS_OF_SCALED: Final = 8.0  # of a net before its blocks or widths are changed as well
HEADLESS_BITS: Final = 1.5
_WIDE: Final = range(1, 17)  # k of wide nets


class Solution(NamedTuple):
    """A net with a given count.

    Attributes:
        bits: distance from a well-known net; see `count_variants`.
        preset: the nearest named net.
        changes: fields in which it differs, with their values.
        besides: by what the count differs from its parameters.
    """

    bits: float
    preset: str
    changes: Changes
    besides: Besides

    @property
    def spec(self) -> AnySpec:
        """The net itself."""
        return preset(self.preset, **dict(self.changes))


class Unknowns(NamedTuple):
    """Values of the unknowns of a variant; None where they are its own."""

    variant: Variant
    bits: float
    num_classes: int
    in_channels: int
    blocks: tuple[int, ...] | None = None
    widths: tuple[int, ...] | None = None
    has_head: bool = True


@lru_cache(maxsize=64)
def solve(count: int) -> tuple[Solution, ...]:
    """Returns every net of the searched space with this count, the most usual first."""
    if count < 1:
        return ()
    solved = [solution_of(found, count) for found in _all(count) if found.bits <= _MOST_BITS]
    best: dict[tuple[AnySpec, Besides], Solution] = {}
    for each in sorted(filter(None, solved), key=lambda each: (each.bits, len(each.changes))):
        best.setdefault((each.spec, each.besides), each)
    return tuple(best.values())


def _all(count: int) -> Iterator[Unknowns]:
    for variant in variants():
        rest = count - variant.size
        yield from _classes(variant, rest)
        yield from _channels(variant, rest)
        yield from _headless(variant, rest)
        if variant.bits <= _MOST_BITS_OF_SCALED and isinstance(variant.spec, NetSpec):
            yield from _blocks(variant, rest)
            yield from _width(variant, variant.spec, count)
    yield from _depths(count)


def _classes(variant: Variant, rest: int) -> Iterator[Unknowns]:
    """Yields the net with another number of classes, alone or with a block more or less."""
    for channels in (*channels_of(variant.spec), *_OTHER_CHANNELS):
        yield from _classes_left(variant, rest, channels)
    if variant.bits > _MOST_BITS_OF_TWO or not isinstance(variant.spec, NetSpec):
        return
    channels, usual = variant.spec.in_channels, variant.spec.blocks
    for added, changes in _blocks_by_size(variant.later, usual).items():
        for change in changes:
            blocks = tuple(own + its for own, its in zip(usual, change, strict=True))
            if min(blocks) > 0:
                yield from _classes_left(variant, rest - added, channels, blocks)


def _classes_left(
    variant: Variant, rest: int, channels: int, blocks: tuple[int, ...] | None = None
) -> Iterator[Unknowns]:
    """Yields the net whose last layer is what is left."""
    per_class = variant.parts.features + 1
    of_head = rest - channels * variant.parts.per_channel
    num_classes, left = divmod(of_head, per_class)
    if left or not 2 <= num_classes <= MAX_CLASSES:  # noqa: PLR2004 - as a spec has it
        return
    bits = bits_of(variant, num_classes, channels, blocks)
    if of_head > _LARGE_HEAD * (of_head + variant.size):
        bits += _LARGE_HEAD_BITS
    yield Unknowns(variant, bits, num_classes, channels, blocks)


def _headless(variant: Variant, rest: int) -> Iterator[Unknowns]:
    """Yields the net without its fully connected layers, as a backbone of others."""
    left = rest + variant.parts.hidden.weights + variant.parts.hidden.fixed
    for channels in channels_of(variant.spec):
        if left == channels * variant.parts.per_channel:
            bits = bits_of(variant, variant.spec.num_classes, channels) + HEADLESS_BITS
            yield Unknowns(variant, bits, variant.spec.num_classes, channels, has_head=False)


def _channels(variant: Variant, rest: int) -> Iterator[Unknowns]:
    """Yields the net with another number of image channels."""
    for num_classes in classes_of(variant.spec):
        channels, left = divmod(rest - num_classes * (variant.parts.features + 1), variant.parts.per_channel)
        if not left and 1 <= channels <= MAX_CHANNELS and channels not in channels_of(variant.spec):
            yield Unknowns(variant, bits_of(variant, num_classes, channels), num_classes, channels)


def _blocks(variant: Variant, rest: int) -> Iterator[Unknowns]:
    """Yields the net with some blocks more or less."""
    usual = variant.spec.blocks
    more = _blocks_by_size(variant.later, usual)
    for num_classes, channels in itertools.product(classes_of(variant.spec), channels_of(variant.spec)):
        left = rest - channels * variant.parts.per_channel - num_classes * (variant.parts.features + 1)
        for change in more.get(left, ()):
            blocks = tuple(own + its for own, its in zip(usual, change, strict=True))
            if min(blocks) > 0:
                yield Unknowns(variant, bits_of(variant, num_classes, channels, blocks), num_classes, channels, blocks)


@lru_cache(maxsize=512)
def _blocks_by_size(sizes: tuple[int, ...], usual: tuple[int, ...]) -> dict[int, list[tuple[int, ...]]]:
    """Returns the changes of blocks by what they add, for stages whose later blocks have these sizes."""
    found: dict[int, list[tuple[int, ...]]] = {}
    others = [blocks for blocks in OTHER_BLOCKS if len(blocks) == len(usual) and blocks != usual]
    changes = [tuple(its - own for its, own in zip(blocks, usual, strict=True)) for blocks in others]
    for change in dict.fromkeys((*_block_changes(len(sizes)), *changes)):
        added = sum(num * size for num, size in zip(change, sizes, strict=True))
        found.setdefault(added, []).append(change)
    return found


@lru_cache(maxsize=8)
def _block_changes(num_stages: int) -> tuple[tuple[int, ...], ...]:
    """Returns every way to add or take away up to three blocks in all."""
    one = range(-MOST_BLOCKS_CHANGED, MOST_BLOCKS_CHANGED + 1)
    every = itertools.product(one, repeat=num_stages)
    return tuple(change for change in every if 0 < sum(map(abs, change)) <= MOST_BLOCKS_CHANGED)


def _width(variant: Variant, spec: NetSpec, count: int) -> Iterator[Unknowns]:
    """Yields the net with all widths scaled: the positive root of a quadratic, where it is whole."""
    held, usual = variant.held, spec.widths[0]
    batches = variant.buffers_of(held).batches
    by_channel = variant.size - held.weights - held.fixed - batches
    for num_classes, channels in itertools.product(classes_of(spec), channels_of(spec)):
        linear = by_channel + channels * variant.parts.per_channel + num_classes * variant.parts.features
        target = count - num_classes - held.fixed - batches
        width = _whole_root(held.weights, usual * linear, -target * usual**2)
        if width is None or width == usual or width > MAX_WIDTH or any(each * width % usual for each in spec.widths):
            continue
        bits = bits_of(variant, num_classes, channels) + bits_of_width(width, usual)
        widths = tuple(each * width // usual for each in spec.widths)
        yield Unknowns(variant, bits, num_classes, channels, widths=widths)


def _whole_root(a: int, b: int, c: int) -> int | None:
    """Returns the positive whole x with a x^2 + b x + c = 0; None where there is none."""
    square = b * b - 4 * a * c
    if square < 0:
        return None
    root = math.isqrt(square)
    x, left = divmod(root - b, 2 * a)
    return x if root * root == square and not left and x > 0 else None


def _depths(count: int) -> Iterator[Unknowns]:
    """Yields members of families, wide nets of any k among them, at any depth."""
    for variant in members():
        each, shortest = sum(variant.later), variant.size
        for num_classes, channels in itertools.product(classes_of(variant.spec), channels_of(variant.spec)):
            rest = count - shortest - channels * variant.parts.per_channel
            more, left = divmod(rest - num_classes * (variant.parts.features + 1), each)
            blocks = (more + 1,) * len(variant.spec.blocks)
            if not left and more >= 0 and sum(blocks) <= MAX_BLOCKS:
                found = Unknowns(variant, 0.0, num_classes, channels, blocks)
                bits = bits_of(variant, num_classes, channels) + bits_of_member(name_of(found))
                yield found._replace(bits=bits)


@lru_cache(maxsize=1)
def members() -> tuple[Variant, ...]:
    """Returns the variants of each family's shortest member."""
    shortest = [f"{family}{row.layers_per_n + 2}" for family, row in FAMILIES.items()]
    wide = (found for k in _WIDE for found in variants_of(f"wrn_10_{k}", has_other_shapes=False))
    return (*(found for name in shortest for found in variants_of(name)), *wide)


def classes_of(spec: AnySpec) -> tuple[int, ...]:
    """Returns the usual numbers of classes, a net's own first."""
    return tuple(dict.fromkeys((spec.num_classes, *USUAL_CLASSES)))


def channels_of(spec: AnySpec) -> tuple[int, ...]:
    """Returns the usual numbers of image channels, a net's own first."""
    return tuple(dict.fromkeys((spec.in_channels, *USUAL_CHANNELS)))


def bits_of(variant: Variant, num_classes: int, in_channels: int, blocks: tuple[int, ...] | None = None) -> float:
    """Returns how unusual a variant is with these classes, channels and blocks."""
    spec = variant.spec
    more = bits_of_classes(num_classes, spec.num_classes) + bits_of_channels(in_channels, spec.in_channels)
    return variant.bits + more + bits_of_blocks(blocks or spec.blocks, spec.blocks)


def solution_of(found: Unknowns, count: int) -> Solution | None:
    """Returns the net of some unknowns; None where they make none."""
    name = name_of(found)
    base = preset(name)
    own: dict[str, Any] = {
        "blocks": found.blocks or found.variant.spec.blocks,
        "widths": found.widths or found.variant.spec.widths,
        "num_classes": found.num_classes,
        "in_channels": found.in_channels,
    }
    more = tuple((field, value) for field, value in own.items() if getattr(base, field) != value)
    changes = (*found.variant.changes, *more)
    try:
        spec = preset(name, **dict(changes))
    except SpecError:  # a width that ResNeXt's groups do not divide
        return None
    besides = _besides(found, spec)
    assert count_params(spec) + sum(besides) == count, (name, changes)
    return Solution(found.bits, name, changes, besides)


def _besides(found: Unknowns, spec: AnySpec) -> Besides:
    parts = found.variant.parts
    besides = found.variant.buffers_of(parts.held(spec.blocks))
    if found.widths is not None and found.variant.counted:
        besides = besides._replace(statistics=count_statistics(spec))
    if found.has_head:
        return besides
    hidden = parts.hidden.weights + parts.hidden.fixed
    return besides._replace(head=-hidden - (parts.features + 1) * spec.num_classes)


def name_of(found: Unknowns) -> str:
    """Returns the preset from which a net is told: of a family the member of its own depth."""
    name, blocks = found.variant.name, found.blocks
    if blocks is None or len(set(blocks)) > 1:
        return name
    family = name.rstrip("0123456789")
    if family in FAMILIES:
        return f"{family}{FAMILIES[family].layers_per_n * blocks[0] + 2}"
    return f"wrn_{6 * blocks[0] + 4}_{name.rpartition('_')[2]}" if name.startswith("wrn_") else name
