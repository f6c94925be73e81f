"""Measured gradients of nets with a factor on their shortcuts, and gates: other seeds and depths than on the page."""

import pytest

from resnet_viz.spec.enums import Order, Shortcut
from resnet_viz.theory import shortcut_factor
from resnet_viz.theory.engine.gate_product import gate_products
from resnet_viz.theory.engine.shortcut_factor import factor_gradients, gradients_through_shortcuts
from resnet_viz.theory.gate_product import GateQuestion, closed_product
from resnet_viz.theory.gradients import first_to_last
from resnet_viz.theory.shortcut_factor import FactorQuestion

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("value", [0.5, 0.9, 1.0, 1.1, 1.37])
@pytest.mark.parametrize(("depth", "seed"), [(110, 0), (50, 4)])
def test_the_gradient_through_shortcuts_alone_is_the_product(value: float, depth: int, seed: int) -> None:
    """He et al. 2016, equation 8: the first term, to 1e-10."""
    question = FactorQuestion(value=value, depth=depth)
    names, norms = gradients_through_shortcuts(question.spec(Order.FULL_PREACT), seed)
    assert len(names) == (depth - 2) // 6
    for place, norm in enumerate(norms):
        assert norm == pytest.approx(value ** (len(names) - 1 - place), rel=1e-10)


def test_without_branches_detached_the_gradient_is_another() -> None:
    """So that the test above can fail: the whole gradient is not the product."""
    (found,) = factor_gradients(FactorQuestion(value=0.9, depth=20, seeds=(0,)))
    assert first_to_last(found.whole) != pytest.approx(0.9 ** (len(found.whole) - 1), rel=0.05)


@pytest.mark.parametrize("seed", [0, 7])
def test_with_a_factor_below_one_the_whole_gradient_grows(seed: int) -> None:
    """ResNet-110: 851, 316, 871 at λ = 0.9 and 2.5e6, 2.8e5, 8.1e5 at 0.5 (seeds 0 to 2)."""
    (nine,) = factor_gradients(FactorQuestion(value=0.9, seeds=(seed,)))
    (half,) = factor_gradients(FactorQuestion(value=0.5, seeds=(seed,)))
    assert 50 < first_to_last(nine.whole) < 1e4
    assert 1e4 < first_to_last(half.whole) < 1e8


@pytest.mark.parametrize("seed", [0, 7])
def test_with_a_factor_of_two_the_product_decides(seed: int) -> None:
    """4.5e15, 5.5e15, 4.6e15 (seeds 0 to 2); 2^53 = 9e15."""
    (found,) = factor_gradients(FactorQuestion(value=2.0, seeds=(seed,)))
    assert 1e15 < first_to_last(found.whole) < 1e17


def test_a_factor_of_one_is_the_usual_net() -> None:
    """34, 24, 47: `assets/measured/block_gradients.toml`, variant identity."""
    found = [first_to_last(one.whole) for one in factor_gradients(FactorQuestion(value=1.0))]
    assert found == pytest.approx([33.76, 24.08, 46.64], rel=0.01)


def test_built_gates_let_less_through_than_their_biases_promise() -> None:
    """Seed 0, ResNet-110: exclusive 0.833, shortcut-only 0.059 at b_g = -6, where (1 - σ(-6))^54 = 0.875."""
    exclusive, shortcut_only = gate_products(GateQuestion(biases=(-6.0,)))
    assert (exclusive.kind, shortcut_only.kind) == (Shortcut.EXCLUSIVE_GATING, Shortcut.SHORTCUT_ONLY_GATING)
    assert exclusive.product == pytest.approx(0.833, abs=0.02)
    assert shortcut_only.product == pytest.approx(0.059, abs=0.01)
    assert shortcut_only.product < exclusive.product < closed_product(-6.0, 54)


def test_every_seed_is_told_as_it_comes() -> None:
    shares: list[float] = []
    records = factor_gradients(shortcut_factor.FactorQuestion(value=1.3, depth=14, seeds=(5, 6)), shares.append)
    assert [next(records).seed, next(records).seed] == [5, 6]
    assert list(records) == []
    assert shares == [0.5, 1.0]
