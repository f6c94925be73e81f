"""Loss of a trained net on a plane through its weights (Li et al. 2018, 1712.09913). Question, record and grid.

The plane is spanned by two random directions, filter-normalised: each filter of a direction has the norm of the net's
own filter, so that nets of different scale are comparable. Biases and the weights of batch norm do not move.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from resnet_viz.attribution.sources.refs import NetRef
from resnet_viz.spec.validation import whole_in_range
from resnet_viz.theory.question import TrainedNetsQuestion
from resnet_viz.training.recipe_values import MAX_SEED

IMAGES: Final = 64  # at 28 px, 225 points of ResNet-20 in 6 s; log losses correlate to 0.996 with those of 128
POINTS: Final = 15
_MOST_IMAGES: Final = 1_000
_POINTS: Final = (5, 51)  # Li et al. draw 51 x 51
_COARSE: Final = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class SurfaceQuestion(TrainedNetsQuestion):
    """Loss of nets on a plane.

    Attributes:
        seed: of both directions, the same for all nets.
        images: the first training images of each net's data set.
        points: on a side of the grid, odd, so that one is the net itself.

    Raises:
        SpecError: a number out of range.
    """

    seed: int = 0
    images: int = IMAGES
    points: int = POINTS

    def __post_init__(self) -> None:
        whole_in_range("seed", self.seed, 0, MAX_SEED)
        whole_in_range("images", self.images, 1, _MOST_IMAGES)
        whole_in_range("points", self.points, *_POINTS)


@dataclass(frozen=True, kw_only=True, slots=True)
class SurfacePoints:
    """Losses at some points of the grid.

    Attributes:
        net: place of the net in the question, from 0.
        columns: place of each point along the first direction, from 0.
        rows: place of each along the second.
        losses: mean cross entropy at each; NaN where it is not finite.
    """

    net: int
    columns: tuple[int, ...]
    rows: tuple[int, ...]
    losses: tuple[float, ...]


DEFAULTS: Final = tuple(SurfaceQuestion(nets=(NetRef.parse(f"shipped:{name}"),)) for name in ("plain20", "resnet20"))


def steps(points: int) -> NDArray[np.float64]:
    """Returns the coordinates of the grid along one direction, from -1 to 1; 0 is the trained net."""
    return np.linspace(-1.0, 1.0, points)


def coarse_places(points: int) -> tuple[int, ...]:
    """Returns the places of a first, coarse grid of at most 5 x 5 points, symmetric about the middle."""
    spread = np.linspace(0, points // 2, min(_COARSE, points) // 2 + 1)
    half = sorted({round(float(place)) for place in spread})
    return tuple(sorted({*half, *(points - 1 - place for place in half)}))


def grid_of(records: Sequence[SurfacePoints], net: int, points: int) -> NDArray[np.float64]:
    """Returns the losses of a net, (points, points), a row per step of the second direction; NaN where none came."""
    grid = np.full((points, points), np.nan)
    for record in records:
        if record.net == net:
            grid[list(record.rows), list(record.columns)] = record.losses
    return grid


def share_below(grid: NDArray[np.float64], loss: float) -> float:
    """Returns the share of the plane's points where the loss is at most this; NaN where no point is known."""
    known = grid[np.isfinite(grid)]
    return float((known <= loss).mean()) if known.size else float("nan")
