"""Numbers over many powers of ten as they are read."""

from math import inf, isnan, nan

import pytest

from resnet_viz.present.gradients.numbers import log_mean, number_text, quotient, range_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (8.44, "8.4"),
        (14.4, "14"),
        (5996, "6,000"),
        (0.00162, "0.0016"),
        (0.9999, "1"),
        (99.6, "100"),
        (999_999, "10⁶"),
        (4.7e7, "4.7·10⁷"),
        (1e-22, "10⁻²²"),
        (1.24e-22, "1.2·10⁻²²"),
        (1.5e-310, "1.5·10⁻³¹⁰"),
        (-0.5, "−0.5"),
        (nan, "not finite"),
        (inf, "not finite"),
    ],
)
def test_a_number_has_two_digits(value: float, text: str) -> None:
    assert number_text(value) == text


def test_a_range_of_equal_numbers_is_one() -> None:
    assert range_text([6000, 3000, 5000]) == "3,000 to 6,000"
    assert range_text([3.01, 3.02]) == "3"


def test_the_mean_is_that_of_the_logarithms() -> None:
    assert log_mean([1, 100]) == pytest.approx(10)
    assert log_mean([1e-300, 1e300]) == pytest.approx(1)


def test_a_quotient_by_zero_is_infinite_or_nothing() -> None:
    assert (quotient(1, 2), quotient(0, 2), quotient(1, 0)) == (0.5, 0, inf)
    assert isnan(quotient(0, 0))
    assert isnan(quotient(nan, 0))
