"""Sentences, sets and charts of function classes follow from the distances that they are given."""

from itertools import pairwise
from math import hypot

import pytest

from resnet_viz.present.theme import Mode
from resnet_viz.present.theory.function_classes import (
    all_distances,
    class_text,
    discs,
    distance_chart,
    distance_rows,
    fit_chart,
    sets_chart,
)
from resnet_viz.present.theory.noise import errors_chart, noise_rows, noise_text, overfitting_text
from resnet_viz.theory.function_classes import NESTED, SEPARATE, NoisyFit, Target, fit_noise


def test_a_nearer_smaller_class_is_named() -> None:
    text = class_text({1: 0.5, 2: 0.2, 3: 0.4}, 3)
    assert text == (
        "F3 lies 0.400 from the target. F2 is smaller and yet nearer (0.200): F3 does not contain it. "
        "F3 contains F1 and cannot be farther away than that."
    )


def test_a_smaller_class_that_contains_the_target_is_named() -> None:
    assert "F2 is smaller and yet contains the target: F3 does not contain F2." in class_text(
        {1: 0.5, 2: 0.0, 3: 0.4}, 3
    )


def test_without_a_nearer_one_the_sentence_says_so() -> None:
    text = class_text({1: 0.5, 2: 0.4, 3: 0.45, 4: 0.1}, 4)
    assert "No smaller class is nearer. F4 contains F1 and F2 and cannot be farther away than they are." in text


def test_a_class_that_contains_the_target_has_no_distance() -> None:
    assert class_text({1: 0.5, 2: 0.0}, 2).startswith("F2 contains the target. No smaller class is nearer.")


@pytest.mark.parametrize("target", Target)
@pytest.mark.parametrize("family", [SEPARATE, NESTED])
def test_the_gap_between_a_set_and_the_target_is_its_distance(target: Target, family: tuple[int, ...]) -> None:
    distances = all_distances(target)
    for disc in discs(distances, family):
        assert hypot(disc.x, disc.y) - disc.radius == pytest.approx(distances[disc.num_pieces])


@pytest.mark.parametrize("target", Target)
def test_nested_classes_are_drawn_within_each_other(target: Target) -> None:
    for inner, outer in pairwise(discs(all_distances(target), NESTED)):
        assert hypot(outer.x - inner.x, outer.y - inner.y) <= outer.radius - inner.radius + 1e-12


@pytest.mark.parametrize("mode", Mode)
def test_the_charts_show_the_chosen_class(mode: Mode) -> None:
    distances = all_distances(Target.MIDDLE)
    means = fit_chart(Target.MIDDLE, 3, mode).data[1]
    assert list(means.y) == pytest.approx([0, 0, 1, 1, 0, 0])
    assert list(distance_chart(distances, 5, mode).data[-1].y) == [distances[5]]
    widths = [shape.line.width for shape in sets_chart(distances, 8, mode).layout.shapes]
    assert sorted(widths)[-1] > 2 * sorted(widths)[-2]  # F8 alone is bold


def test_the_table_has_a_row_per_class() -> None:
    rows = distance_rows(all_distances(Target.MIDDLE))
    assert rows[3] == {"pieces n": 4, "distance to the target": pytest.approx(1 / 3), "contains": "F1, F2"}


def made_fit(training: tuple[float, ...], test: tuple[float, ...]) -> NoisyFit:
    whole = fit_noise(0)
    return NoisyFit(x_N=whole.x_N, y_N=whole.y_N, coefficients=whole.coefficients, training=training, test=test)


def test_the_sentence_about_noise_is_computed_from_the_errors() -> None:
    fit = made_fit((0.8, 0.4, 0.1), (0.8, 0.2, 5.0))
    assert noise_text(fit, 2) == (
        "Each class contains the one before, and the training error never rises (0.80 to 0.10). "
        "The distance to the noiseless target is smallest at degree 1, 0.20. At degree 2 it is 5, 25 times that."
    )
    assert "times that" not in noise_text(fit, 1)


def test_a_training_error_that_rises_is_told() -> None:
    assert "rises somewhere" in noise_text(made_fit((0.8, 0.9), (0.8, 0.2)), 0)


def test_the_published_nets_are_quoted_from_the_table() -> None:
    text = overfitting_text()
    assert "training error of < 0.1 %" in text
    assert "7.93 %" in text  # He et al. 2015, table 6
    assert "6.43 %" in text


def test_the_smallest_error_is_marked_on_the_chart() -> None:
    fit = fit_noise(0)
    (mark,) = errors_chart(fit, 9, Mode.LIGHT).layout.annotations
    assert mark.x == fit.best
    assert len(noise_rows(fit)) == 16
