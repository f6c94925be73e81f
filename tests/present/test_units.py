"""Sizes, times and counts as they are said."""

import pytest

from resnet_viz.present.units import bytes_text, exact, pixels, seconds_text, signed_percent


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1_023, "1023 B"),
        (1_024, "1 KiB"),
        (1 << 20, "1 MiB"),
        (3 << 29, "1.5 GiB"),
        (5_000 << 30, "5,000 GiB"),
    ],
)
def test_sizes_in_binary_units(size: int, text: str) -> None:
    assert bytes_text(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.3, "less than 1 s"), (8.4, "8 s"), (59.6, "1 min 0 s"), (125, "2 min 5 s"), (4_200, "1 h 10 min")],
)
def test_times_as_one_would_say_them(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


def test_differences_in_percent_carry_their_sign() -> None:
    assert [signed_percent(value, 100) for value in (101, 99, 100)] == ["+1.00 %", "-1.00 %", "0 %"]


def test_counts_keep_every_digit() -> None:
    assert (exact(25_557_032), pixels(1), pixels(1_024)) == ("25,557,032", "1 px", "1,024 px")
