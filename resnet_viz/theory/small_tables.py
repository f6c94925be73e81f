"""Small results of other papers, each a formula and what is computed against it.

Stochastic depth (Huang et al. 2016), Fixup (Zhang et al. 2019), the scatter of lengths (Hanin and Rolnick 2018), the
rank of a net's Jacobian at singularities (Orhan and Pitkow 2018), the effective receptive field (Luo et al. 2016).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, log, sqrt
from typing import Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

LAST_SURVIVAL: Final = 0.5  # of the last block (Huang et al. 2016, section 3)


def survival(num_blocks: int, last: float = LAST_SURVIVAL) -> tuple[float, ...]:
    """Returns the probability with which each block is kept in a step: 1 - l/L (1 - p_L)."""
    return tuple(1 - place / num_blocks * (1 - last) for place in range(1, num_blocks + 1))


def expected_blocks(num_blocks: int, last: float = LAST_SURVIVAL) -> float:
    """Returns the number of blocks that a step trains on average; (3L - 1)/4 for a last one of 1/2."""
    return float(sum(survival(num_blocks, last)))


def fixup_scale(num_branches: int, num_layers: int) -> float:
    """Returns the factor on the weights of a branch of m layers in a net of L branches: L^(-1/(2m-2))."""
    return float(num_branches ** (-1 / (2 * num_layers - 2)))


def loss_of_zeros(num_classes: int) -> float:
    """Returns the cross entropy of a net whose last layer is zero: ln K."""
    return log(num_classes)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lengths:
    """Squared lengths |x|²/n of the outputs of many nets with a random input of squared length 1.

    Attributes:
        mean: of the squared lengths.
        scatter: E[m²] / E[m]²; 1 where all nets agree.
    """

    mean: float
    scatter: float


def measure_lengths(width: int, depth: int, seed: int, *, is_residual: bool, num_nets: int = 300) -> Lengths:
    """Returns the scatter of lengths in ReLU nets of equal width at He initialisation.

    A row of a random matrix meets a fixed vector in a normal number of the vector's length, so that the matrices need
    not be drawn. Without shortcuts the length alone goes on: the squares of those units that are not cut, each with a
    chance of one half, sum up to a chi-square number.

    Args:
        width: units per layer, n.
        depth: layers, L.
        seed: of all random numbers.
        is_residual: x + (1/L) ReLU(W x) in place of ReLU(W x).
        num_nets: nets over which is averaged.
    """
    lengths = _residual_lengths if is_residual else _plain_lengths
    m_N = lengths(np.random.default_rng(seed), num_nets, width, depth)
    return Lengths(mean=float(m_N.mean()), scatter=float((m_N**2).mean() / m_N.mean() ** 2))


def _plain_lengths(generator: np.random.Generator, num_nets: int, width: int, depth: int) -> Array:
    active_LN = generator.binomial(width, 0.5, (depth, num_nets))
    squares_LN = 2 * generator.standard_gamma(active_LN / 2)
    return np.asarray((2 / width * squares_LN).prod(axis=0))


def _residual_lengths(generator: np.random.Generator, num_nets: int, width: int, depth: int) -> Array:
    x_ND = generator.standard_normal((num_nets, width))
    x_ND /= np.sqrt((x_ND**2).mean(axis=1, keepdims=True))
    for _layer in range(depth):
        lengths_N1 = np.sqrt(2 / width) * np.linalg.norm(x_ND, axis=1, keepdims=True)
        x_ND += np.maximum(lengths_N1 * generator.standard_normal((num_nets, width)), 0) / depth
    return np.asarray((x_ND**2).mean(axis=1))


def scatter_of_plain(width: int, depth: int) -> float:
    """Returns E[m²] / E[m]² of plain ReLU nets, (1 + 5/n)^L: a layer's factor has mean 1 and variance 5/n."""
    return float((1 + 5 / width) ** depth)


def scatter_for_large_width(width: int, depth: int) -> float:
    """Returns exp(5L/n), the limit of wide nets (Hanin and Rolnick 2018)."""
    return exp(5 * depth / width)


class Weights(StrEnum):
    """Places in the space of weights."""

    GENERIC = "generic"
    ELIMINATION = "elimination"
    OVERLAP = "overlap"


_UNITS: Final = 6
_INPUTS: Final = 512  # enough for units that are often active together


def jacobian_rank(weights: Weights, seed: int, *, has_shortcut: bool) -> int:
    """Returns the rank of d outputs / d weights of y = v·h, h = ReLU(W x) [+ x], 42 weights, 512 inputs.

    Args:
        weights: generic; elimination: a row of W is zero; overlap: two rows of W are equal.
        seed: of weights and inputs.
        has_shortcut: whether x is added to the hidden units.
    """
    generator = np.random.default_rng(seed)
    w_DD, v_D = generator.standard_normal((_UNITS, _UNITS)), generator.standard_normal(_UNITS)
    x_ND = generator.standard_normal((_INPUTS, _UNITS))
    if weights is Weights.ELIMINATION:
        w_DD[0] = 0.0
    elif weights is Weights.OVERLAP:
        w_DD[1] = w_DD[0]
    z_ND = x_ND @ w_DD.T
    hidden_ND = np.maximum(z_ND, 0) + (x_ND if has_shortcut else 0)
    by_row = (v_D * (z_ND > 0))[:, :, None] * x_ND[:, None, :]
    jacobian = np.concatenate([by_row.reshape(_INPUTS, -1), hidden_ND], axis=1)
    return int(np.linalg.matrix_rank(jacobian))


@dataclass(frozen=True, kw_only=True, slots=True)
class EffectiveField:
    """Receptive field of a stack of 3x3 convolutions with equal weights, along one axis.

    Attributes:
        side: theoretical receptive field in pixels, 2n + 1.
        std: standard deviation of the influence over its pixels.
        side_95: side of the smallest centred square that has 95 % of the influence of both axes.
        influence: of each pixel, in sum 1.
    """

    side: int
    std: float
    side_95: int
    influence: tuple[float, ...]


def effective_field(num_layers: int, *, has_shortcuts: bool) -> EffectiveField:
    """Returns the influence of pixels through n layers, or through n blocks (I + conv)/2."""
    tap = np.full(3, 1 / 3)
    if has_shortcuts:
        tap = (tap + np.array([0.0, 1.0, 0.0])) / 2
    influence = np.ones(1)
    for _layer in range(num_layers):
        influence = np.convolve(influence, tap)
    places = np.arange(len(influence)) - num_layers
    return EffectiveField(
        side=len(influence),
        std=sqrt(float(influence @ places**2)),
        side_95=_centred_side(influence, sqrt(0.95)),
        influence=tuple(influence.tolist()),
    )


def field_std(num_layers: int, *, has_shortcuts: bool) -> float:
    """Returns sqrt(n (k² - 1)/12) for k = 3 (Luo et al. 2016), with half the variance behind shortcuts."""
    return sqrt(2 * num_layers / 3 / (2 if has_shortcuts else 1))


def _centred_side(influence: Sequence[float] | Array, share: float) -> int:
    middle = len(influence) // 2
    reach = next(r for r in range(middle + 1) if sum(influence[middle - r : middle + r + 1]) >= share)
    return 2 * reach + 1
