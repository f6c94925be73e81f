"""Nets whose count rounds to a figure, "23.53M", and the presets next to a count that no net has."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from resnet_viz.analysis.count_search import (
    DEPTH_BITS,
    HEADLESS_BITS,
    Solution,
    Unknowns,
    bits_of,
    channels_of,
    classes_of,
    members,
    solution_of,
)
from resnet_viz.analysis.count_variants import OTHER_CLASSES, Besides, Variant, bits_of_name, variants
from resnet_viz.spec.vgg import AnySpec

_MOST_BITS: Final = 6.0
_USUAL_BITS: Final = 3.0  # of ResNet-18 with the 3×3 stem and ten classes
_SHORT: Final = range(1, 41)  # n of families' members that a figure may mean
_SHORT_AND_WIDE: Final = range(1, 7)  # n of wide nets: 10 to 40 layers


def solve_rounded(wanted: int, step: int) -> tuple[Solution, ...]:
    """Returns the nets whose parameters are less than `step` from `wanted`.

    Presets come first, then their usual changes, such as other numbers of classes, then others; of each those first
    that round to the figure, and the nearest of them. Papers round up or down, so that one in the last digit fits.
    """
    found: dict[tuple[AnySpec, Besides], tuple[tuple[Any, ...], Solution]] = {}
    for candidate, count in _candidates():
        distance = abs(count - wanted)
        if distance >= max(1, step):
            continue
        solution = solution_of(candidate, count)
        if solution is None:
            continue
        rank = (_kind(candidate, solution), 2 * distance > step, bits_of_name(solution.preset), distance)
        key = (solution.spec, solution.besides)
        if key not in found or rank < found[key][0]:
            found[key] = (rank, solution)
    return tuple(solution for _rank, solution in sorted(found.values(), key=lambda each: each[0]))


def _kind(candidate: Unknowns, solution: Solution) -> int:
    """Returns 0 for a preset, 1 for one with another usual number of classes, 2 for usual changes, 3 for others."""
    if not solution.changes and candidate.blocks is None and candidate.has_head:
        return 0
    if candidate.bits > _USUAL_BITS:
        return 3
    return 1 if candidate.has_head and all(field == "num_classes" for field, _value in solution.changes) else 2


@lru_cache(maxsize=1)
def _candidates() -> tuple[tuple[Unknowns, int], ...]:
    """Returns the nets that a rounded figure may mean, with their counts."""
    return tuple(_listed())


def _listed() -> Iterator[tuple[Unknowns, int]]:
    for variant in variants():
        if not variant.counted:
            yield from _with_usual_numbers(variant, None)
    for variant in members():
        if not variant.counted and not variant.changes:
            is_wide = variant.name.startswith("wrn_")
            for n in _SHORT_AND_WIDE if is_wide else _SHORT:
                longer = variant._replace(bits=variant.bits + DEPTH_BITS)
                yield from _with_usual_numbers(longer, (n,) * len(variant.spec.blocks))


def _with_usual_numbers(variant: Variant, blocks: tuple[int, ...] | None) -> Iterator[tuple[Unknowns, int]]:
    """Yields a variant with each usual number of classes and of image channels."""
    own, parts = variant.spec, variant.parts
    size = variant.size if blocks is None else variant.size_of(parts.held(blocks))
    if blocks is None and variant.bits <= 1:
        channels, hidden = own.in_channels, parts.hidden
        bare = Unknowns(variant, variant.bits + HEADLESS_BITS, own.num_classes, channels, has_head=False)
        yield bare, size + channels * parts.per_channel - hidden.weights - hidden.fixed
    for num_classes in dict.fromkeys((*classes_of(own), *OTHER_CLASSES)):
        for channels in channels_of(own):
            bits = bits_of(variant, num_classes, channels)
            if bits <= _MOST_BITS:
                found = Unknowns(variant, bits, num_classes, channels, blocks)
                yield found, size + channels * parts.per_channel + num_classes * (parts.features + 1)


def neighbours(count: int) -> tuple[Solution, ...]:
    """Returns the presets, or presets with a usual number of classes, next below and next above a count."""
    near = [
        (size, found)
        for found, size in _candidates()
        if found.blocks is None
        and found.has_head
        and found.num_classes in classes_of(found.variant.spec)
        and not found.variant.changes
    ]
    below = max((each for each in near if each[0] < count), key=lambda each: (each[0], -each[1].bits), default=None)
    above = min((each for each in near if each[0] > count), key=lambda each: (each[0], each[1].bits), default=None)
    solved = (solution_of(found, size) for size, found in filter(None, (below, above)))
    return tuple(filter(None, solved))
