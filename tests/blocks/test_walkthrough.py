"""The walk of a small image: values of shared/THEORY.md, section 1, worked out there by hand and with torch."""

import numpy as np
import pytest

from resnet_viz.blocks.variants import VARIANTS
from resnet_viz.blocks.walk_inputs import (
    BATCH_NCHW,
    IMAGE_HW,
    Values,
    can_walk,
    image_of,
    image_text,
    takes_batch,
    usual_input,
)
from resnet_viz.blocks.walkthrough import WalkStep, walk
from resnet_viz.errors import SpecError
from tests.fakes.blocks import ORDERS

SUMS = {  # of the output, without norm and with it
    "plain": (16, 11.3136),
    "a_original": (46, 42.7781),
    "b_bn_after_add": (46, 14.6385),
    "c_relu_before_add": (52, 47.3136),
    "d_relu_only_preact": (36, 36.0),
    "e_full_preact": (36, 36.0),
}


def steps(
    name: str, image: Values = IMAGE_HW, *, has_norm: bool = False, is_branch_zero: bool = False
) -> list[WalkStep]:
    return list(walk(VARIANTS[name], image[None, None], has_norm=has_norm, is_branch_zero=is_branch_zero))


def output(name: str, image: Values = IMAGE_HW, *, has_norm: bool = False, is_branch_zero: bool = False) -> Values:
    values: Values = steps(name, image, has_norm=has_norm, is_branch_zero=is_branch_zero)[-1].values_NCHW[0, 0]
    return values


def test_the_image_is_the_one_of_the_lecture() -> None:
    rows = [[0, 0, 0, 0, 0, 0], [0, 1, 2, 2, 1, 0], [0, 2, 4, 4, 2, 0]]
    assert IMAGE_HW.tolist() == [*rows, *rows[::-1]]


def test_every_tensor_without_norm_is_read_by_eye() -> None:
    found = {step.node.leaf: step.values_NCHW[0, 0] for step in steps("a_original") if step.node}
    assert found["conv1"][1].tolist() == [1, 2, 1, -1, -2, -1]
    assert found["act1"][1].tolist() == [1, 2, 1, 0, 0, 0]
    upper = [[1, 2, 1, 0, 0, 0], [2, 4, 2, 0, 0, 0], [1, 2, 1, 0, 0, 0]]
    lower = [[-1, -2, -1, 0, 0, 0], [-2, -4, -2, 0, 0, 0], [-1, -2, -1, 0, 0, 0]]
    assert found["conv2"].tolist() == upper + lower
    assert (found["add"] == IMAGE_HW + found["conv2"]).all()
    assert (found["act"] == np.maximum(found["add"], 0)).all()


@pytest.mark.parametrize("name", SUMS)
def test_the_sum_of_the_output(name: str) -> None:
    plain, normed = SUMS[name]
    assert output(name).sum() == plain
    assert output(name, has_norm=True).sum() == pytest.approx(normed, abs=1e-4)


@pytest.mark.parametrize("name", ["d_relu_only_preact", "e_full_preact"])
def test_pre_activation_hands_on_negative_values(name: str) -> None:
    assert (output(name).min(), output(name).max()) == (-3, 5)


@pytest.mark.parametrize("has_norm", [False, True])
def test_without_a_branch_the_block_is_the_identity(has_norm: bool) -> None:
    for name in ("a_original", "c_relu_before_add", "d_relu_only_preact", "e_full_preact"):
        assert (output(name, has_norm=has_norm, is_branch_zero=True) == IMAGE_HW).all()
    assert (output("plain", has_norm=has_norm, is_branch_zero=True) == 0).all()


def test_a_norm_on_the_shortcut_keeps_it_from_being_the_identity() -> None:
    found = output("b_bn_after_add", has_norm=True, is_branch_zero=True)
    assert found.sum() == pytest.approx(15.0, abs=0.05)
    assert (found != IMAGE_HW).any()


