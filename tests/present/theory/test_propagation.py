"""Equations, sentence and chart of product and sum."""

from dataclasses import replace

import pytest

from resnet_viz.present.theme import Mode
from resnet_viz.present.theory.propagation import (
    comparisons,
    difference_rows,
    difference_text,
    form_text,
    gradient_text,
    order_chart,
    order_rows,
)
from resnet_viz.theory.propagation import check_equations

ONES, SCALED = check_equations(6, 0), check_equations(6, 0, 0.9)


@pytest.mark.parametrize("mode", Mode)
def test_what_the_note_has_right_is_not_marked_and_what_it_has_wrong_is(mode: Mode) -> None:
    rows = comparisons(ONES, SCALED, mode)
    assert [row.note_difference > 1e-9 for row in rows] == [True, False, False, True, True]
    assert all(row.right_difference < 1e-12 for row in rows)
    marked = [":orange[**" in form_text(row.note, row.note_difference) for row in rows]
    assert marked == [True, False, False, True, True]


def test_the_sums_of_the_note_have_a_fixed_index() -> None:
    rows = comparisons(ONES, SCALED, Mode.LIGHT)
    assert r"F(x_l,W_l)" in rows[3].note
    assert r"F(x_i,W_i)" in rows[3].right
    assert r"\prod_{j>i}\lambda_j" in rows[3].right
    assert rows[1].note == rows[1].right


def test_the_differences_can_be_taken_along() -> None:
    rows = difference_rows(comparisons(ONES, SCALED, Mode.LIGHT))
    assert [row["note 004 is off by"] for row in rows][3] == SCALED.note_forward
    assert [row["as it holds, off by"] for row in rows][3] == SCALED.forward


def test_a_form_has_its_difference_below_it() -> None:
    assert form_text("x", 1.7512) == "$x$\n\noff by :orange[**1.75**]"
    assert form_text("x", 0.0) == "$x$\n\noff by 0"


def test_the_sentence_is_computed() -> None:
    made = replace(ONES, gradient=3.0, without=0.002, forward=1e-16, backward=2e-16, product=3e-16)
    scaled = replace(SCALED, forward=4e-16, backward=1e-16)
    assert gradient_text(made, scaled) == (
        "The equations hold to 4.0e-16. Behind 6 blocks the gradient at the input is 3; without the 1 in each factor "
        "0.002 would be left of it. The product stays: a term with 6 branches is still a product of 6 factors."
    )


def test_a_wrong_equation_would_be_told() -> None:
    assert gradient_text(replace(ONES, backward=0.5), SCALED).startswith("An equation is off by 0.5.")


def test_one_block_has_a_sentence_of_its_own() -> None:
    one = check_equations(1, 0)
    assert "Behind one block" in gradient_text(one, one)


@pytest.mark.parametrize("num_blocks", [1, 2, 12])
def test_the_bars_are_the_parts_of_the_gradient(num_blocks: int) -> None:
    found = check_equations(num_blocks, 0)
    traces = order_chart(found, Mode.LIGHT).data
    heights = {k: y for trace in traces for k, y in zip(trace.x, trace.y, strict=True)}
    assert heights == dict(enumerate(found.orders))
    assert len(order_rows(found)) == num_blocks + 1


def test_differences_are_short() -> None:
    assert [difference_text(value) for value in (0.0, 2.22e-16, 1.7512)] == ["0", "2.2e-16", "1.75"]
