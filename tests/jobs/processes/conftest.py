"""A store and a daemon of its own for each test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from resnet_viz.jobs.training import client
from resnet_viz.jobs.training.options import Options
from resnet_viz.runs.store import RunStore

FAKE = {"executor": "tests.fakes.racers:race", "preload": ""}

Start = Callable[..., None]


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunStore]:
    """The empty store of this test; daemons that it starts end with it."""
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path))
    for name, value in FAKE.items():
        monkeypatch.setenv(f"RESNET_VIZ_JOBS_{name.upper()}", value)
    yield client.store()
    client.close()


@pytest.fixture
def start(runs: RunStore) -> Start:
    """Starts the daemon of `runs` with changed options."""

    def start(**changes: float) -> None:
        client.ensure_daemon(runs.path, Options(**changes))  # type: ignore[arg-type]

    return start
