"""The panel that asks torchinfo: a button, its progress, an answer for everyone, refusals as sentences."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from resnet_viz.jobs import messages
from resnet_viz.jobs.queries import torchinfo
from resnet_viz.jobs.queries.kinds import TORCHINFO
from resnet_viz.jobs.queries.queue import Request
from resnet_viz.jobs.queries.service import QueryService
from resnet_viz.resources import ROOT
from tests.fakes import visiting
from tests.fakes.visiting import is_plain, press, visit, warnings
from tests.fakes.waiting import until

CHECK = "Check with torchinfo"


def buttons(at: AppTest) -> list[str]:
    """Labels of the panel's buttons: those that compare nets are above it."""
    return [label for label in visiting.buttons(at) if label != "A second net" and ":small[" not in label]


def opened(net: str = "resnet18", session: dict[str, object] | None = None) -> AppTest:
    return visit("architecture", session, net=net, details="torchinfo")


def over(at: AppTest) -> AppTest:
    """The page once the question is over; a fragment's own clock does not tick here, so the page runs again."""
    until(lambda: "Cancel" not in buttons(at.run()), "an answer")
    return at


def set_request(monkeypatch: pytest.MonkeyPatch, **fields: object) -> None:
    monkeypatch.setattr(torchinfo, "request_for", lambda _spec: Request(json.dumps(fields), fields))


def progress(at: AppTest) -> str:
    """Text of the progress bar."""
    (bar,) = at.get("progress")
    return str(bar.proto.text)


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Asks the stand-in instead of torchinfo, and always the same question: one that takes a minute."""

    service = QueryService(replace(TORCHINFO, answerer="tests.fakes.answerers:answer", max_queued=1))
    monkeypatch.setattr(torchinfo, "SERVICE", service)
    set_request(monkeypatch, do="hang", seconds=600)
    yield monkeypatch
    service.close()


@pytest.mark.torch
def test_pressed_it_shows_both_sides_and_keeps_the_answer_for_others() -> None:
    code = f"""
import sys
from tests.fakes.visiting import prose
from tests.ui.architecture.test_torchinfo import *
at = opened()
assert buttons(at) == [{CHECK!r}], buttons(at)
press(at, {CHECK!r})
assert "Cancel" in buttons(at)
over(at)
for page in (at, opened()):
    assert not page.exception and not page.warning
    text = prose(page)
    assert "| multiply-adds | +10,600 |" in text, text
    assert "| ours | 1,814,073,344 |" in text and "| torchinfo | 1,814,083,944 |" in text
    assert "explained **exactly**" in text
    assert "Total params: 11,689,512" in page.code[0].value
assert buttons(opened("resnet34")) == [{CHECK!r}]
sys.exit("torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.usefixtures("stand_in")
def test_it_can_be_stopped() -> None:
    at = press(opened(), CHECK)
    assert "at most 1 min" in progress(at)
    press(at, "Cancel")
    assert buttons(at) == [CHECK]


@pytest.mark.usefixtures("stand_in")
def test_others_see_no_progress_of_mine() -> None:
    press(opened(), CHECK)
    assert buttons(opened()) == [CHECK]


def test_who_stands_in_line_sees_the_place_and_a_full_line_is_told(stand_in: pytest.MonkeyPatch) -> None:
    press(opened(), CHECK)
    set_request(stand_in, n=1)
    assert progress(press(opened(), CHECK)) == "Queued (position 1)"
    set_request(stand_in, n=2)
    at = press(opened(), CHECK)
    assert [warning.partition(" ")[0] for warning in warnings(at)] == ["1"]
    assert buttons(at) == [CHECK]


def test_a_failure_is_a_sentence_and_it_can_be_tried_again(stand_in: pytest.MonkeyPatch) -> None:
    set_request(stand_in, do="fail")
    at = over(press(opened(), CHECK))
    assert warnings(at) == [messages.UNANSWERED]
    assert all(is_plain(warning.value) for warning in at.warning)
    assert buttons(at) == [CHECK]
