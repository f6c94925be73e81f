"""The part of some changes that makes a net, where all of them together make none."""

import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any, Final, NamedTuple

from resnet_viz.errors import SpecError
from resnet_viz.spec.presets import preset
from resnet_viz.spec.vgg import AnySpec

_MOST_LEFT_OUT: Final = 2  # fields tried together; beyond that, those that can stay are kept one by one


class ValidPart(NamedTuple):
    """A net made of most of some changes.

    Attributes:
        spec: the net.
        left_out: fields whose changes it does not have.
    """

    spec: AnySpec
    left_out: tuple[str, ...]


def valid_part(base: str, changes: Mapping[str, Any]) -> ValidPart:
    """Returns the preset `base` with as many changes as make a net; nothing is left out where all of them do.

    Of several fields that could be left out, it is one that the refusal names, and the later one of these.

    Raises:
        SpecError: an unknown preset.
    """
    preset(base)
    for left_out in _candidates(base, changes):
        kept = {name: value for name, value in changes.items() if name not in left_out}
        try:
            return ValidPart(preset(base, **kept), left_out)
        except SpecError:
            continue
    return _one_by_one(base, changes)


def _candidates(base: str, changes: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yields fields to leave out: none, one, two; those that the refusal names before others."""
    yield ()
    try:
        preset(base, **changes)
    except SpecError as refusal:
        named = set(re.findall(r"\w+", str(refusal)))
        later_first = list(changes)[::-1]
        names = sorted(later_first, key=lambda name: name not in named)
        for count in range(1, _MOST_LEFT_OUT + 1):
            yield from combinations(names, count)


def _one_by_one(base: str, changes: Mapping[str, Any]) -> ValidPart:
    kept: dict[str, Any] = {}
    spec = preset(base)
    for name, value in changes.items():
        try:
            spec = preset(base, **kept, **{name: value})
        except SpecError:
            continue
        kept[name] = value
    return ValidPart(spec, tuple(name for name in changes if name not in kept))
