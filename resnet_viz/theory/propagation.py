"""Forward and backward pass of tanh blocks in float64: the equations of He et al. 2016, and those of note 004.

x_{i+1} = λ x_i + F(x_i, W_i) with F(x, W) = tanh(W x), i = 0 ... L-1, and E = c·x_L. Gradients are computed twice, from
the output backwards (reference) and as the equations say, so that a wrong equation shows as a difference. J_i is the
Jacobian of F(·, W_i) at x_i.

Shape suffixes: D units; L blocks.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

UNITS: Final = 5
MOST_BLOCKS: Final = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Checks:
    """Differences between equations and passes, as shares of the largest value where that is above 1.

    Attributes:
        forward: largest difference of eq. 4 (λ = 1) or eq. 7 in x_L.
        backward: largest difference of eq. 5 or eq. 8 in the gradient at x_0, the sum differentiated as a whole.
        product: largest difference of c ∏(λ + F'_i) in the gradient.
        note_forward: that of note 004's form of eq. 7, whose terms are F(x_l, W_l) with the fixed index l.
        note_backward: that of note 004's form of eq. 8, likewise.
        note_plain: relative difference of note 004's plain form ∏ x_i w_i in a linear net of one unit.
        plain: relative difference of the right one, (∏ w_i) x_0.
        orders: norm of the gradient's part by the number of branches on the way, from 0 to L; the parts' sum is the
            gradient.
        gradient: norm of the gradient at x_0.
        end: norm of the gradient at x_L.
        without: norm of the gradient at x_0 without shortcuts, c ∏ F'_i at the same Jacobians.
    """

    forward: float
    backward: float
    product: float
    note_forward: float
    note_backward: float
    note_plain: float
    plain: float
    orders: tuple[float, ...]
    gradient: float
    end: float
    without: float


def check_equations(num_blocks: int, seed: int, scale: float = 1.0) -> Checks:
    """Returns the differences for random weights, input and loss of a seed.

    Args:
        num_blocks: L.
        seed: of all random numbers.
        scale: λ, on every shortcut.
    """
    generator = np.random.default_rng(seed)
    x_D, c_D = generator.standard_normal((2, UNITS))
    every_LDD = generator.standard_normal((MOST_BLOCKS, UNITS, UNITS)) / np.sqrt(UNITS)
    w_LDD = every_LDD[:num_blocks]  # a deeper net begins with the same blocks
    xs = [x_D]
    for w_DD in w_LDD:
        xs.append(scale * xs[-1] + np.tanh(w_DD @ xs[-1]))
    jacobians = [_jacobian(w_DD, x) for w_DD, x in zip(w_LDD, xs, strict=False)]
    reference_D = c_D
    for j_DD in reversed(jacobians):
        reference_D = scale * reference_D + reference_D @ j_DD
    orders = _by_order(jacobians, c_D, scale)
    plain, note_plain = _plain_differences(generator, num_blocks)
    return Checks(
        forward=_largest(_forward(w_LDD, xs, scale), xs[-1]),
        backward=_largest(_backward(jacobians, c_D, scale), reference_D),
        product=_largest(_product(jacobians, c_D, scale), reference_D),
        note_forward=_largest(_note_forward(w_LDD, x_D, scale), xs[-1]),
        note_backward=_largest(_note_backward(w_LDD, x_D, c_D, scale), reference_D),
        note_plain=note_plain,
        plain=plain,
        orders=tuple(float(np.linalg.norm(part)) for part in orders),
        gradient=float(np.linalg.norm(reference_D)),
        end=float(np.linalg.norm(c_D)),
        without=float(np.linalg.norm(_product(jacobians, c_D, 0.0))),
    )


def _jacobian(w_DD: Array, x_D: Array) -> Array:
    return np.asarray((1 - np.tanh(w_DD @ x_D) ** 2)[:, None] * w_DD)


def _forward(w_LDD: Array, xs: list[Array], scale: float) -> Array:
    """Returns λ^L x_0 + Σ λ^(L-1-i) F(x_i, W_i): eq. 4, and eq. 7 with its hat written out."""
    last = len(w_LDD) - 1
    terms = [scale ** (last - i) * np.tanh(w_LDD[i] @ xs[i]) for i in range(len(w_LDD))]
    return np.asarray(scale ** len(w_LDD) * xs[0] + np.sum(terms, axis=0))


def _backward(jacobians: list[Array], c_D: Array, scale: float) -> Array:
    """Returns c (λ^L + ∂/∂x_0 Σ λ^(L-1-i) F(x_i)): the sum is differentiated by carrying ∂x_i/∂x_0 forwards."""
    here_DD, total_DD = np.eye(UNITS), np.zeros((UNITS, UNITS))
    for place, j_DD in enumerate(jacobians):
        total_DD = total_DD + scale ** (len(jacobians) - 1 - place) * (j_DD @ here_DD)
        here_DD = scale * here_DD + j_DD @ here_DD
    return np.asarray(c_D @ (scale ** len(jacobians) * np.eye(UNITS) + total_DD))


def _product(jacobians: list[Array], c_D: Array, scale: float) -> Array:
    """Returns c ∏(λ + F'_i), multiplied as matrices from the first block to the last."""
    product_DD = np.eye(UNITS)
    for j_DD in jacobians:
        product_DD = (scale * np.eye(UNITS) + j_DD) @ product_DD
    return np.asarray(c_D @ product_DD)


def _by_order(jacobians: list[Array], c_D: Array, scale: float) -> list[Array]:
    """Returns the parts of the gradient with 0, 1, ..., L branches: coefficients of t in c ∏(λ + t F'_i)."""
    parts = [c_D] + [np.zeros_like(c_D)] * len(jacobians)
    for j_DD in reversed(jacobians):
        through = [np.zeros_like(c_D), *(part @ j_DD for part in parts[:-1])]
        parts = [scale * part + more for part, more in zip(parts, through, strict=True)]
    return parts


def _note_forward(w_LDD: Array, x_D: Array, scale: float) -> Array:
    """Returns λ^L x_l + Σ_i F(x_l, W_l), as note 004 has it: neither x nor W has the index of the sum."""
    return np.asarray(scale ** len(w_LDD) * x_D + len(w_LDD) * np.tanh(w_LDD[0] @ x_D))


def _note_backward(w_LDD: Array, x_D: Array, c_D: Array, scale: float) -> Array:
    """Returns c (λ^L + ∂/∂x_l Σ_i F(x_l, W_l)), likewise."""
    jacobian_DD = _jacobian(w_LDD[0], x_D)
    return np.asarray(c_D @ (scale ** len(w_LDD) * np.eye(UNITS) + len(w_LDD) * jacobian_DD))


def _plain_differences(generator: np.random.Generator, num_blocks: int) -> tuple[float, float]:
    """Returns the relative differences of (∏ w_i) x_0 and of note 004's ∏ x_i w_i in x_{i+1} = w_i x_i."""
    w_L = generator.uniform(0.5, 1.5, num_blocks)
    xs = [float(generator.uniform(0.5, 1.5))]
    for w in w_L.tolist():
        xs.append(w * xs[-1])
    right = float(np.prod(w_L)) * xs[0]
    note = float(np.prod(w_L * np.array(xs[:-1])))
    return abs(right / xs[-1] - 1), abs(note / xs[-1] - 1)


def _largest(one_D: Array, other_D: Array) -> float:
    return float(np.abs(one_D - other_D).max() / max(1.0, np.abs(other_D).max()))
