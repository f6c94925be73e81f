"""Shipped answers about trained nets equal a fresh computation; of the dearest ones, at some of their places.

A surface is compared on its coarse grid, which comes first and whose points are computed as all others are; random
damage of a deep net in the first draw of each size. Everything else is compared whole.
"""

from dataclasses import fields
from math import nan
from typing import Any

import pytest

from resnet_viz.attribution.engine.progress import no_tick
from resnet_viz.theory import answers
from resnet_viz.theory.engine import lesions as engine
from resnet_viz.theory.engine.worker import compute
from resnet_viz.theory.instruments import instrument_of
from resnet_viz.theory.question import Question
from resnet_viz.theory.trained import early_exits, lesions, loss_surface, paths

pytestmark = pytest.mark.torch

WHOLE: tuple[Question, ...] = (*lesions.DEFAULTS[:2], *early_exits.DEFAULTS[:2], paths.DEFAULT)
DEAR: tuple[Question, ...] = (lesions.DEFAULTS[2], early_exits.DEFAULTS[2])
DAMAGE = lesions.DEFAULTS[3]
CLOSE = 1e-4  # relative: another processor adds in another order
ONE_IMAGE = 1.01 / 500


def name_of(question: Any) -> str:
    return f"{instrument_of(question).id}-{question.nets[0].name}"


def shipped(question: Question) -> answers.Records:
    found = answers.load(instrument_of(question), answers.key_of(question))
    assert found is not None, "run python -m tools.record_theory"
    return found


def assert_alike(one: Any, other: Any) -> None:
    for field in fields(one):
        old, new = getattr(one, field.name), getattr(other, field.name)
        if isinstance(new, float) and "accurac" not in field.name:
            assert old == pytest.approx(new, rel=CLOSE, nan_ok=True), field.name
        elif field.name == "losses":
            assert old == pytest.approx(new, rel=CLOSE, nan_ok=True)
        elif field.name == "accuracy":
            assert old == pytest.approx(new, abs=ONE_IMAGE, nan_ok=True)
        else:
            assert old == new, field.name


@pytest.mark.parametrize(
    "question", [*WHOLE, *(pytest.param(one, marks=pytest.mark.slow) for one in DEAR)], ids=name_of
)
def test_a_shipped_answer_equals_a_fresh_one(question: Question) -> None:
    fresh = tuple(compute(question, no_tick))
    for one, other in zip(shipped(question), fresh, strict=True):
        assert_alike(one, other)


@pytest.mark.parametrize("question", loss_surface.DEFAULTS, ids=name_of)
def test_a_shipped_surface_equals_a_fresh_one_on_its_coarse_grid(question: loss_surface.SurfaceQuestion) -> None:
    first, *rest = kept = shipped(question)
    assert_alike(first, next(compute(question, no_tick)))
    grid = loss_surface.grid_of(kept, 0, question.points)
    assert len(rest) == question.points
    assert (grid > 0).all()  # every point came


def test_shipped_random_damage_equals_the_first_draws_of_a_fresh_one(monkeypatch: pytest.MonkeyPatch) -> None:
    calls, whole = iter(range(1_000)), engine.accuracy_of

    def first_of_a_size(*args: Any, **named: Any) -> float:
        return whole(*args, **named) if next(calls) % DAMAGE.draws == 0 else nan

    monkeypatch.setattr(engine, "accuracy_of", first_of_a_size)
    fresh = tuple(compute(DAMAGE, no_tick))
    for kept, one in zip(shipped(DAMAGE), fresh, strict=True):
        assert (kept.kind, kept.number) == (one.kind, one.number)
        assert kept.tau == pytest.approx(one.tau, rel=CLOSE)
        assert len(kept.accuracies) == DAMAGE.draws
        assert kept.accuracies[0] == one.accuracies[0]


def test_of_a_deep_residual_net_every_block_but_the_first_can_go() -> None:
    # THEORY I9: at least 24 of 27 blocks at 0.88 or above; 500 images scatter by 1.3 points, hence 0.86
    found = shipped(lesions.DEFAULTS[2])  # a fresh one equals it, see above
    assert len(found) == 1 + 27
    assert sum(one.accuracy >= 0.86 for one in found if one.block) >= 24
