"""Model parameter randomisation test of Adebayo et al. 2018: does a map depend on the learned weights?

From the head down (the fc, then the last block, and so on to the stem) weights are re-initialised one unit after the
other (cascading randomisation, section 3.1 of 1810.03292). After each unit the map is compared with that of the trained
net. A map that explains the learned weights has to change.

A coarse map agrees with itself by chance: Grad-CAM at a last block of 7 x 7 pixels with a standard deviation of 0.46.
The verdict is therefore about the mean of several random nets.

The net itself does not change: the test works on copies.
"""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import isnan
from statistics import mean, pstdev
from typing import Final

import torch
from torch import Tensor

from resnet_viz.attribution.agreement import has_order, rank_correlations
from resnet_viz.attribution.cost import DRAWS
from resnet_viz.attribution.engine.progress import MapFunction, Tick, no_tick, subtick
from resnet_viz.attribution.net_result import SanityVerdict
from resnet_viz.nets.init import initialise
from resnet_viz.nets.modules import Net
from resnet_viz.spec.vgg import AnySpec

UNCHANGED_SIGNED: Final = 0.3
UNCHANGED_ABSOLUTE: Final = 0.6
"""Mean rank correlations, with and without signs, from which maps of random nets count as the same.

Measured on plain-20, ResNet-20 and full pre-activation 20 after 705 steps on Fashion-MNIST, 6 images, 2 draws each.
With signs: Guided Backprop 0.72 to 0.78, Guided Grad-CAM 0.40 to 0.52, all others at most 0.22. Without: Integrated
Gradients from black 0.90 (black pixels get nothing from any net), Occlusion 0.75, all others at most 0.45.
"""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RandomisedMap:
    """Map once everything from the head down to `unit` is random.

    Attributes:
        unit: block or layer; "" for the trained net.
        values: the map.
        signed: rank correlation with the trained net's map; NaN where one of them is flat.
        unsigned: rank correlation of the maps without their signs.
    """

    unit: str
    values: Tensor
    signed: float
    unsigned: float


@dataclass(frozen=True, kw_only=True, slots=True)
class SanityScore:
    """Outcome of the test for a method on an image.

    Attributes:
        verdict: from the means.
        signed: mean rank correlation of the random nets' maps with the trained net's.
        unsigned: likewise of the maps without their signs.
        spread: standard deviation of the signed one over the random nets.
    """

    verdict: SanityVerdict
    signed: float
    unsigned: float
    spread: float


def units(net: Net) -> tuple[str, ...]:
    """Returns the units of randomisation from the head down: layers of the head, blocks, the stem."""
    found = dict.fromkeys(_unit(net, name) for name, _tensor in net.named_parameters())  # in running order
    return tuple(reversed(found))


def cascade(
    net: Net, spec: AnySpec, mapped: MapFunction, *, seed: int = 0, tick: Tick = no_tick
) -> Iterator[RandomisedMap]:
    """Yields the trained net's map and then the map after each unit has been randomised.

    Args:
        net: in evaluation mode.
        spec: of the net, which defines the initialisation. Running statistics become those of a net before training.
        mapped: returns the map of a copy.
        seed: of the weights.
        tick: receives the share that is done; it may raise, which ends the work.
    """
    work, drawn = copy.deepcopy(net), copy.deepcopy(net)
    initialise(drawn, spec, generator=torch.Generator().manual_seed(seed))
    fresh = drawn.state_dict()
    names = units(net)
    total = len(names) + 1
    original = mapped(work, subtick(tick, 0, total))
    yield RandomisedMap(unit="", values=original, signed=1.0, unsigned=1.0)
    for number, unit in enumerate(names, start=1):
        with torch.no_grad():
            for key, tensor in work.state_dict().items():
                if _unit(net, key) == unit:
                    tensor.copy_(fresh[key])
        values = mapped(work, subtick(tick, number, total))
        signed, unsigned = rank_correlations(original.numpy(), values.numpy())
        yield RandomisedMap(unit=unit, values=values, signed=signed, unsigned=unsigned)


def judge(net: Net, spec: AnySpec, mapped: MapFunction, *, draws: int = DRAWS, tick: Tick = no_tick) -> SanityScore:
    """Returns the outcome of the test, from maps of `draws` random nets; undefined for a trained net's flat map.

    The first of them is the last unit of `cascade` with seed 0.
    """
    work = copy.deepcopy(net)
    original = mapped(work, subtick(tick, 0, draws + 1)).numpy()
    found = []
    for seed in range(draws):
        initialise(work, spec, generator=torch.Generator().manual_seed(seed))
        found.append(rank_correlations(original, mapped(work, subtick(tick, seed + 1, draws + 1)).numpy()))
    score = score_of(found)
    return score if has_order(original) else replace(score, verdict=SanityVerdict.UNDEFINED)


def score_of(correlations: Sequence[tuple[float, float]]) -> SanityScore:
    """Returns the outcome for pairs of rank correlations with and without signs, one for each random net.

    A flat map has no correlation (NaN), which counts as a change: 0.
    """
    pairs = [tuple(0.0 if isnan(value) else value for value in pair) for pair in correlations]
    signed, unsigned = (mean(pair[way] for pair in pairs) for way in (0, 1))
    if signed >= UNCHANGED_SIGNED:
        verdict = SanityVerdict.STAYS
    else:
        verdict = SanityVerdict.FOLLOWS_IMAGE if unsigned >= UNCHANGED_ABSOLUTE else SanityVerdict.CHANGES
    return SanityScore(verdict=verdict, signed=signed, unsigned=unsigned, spread=pstdev(pair[0] for pair in pairs))


def _unit(net: Net, key: str) -> str:
    """Returns the unit that a parameter or buffer belongs to: "stage1.block2", "head.fc", "stem"."""
    part, child = key.split(".")[:2]
    return part if part == "stem" else f"{part}.{child}"
