"""Shipped answers about trained nets equal a fresh computation."""

from dataclasses import fields
from typing import Any

import pytest

from resnet_viz.attribution.engine.progress import no_tick
from resnet_viz.theory import answers
from resnet_viz.theory.engine.worker import compute
from resnet_viz.theory.instruments import instrument_of
from resnet_viz.theory.question import Question
from resnet_viz.theory.trained import early_exits, lesions, loss_surface, paths

pytestmark = pytest.mark.torch

DEFAULTS: tuple[Question, ...] = (
    *lesions.DEFAULTS[:2], *early_exits.DEFAULTS[:2], *loss_surface.DEFAULTS, paths.DEFAULT,
)  # fmt: skip
DEAR: tuple[Question, ...] = (*lesions.DEFAULTS[2:], *early_exits.DEFAULTS[2:])
CLOSE = 1e-4  # relative: another processor adds in another order


def name_of(question: Any) -> str:
    return f"{instrument_of(question).id}-{question.nets[0].name}"


@pytest.mark.parametrize(
    "question", [*DEFAULTS, *(pytest.param(one, marks=pytest.mark.slow) for one in DEAR)], ids=name_of
)
def test_a_shipped_answer_equals_a_fresh_one(question: Question) -> None:
    shipped = answers.load(instrument_of(question), answers.key_of(question))
    assert shipped is not None, "run python -m tools.record_theory"
    fresh = tuple(compute(question, no_tick))
    assert len(shipped) == len(fresh)
    for one, other in zip(shipped, fresh, strict=True):
        for field in fields(one):
            old, new = getattr(one, field.name), getattr(other, field.name)
            if isinstance(new, float) and "accurac" not in field.name:
                assert old == pytest.approx(new, rel=CLOSE, nan_ok=True), field.name
            elif field.name == "losses":
                assert old == pytest.approx(new, rel=CLOSE, nan_ok=True)
            elif field.name == "accuracy":
                assert old == pytest.approx(new, abs=1.01 / 500, nan_ok=True)
            else:
                assert old == new, field.name