def test_of_a_negative_input_the_relu_after_the_sum_lets_nothing_pass() -> None:
    lower = IMAGE_HW - 2
    assert (lower < 0).sum() == 24
    cut = output("a_original", lower, is_branch_zero=True)
    assert (cut == np.maximum(lower, 0)).all()
    assert (cut != lower).sum() == 24
    for name in ORDERS[2:]:
        assert (output(name, lower, is_branch_zero=True) == lower).all()


def test_without_norm_a_is_b_and_d_is_e_to_the_last_bit() -> None:
    draw = np.random.default_rng(0)
    for _round in range(20):
        image = draw.normal(size=(6, 6))
        assert (output("a_original", image) == output("b_bn_after_add", image)).all()
        assert (output("d_relu_only_preact", image) == output("e_full_preact", image)).all()
    assert (output("a_original", has_norm=True) != output("b_bn_after_add", has_norm=True)).any()


def test_blocks_of_other_shapes_have_no_walk() -> None:
    assert {name for name in VARIANTS if can_walk(VARIANTS[name])} >= {*SUMS, "conv1x1", "dropout", "basic"}
    assert not any(can_walk(VARIANTS[name]) for name in ("option_a", "bottleneck", "residual_64_64"))
    assert [name for name in VARIANTS if takes_batch(VARIANTS[name])] == ["d2l_residual", "d2l_residual_1x1"]


@pytest.mark.parametrize(
    ("name", "shape"), [("d2l_residual", (4, 3, 6, 6)), ("d2l_residual_1x1", (4, 6, 3, 3))]
)  # shared/THEORY.md, section 1: Residual(3, 3) and Residual(3, 6, True, 2)
def test_the_batch_of_the_book_goes_through_its_blocks(name: str, shape: tuple[int, ...]) -> None:
    found = walk(VARIANTS[name], usual_input(VARIANTS[name]), has_norm=True)
    assert found[0].values_NCHW.shape == (4, 3, 6, 6)
    assert found[-1].values_NCHW.shape == shape
    assert ((found[0].values_NCHW >= 0) & (found[0].values_NCHW < 1)).all()


def test_with_weights_and_biases_of_zero_the_block_of_the_book_gives_x() -> None:
    block = VARIANTS["d2l_residual"]
    assert (walk(block, BATCH_NCHW, has_norm=True, is_branch_zero=True)[-1].values_NCHW == BATCH_NCHW).all()
    lower = BATCH_NCHW - 0.5
    cut = walk(block, lower, has_norm=True, is_branch_zero=True)[-1].values_NCHW
    assert (cut == np.maximum(lower, 0)).all()
    assert (cut != lower).any()


def test_every_step_reads_steps_before_it() -> None:
    for name in (name for name in VARIANTS if can_walk(VARIANTS[name])):
        found = walk(VARIANTS[name], usual_input(VARIANTS[name]), has_norm=True)
        assert next(step.reads for step in found) == ()
        assert all(step.reads and max(step.reads) < number for number, step in enumerate(found) if number)


def test_an_image_is_read_from_its_text() -> None:
    assert (image_of(image_text(IMAGE_HW)) == IMAGE_HW).all()
    assert image_of("\n".join(["0 -1.5,2 3e1 4 5"] * 6))[0].tolist() == [0, -1.5, 2, 30, 4, 5]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "0 rows"),
        ("1 2 3", "1 rows of 3"),
        ("/".join(["1 2 3 4 5 6"] * 7), "7 rows"),
        ("/".join(["1 2 3 4 5 six"] * 6), "'six'"),
        ("/".join(["1 2 3 4 5 1000000000"] * 6), "'1000000000'"),
        ("/".join(["1 2 3 4 5 nan"] * 6), "'nan'"),
        ("/".join(["1 2 3 4 5 1_0"] * 6), "'1_0'"),
        ("/".join(["1 2 3 4 5 １"] * 6), "'１'"),  # noqa: RUF001 - a digit of another script
    ],
)
def test_what_is_no_image_is_refused_with_what_it_was(text: str, named: str) -> None:
    with pytest.raises(SpecError, match=named):
        image_of(text)
