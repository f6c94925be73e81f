"""Counts as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_viz.analysis.typed_count import CountKind, is_like_count, read_count

ANY, PARAMS, WORK = CountKind.ANY, CountKind.PARAMS, CountKind.WORK


@pytest.mark.parametrize(
    ("text", "value", "step", "kind"),
    [
        ("11181642", 11_181_642, 1, ANY),
        ("11,181,642", 11_181_642, 1, ANY),
        (" 11 181 642 ", 11_181_642, 1, ANY),
        ("11_181_642", 11_181_642, 1, ANY),
        ("25,557,032 parameters", 25_557_032, 1, PARAMS),
        ("25.557.032", 25_557_032, 1, ANY),  # as in much of Europe
        ("4.089.184.256 MACs", 4_089_184_256, 1, WORK),
        ("25’557’032", 25_557_032, 1, ANY),  # as in Switzerland
        ("25.6M", 25_600_000, 100_000, PARAMS),
        ("25,6M", 25_600_000, 100_000, PARAMS),  # as some languages write decimals
        ("25.6 m", 25_600_000, 100_000, PARAMS),
        ("25.6 million", 25_600_000, 100_000, PARAMS),
        ("~25.6M params", 25_600_000, 100_000, PARAMS),
        ("23.5e6", 23_500_000, 100_000, ANY),
        ("270k", 270_000, 1_000, PARAMS),
        ("0.27M", 270_000, 10_000, PARAMS),
        ("1.7M", 1_700_000, 100_000, PARAMS),
        ("4.1G", 4_100_000_000, 100_000_000, WORK),
        ("4.1 GFLOPs", 4_100_000_000, 100_000_000, WORK),
        ("4.09GMACs", 4_090_000_000, 10_000_000, WORK),
        ("41 MFLOPs", 41_000_000, 1_000_000, WORK),
        ("41M MACs", 41_000_000, 1_000_000, WORK),
        ("3.8×10^9 FLOPs", 3_800_000_000, 100_000_000, WORK),
        ("3.8 x 10^9", 3_800_000_000, 100_000_000, ANY),
        ("4.1 billion FLOPs", 4_100_000_000, 100_000_000, WORK),
        ("4,089,184,256 MACs", 4_089_184_256, 1, WORK),
        ("4089184256", 4_089_184_256, 1, ANY),
        ("11689512.0", 11_689_512, 1, ANY),  # a count that went through a float
    ],
)
def test_a_count_is_read_with_its_precision_and_kind(text: str, value: int, step: int, kind: CountKind) -> None:
    assert read_count(text) == (value, step, kind)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ResNet-50",
        "25.6X",
        "1.5",
        "M",
        "-5",
        "1e",
        "9" * 16,
        "25.55.032",
        "25.557.03",
        "1.2.3",
        "٣٢",
        "50 layers",
        "vgg16",
    ],
)
def test_what_is_no_count_is_none(text: str) -> None:
    assert read_count(text) is None


@given(st.integers(0, 10**12))
def test_a_number_is_read_back_with_and_without_commas(number: int) -> None:
    for text in (str(number), f"{number:,}", f"{number:_}"):
        assert read_count(text) == (number, 1, ANY)


@given(st.text(max_size=100))
def test_any_text_is_a_count_or_none(text: str) -> None:
    found = read_count(text)
    assert found is None or found.step >= 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [("-5", True), ("1.5", True), ("98 MB", True), ("4.1 PFLOPs", True), ("9" * 20, True), ("٣٢", True),
     ("", False), ("vgg16", False), ("resnet51", False), ("51-layer resnet", False), ("4.1 layers", False)],
)  # fmt: skip
def test_what_was_meant_as_a_count_begins_with_a_digit_and_names_no_net(text: str, expected: bool) -> None:
    assert is_like_count(text) is expected
