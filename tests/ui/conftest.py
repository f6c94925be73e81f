"""Each test has a run store of its own, and trains with a stand-in; daemons that it starts end with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from resnet_viz.attribution.sources import shipped_nets
from resnet_viz.jobs.queries import attribution, theory
from resnet_viz.jobs.training import client, lock
from resnet_viz.resources import ASSETS
from resnet_viz.runs.store import RunStore
from tests.fakes.attribution_results import FakeAttribution, write_nets
from tests.fakes.theory_answers import ANSWERS, FakeTheory


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The empty folder of this test's runs."""
    folder = tmp_path / "home"
    monkeypatch.setenv("RESNET_VIZ_HOME", str(folder))
    monkeypatch.setenv("RESNET_VIZ_JOBS_EXECUTOR", "tests.fakes.racers:race")
    monkeypatch.setenv("RESNET_VIZ_JOBS_PRELOAD", "")
    monkeypatch.setenv("RESNET_VIZ_CALIBRATE", "0")
    for name in ("HOSTED", "BUDGET", "DATA"):
        monkeypatch.delenv(f"RESNET_VIZ_{name}", raising=False)
    yield folder
    client.close()


@pytest.fixture
def runs(home: Path) -> RunStore:
    """The empty store of this test."""
    return client.store()


@pytest.fixture
def unserved(runs: RunStore) -> Iterator[RunStore]:
    """A store that no daemon will serve: runs stay as they are put."""
    held = lock.hold(runs.path, patience_s=0)
    assert held is not None
    with held:
        yield runs


@pytest.fixture(autouse=True)
def answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAttribution]:
    """Answers questions about trained nets without torch; two nets are shipped, which have no weights."""
    stand_in = FakeAttribution()
    monkeypatch.setattr(attribution, "SERVICE", stand_in)
    monkeypatch.setattr(shipped_nets, "FOLDER", write_nets(tmp_path / "nets"))
    shipped_nets.shipped_nets.cache_clear()
    yield stand_in
    shipped_nets.shipped_nets.cache_clear()


@pytest.fixture
def own_nets(answers: FakeAttribution, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The nets that are shipped, and no stand-ins for them."""
    monkeypatch.setattr(shipped_nets, "FOLDER", ASSETS / "nets")
    shipped_nets.shipped_nets.cache_clear()
    yield
    shipped_nets.shipped_nets.cache_clear()


@pytest.fixture(autouse=True)
def instruments(monkeypatch: pytest.MonkeyPatch) -> FakeTheory:
    """Answers questions of the theory without torch."""
    stand_in = FakeTheory(ANSWERS)
    monkeypatch.setattr(theory, "SERVICE", stand_in)
    return stand_in
