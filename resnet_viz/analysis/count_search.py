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
    OTHER_CLASSES,
    USUAL_CHANNELS,
    USUAL_CLASSES,
    Buffers,
    Variant,
    bits_of_blocks,
    bits_of_channels,
    bits_of_classes,
    bits_of_name,
    bits_of_width,
    variants,
    variants_of,
)
from resnet_viz.errors import SpecError
from resnet_viz.spec.net import MAX_BLOCKS, MAX_CHANNELS, MAX_CLASSES, MAX_WIDTH, NetSpec
from resnet_viz.spec.presets import FAMILIES, Changes, preset
from resnet_viz.spec.vgg import AnySpec

MOST_BLOCKS_CHANGED: Final = 3
_MOST_BITS: Final = 12.0
_MOST_BITS_OF_ROUNDED: Final = 6.0
_USUAL_BITS: Final = 3.0  # of ResNet-18 with the 3×3 stem and ten classes
_MOST_BITS_OF_TWO: Final = 3.0  # of a net of which both the classes and something else are unknown
_LARGE_HEAD: Final = 0.75  # share of the count in the last layer from which a number of classes is hardly meant
_LARGE_HEAD_BITS: Final = 4.0
_OTHER_CHANNELS: Final = (2, 4, 13)  # grey with a mask, RGB with depth or alpha, Sentinel-2
_MOST_BITS_OF_SCALED: Final = 8.0  # of a net before its blocks or widths are changed as well
_DEPTH_BITS: Final = 3.0  # of a family's member that no paper has
_SHORT: Final = range(1, 41)  # n of members that rounded figures may mean
_WIDE: Final = range(1, 17)  # k of wide nets


class Solution(NamedTuple):
    """A net with a given count.

    Attributes:
        bits: distance from a well-known net; see `count_variants`.
        preset: the nearest named net.
        changes: fields in which it differs, with their values.
        buffers: what was counted with the parameters.
    """

    bits: float
    preset: str
    changes: Changes
    buffers: Buffers

    @property
    def spec(self) -> AnySpec:
        """The net itself."""
        return preset(self.preset, **dict(self.changes))


class _Found(NamedTuple):
    """Values of the unknowns of a variant; None where they are its own."""

    variant: Variant
    bits: float
    num_classes: int
    in_channels: int
    blocks: tuple[int, ...] | None = None
    widths: tuple[int, ...] | None = None


def solve(count: int) -> tuple[Solution, ...]:
    """Returns every net of the searched space with this count, the most usual first."""
    if count < 1:
        return ()
    solved = [_solution(found, count) for found in _all(count) if found.bits <= _MOST_BITS]
    best: dict[tuple[AnySpec, Buffers], Solution] = {}
    for each in sorted(filter(None, solved), key=lambda each: (each.bits, len(each.changes))):
        best.setdefault((each.spec, each.buffers), each)
    return tuple(best.values())


def solve_rounded(wanted: int, step: int) -> tuple[Solution, ...]:
    """Returns the nets whose parameters are less than `step` from `wanted`.

    Presets come first, then their usual changes, such as other numbers of classes, then others; of each those first
    that round to the figure, and the nearest of them. Papers round up or down, so that one in the last digit fits.
    """
    found: dict[AnySpec, tuple[tuple[Any, ...], Solution]] = {}
    for candidate, count in _candidates():
        distance = abs(count - wanted)
        if distance >= max(1, step):
            continue
        solution = _solution(candidate, count)
        if solution is None:
            continue
        rank = (_kind(candidate, solution), 2 * distance > step, bits_of_name(solution.preset), distance)
        if solution.spec not in found or rank < found[solution.spec][0]:
            found[solution.spec] = (rank, solution)
    return tuple(solution for _rank, solution in sorted(found.values(), key=lambda each: each[0]))


def _kind(candidate: _Found, solution: Solution) -> int:
    """Returns 0 for a preset, 1 for one with another usual number of classes, 2 for usual changes, 3 for others."""
    if not solution.changes and candidate.blocks is None:
        return 0
    if candidate.bits > _USUAL_BITS:
        return 3
    return 1 if all(field == "num_classes" for field, _value in solution.changes) else 2


@lru_cache(maxsize=1)
def _candidates() -> tuple[tuple[_Found, int], ...]:
    """Returns the nets that a rounded figure may mean, with their counts."""
    return tuple(_listed())


