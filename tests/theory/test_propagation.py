"""The equations of the forward and backward pass hold in float64, and those of note 004 do not."""

import numpy as np
import pytest

from resnet_viz.theory.propagation import MOST_BLOCKS, UNITS, check_equations

ROUNDING = 1e-12


@pytest.mark.parametrize("scale", [0.5, 0.9, 1.0, 1.1, 2.0])
@pytest.mark.parametrize("num_blocks", [1, 2, 6, MOST_BLOCKS])
def test_the_equations_hold_to_rounding(num_blocks: int, scale: float) -> None:
    for seed in range(10):
        found = check_equations(num_blocks, seed, scale)
        assert max(found.forward, found.backward, found.product, found.plain) < ROUNDING


@pytest.mark.parametrize("seed", range(10))
def test_the_forms_of_the_note_do_not_hold(seed: int) -> None:
    found = check_equations(6, seed, 0.9)
    assert min(found.note_forward, found.note_backward, found.note_plain) > 1e-3


def test_of_one_block_the_notes_sum_is_right() -> None:
    found = check_equations(1, 0, 0.9)
    assert max(found.note_forward, found.note_backward) < ROUNDING


def test_the_gradient_is_that_of_small_steps() -> None:
    generator = np.random.default_rng(3)  # the same draws as the function makes
    x_D, c_D = generator.standard_normal((2, UNITS))
    w_LDD = generator.standard_normal((MOST_BLOCKS, UNITS, UNITS))[:6] / np.sqrt(UNITS)

    def loss(x_D: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> float:
        for w_DD in w_LDD:
            x_D = x_D + np.tanh(w_DD @ x_D)
        return float(c_D @ x_D)

    step = 1e-6 * np.eye(UNITS)
    gradient = [(loss(x_D + one) - loss(x_D - one)) / 2e-6 for one in step]
    assert check_equations(6, 3).gradient == pytest.approx(float(np.linalg.norm(gradient)), rel=1e-6)


def test_the_ends_of_the_expansion_are_shortcuts_alone_and_branches_alone() -> None:
    found = check_equations(5, 0)
    assert len(found.orders) == 6
    assert found.orders[0] == found.end
    assert found.orders[-1] == pytest.approx(found.without, rel=1e-12)


def test_a_deeper_net_begins_with_the_same_blocks() -> None:
    one, two = check_equations(1, 4), check_equations(2, 4)
    assert one.end == two.end
    assert one.note_forward == 0.0 < two.note_forward
