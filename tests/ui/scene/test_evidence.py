"""Evidence of the shipped scenes: each is decided by what is on its screen, and by nothing before that is there."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from resnet_viz.errors import QueueError
from resnet_viz.scenes import files
from resnet_viz.scenes.outcomes import OUTCOMES, OutcomeName
from resnet_viz.scenes.scene import Outcome
from resnet_viz.theory import answers
from resnet_viz.theory.shortcut_factor import FactorQuestion
from resnet_viz.ui.scene.evidence import outcome_of
from resnet_viz.ui.widgets.shared_cache import SharedCache

# What the explanation of each scene says about shipped nets, answers and the shipped run of seed 0
VERDICTS = {
    "degradation": "shallower",
    "overfitting": "not_overfitting",
    "shortcuts": "close",
    "construction": "same",
    "block_at_zero": "input",
    "two_blocks": "bottleneck",
    "options": "1_to_10",
    "orders": "relu_before_add",
    "factor": "grows",
    "gradients_at_birth": "grows",
    "gradients_after_20": "turned",
    "remove_a_block": "most",
    "which_path": "short",
    "what_it_looks_at": "agree",
}


pytestmark = pytest.mark.usefixtures("own_nets")


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resnet_viz.ui.scene.evidence.shared_cache", SharedCache())


def found(name: str, run: str | None = "degradation") -> Outcome:
    outcome = outcome_of(files.find(name), run)
    assert outcome is not None
    return outcome


@pytest.mark.parametrize("name", VERDICTS)
def test_a_shipped_scene_is_decided_and_its_explanation_is_of_that_verdict(name: str) -> None:
    outcome = found(name)
    assert outcome.verdict == VERDICTS[name]
    assert outcome.verdict in [answer.verdict for answer in files.find(name).answers]
    assert all(outcome.messages)


def test_every_scene_of_the_path_is_looked_at_here() -> None:
    assert {scene.name for scene in files.path()} == {*VERDICTS, "deeper", "order_race"}  # runs of their own


def test_a_run_of_other_nets_does_not_decide_the_race_of_the_orders() -> None:
    assert found("order_race").verdict == ""


def test_a_scene_of_a_run_is_not_measured_before_there_is_one() -> None:
    for scene in files.path():
        if OUTCOMES[OutcomeName(scene.outcome)].needs_run:
            assert outcome_of(scene, None) is None
            assert outcome_of(scene, "") is None


def test_a_scene_whose_author_marks_the_answer_has_no_outcome() -> None:
    assert outcome_of(replace(files.find("degradation"), outcome=""), "degradation") is None


@pytest.mark.parametrize("run", ["0123456789ab", "../../etc/passwd", "<b>", "x" * 10_000])
def test_a_run_that_does_not_exist_is_refused(run: str) -> None:
    with pytest.raises(QueueError):
        found("degradation", run)


def test_an_instrument_that_nobody_has_asked_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "load", lambda _instrument, _key: None)
    assert outcome_of(files.find("factor"), None) is None


def test_the_factor_is_that_of_the_scenes_address(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[FactorQuestion] = []

    def key_of(question: FactorQuestion) -> str:
        asked.append(question)
        return "0" * 64

    monkeypatch.setattr(answers, "key_of", key_of)
    scene = replace(files.find("factor"), query=MappingProxyType({"show": "lambda", "value": "1.1"}))
    assert outcome_of(scene, None) is None
    assert asked == [FactorQuestion(value=1.1)]
