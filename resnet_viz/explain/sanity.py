"""Does a map depend on what the net has learned? The model parameter randomisation test of Adebayo et al. 2018.

From the top down (the fc, then the last block, and so on to the stem) weights are drawn anew, as before training, and
what was drawn stays (cascading randomisation, section 3.1 of 1810.03292). After each unit the map is compared with that
of the trained net. A map that explains what was learned has to become another one.

The net itself is never touched: the work is done on copies.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import torch
from torch import Tensor

from resnet_viz.explain.agreement import both_ways
from resnet_viz.explain.paths import Tick
from resnet_viz.nets.init import initialise
from resnet_viz.nets.modules import Net
from resnet_viz.spec.vgg import AnySpec

STAYS: Final = 0.5
"""Rank correlation from which a map of a net without learned weights counts as the same."""

Mapped = Callable[[Net], Tensor]
"""Makes the map of a net for the picture, class and method that are tested."""


class Verdict(StrEnum):
    """What the test says about a method on a picture."""

    CHANGES = "changes"
    FOLLOWS_PICTURE = "follows_picture"  # points to the same places, only for or against changes
    STAYS = "stays"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Stage:
    """The map when everything from the top down to `unit` is random.

    Attributes:
        unit: block or layer; empty: the trained net.
        values: the map.
        signed: rank correlation with the trained net's map; NaN where one of the two is the same everywhere.
        unsigned: rank correlation of the maps without their signs.
    """

    unit: str
    values: Tensor
    signed: float
    unsigned: float


def units(net: Net) -> tuple[str, ...]:
    """Returns what is randomised as a whole, from the top down: layers of the head, blocks, the stem."""
    found = dict.fromkeys(_unit(net, name) for name, _tensor in net.named_parameters())  # in running order
    return tuple(reversed(found))


def cascade(net: Net, spec: AnySpec, mapped: Mapped, *, seed: int = 0, tick: Tick | None = None) -> Iterator[Stage]:
    """Yields the trained net's map and then the map after each unit has been randomised.

    Args:
        net: in evaluation mode.
        spec: it was built from; says how weights are drawn. Running statistics become those of a net before training.
        mapped: makes the map of a net; it gets copies.
        seed: of the weights.
        tick: told the share that is done.
    """
    work, drawn = copy.deepcopy(net), copy.deepcopy(net)
    initialise(drawn, spec, generator=torch.Generator().manual_seed(seed))
    fresh = drawn.state_dict()
    names = units(net)
    original = mapped(work).detach()
    yield Stage(unit="", values=original, signed=1.0, unsigned=1.0)
    for number, unit in enumerate(names, start=1):
        if tick is not None:
            tick(number / (len(names) + 1))
        with torch.no_grad():
            for key, tensor in work.state_dict().items():
                if _unit(net, key) == unit:
                    tensor.copy_(fresh[key])
        values = mapped(work).detach()
        signed, unsigned = both_ways(original.cpu().numpy(), values.cpu().numpy())
        yield Stage(unit=unit, values=values, signed=signed, unsigned=unsigned)
    if tick is not None:
        tick(1.0)


def verdict(stages: Sequence[Stage]) -> Verdict:
    """Returns what the map of the wholly random net says; a map that has become the same everywhere has changed."""
    last = stages[-1]
    if last.signed >= STAYS:
        return Verdict.STAYS
    return Verdict.FOLLOWS_PICTURE if last.unsigned >= STAYS else Verdict.CHANGES


def _unit(net: Net, key: str) -> str:
    """Returns the unit that a parameter or buffer belongs to: "stage1.block2", "head.fc", "stem"."""
    part, child = key.split(".")[:2]
    return part if part == "stem" else f"{part}.{child}"
