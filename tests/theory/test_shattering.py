"""Correlations: of curves whose autocorrelation is known, and of independent gates."""

import math

import numpy as np
import pytest

from resnet_viz.errors import SpecError
from resnet_viz.theory.shattering import MOST_LAG, ShatterQuestion, autocorrelation, independent_gates, line


def test_noise_has_no_correlation_and_a_slow_curve_has_much() -> None:
    noise = autocorrelation(np.random.default_rng(0).standard_normal(20_000).tolist())
    slow = autocorrelation(np.sin(np.linspace(0, 6, 2_000)).tolist())
    assert noise[0] == pytest.approx(1.0)
    assert max(map(abs, noise[1:])) < 0.03
    assert min(slow) > 0.95


def test_an_alternating_curve_has_correlations_of_both_signs() -> None:
    values = autocorrelation([1.0, -1.0] * 500)
    assert values[1] == pytest.approx(-1.0, abs=0.01)
    assert values[2] == pytest.approx(1.0, abs=0.01)


def test_a_constant_has_none() -> None:
    values = autocorrelation([3.0] * 50)
    assert len(values) == MOST_LAG + 1
    assert all(map(math.isnan, values))


def test_independent_gates_of_ten_layers() -> None:
    """2^-10, (3/4)^10, and the product of (2l + 1) / (2l + 2): 0.3364 (Balduzzi et al. 2017; Monte Carlo 0.333)."""
    plain, residual, with_norm = independent_gates(10)
    assert (plain, residual) == (2**-10, 0.75**10)
    assert with_norm == pytest.approx(0.33637619, abs=1e-8)


def test_the_line_reaches_from_minus_two_to_two() -> None:
    points = line()
    assert (points[0], points[-1], len(points)) == (-2.0, 2.0, 256)


@pytest.mark.parametrize("fields", [{"layers": 0}, {"layers": 51}, {"beta": 0.0}, {"beta": 1.5}, {"seeds": ()}])
def test_a_question_out_of_range_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(SpecError):
        ShatterQuestion(**fields)  # type: ignore[arg-type]