def _listed() -> Iterator[tuple[_Found, int]]:
    for variant in variants():
        if not variant.counted:
            yield from _with_usual_numbers(variant, None)
    for variant in _members():
        if not variant.counted and not variant.changes:
            for n in _SHORT:
                longer = variant._replace(bits=variant.bits + _DEPTH_BITS)
                yield from _with_usual_numbers(longer, (n,) * len(variant.spec.blocks))


def _with_usual_numbers(variant: Variant, blocks: tuple[int, ...] | None) -> Iterator[tuple[_Found, int]]:
    """Yields a variant with each usual number of classes and of image channels."""
    own, parts = variant.spec, variant.parts
    size = variant.size if blocks is None else variant.size_of(parts.held(blocks))
    for num_classes in dict.fromkeys((*_classes_of(own), *OTHER_CLASSES)):
        for channels in _channels_of(own):
            bits = _bits(variant, num_classes, channels)
            if bits <= _MOST_BITS_OF_ROUNDED:
                found = _Found(variant, bits, num_classes, channels, blocks)
                yield found, size + channels * parts.per_channel + num_classes * (parts.features + 1)


def neighbours(count: int) -> tuple[Solution | None, Solution | None]:
    """Returns the presets, or presets with a usual number of classes, next below and next above a count."""
    near = [
        (size, found)
        for found, size in _candidates()
        if found.blocks is None and found.num_classes in _classes_of(found.variant.spec) and not found.variant.changes
    ]
    below = max((each for each in near if each[0] < count), key=lambda each: (each[0], -each[1].bits), default=None)
    above = min((each for each in near if each[0] > count), key=lambda each: (each[0], each[1].bits), default=None)
    return tuple(None if each is None else _solution(each[1], each[0]) for each in (below, above))  # type: ignore[return-value]


def _all(count: int) -> Iterator[_Found]:
    for variant in variants():
        rest = count - variant.size
        yield from _classes(variant, rest)
        yield from _channels(variant, rest)
        if variant.bits <= _MOST_BITS_OF_SCALED and isinstance(variant.spec, NetSpec):
            yield from _blocks(variant, rest)
            yield from _width(variant, variant.spec, count)
    yield from _depths(count)


def _classes(variant: Variant, rest: int) -> Iterator[_Found]:
    """Yields the net with another number of classes, alone or with a block more or less."""
    for channels in (*_channels_of(variant.spec), *_OTHER_CHANNELS):
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
) -> Iterator[_Found]:
    """Yields the net whose last layer is what is left."""
    per_class = variant.parts.features + 1
    of_head = rest - channels * variant.parts.per_channel
    num_classes, left = divmod(of_head, per_class)
    if left or not 2 <= num_classes <= MAX_CLASSES:  # noqa: PLR2004 - as a spec has it
        return
    bits = _bits(variant, num_classes, channels, blocks)
    if of_head > _LARGE_HEAD * (of_head + variant.size):
        bits += _LARGE_HEAD_BITS
    yield _Found(variant, bits, num_classes, channels, blocks)


def _channels(variant: Variant, rest: int) -> Iterator[_Found]:
    """Yields the net with another number of image channels."""
    for num_classes in _classes_of(variant.spec):
        channels, left = divmod(rest - num_classes * (variant.parts.features + 1), variant.parts.per_channel)
        if not left and 1 <= channels <= MAX_CHANNELS and channels not in _channels_of(variant.spec):
            yield _Found(variant, _bits(variant, num_classes, channels), num_classes, channels)


def _blocks(variant: Variant, rest: int) -> Iterator[_Found]:
    """Yields the net with some blocks more or less."""
    usual = variant.spec.blocks
    more = _blocks_by_size(variant.later, usual)
    for num_classes, channels in itertools.product(_classes_of(variant.spec), _channels_of(variant.spec)):
        left = rest - channels * variant.parts.per_channel - num_classes * (variant.parts.features + 1)
        for change in more.get(left, ()):
            blocks = tuple(own + its for own, its in zip(usual, change, strict=True))
            if min(blocks) > 0:
                yield _Found(variant, _bits(variant, num_classes, channels, blocks), num_classes, channels, blocks)


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


