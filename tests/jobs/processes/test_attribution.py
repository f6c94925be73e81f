"""From a question to its answer through the real process: torch and Captum there, neither of them here."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from resnet_viz.attribution import result_cache
from resnet_viz.attribution.query import from_json
from resnet_viz.attribution.result import MapsResult
from resnet_viz.jobs.queries import attribution
from resnet_viz.jobs.queries.queue import QueryState, QueryStatus, Request
from tests.fakes.waiting import PATIENCE_S, over, until

pytestmark = pytest.mark.torch

SERVICE = attribution.SERVICE

LONG = {"method": "occlusion", "params": {"window": 4, "stride": 1}, "nets": ["shipped:resnet56"]}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of this test's own; the process ends with the test."""
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path))
    yield tmp_path
    SERVICE.close()


def query(**fields: Any) -> Request:
    usual = {"topic": "maps", "nets": ["shipped:resnet20"], "picture": "data:fashion_mnist_subset/9"}
    return attribution.request_for(from_json({**usual, "method": "grad_cam", **fields}))


def ask(request: Request, owner: str = "me") -> None:
    SERVICE.ask(request, owner=owner)


def ended(request: Request, owner: str = "me") -> QueryStatus:
    return over(lambda: SERVICE.status(request, owner=owner))


def until_running(request: Request) -> None:
    def share() -> float:
        status = SERVICE.status(request, owner="me")
        assert status is not None
        return status.share

    until(share, "a share that is done")


def test_a_query_is_answered_kept_on_the_disk_and_recalled_without_a_process() -> None:
    ask(query())
    status = ended(query())
    assert status.state is QueryState.DONE, status.message
    assert isinstance(status.result, MapsResult)
    values = status.result.maps[0].of("grad_cam").values
    assert values.shape == (7, 7)
    assert status.result.nets[0].title == "ResNet-20"
    until(lambda: list(result_cache.folder().iterdir()), "a kept result")
    SERVICE.close()
    ask(query(), owner="someone else")
    again = SERVICE.status(query(), owner="someone else")
    assert again is not None
    assert again.state is QueryState.DONE
    assert isinstance(again.result, MapsResult)
    assert (again.result.maps[0].of("grad_cam").values == values).all()
    assert SERVICE._process is None


def test_a_net_that_is_not_there_is_named() -> None:
    request = query(nets=["run:000000000000/0/last"])
    ask(request)
    assert "000000000000" in ended(request).message


def test_a_long_map_shows_progress_and_ends_when_it_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SERVICE, "kind", replace(SERVICE.kind, cancel_s=PATIENCE_S))  # killed only if it hears nothing
    ask(query())
    ended(query())
    process = SERVICE._process
    request = query(**LONG)
    ask(request)
    until_running(request)
    SERVICE.cancel(request, owner="me")
    assert SERVICE.status(request, owner="me") is None
    ask(query(method="saliency"))
    assert ended(query(method="saliency")).state is QueryState.DONE
    assert SERVICE._process is process  # it heard, and was not killed


def test_after_a_crash_the_next_query_is_answered() -> None:
    SERVICE.warm_up()
    request = query(**LONG)
    ask(request)
    until_running(request)
    process = SERVICE._process
    assert process is not None
    process.popen.kill()
    assert ended(request).state is QueryState.FAILED
    ask(query())
    assert ended(query()).state is QueryState.DONE


def test_who_asks_loads_neither_torch_nor_captum_nor_streamlit() -> None:
    heavy = ("torch", "captum", "streamlit")
    code = f"import sys, resnet_viz.jobs.queries.attribution; print([name for name in {heavy} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
