"""The panel that asks torchinfo: a button, its progress, an answer for everyone, refusals as sentences."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from resnet_viz.jobs.queries.inquiries import Bounds, Inquiries
from resnet_viz.resources import ROOT
from resnet_viz.ui.architecture import torchinfo
from tests.fakes import visiting
from tests.fakes.visiting import is_plain, press, prose, visit, warnings
from tests.fakes.waiting import until

CHECK = "Check with torchinfo"


def buttons(at: AppTest) -> list[str]:
    """Labels of the panel's buttons: those that compare nets are above it."""
    return [label for label in visiting.buttons(at) if label != "A second net" and ":small[" not in label]


def opened(net: str = "resnet18", session: dict[str, object] | None = None) -> AppTest:
    return visit("architecture", session, net=net, details="torchinfo")


def over(at: AppTest) -> AppTest:
    """The page once the question is over; a fragment's own clock does not tick here, so the page runs again."""
    until(lambda: "Stop" not in buttons(at.run()), "an answer")
    return at


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Asks the stand-in instead of torchinfo, and always the same question: one that takes a minute."""

    def ask(**fields: object) -> None:
        monkeypatch.setattr(torchinfo, "_question", lambda _spec: json.dumps(fields))

    inquiries = Inquiries("tests.fakes.answerers:answer", Bounds(most_waiting=1))
    monkeypatch.setattr(torchinfo, "_inquiries", inquiries)
    ask(do="wait", seconds=60)
    yield monkeypatch
    inquiries.close()


@pytest.mark.torch
def test_pressed_it_shows_both_sides_and_keeps_the_answer_for_others() -> None:
    code = f"""
import sys
from tests.ui.architecture.test_torchinfo import *
at = opened()
assert buttons(at) == [{CHECK!r}], buttons(at)
press(at, {CHECK!r})
assert "Stop" in buttons(at)
over(at)
for page in (at, opened()):
    assert not page.exception and not page.warning
    text = prose(page)
    assert "| multiply-adds | +10,600 |" in text, text
    assert "| ours | 1,814,073,344 |" in text and "| torchinfo | 1,814,083,944 |" in text
    assert "account for **all**" in text
    assert "Total params: 11,689,512" in page.code[0].value
assert buttons(opened("resnet34")) == [{CHECK!r}]
sys.exit("torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.usefixtures("stand_in")
def test_it_can_be_stopped() -> None:
    at = press(opened(), CHECK)
    assert "so far, at most 1 min" in prose(at)
    press(at, "Stop")
    assert buttons(at) == [CHECK]


@pytest.mark.usefixtures("stand_in")
def test_others_see_no_progress_of_mine() -> None:
    press(opened(), CHECK)
    assert buttons(opened()) == [CHECK]


def test_who_stands_in_line_sees_the_place_and_a_full_line_is_told(stand_in: pytest.MonkeyPatch) -> None:
    press(opened(), CHECK)
    stand_in.setattr(torchinfo, "_question", lambda _spec: json.dumps({"n": 1}))
    assert "waiting: number 1 in the line" in prose(press(opened(), CHECK))
    stand_in.setattr(torchinfo, "_question", lambda _spec: json.dumps({"n": 2}))
    at = press(opened(), CHECK)
    assert warnings(at) == ["1 question is waiting already. Try again in a minute."]
    assert buttons(at) == [CHECK]


def test_a_failure_is_a_sentence_and_it_can_be_tried_again(stand_in: pytest.MonkeyPatch) -> None:
    stand_in.setattr(torchinfo, "_question", lambda _spec: json.dumps({"do": "fail"}))
    at = over(press(opened(), CHECK))
    assert [sentence.partition(",")[0] for sentence in warnings(at)] == ["This could not be computed"]
    assert all(is_plain(warning.value) for warning in at.warning)
    assert buttons(at) == [CHECK]
