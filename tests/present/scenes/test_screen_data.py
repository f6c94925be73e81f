"""Screens of a scene: what is on them before the reveal, and what the reveal adds."""

import re

import pytest
import segno

from resnet_viz.present.scenes.qr import qr_path
from resnet_viz.present.scenes.screen_data import counts_data, join_data, question_data, reveal_data
from resnet_viz.present.theme import Mode
from resnet_viz.scenes.scene import Outcome
from tests.fakes.scenes import marked, scene

URL = "http://192.168.178.20:8501/vote?room=7K2M"
MEASURED = Outcome(verdict="shallower", messages=("plain-20 is lower.", "In 3 of 3 seeds."))


def dark_modules(path: str, size: int) -> list[list[int]]:
    """The modules that a path fills."""
    found = [[0] * size for _row in range(size)]
    for x, y, width, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", path):
        assert width == back
        found[int(y)][int(x) : int(x) + int(width)] = [1] * int(width)
    return found


@pytest.mark.parametrize("text", [URL, "x", "https://example.org/a/long/prefix/vote?room=0123AB"])
def test_the_path_of_a_qr_code_has_its_dark_modules_and_a_quiet_zone(text: str) -> None:
    drawn = qr_path(text)
    expected = segno.make_qr(text, error="m").matrix_iter(border=4)  # ISO/IEC 18004: four modules
    assert dark_modules(drawn.path, drawn.size) == [[int(bool(module)) for module in row] for row in expected]


def test_the_link_is_short_and_the_code_stands_alone() -> None:
    join = join_data(URL, "7K2M")
    assert (join["link"], join["code"]) == ("192.168.178.20:8501/vote", "7K2M")
    assert (join["path"], join["size"]) == qr_path(URL)


def test_the_question_gives_nothing_away() -> None:
    data = question_data(marked(), (1, 5), join_data(URL, "7K2M"), Mode.LIGHT)
    assert not any(bar["is_right"] or bar["note"] for bar in data["answers"])
    assert {"messages", "explanation", "source", "next"}.isdisjoint(data)
    assert data["total"] == "6 guesses"


def test_what_is_polled_has_the_guesses_and_nothing_else() -> None:
    data = counts_data(marked(), (1, 5))
    assert [bar["num_guesses"] for bar in data["answers"]] == [1, 5]
    assert (data["total"], set(data)) == ("6 guesses", {"kind", "answers", "total"})


def test_the_reveal_has_the_outcome_the_explanation_and_what_comes_next() -> None:
    following = scene("overfitting", question="Is that overfitting?")
    data = reveal_data(scene(), (9, 14, 3), MEASURED, following, Mode.DARK)
    assert [bar["is_right"] for bar in data["answers"]] == [True, False, False]
    assert data["messages"] == ["plain-20 is lower.", "In 3 of 3 seeds."]
    assert data["explanation"] == "It is no overfitting."
    assert data["source"] == "Source: He et al. 2015, section 1"
    assert data["next"] == {"label": "Next", "text": "Is that overfitting?"}
    assert data["colors"]["right"] == "#2EC49A"  # bluish green of the dark palette


def test_a_reveal_before_the_measurement_lights_nothing_and_says_so() -> None:
    data = reveal_data(scene(), (9, 14, 3), None, None, Mode.LIGHT)
    assert not any(bar["is_right"] for bar in data["answers"])
    assert (data["messages"], data["total"]) == (["Nothing is measured yet.", "On the page: Start."], "26 guesses")
    assert (data["heading"], data["explanation"], data["source"]) == ("", "", "")  # it would give the answer away
    running = reveal_data(scene(), (9, 14, 3), None, None, Mode.LIGHT, has_run=True)
    assert running["messages"] == ["The run has not ended yet."]


def test_numbers_that_do_not_decide_are_shown_with_a_message() -> None:
    close = Outcome(verdict="", messages=("The losses differ by 1.1 times.",))
    data = reveal_data(scene(), (1,), close, None, Mode.LIGHT)
    assert data["messages"] == ["These numbers decide for none of the answers.", "The losses differ by 1.1 times."]


def test_a_marked_answer_is_the_message_where_nothing_is_measured() -> None:
    data = reveal_data(marked(), (1, 1), None, None, Mode.LIGHT)
    assert (data["heading"], data["messages"]) == ("Answer", ["No"])
    assert [bar["is_right"] for bar in data["answers"]] == [False, True]
