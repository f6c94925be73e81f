"""Comparisons of two closed forms in words, of real blocks and of constructed ones."""

from fractions import Fraction

import pytest

from resnet_viz.analysis.block_forms import BlockForm, BlockParts, CountedPart, Term, Variable, mac_form, param_form
from resnet_viz.present.parameters.closed_forms import (
    compared_kinds,
    comparison_text,
    macs_katex,
    macs_text,
    params_katex,
    ratio_text,
)
from resnet_viz.present.theme import Mode
from resnet_viz.spec.enums import BlockKind


def form(square: int, linear: int) -> BlockForm:
    terms = (Term(CountedPart.CONVS, Fraction(square), 2), Term(CountedPart.NORMS, Fraction(linear), 1))
    return BlockForm(terms=terms)


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (form(3, 0), form(4, 0), "At every w the bottleneck has exactly **3/4 = 0.750** times the parameters of the"),
        (form(8, 2), form(4, 1), "exactly **2** times"),
        (form(2, 6), form(3, 1), "exactly **80** parameters at **w = 5**. Below it the bottleneck has more than the"),
        (form(2, 6), form(3, 1), "above it fewer, and the ratio tends to **2/3 = 0.667**"),
        (form(3, 1), form(2, 6), "**w = 5**. Below it the bottleneck has fewer than the basic block, above it more,"),
        (form(2, 5), form(4, 0), "between w = 2 and w = 3. Below it the bottleneck has more"),
        (form(4, 0), form(2, 5), "between w = 2 and w = 3. Below it the bottleneck has fewer"),
        (form(2, 5), form(2, 1), "has more parameters than the basic block: 2.333 times as many at w = 1, and"),
        (form(2, 1), form(2, 5), "has fewer parameters than the basic block: 0.429 times as many at w = 1, and"),
        (form(4, 0), form(2, 1), "has more parameters than the basic block: 1.333 times as many at w = 1, and"),
        (form(3, 5), form(2, 1), "1, and the ratio tends to **3/2 = 1.500** as w grows."),
    ],
)
def test_the_words_follow_from_the_numbers(one: BlockForm, other: BlockForm, told: str) -> None:
    assert told in comparison_text(one, other, Variable.WIDTH)


@pytest.mark.parametrize(
    ("parts", "variable", "told"),
    [
        (BlockParts(), Variable.WIDTH, "exactly **17/18 = 0.944** times"),
        (BlockParts(has_norm=True), Variable.WIDTH, "exactly **1,184** parameters at **w = 8**"),
        (BlockParts(has_bias=True), Variable.WIDTH, "exactly **296** parameters at **w = 4**"),
        (BlockParts(has_norm=True, has_bias=True), Variable.WIDTH, "exactly **2,664** parameters at **w = 12**"),
        (BlockParts(has_projection=True), Variable.WIDTH, "the bottleneck has exactly **33/19 = 1.737** times"),
        (BlockParts(), Variable.CHANNELS, "At every C the basic block has exactly **288/17 = 16.94** times"),
        (BlockParts(has_norm=True), Variable.CHANNELS, "10.483 times as many at C = 4, and"),  # 304 / 29
    ],
)
def test_real_blocks_are_compared_as_counted_by_hand(parts: BlockParts, variable: Variable, told: str) -> None:
    one, other = (param_form(kind, parts, variable) for kind in compared_kinds(variable))
    assert told in comparison_text(one, other, variable)


def test_macs_have_the_ratio_of_the_weights_whatever_else_counts() -> None:
    parts = BlockParts(has_norm=True, has_bias=True)
    one, other = (mac_form(kind, parts) for kind in compared_kinds(Variable.WIDTH))
    assert "the bottleneck has 17/18 = 0.944 times the MACs of the basic block" in macs_text(one, other, Variable.WIDTH)


def test_a_form_is_written_term_by_term_with_its_value() -> None:
    parts = BlockParts(has_norm=True, has_bias=True, has_projection=True)
    text = params_katex(param_form(BlockKind.BOTTLENECK, parts), 64, Mode.LIGHT)
    terms = ["{17w^2}", "{12w}", "{6w}", "{16w^2}", "{8w}", "{4w}"]
    places = [text.index(term) for term in terms]
    assert places == sorted(places)
    assert text.endswith(r"= 137{,}088 \quad (w = 64)")  # 33 · 64² + 30 · 64
    assert "{w^2}" in params_katex(param_form(BlockKind.BASIC, parts), 64, Mode.LIGHT)


def test_macs_are_those_of_a_pixel_times_the_pixels() -> None:
    text = macs_katex(mac_form(BlockKind.BASIC, BlockParts(has_norm=True)), 64, 56)
    assert text == r"18w^2 \cdot 56^2 = 231{,}211{,}008"


@pytest.mark.parametrize(
    ("ratio", "text"), [(Fraction(17, 18), "17/18 = 0.944"), (Fraction(288, 17), "288/17 = 16.94"), (Fraction(2), "2")]
)
def test_a_ratio_is_exact_and_has_decimals(ratio: Fraction, text: str) -> None:
    assert ratio_text(ratio) == text
