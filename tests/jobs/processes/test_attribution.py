"""From a question to its answer through the real process: torch and Captum there, neither of them here."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from resnet_viz.attribution import result_cache
from resnet_viz.attribution.query import AttributionQuery, from_json
from resnet_viz.jobs.queries import attribution
from resnet_viz.jobs.queries.inquiries import QueryState
from resnet_viz.jobs.queries.service import QueryStatus
from tests.fakes.waiting import over, until

pytestmark = pytest.mark.torch

LONG = {"method": "occlusion", "params": {"window": 4, "stride": 1}, "nets": ["shipped:resnet56"]}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of this test's own; the process ends with the test."""
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path))
    yield tmp_path
    attribution.SERVICE.close()


def question(**fields: Any) -> AttributionQuery:
    usual = {"topic": "maps", "nets": ["shipped:resnet20"], "picture": "data:fashion_mnist_subset/9"}
    return from_json({**usual, "method": "grad_cam", **fields})


def ended(asked: AttributionQuery, owner: str = "me") -> QueryStatus:
    return over(lambda: attribution.look(asked, owner=owner))


def test_a_question_is_answered_kept_on_the_disk_and_recalled_without_a_process() -> None:
    attribution.ask(question(), owner="me")
    standing = ended(question())
    assert standing.stage is QueryState.ANSWERED, standing.sentence
    assert standing.answer.arrays["0.map.grad_cam"].shape == (7, 7)
    assert standing.answer.meta["nets"][0]["title"] == "ResNet-20"
    until(lambda: list(result_cache.folder().iterdir()), "a kept answer")
    attribution.SERVICE.close()
    attribution.ask(question(), owner="someone else")
    again = attribution.look(question(), owner="someone else")
    assert again is not None
    assert again.stage is QueryState.ANSWERED
    assert (again.answer.arrays["0.map.grad_cam"] == standing.answer.arrays["0.map.grad_cam"]).all()
    assert attribution.SERVICE._process is None


def test_a_net_that_is_not_there_is_told_so() -> None:
    asked = question(nets=["run:000000000000/0/last"])
    attribution.ask(asked, owner="me")
    assert "000000000000" in ended(asked).sentence


def test_a_long_map_shows_progress_and_is_given_up_when_nobody_waits() -> None:
    attribution.ask(question(), owner="me")
    ended(question())
    process = attribution.SERVICE._process
    asked = question(**LONG)
    attribution.ask(asked, owner="me")

    def share() -> float:
        standing = attribution.look(asked, owner="me")
        assert standing is not None
        return standing.share

    until(share, "a share that is done")
    attribution.leave(asked, owner="me")
    assert attribution.look(asked, owner="me") is None
    attribution.ask(question(method="saliency"), owner="me")
    assert ended(question(method="saliency")).stage is QueryState.ANSWERED
    assert attribution.SERVICE._process is process  # it heard, and was not killed


def test_a_crash_is_told_and_the_next_question_is_answered() -> None:
    attribution.warm_up()
    asked = question(**LONG)
    attribution.ask(asked, owner="me")
    until(
        lambda: (attribution.look(asked, owner="me") or QueryStatus(QueryState.WAITING)).share, "a share that is done"
    )
    process = attribution.SERVICE._process
    assert process is not None
    process.popen.kill()
    assert ended(asked).stage is QueryState.FAILED
    attribution.ask(question(), owner="me")
    assert ended(question()).stage is QueryState.ANSWERED


def test_who_asks_loads_neither_torch_nor_captum_nor_streamlit() -> None:
    heavy = ("torch", "captum", "streamlit")
    code = f"import sys, resnet_viz.jobs.queries.attribution; print([name for name in {heavy} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
