"""Shipped answers are those that a fresh computation gives: `python -m tools.record_theory` makes them."""

import pytest

from resnet_viz.theory import answers, gradients
from resnet_viz.theory.engine.worker import compute
from resnet_viz.theory.gradients import GradientCurves, first_to_last
from resnet_viz.theory.instruments import instrument_of
from resnet_viz.theory.question import Question
from tools.record_theory import DEFAULTS

pytestmark = pytest.mark.torch

EXACT = ("loss", "grad", "block_grad", "activation_std", "branch_share")  # in double precision


def shipped(question: Question) -> answers.Records:
    content = (answers.SHIPPED / f"{answers.key_of(question.pinned())}.json.gz").read_bytes()
    return answers.from_bytes(instrument_of(question), content)


@pytest.mark.parametrize("question", DEFAULTS, ids=lambda question: instrument_of(question).id)
def test_every_default_question_is_answered_at_once(question: Question) -> None:
    assert shipped(question), "run python -m tools.record_theory"


def test_there_are_no_others() -> None:
    keys = {answers.key_of(question.pinned()) for question in DEFAULTS}
    assert {path.name.partition(".")[0] for path in answers.SHIPPED.iterdir()} == keys


def test_curves_at_initialisation_are_those_of_a_fresh_measurement() -> None:
    fresh = tuple(compute(gradients.DEFAULT, lambda _share: None))
    kept: tuple[GradientCurves, ...] = shipped(gradients.DEFAULT)
    assert [(one.place, one.seed, one.convs, one.blocks) for one in kept] == [
        (one.place, one.seed, one.convs, one.blocks) for one in fresh
    ]
    for mine, its in zip(fresh, kept, strict=True):
        for name in EXACT:
            assert getattr(its, name) == pytest.approx(getattr(mine, name), rel=1e-6, nan_ok=True), name
    for place in range(len(gradients.DEFAULT.nets)):  # the kind is compared where rounding does not decide
        errors = [one.single_error for one in kept if one.place == place]
        if max(errors) < gradients.NEAR / 10 or min(errors) > gradients.NEAR * 2:
            assert {one.single for one in kept if one.place == place} == {
                one.single for one in fresh if one.place == place
            }


def test_curves_by_step_begin_as_a_fresh_training_and_turn() -> None:
    """In single precision other processors come to other numbers: only the beginning of residual nets is compared."""
    question = gradients.DEFAULT_STEPS
    kept: tuple[GradientCurves, ...] = shipped(question)
    assert [(one.step, one.place) for one in kept] == [
        (step, place) for step in question.steps for place in range(len(question.nets))
    ]
    started = gradients.StepsQuestion(nets=question.nets[1:], steps=(0,))
    for mine, its in zip(compute(started, lambda _share: None), kept[1:], strict=False):
        for name in EXACT:
            assert getattr(its, name) == pytest.approx(getattr(mine, name), rel=1e-3), name
    plain = {one.step: first_to_last(one.grad) for one in kept if one.place == 0}
    assert plain[0] > 100
    assert plain[20] < 2
