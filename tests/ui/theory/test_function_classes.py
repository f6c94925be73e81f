"""Function classes on the page: what is moved is in the address, what is shown follows."""

import pytest

from tests.fakes.visiting import change, is_whole, prose, visit, warnings


def test_the_default_state_has_a_smaller_class_that_hits() -> None:
    at = visit("theory", show="functions")
    assert is_whole(at)
    assert "F5 lies 0.298 from the target. F3 is smaller and yet contains the target" in prose(at)
    assert len(at.get("plotly_chart")) == 3


def test_moving_the_pieces_changes_the_sentence_and_the_address() -> None:
    at = change(visit("theory", show="functions"), "n", 3)
    assert "F3 contains the target." in prose(at)
    assert at.query_params == {"show": "functions", "n": "3"}
    change(at, "target", "step")
    assert "F3 lies 0.289 from the target. F2 is smaller and yet contains the target" in prose(at)
    change(at, "target", "middle")
    change(at, "n", 5)
    assert at.query_params == {"show": "functions"}


def test_with_noise_the_seed_and_the_degree_are_in_the_address() -> None:
    at = visit("theory", show="functions", view="noise")
    assert "smallest at degree 3, 0.17." in prose(at)
    assert "ResNet-1202 has a training error of < 0.1 %" in prose(at)
    change(at, "degree", 15)
    change(at, "seed", 2)
    assert "At degree 15 it is 139, " in prose(at)
    assert at.query_params == {"show": "functions", "view": "noise", "degree": "15", "seed": "2"}


def test_the_numbers_can_be_taken_along() -> None:
    table = visit("theory", show="functions").dataframe[0].value
    assert list(table["distance to the target"])[2] == 0.0
    assert len(table) == 32


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"n": "0"}, "n is a whole number from 1 to 32; got 0."),
        ({"n": "many"}, "n is a whole number from 1 to 32; got 'many'."),
        ({"target": "cosine"}, "target is one of middle, step, tent, sine; got 'cosine'."),
        ({"view": "noise", "degree": "16"}, "degree is a whole number from 0 to 15; got 16."),
        ({"view": "noise", "seed": "-1"}, "seed is a whole number from 0 to 9,999; got -1."),
    ],
)
def test_a_wrong_value_is_told_and_the_default_shown(query: dict[str, str], told: str) -> None:
    at = visit("theory", show="functions", **query)
    assert is_whole(at)
    assert [message.startswith(told) for message in warnings(at)] == [True], warnings(at)
