"""Signals over many units in the five activation orders: bands that held on ten seeds, tried on others here."""

from functools import lru_cache

import pytest

from resnet_viz.spec.enums import Order
from resnet_viz.theory.engine.order_signals import order_signals
from resnet_viz.theory.order_signals import OrderQuestion, OrderSignals

pytestmark = pytest.mark.torch


@pytest.fixture(params=[1, 11])
def signals(request: pytest.FixtureRequest) -> dict[Order, OrderSignals]:
    return measured(request.param)


@lru_cache(maxsize=2)
def measured(seed: int) -> dict[Order, OrderSignals]:
    return {one.order: one for one in order_signals(OrderQuestion(seeds=(seed,)))}


def test_means_after_thirty_units(signals: dict[Order, OrderSignals]) -> None:
    """3.9, 0.24, 12.1, 0.0, 0.0 (He et al. 2016, fig. 4 a to e; seeds 0 to 2)."""
    ends = {order: one.mean[-1] for order, one in signals.items()}
    assert ends[Order.ORIGINAL] == pytest.approx(3.9, abs=0.2)
    assert ends[Order.BN_AFTER_ADD] == pytest.approx(0.24, abs=0.05)
    assert ends[Order.RELU_BEFORE_ADD] == pytest.approx(12.1, abs=0.4)
    assert abs(ends[Order.RELU_ONLY_PREACT]) < 0.05
    assert abs(ends[Order.FULL_PREACT]) < 0.6


def test_outputs_of_c_never_fall_and_those_of_d_and_e_have_both_signs(signals: dict[Order, OrderSignals]) -> None:
    rising = signals[Order.RELU_BEFORE_ADD]
    assert all(after >= before for before, after in zip(rising.mean, rising.mean[1:], strict=False))
    assert rising.least[-1] > rising.least[0] >= 0
    for order in (Order.RELU_ONLY_PREACT, Order.FULL_PREACT):
        assert signals[order].least[-1] < -15
    for order in (Order.ORIGINAL, Order.BN_AFTER_ADD):
        assert min(signals[order].least) == 0


def test_shares_cut_by_the_last_relu(signals: dict[Order, OrderSignals]) -> None:
    """a 0.377 -> 0.10, b 0.52 -> 0.70."""
    original, after_add = signals[Order.ORIGINAL].cut, signals[Order.BN_AFTER_ADD].cut
    assert (original[1], original[-1]) == pytest.approx((0.377, 0.10), abs=0.03)
    assert (after_add[1], after_add[-1]) == pytest.approx((0.52, 0.70), abs=0.05)
    assert [order for order, one in signals.items() if one.cut] == [Order.ORIGINAL, Order.BN_AFTER_ADD]


def test_every_unit_is_there_and_the_input() -> None:
    records = list(order_signals(OrderQuestion(units=3, seeds=(0,))))
    assert [one.order for one in records] == list(Order)
    assert {len(one.mean) for one in records} == {4}
