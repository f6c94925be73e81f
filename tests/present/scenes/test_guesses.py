"""The histogram of guesses, and the answer that an outcome lights."""

import pytest

from resnet_viz.present.scenes.guesses import answer_bars, right_answer, right_text, total_text
from resnet_viz.scenes.scene import Outcome
from tests.fakes.scenes import THREE, marked, scene


def test_each_answer_has_a_letter_its_guesses_and_its_share_of_all() -> None:
    bars = answer_bars(scene(), (9, 14, 1))
    assert [(bar["letter"], bar["text"], bar["num_guesses"], bar["share"]) for bar in bars] == [
        ("A", "The 20-layer net", 9, 9 / 24),
        ("B", "The 56-layer net", 14, 14 / 24),
        ("C", "Both end the same", 1, 1 / 24),
    ]
    assert [bar["alt"] for bar in bars][1:] == ["B, The 56-layer net: 14 guesses", "C, Both end the same: 1 guess"]


@pytest.mark.parametrize("counts", [(), (0,), (0, 0, 0)])
def test_without_guesses_no_bar_has_a_length(counts: tuple[int, ...]) -> None:
    bars = answer_bars(scene(), counts)
    assert [(bar["num_guesses"], bar["share"]) for bar in bars] == [(0, 0.0)] * 3
    assert (total_text(scene(), counts), right_text(scene(), counts, 0)) == ("No guesses yet", "")


def test_counts_may_be_shorter_or_longer_than_the_answers() -> None:
    assert [bar["num_guesses"] for bar in answer_bars(scene(), (2,))] == [2, 0, 0]
    assert [bar["num_guesses"] for bar in answer_bars(marked(), (2, 1, 7))] == [2, 1]
    assert total_text(marked(), (2, 1, 7)) == "3 guesses"


@pytest.mark.parametrize("place", range(len(THREE)))
def test_the_answer_with_the_outcome_s_verdict_is_right(place: int) -> None:
    assert right_answer(scene(), Outcome(verdict=THREE[place].verdict)) == place


@pytest.mark.parametrize("outcome", [None, Outcome(verdict=""), Outcome(verdict="of another scene")])
def test_no_answer_is_right_where_nothing_decides(outcome: Outcome | None) -> None:
    unmarked = scene(answers=(*THREE, marked().answers[1]))  # has an answer without a verdict, too
    assert right_answer(unmarked, outcome) is None
    assert not any(bar["is_right"] for bar in answer_bars(unmarked, (1, 2, 3), None))


def test_without_a_measurement_the_marked_answer_is_right() -> None:
    assert right_answer(marked(), None) == 1


def test_right_guesses_are_counted() -> None:
    assert right_text(scene(), (9, 14, 3), 0) == "9 of 26 guesses are right"
    assert right_text(scene(), (0, 1, 0), 1) == "1 of 1 guess is right"
    assert right_text(scene(), (9, 14, 3), None) == "26 guesses"
