"""Rank correlation of maps: what it is by hand, what it does not depend on, and where it is not defined."""

from math import isnan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from resnet_viz.attribution.agreement import plane, rank_correlations, resampled, spearman

MAPS = arrays(np.float64, (4, 4), elements=st.integers(-5, 5).map(float))


def test_without_ties_it_is_the_formula_of_squared_rank_differences() -> None:
    one = np.array([[1.0, 2.0], [3.0, 4.0]])
    other = np.array([[2.0, 1.0], [4.0, 3.0]])
    assert spearman(one, other) == pytest.approx(1 - 6 * 4 / (4 * 15))  # 1 - 6 sum d^2 / (n (n^2 - 1)), each d is 1


def test_equal_values_share_their_mean_rank() -> None:
    # ranks 1.5 1.5 3 against 1 2 3: covariance 1.5, variances 1.5 and 2
    assert spearman(np.array([7.0, 7.0, 9.0]), np.array([1.0, 2.0, 3.0])) == pytest.approx(1.5 / sqrt(1.5 * 2))


@given(MAPS, MAPS)
def test_it_is_symmetric_and_between_minus_one_and_one(one: np.ndarray, other: np.ndarray) -> None:
    found = spearman(one, other)
    assert isnan(found) or -1 <= found <= 1
    np.testing.assert_equal(found, spearman(other, one))


@given(MAPS)
def test_scale_and_any_rising_curve_leave_it(values: np.ndarray) -> None:
    found = spearman(values, np.exp(values))
    assert isnan(found) if np.ptp(values) == 0 else found == pytest.approx(1)


@pytest.mark.parametrize("flat", [np.zeros((3, 3)), np.full((3, 3), 0.1), np.full((3, 3), np.nan)])
def test_a_map_without_an_order_has_no_rank_correlation(flat: np.ndarray) -> None:
    assert isnan(spearman(flat, np.arange(9.0).reshape(3, 3)))


def test_without_signs_a_map_agrees_with_its_negative() -> None:
    values = np.arange(-4.0, 5.0).reshape(3, 3)
    assert rank_correlations(values, -values) == pytest.approx((-1, 1))


def test_a_map_of_channels_is_shown_as_their_sum() -> None:
    assert plane(np.ones((3, 2, 2))).tolist() == [[3, 3], [3, 3]]
    assert plane(np.ones((2, 2))).tolist() == [[1, 1], [1, 1]]


def test_resampling_keeps_a_flat_map_and_a_map_of_the_same_size() -> None:
    values = np.arange(12.0).reshape(3, 4)
    np.testing.assert_allclose(resampled(values, (3, 4)), values)
    np.testing.assert_allclose(resampled(np.full((2, 3), 7.0), (5, 9)), 7.0)


def test_twice_as_large_is_what_torch_makes_of_it() -> None:
    # torch 2.13 interpolate([0, 4], 4, mode="linear", align_corners=False)
    np.testing.assert_allclose(resampled(np.array([[0.0, 4.0]]), (1, 4)), [[0, 1, 3, 4]])
