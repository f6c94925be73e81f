"""Product and sum on the page."""

import pytest

from tests.fakes.visiting import change, is_whole, prose, visit, warnings


def test_the_equations_hold_and_those_of_the_note_do_not() -> None:
    at = visit("theory", show="sum")
    assert is_whole(at)
    text = prose(at)
    assert "The equations hold to " in text
    assert text.count(":orange[**") == 3 + 1  # and the heading beside it
    assert "Behind 6 blocks" in text


def test_blocks_seed_and_lambda_are_in_the_address() -> None:
    at = visit("theory", show="sum")
    first = prose(at)
    change(at, "blocks", 12)
    change(at, "value", 1.1)
    change(at, "seed", 7)
    assert at.query_params == {"show": "sum", "blocks": "12", "value": "1.1", "seed": "7"}
    assert "Behind 12 blocks" in prose(at)
    assert prose(at) != first


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"blocks": "13"}, "blocks is a whole number from 1 to 12; got 13."),
        ({"value": "3"}, "value is a number from 0.5 to 2; got 3."),
        ({"value": "0.5001"}, ""),
    ],
)
def test_values_out_of_range_are_told(query: dict[str, str], told: str) -> None:
    at = visit("theory", show="sum", **query)
    assert is_whole(at)
    assert warnings(at) == ([told] if told else [])
