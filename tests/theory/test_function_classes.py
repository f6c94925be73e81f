"""Distances of function classes to a target: exact values, nesting, and the noise of exercise 5."""

from itertools import pairwise
from math import sqrt

import numpy as np
import pytest

from resnet_viz.theory.function_classes import (
    MOST_DEGREE,
    NESTED,
    NUM_POINTS,
    SEPARATE,
    Target,
    best_constants,
    distance,
    falls,
    fit_noise,
    is_inside,
    target_value,
)

EXACT = {  # THEORY I1: sums of squares by hand
    Target.MIDDLE: (sqrt(2 / 9), sqrt(2 / 9), 0.0, 1 / 3, 2 / sqrt(45), 2 / sqrt(63)),
    Target.STEP: (0.5, 0.0, 1 / sqrt(12), 0.0, sqrt(0.05), sqrt(1 / 28)),
}


@pytest.mark.parametrize("target", EXACT)
def test_distances_are_those_found_by_hand(target: Target) -> None:
    assert [distance(target, n) for n in SEPARATE] == pytest.approx(EXACT[target], abs=1e-15)


def test_a_class_that_contains_the_target_has_the_distance_zero() -> None:
    assert {n for n in range(1, 33) if distance(Target.MIDDLE, n) == 0.0} == set(range(3, 33, 3))
    assert {n for n in range(1, 33) if distance(Target.STEP, n) == 0.0} == set(range(2, 33, 2))


@pytest.mark.parametrize("target", Target)
def test_distances_never_rise_along_nested_classes(target: Target) -> None:
    assert all(is_inside(one, other) for one, other in pairwise(NESTED))
    assert all(after <= before for before, after in pairwise([distance(target, n) for n in NESTED]))


def test_a_larger_class_that_is_not_nested_can_be_farther_away() -> None:
    assert distance(Target.MIDDLE, 4) > distance(Target.MIDDLE, 3)
    assert not is_inside(3, 4)


@pytest.mark.parametrize("target", Target)
@pytest.mark.parametrize("n", [1, 3, 8, 17])
def test_the_distance_is_that_of_the_means_on_a_fine_grid(target: Target, n: int) -> None:
    x = (np.arange(408 * 25) + 0.5) / (408 * 25)  # 408 = 3·8·17: pieces and jumps lie between the points
    values = np.array([target_value(target, place) for place in x.tolist()])
    means = np.array(best_constants(target, n))[(x * n).astype(int)]
    assert sqrt(float(np.mean((values - means) ** 2))) == pytest.approx(distance(target, n), abs=1e-3)


@pytest.mark.parametrize("seed", range(13))
def test_with_noise_the_training_error_falls_and_the_test_error_is_least_early(seed: int) -> None:
    fit = fit_noise(seed)
    assert len(fit.x_N) == NUM_POINTS
    assert falls(fit.training)
    assert fit.best <= 7  # seeds 0 to 2: degree 3
    assert fit.test[MOST_DEGREE] > 5 * fit.test[fit.best]


def test_the_errors_are_those_that_were_measured() -> None:
    fits = [fit_noise(seed) for seed in range(3)]
    assert [fit.best for fit in fits] == [3, 3, 3]
    assert [round(fit.test[3], 2) for fit in fits] == [0.17, 0.17, 0.12]  # THEORY I1
    assert fits[0].training[0] == pytest.approx(0.729, abs=1e-3)
    assert fits[0].training[-1] == pytest.approx(0.116, abs=1e-3)
    assert [fit.test[-1] for fit in fits] == pytest.approx([65, 61, 139], rel=0.02)


def test_errors_that_rise_are_seen() -> None:
    assert falls((3.0, 2.0, 2.0, 1.0))
    assert not falls((3.0, 2.0, 2.1))
