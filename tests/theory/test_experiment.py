"""Experiments and the table of their outcomes."""

from collections.abc import Callable

import pytest

from resnet_viz.theory.experiment import Experiment, run
from resnet_viz.theory.experiment_table import band, markdown, written_values


def experiment(measure: Callable[[], float | tuple[float, ...]], low: float = 1.0, high: float = 2.0) -> Experiment:
    return Experiment(
        id="made", instrument="sum", source="a | b", expected="1 to 2", measure=measure, low=low, high=high
    )


@pytest.mark.parametrize(
    ("values", "holds"),
    [
        (1.5, True),
        ((1.0, 2.0), True),
        ((1.5, 2.1), False),
        (float("nan"), False),
        ((1.5, float("nan")), False),
        ((), False),
    ],
)
def test_an_outcome_holds_if_all_values_lie_in_the_band(values: float | tuple[float, ...], holds: bool) -> None:
    assert run(experiment(lambda: values)).holds is holds


def test_seconds_are_those_of_the_clock() -> None:
    ticks = iter((10.0, 12.5))
    assert run(experiment(lambda: 1.0), clock=lambda: next(ticks)).seconds == 2.5


def test_values_are_read_back_from_the_page() -> None:
    text = markdown([run(experiment(lambda: (1.23456, 2.0)))])
    assert written_values(text) == {"made": (1.235, 2.0)}
    assert "1 of 1 rows hold." in text


def test_a_value_outside_its_band_is_marked() -> None:
    text = markdown([run(experiment(lambda: 3.0))])
    assert "| **no** |" in text
    assert "0 of 1 rows hold." in text


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (2.0, 2.0, "exactly 2"),
        (0.0, 1e-12, "at most 1e-12"),
        (3.0, float("inf"), "at least 3"),
        (1e15, 1e17, "1e+15 to 1e+17"),
    ],
)
def test_a_band_is_written_in_words(low: float, high: float, text: str) -> None:
    assert band(experiment(lambda: 1.0, low, high)) == text
