"""Factors on shortcuts and gates: products in closed form, and questions that no net can answer."""

import pytest

from resnet_viz.errors import SpecError
from resnet_viz.spec.enums import Order, Shortcut
from resnet_viz.theory.gate_product import GateQuestion, closed_product
from resnet_viz.theory.shortcut_factor import DEFAULTS, FactorQuestion, powers


@pytest.mark.parametrize(
    ("value", "product"),
    [(0.5, 5.551115123125783e-17), (0.8, 5.8e-6), (0.9, 0.00338), (1.1, 172), (2.0, 1.8e16)],  # He et al. 2016, eq. 6
)
def test_the_product_of_54_factors(value: float, product: float) -> None:
    assert powers(value, 54)[-1] == pytest.approx(product, rel=0.01)
    assert powers(value, 54)[0] == 1


@pytest.mark.parametrize(
    ("bias", "product"), [(0.0, 5.6e-17), (-3.0, 0.0725), (-5.0, 0.696), (-6.0, 0.875), (-7.0, 0.952)]
)
def test_the_closed_product_of_54_gates(bias: float, product: float) -> None:
    """(1 - σ(b))^54."""
    assert closed_product(bias, 54) == pytest.approx(product, rel=0.01)


def test_the_net_of_a_question_has_the_factor_on_its_shortcuts_alone() -> None:
    spec = FactorQuestion(value=0.7, depth=32).spec(Order.FULL_PREACT)
    assert (spec.shortcut, spec.shortcut_scale, spec.residual_scale) == (Shortcut.CONSTANT_SCALING, 0.7, 1.0)
    assert (spec.depth, spec.order) == (32, Order.FULL_PREACT)


@pytest.mark.parametrize(
    "fields",
    [{"value": 0.4}, {"value": 2.1}, {"value": float("nan")}, {"depth": 57}, {"depth": 8}, {"seeds": ()},
     {"seeds": (-1,)}, {"seeds": (0,) * 6}],
)  # fmt: skip
def test_a_question_out_of_range_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(SpecError):
        FactorQuestion(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("fields", [{"biases": ()}, {"biases": (99.0,)}, {"depth": 111}, {"seed": -1}])
def test_gates_out_of_range_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(SpecError):
        GateQuestion(**fields)  # type: ignore[arg-type]


def test_every_step_of_the_slider_has_a_shipped_question() -> None:
    values = [question.value for question in DEFAULTS]
    assert (values[0], values[-1]) == (0.5, 2.0)
    assert {round(0.5 + step * 0.05, 2) for step in range(31)} == set(values)
