"""Every refusal of a value names the value, what is allowed and what was given, in one wording."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_viz.errors import SpecError
from resnet_viz.spec.validation import in_range, known_field, number, one_of, whole_in_range

WORDS = ("black", "white", "blurred", "mean")


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (partial(one_of, "baseline", "grey", ("black", "white")), "baseline is one of black, white; got 'grey'."),
        (
            partial(one_of, "baseline", "blured", WORDS),
            "baseline is one of black, white, blurred, mean; got 'blured'. Near to it: blurred, ",
        ),
        (partial(one_of, "baseline", [], WORDS), "baseline is one of black, white, blurred, mean; got '[]'."),
        (partial(number, "lr", "fast"), "lr is a number; got 'fast'."),
        (partial(number, "lr", True), "lr is a number; got 'True'."),
        (partial(number, "lr", None), "lr is a number; got 'None'."),
        (partial(number, "lr", math.nan), "lr is a number; got nan."),
        (partial(number, "lr", math.inf), "lr is a number; got inf."),
        (partial(number, "steps", 1.5, is_whole=True), "steps is a whole number; got 1.5."),
        (partial(number, "steps", 2e9, largest=1e9), "steps is a number; got 2,000,000,000."),
        (partial(in_range, "scale", 11, 0, 10), "scale is a number from 0 to 10; got 11."),
        (partial(in_range, "scale", -0.25, 0.0, 0.999), "scale is a number from 0 to 0.999; got -0.25."),
        (partial(in_range, "scale", math.nan, 0, 10), "scale is a number from 0 to 10; got nan."),
        (partial(in_range, "scale", "3", 0, 10), "scale is a number from 0 to 10; got '3'."),
        (partial(in_range, "scale", 0, 0, 10, excludes_low=True), "scale is a number above 0 and up to 10; got 0."),
        (
            partial(in_range, "rate", 1, 0, 1, excludes_high=True),
            "rate is a number from 0 up to but not including 1; got 1.",
        ),
        (partial(whole_in_range, "steps", 0, 1, 10**5), "steps is a whole number from 1 to 100,000; got 0."),
        (partial(whole_in_range, "steps", 2.0, 1, 10), "steps is a whole number from 1 to 10; got 2."),
        (partial(whole_in_range, "steps", True, 1, 10), "steps is a whole number from 1 to 10; got 'True'."),
        (
            partial(known_field, "A net", "shortcuts", ("stem", "shortcut", "norm", "block")),
            "A net has no field 'shortcuts'; its fields are stem, shortcut, norm, block. Near to it: shortcut, ",
        ),
    ],
)
def test_a_refusal_names_the_value_what_is_allowed_and_what_was_given(check: Callable[[], Any], message: str) -> None:
    with pytest.raises(SpecError) as refusal:
        check()
    assert str(refusal.value).startswith(message)


def test_no_refusal_is_longer_than_what_is_allowed_and_sixty_characters() -> None:
    with pytest.raises(SpecError) as refusal:
        one_of("a", "x" * 10_000, ("b", "c"))
    assert str(refusal.value) == f"a is one of b, c; got '{'x' * 60}'."


@given(st.integers(), st.integers(), st.integers())
def test_a_whole_number_passes_exactly_within_its_range(value: int, low: int, high: int) -> None:
    if low <= value <= high:
        assert whole_in_range("n", value, low, high) == value
    else:
        with pytest.raises(SpecError):
            whole_in_range("n", value, low, high)


def test_both_ends_of_a_range_belong_to_it_unless_excluded() -> None:
    assert in_range("x", 0, 0, 1) == 0
    assert in_range("x", 1, 0, 1) == 1
    assert in_range("x", 1, 0, 1, excludes_low=True) == 1
    assert in_range("x", 0, 0, 1, excludes_high=True) == 0
