"""Codes of rooms survive how people type them."""

import pytest

from resnet_viz.scenes.room_codes import ALPHABET, LENGTH, MAX_LENGTH, new_code, read_code


def test_a_new_code_is_read_as_it_is() -> None:
    codes = {new_code() for _number in range(300)}
    assert all(read_code(code) == code for code in codes)
    assert {len(code) for code in codes} == {LENGTH}
    assert len(codes) > 290  # 300 of 531,441


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("7k2m", "7K2M"),
        (" 7K2 M\n", "7K2M"),
        ("7k-2m", "7K2M"),
        ("７Ｋ２Ｍ", "7K2M"),  # noqa: RUF001  full-width, as Chinese keyboards type
        ("OilZ", "0112"),
        ("sbu7", "58V7"),
        ("7K2M9X", "7K2M9X"),
    ],
)
def test_a_code_is_read_as_it_was_meant(typed: str, code: str) -> None:
    assert read_code(typed) == code


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "7K2",
        "7K2M9X4",
        "7K2A",  # no vowels
        "'; DROP TABLE room; --",
        "<b>7K2M</b>",
        "7K2M" * 2_500,
        "\x007K2",
        "７Ｋ２Ｍ" * 10,  # noqa: RUF001
        "٧٢٧٢",  # digits of another script
    ],
)
def test_what_is_no_code_is_none(typed: str) -> None:
    assert read_code(typed) is None


def test_no_two_characters_look_alike() -> None:
    for alike in ("0OQD", "1IL", "2Z", "5S", "8B", "VU"):
        read = {read_code(f"777{letter}") for letter in alike if letter not in "QD"}
        assert len(read) == 1
    assert not set("AEIOU") & set(ALPHABET)  # no word comes about
    assert len(ALPHABET) ** LENGTH == 531_441
    assert LENGTH <= MAX_LENGTH
