"""Nets whose work, by any of the conventions, is a given figure: "4.1 GFLOPs", 4,089,184,256."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from resnet_viz.analysis.count_variants import bits_of_name
from resnet_viz.analysis.mac_conventions import CONVENTIONS, MACS, WorkCount, work_counts
from resnet_viz.spec.enums import Stem
from resnet_viz.spec.presets import Changes, preset, preset_names

_FOR_CIFAR: Final = ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "preact_resnet18")
_CIFAR_FIELDS: Final[Changes] = (("stem", Stem.CIFAR), ("image_size", 32), ("num_classes", 10))


class WorkMatch(NamedTuple):
    """A net whose work is a given figure.

    Attributes:
        preset: its preset.
        changes: fields in which it differs.
        found: its work, with the convention by which it is that figure.
    """

    preset: str
    changes: Changes
    found: WorkCount


def find_work(wanted: int, step: int) -> tuple[WorkMatch, ...]:
    """Returns the nets with this work, rounded to `step` or cut off there, as papers do.

    For each net by the first convention that fits; multiply-adds come first, then the others, the nearest first.
    """
    found = []
    for name, changes in _candidates():
        counts = work_counts(preset(name, **dict(changes)))
        fitting = [count for count in counts if -step / 2 <= count.work - wanted < max(step, 1)]
        if fitting:
            best = min(fitting, key=lambda count: (count.convention is not MACS, abs(count.work - wanted)))
            found.append(WorkMatch(name, changes, best))
    return tuple(sorted(found, key=lambda match: _rank(match, wanted)))


def _rank(match: WorkMatch, wanted: int) -> tuple[int, float, int]:
    """Returns the order of an answer: MACs, then their double, then single programs; well-known nets first."""
    place = min(CONVENTIONS.index(match.found.convention), 2)
    return place, bits_of_name(match.preset) + bool(match.changes), abs(match.found.work - wanted)


@lru_cache(maxsize=1)
def _candidates() -> tuple[tuple[str, Changes], ...]:
    return tuple(_listed())


def _listed() -> Iterator[tuple[str, Changes]]:
    for name in preset_names():
        yield name, ()
    for name in _FOR_CIFAR:
        yield name, _CIFAR_FIELDS