def _width(variant: Variant, spec: NetSpec, count: int) -> Iterator[_Found]:
    """Yields the net with all widths scaled: the positive root of a quadratic, where it is whole."""
    held, usual = variant.held, spec.widths[0]
    batches = variant.buffers_of(held).batches
    by_channel = variant.size - held.weights - held.fixed - batches
    for num_classes, channels in itertools.product(_classes_of(spec), _channels_of(spec)):
        linear = by_channel + channels * variant.parts.per_channel + num_classes * variant.parts.features
        target = count - num_classes - held.fixed - batches
        width = _whole_root(held.weights, usual * linear, -target * usual**2)
        if width is None or width == usual or width > MAX_WIDTH or any(each * width % usual for each in spec.widths):
            continue
        bits = _bits(variant, num_classes, channels) + bits_of_width(width, usual)
        widths = tuple(each * width // usual for each in spec.widths)
        yield _Found(variant, bits, num_classes, channels, widths=widths)


def _whole_root(a: int, b: int, c: int) -> int | None:
    """Returns the positive whole x with a x^2 + b x + c = 0; None where there is none."""
    square = b * b - 4 * a * c
    if square < 0:
        return None
    root = math.isqrt(square)
    x, left = divmod(root - b, 2 * a)
    return x if root * root == square and not left and x > 0 else None


def _depths(count: int) -> Iterator[_Found]:
    """Yields members of families, wide nets of any k among them, at any depth."""
    for variant in _members():
        each, shortest = sum(variant.later), variant.size
        for num_classes, channels in itertools.product(_classes_of(variant.spec), _channels_of(variant.spec)):
            rest = count - shortest - channels * variant.parts.per_channel
            more, left = divmod(rest - num_classes * (variant.parts.features + 1), each)
            blocks = (more + 1,) * len(variant.spec.blocks)
            if not left and more >= 0 and sum(blocks) <= MAX_BLOCKS:
                bits = _bits(variant, num_classes, channels) + _DEPTH_BITS
                yield _Found(variant, bits, num_classes, channels, blocks)


@lru_cache(maxsize=1)
def _members() -> tuple[Variant, ...]:
    """Returns the variants of each family's shortest member."""
    shortest = [f"{family}{row.layers_per_n + 2}" for family, row in FAMILIES.items()]
    wide = (found for k in _WIDE for found in variants_of(f"wrn_10_{k}", has_other_shapes=False))
    return (*(found for name in shortest for found in variants_of(name)), *wide)


def _classes_of(spec: AnySpec) -> tuple[int, ...]:
    return tuple(dict.fromkeys((spec.num_classes, *USUAL_CLASSES)))


def _channels_of(spec: AnySpec) -> tuple[int, ...]:
    return tuple(dict.fromkeys((spec.in_channels, *USUAL_CHANNELS)))


def _bits(variant: Variant, num_classes: int, in_channels: int, blocks: tuple[int, ...] | None = None) -> float:
    """Returns how unusual a variant is with these classes, channels and blocks."""
    spec = variant.spec
    more = bits_of_classes(num_classes, spec.num_classes) + bits_of_channels(in_channels, spec.in_channels)
    return variant.bits + more + bits_of_blocks(blocks or spec.blocks, spec.blocks)


def _solution(found: _Found, count: int) -> Solution | None:
    """Returns the net of some unknowns; None where they make none."""
    name, base = _named(found)
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
    held = found.variant.parts.held(spec.blocks)
    buffers = found.variant.buffers_of(held)
    if found.widths is not None:
        buffers = Buffers(count_statistics(spec) if found.variant.counted else 0, buffers.batches)
    assert count_params(spec) + sum(buffers) == count, (name, changes)
    return Solution(found.bits, name, changes, buffers)


def _named(found: _Found) -> tuple[str, AnySpec]:
    """Returns the preset from which a net is told: of a family the member of its own depth."""
    name, blocks = found.variant.name, found.blocks
    if blocks is not None and len(set(blocks)) == 1:
        family = name.rstrip("0123456789")
        if family in FAMILIES:
            name = f"{family}{FAMILIES[family].layers_per_n * blocks[0] + 2}"
        elif name.startswith("wrn_"):
            name = f"wrn_{6 * blocks[0] + 4}_{name.rpartition('_')[2]}"
    return name, preset(name)
