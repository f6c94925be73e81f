"""Training loss against depth, plain and residual: our own measurements in `assets/measured`, a file per protocol.

Written by `python -m tools.measure_loss_by_depth`; read once per process. A test trains some of the nets again.
"""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from math import nan
from pathlib import Path
from statistics import stdev
from typing import Any, Final, NamedTuple

from resnet_viz.resources import ASSETS
from resnet_viz.training.lab_nets import NetType

FOLDER: Final = ASSETS / "measured"


class Protocol(StrEnum):
    """Protocols that were measured; the value is in addresses."""

    USUAL = "usual"  # the usual initial weights, 400 steps
    IDENTITY = "identity"  # blocks begin as the identity, 800 steps of twice as many images


FILE_OF: Final[Mapping[Protocol, Path]] = {
    Protocol.USUAL: FOLDER / "loss_by_depth.toml",
    Protocol.IDENTITY: FOLDER / "deeper_is_better.toml",
}


class DepthLosses(NamedTuple):
    """Losses of one net of the grid.

    Attributes:
        kind: plain or residual.
        depth: weighted layers.
        losses: mean training loss of the last steps, one for each seed, from 0.
    """

    kind: NetType
    depth: int
    losses: tuple[float, ...]


class Try(NamedTuple):
    """Another protocol that was tried on residual nets.

    Attributes:
        changes: of the recipe, by field.
        seeds: of the runs, which may leave some out.
        rows: losses by depth, one for each of `seeds`; shallow nets first.
    """

    changes: dict[str, str]
    seeds: tuple[int, ...]
    rows: tuple[DepthLosses, ...]


class LossByDepth(NamedTuple):
    """All losses.

    Attributes:
        how: nets, data and recipe in one sentence.
        recipe: name of the recipe that trains them.
        changes: of that recipe, by field.
        rows: plain nets first, shallow ones first.
        num_chosen: first seeds, on which the protocol was chosen: no sentence counts them.
        tries: other protocols.
        reports: protocols of which only means were kept.
    """

    how: str
    recipe: str
    changes: dict[str, str]
    rows: tuple[DepthLosses, ...]
    num_chosen: int = 0
    tries: tuple[Try, ...] = ()
    reports: tuple[str, ...] = ()

    def of(self, kind: NetType) -> tuple[DepthLosses, ...]:
        """Returns the losses of plain or of residual nets, shallow ones first."""
        return tuple(row for row in self.rows if row.kind is kind)

    def fresh(self, kind: NetType) -> tuple[DepthLosses, ...]:
        """Returns the losses of the seeds on which the protocol was not chosen."""
        return tuple(row._replace(losses=row.losses[self.num_chosen :]) for row in self.of(kind))

    def change(self, kind: NetType, shallow: int, deep: int) -> "Change":
        """Returns the differences of two depths for each fresh seed."""
        by_depth = {row.depth: row for row in self.fresh(kind)}
        return change(by_depth[shallow], by_depth[deep])


@lru_cache(maxsize=len(Protocol))
def loss_by_depth(protocol: Protocol = Protocol.USUAL) -> LossByDepth:
    """Returns the measured losses of a protocol."""
    with FILE_OF[protocol].open("rb") as file:
        content = tomllib.load(file)
    return LossByDepth(
        content["how"],
        content["recipe"],
        content["changes"],
        tuple(map(_losses, content["results"])),
        content.get("num_chosen", 0),
        tuple(
            Try(one["changes"], tuple(one["seeds"]), tuple(map(_losses, one["results"])))
            for one in content.get("tries", [])
        ),
        tuple(content.get("reports", [])),
    )


def _losses(row: Mapping[str, Any]) -> DepthLosses:
    return DepthLosses(NetType(row["kind"]), row["depth"], tuple(map(float, row["losses"])))


class Change(NamedTuple):
    """Difference of the losses of a deeper net and of the next shallower one, seed by seed.

    Attributes:
        shallow: depth of one.
        deep: depth of the other.
        differences: loss of the deeper minus that of the shallower, for each seed that both have.
    """

    shallow: int
    deep: int
    differences: tuple[float, ...]

    @property
    def num_worse(self) -> int:
        """Number of seeds with which the deeper net has the higher loss."""
        return sum(difference > 0 for difference in self.differences)

    @property
    def num_better(self) -> int:
        """Number of seeds with which the deeper net has the lower loss."""
        return sum(difference < 0 for difference in self.differences)

    @property
    def mean(self) -> float:
        """Mean difference."""
        return sum(self.differences) / len(self.differences)

    @property
    def standard_error(self) -> float:
        """Standard error of the mean difference; NaN for one seed."""
        total = len(self.differences)
        return stdev(self.differences) / total**0.5 if total > 1 else nan


def change(shallow: DepthLosses, deep: DepthLosses) -> Change:
    """Returns the differences of two nets, seed by seed."""
    pairs = zip(shallow.losses, deep.losses, strict=False)  # one may have more seeds
    return Change(shallow.depth, deep.depth, tuple(b - a for a, b in pairs))


def neighbours(rows: tuple[DepthLosses, ...]) -> tuple[Change, ...]:
    """Returns the change from each depth to the next one."""
    return tuple(change(one, other) for one, other in pairwise(rows))
