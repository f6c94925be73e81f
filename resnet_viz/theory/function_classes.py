"""Classes of functions and their distance to a target, exactly: d2l, section 7.6.1, and its exercise 5.

F_n has the functions that are constant on n equal pieces of [0, 1]. Its function nearest to a target in L2 takes the
target's mean on each piece. F_n lies inside F_m where n divides m; other classes, however large, need not contain the
smaller ones.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from math import cos, pi, sin, sqrt
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from numpy.polynomial import legendre

Vector = npt.NDArray[np.float64]

SEPARATE: Final = (1, 2, 3, 4, 5, 7)  # pieces of F1 to F6, most of which do not contain the one before
NESTED: Final = (1, 2, 4, 8, 16, 32)  # each contains the one before
MOST_PIECES: Final = 32


class Target(StrEnum):
    """Functions to come close to. The values are part of addresses."""

    MIDDLE = "middle"
    STEP = "step"
    TENT = "tent"
    SINE = "sine"


@dataclass(frozen=True, slots=True)
class _Formulas:
    """Target as formulas, of rational numbers where the result is to be exact.

    Attributes:
        value: f.
        integral: an antiderivative of f.
        square: the integral of f squared over [0, 1].
        breaks: places where f is not smooth.
    """

    value: Callable[[float], float]
    integral: Callable[[Fraction], Fraction | float]
    square: Fraction
    breaks: tuple[Fraction, ...] = ()


_THIRD: Final = Fraction(1, 3)
_HALF: Final = Fraction(1, 2)


def _clipped(low: Fraction, high: Fraction) -> Callable[[Fraction], Fraction]:
    return lambda x: min(max(x, low), high) - low


_FORMULAS: Final[Mapping[Target, _Formulas]] = {
    Target.MIDDLE: _Formulas(
        lambda x: float(1 / 3 <= x <= 2 / 3), _clipped(_THIRD, 2 * _THIRD), _THIRD, (_THIRD, 2 * _THIRD)
    ),
    Target.STEP: _Formulas(lambda x: float(x >= 1 / 2), _clipped(_HALF, Fraction(1)), _HALF, (_HALF,)),
    Target.TENT: _Formulas(
        lambda x: abs(x - 1 / 2), lambda x: (x - _HALF) * abs(x - _HALF) / 2, Fraction(1, 12), (_HALF,)
    ),
    Target.SINE: _Formulas(lambda x: sin(2 * pi * x), lambda x: -cos(2 * pi * x) / (2 * pi), _HALF),
}


def target_value(target: Target, x: float) -> float:
    """Returns the target at a place of [0, 1]."""
    return _FORMULAS[target].value(x)


def target_breaks(target: Target) -> tuple[float, ...]:
    """Returns the places where the target jumps or has a corner."""
    return tuple(float(place) for place in _FORMULAS[target].breaks)


def best_constants(target: Target, num_pieces: int) -> tuple[float, ...]:
    """Returns the values of the nearest function in F_n on its pieces: the target's means."""
    return tuple(float(num_pieces * part) for part in _parts(target, num_pieces))


def distance(target: Target, num_pieces: int) -> float:
    """Returns the L2 distance of F_n to a target: 0.0 exactly where it contains it, for rational targets."""
    captured = num_pieces * sum(part * part for part in _parts(target, num_pieces))
    return sqrt(max(0, _FORMULAS[target].square - captured))


def is_inside(num_pieces: int, of: int) -> bool:
    """Whether F_n lies inside another class: whether each of its pieces is made of pieces of that one."""
    return of % num_pieces == 0


def _parts(target: Target, num_pieces: int) -> list[Fraction | float]:
    """Returns the integral of the target over each piece."""
    integral = _FORMULAS[target].integral
    ends = [integral(Fraction(place, num_pieces)) for place in range(num_pieces + 1)]
    return [after - before for before, after in pairwise(ends)]


NUM_POINTS: Final = 24
NOISE: Final = 0.3  # standard deviation
MOST_DEGREE: Final = 15
_QUADRATURE: Final = 64  # nodes: exact to rounding for a square of a polynomial of degree 15 and for the sine


@dataclass(frozen=True, kw_only=True, slots=True)
class NoisyFit:
    """Polynomials fitted to noisy points of sin 2πx by least squares: nested classes that also learn the noise.

    Attributes:
        x_N: places of the points in [0, 1].
        y_N: their values.
        coefficients: of Legendre polynomials on [0, 1], for each degree from 0 on.
        training: root mean square error on the points, by degree.
        test: root mean square distance to sin 2πx over [0, 1], by degree.
    """

    x_N: Vector
    y_N: Vector
    coefficients: tuple[Vector, ...]
    training: tuple[float, ...]
    test: tuple[float, ...]

    @property
    def best(self) -> int:
        """Degree with the smallest test error."""
        return int(np.argmin(self.test))

    def values(self, degree: int, x_M: Vector) -> Vector:
        """Returns the fitted polynomial of a degree at places of [0, 1]."""
        return np.asarray(legendre.legval(2 * x_M - 1, self.coefficients[degree]))


def fit_noise(seed: int) -> NoisyFit:
    """Returns the fits of all degrees to the points of a seed."""
    generator = np.random.default_rng(seed)
    x_N = generator.random(NUM_POINTS)
    y_N = np.sin(2 * np.pi * x_N) + NOISE * generator.standard_normal(NUM_POINTS)
    found = [_least_squares(legendre.legvander(2 * x_N - 1, k), y_N) for k in range(MOST_DEGREE + 1)]
    nodes, weights = legendre.leggauss(_QUADRATURE)
    truth = np.sin(np.pi * (nodes + 1))
    training = [_root(np.mean((legendre.legval(2 * x_N - 1, c) - y_N) ** 2)) for c in found]
    test = [_root(weights @ (legendre.legval(nodes, c) - truth) ** 2 / 2) for c in found]
    return NoisyFit(x_N=x_N, y_N=y_N, coefficients=tuple(found), training=tuple(training), test=tuple(test))


def _least_squares(basis_NK: Any, y_N: Any) -> Vector:
    return np.asarray(np.linalg.lstsq(basis_NK, y_N, rcond=None)[0], dtype=np.float64)


def falls(errors: Sequence[float], *, slack: float = 1e-9) -> bool:
    """Whether no error is larger than the one before it, up to rounding."""
    return all(after <= before + slack for before, after in pairwise(errors))


def _root(square: Any) -> float:
    return sqrt(float(square))
