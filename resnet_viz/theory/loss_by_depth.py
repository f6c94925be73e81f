"""Training loss against depth, plain and residual: our own measurements in `assets/measured/loss_by_depth.toml`.

Written by `python -m tools.measure_loss_by_depth`; read once per process. A test trains some of the nets again.
"""

import tomllib
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from resnet_viz.resources import ASSETS
from resnet_viz.training.lab_nets import NetType

FILE: Final = ASSETS / "measured" / "loss_by_depth.toml"


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


class LossByDepth(NamedTuple):
    """All losses.

    Attributes:
        how: nets, data and recipe in one sentence.
        recipe: name of the recipe that trains them.
        changes: of that recipe, by field.
        rows: plain nets first, shallow ones first.
    """

    how: str
    recipe: str
    changes: dict[str, str]
    rows: tuple[DepthLosses, ...]

    def of(self, kind: NetType) -> tuple[DepthLosses, ...]:
        """Returns the losses of plain or of residual nets, shallow ones first."""
        return tuple(row for row in self.rows if row.kind is kind)


@lru_cache(maxsize=1)
def loss_by_depth() -> LossByDepth:
    """Returns the measured losses."""
    with FILE.open("rb") as file:
        content = tomllib.load(file)
    rows = tuple(
        DepthLosses(NetType(row["kind"]), row["depth"], tuple(map(float, row["losses"]))) for row in content["results"]
    )
    return LossByDepth(content["how"], content["recipe"], content["changes"], rows)


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
    def mean(self) -> float:
        """Mean difference."""
        return sum(self.differences) / len(self.differences)


def change(shallow: DepthLosses, deep: DepthLosses) -> Change:
    """Returns the differences of two nets, seed by seed."""
    pairs = zip(shallow.losses, deep.losses, strict=False)  # one may have more seeds
    return Change(shallow.depth, deep.depth, tuple(b - a for a, b in pairs))


def neighbours(rows: tuple[DepthLosses, ...]) -> tuple[Change, ...]:
    """Returns the change from each depth to the next one."""
    return tuple(change(one, other) for one, other in pairwise(rows))
