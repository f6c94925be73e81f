"""Nets whose count rounds to a figure, "23.53M", and the presets next to a count that no net has."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from resnet_viz.analysis.count_search import (
    HEADLESS_BITS,
    Solution,
    Unknowns,
    bits_of,
    channels_of,
    classes_of,
    members,
    name_of,
    solution_of,
)
from resnet_viz.analysis.count_variants import (
    OTHER_CLASSES,
    Besides,
    Variant,
    bits_of_member,
    bits_of_name,
    variants,
)
from resnet_viz.spec.vgg import AnySpec

MOST_ROUNDED: Final = 12
_MOST_BITS: Final = 6.0
_USUAL_BITS: Final = 3.0  # of ResNet-18 with the 3×3 stem and ten classes
_SHORT: Final = range(1, 41)  # n of families' members that a figure may mean
_SHORT_AND_WIDE: Final = range(1, 7)  # n of wide nets: 10 to 40 layers


def solve_rounded(wanted: int, step: int) -> tuple[Solution, ...]:
    """Returns nets whose parameters are less than `step` from `wanted`, at most `MOST_ROUNDED`.

    Presets come first, then their usual changes, such as other numbers of classes, then others; of each those first
    that round to the figure, and the nearest of them. Papers round up or down, so that one in the last digit fits.
    """
    near = [(found, count) for found, count in _candidates() if abs(count - wanted) < max(1, step)]
    solved: dict[tuple[AnySpec, Besides], Solution] = {}
    for found, count in sorted(near, key=lambda each: _rank(each[0], abs(each[1] - wanted), step)):
        solution = solution_of(found, count)
        if solution is not None:
            solved.setdefault((solution.spec, solution.besides), solution)
        if len(solved) == MOST_ROUNDED:
            break
    return tuple(solved.values())


def _rank(found: Unknowns, distance: int, step: int) -> tuple[float, ...]:
    return _kind(found), 2 * distance > step, bits_of_name(found.variant.name), distance, found.bits


def _kind(found: Unknowns) -> int:
    """Returns 0 for a preset, 1 for one with another usual number of classes, 2 for usual changes, 3 for others."""
    if found.bits > _USUAL_BITS:
        return 3
    own = found.variant.spec
    if not found.has_head or found.variant.changes or found.in_channels != own.in_channels:
        return 2
    return 0 if found.num_classes == own.num_classes else 1


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
                blocks = (n,) * len(variant.spec.blocks)
                name = name_of(Unknowns(variant, 0.0, variant.spec.num_classes, variant.spec.in_channels, blocks))
                member = variant._replace(bits=variant.bits + bits_of_member(name))
                yield from _with_usual_numbers(member, blocks)


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
