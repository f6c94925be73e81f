"""Shipped answers equal fresh ones: to rounding, which differs from processor to processor."""

from dataclasses import replace
from typing import Any

import pytest

from resnet_viz.attribution.engine.progress import no_tick
from resnet_viz.theory import answers, gate_product, identity_task, order_signals, shattering, shortcut_factor
from resnet_viz.theory.answers import Records
from resnet_viz.theory.engine.worker import compute
from resnet_viz.theory.instruments import instrument_of
from resnet_viz.theory.question import Question
from resnet_viz.theory.trained import growth

pytestmark = pytest.mark.torch

QUESTIONS: tuple[Question, ...] = (
    growth.DEFAULT,
    gate_product.DEFAULT,
    order_signals.DEFAULT,
    *identity_task.DEFAULTS,
    *shortcut_factor.DEFAULTS,
    *shattering.DEFAULTS,
)


def shipped(question: Question) -> Records:
    content = (answers.SHIPPED / f"{answers.key_of(question)}.json.gz").read_bytes()
    return answers.from_bytes(instrument_of(question), content)


def assert_alike(found: Any, kept: Any, *, rel: float = 1e-6, abs: float = 1e-9) -> None:
    assert type(found) is type(kept)
    for field in type(kept).__dataclass_fields__:
        one, other = getattr(found, field), getattr(kept, field)
        is_float = isinstance(other, float) or (isinstance(other, tuple) and any(isinstance(v, float) for v in other))
        assert one == (pytest.approx(other, rel=rel, abs=abs) if is_float else other), field


def test_every_default_question_has_its_shipped_answer() -> None:
    for question in QUESTIONS:
        assert shipped(question)


@pytest.mark.parametrize("value", [0.9, 1.55])
def test_gradients_of_factors(value: float) -> None:
    question = next(one for one in shortcut_factor.DEFAULTS if one.value == value)
    (found,) = compute(replace(question, seeds=(1,)), no_tick)
    assert_alike(found, shipped(question)[1])


def test_gates() -> None:
    question = gate_product.DEFAULT
    for found, kept in zip(
        compute(replace(question, biases=question.biases[:2]), no_tick), shipped(question), strict=False
    ):
        assert_alike(found, kept)


def test_orders() -> None:
    for found, kept in zip(
        compute(replace(order_signals.DEFAULT, seeds=(0,)), no_tick), shipped(order_signals.DEFAULT), strict=False
    ):
        assert_alike(found, kept)


@pytest.mark.parametrize("layers", [10, 24])
@pytest.mark.parametrize("has_norm", [True, False])
def test_shattered_gradients(layers: int, has_norm: bool) -> None:
    question = next(one for one in shattering.DEFAULTS if (one.layers, one.has_norm) == (layers, has_norm))
    for found, kept in zip(compute(replace(question, seeds=(0,)), no_tick), shipped(question), strict=False):
        assert_alike(found, kept, rel=1e-3, abs=2e-4)


@pytest.mark.slow
def test_growing_nets() -> None:
    kept = [one for one in shipped(growth.DEFAULT) if one.count == 4 and one.filling is growth.Filling.IDENTITY]
    for found in compute(replace(growth.DEFAULT, counts=(4,)), no_tick):
        if found.filling is growth.Filling.IDENTITY:
            assert found == kept[found.place]


def test_learning_the_identity_begins_as_shipped() -> None:
    """Training amplifies rounding, so the first steps alone."""
    question = identity_task.DEFAULTS[0]
    records = compute(question, no_tick)
    for kept in shipped(question)[:2]:
        assert_alike(next(records), kept, rel=1e-3)
