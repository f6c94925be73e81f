"""Shattered gradients (Balduzzi et al. 2017): the derivative of a net of one input along a line.

Correlations of independent gates: with each layer half of the gates of two inputs differ, which leaves (1/2)^L of the
correlation in a feed-forward net and (3/4)^L in a residual one; with batch norm the product of (2l + 1) / (2l + 2).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from resnet_viz.spec.validation import in_range, whole_in_range
from resnet_viz.theory.question import Question
from resnet_viz.training.lab_nets import NetType
from resnet_viz.training.recipe_values import MAX_SEED

POINTS: Final = 256  # on the line
REACH: Final = 2.0  # the line is [-2, 2]
WIDTH: Final = 200
MOST_LAYERS: Final = 50
MOST_SEEDS: Final = 20
MOST_LAG: Final = 15
DIGITS: Final = 4  # behind the point, of a curve that is drawn
LAYERS: Final = tuple(range(2, 51, 2))  # steps of the slider


@dataclass(frozen=True, kw_only=True, slots=True)
class ShatterQuestion(Question):
    """Derivatives dy/dx of a feed-forward and of a residual net at initialisation.

    Attributes:
        layers: number of layers, of the residual net as many branches of one layer.
        has_norm: whether the layers read a batch-normalised signal; without, they have biases.
        beta: factor of the branches.
        seeds: of weights.

    Raises:
        SpecError: a value out of range.
    """

    layers: int = 50
    has_norm: bool = True
    beta: float = 1.0
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)

    def __post_init__(self) -> None:
        whole_in_range("layers", self.layers, 1, MOST_LAYERS)
        in_range("beta", self.beta, 0.01, 1.0)
        whole_in_range("seeds", len(self.seeds), 1, MOST_SEEDS)
        for seed in self.seeds:
            whole_in_range("seed", seed, 0, MAX_SEED)


@dataclass(frozen=True, kw_only=True, slots=True)
class ShatterCurve:
    """Derivative of one net at every point of the line.

    Attributes:
        kind: plain (feed-forward) or residual.
        seed: of weights.
        derivative: dy/dx minus its mean over the line, in units of its standard deviation; rounded to DIGITS.
        correlations: autocorrelation at lags 0 to MOST_LAG.
    """

    kind: NetType
    seed: int
    derivative: tuple[float, ...]
    correlations: tuple[float, ...]


def line() -> tuple[float, ...]:
    """Returns the points of the line."""
    return tuple(np.linspace(-REACH, REACH, POINTS).tolist())


def autocorrelation(values: Sequence[float]) -> tuple[float, ...]:
    """Returns the autocorrelation of values at lags 0 to MOST_LAG, without their mean; NaN where they are constant."""
    d = np.asarray(values, np.float64)
    d = d - d.mean()
    total = float(d @ d)
    if not total:
        return (math.nan,) * (MOST_LAG + 1)
    return tuple(float(d[: len(d) - lag] @ d[lag:]) / total for lag in range(MOST_LAG + 1))


def independent_gates(layers: int) -> tuple[float, float, float]:
    """Returns the correlations of a feed-forward net, a residual one and a residual one with batch norm."""
    with_norm = math.prod((2 * layer + 1) / (2 * layer + 2) for layer in range(1, layers + 1))
    return 0.5**layers, 0.75**layers, with_norm


DEFAULTS: Final = tuple(
    ShatterQuestion(layers=layers, has_norm=has_norm) for has_norm in (True, False) for layers in LAYERS
)
