"""Runs are kept as long as there is room, in the folder that the environment names."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from resnet_viz.errors import QueueError
from resnet_viz.runs import paths
from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.run import RunState
from resnet_viz.runs.sql.retention import SWEPT_ROWS, RetentionLimits
from resnet_viz.runs.store import RunStore
from tests.fakes.small_runs import PLAIN, RECIPE, claimed, started, step


def test_only_the_newest_finished_runs_are_kept_and_no_row_of_the_others(store: RunStore) -> None:
    with DaemonStore(store.path, retention=RetentionLimits(finished_runs=2)) as daemon:
        claims = []
        for _ in range(4):
            claims.append(claimed(store, daemon))
            many = (step(PLAIN, n, is_probed=True) for n in range(SWEPT_ROWS + 1))
            daemon.append(claims[-1], [started(PLAIN), *many])
            daemon.finish(claims[-1], RunState.DONE)
        waiting = store.submit(RECIPE, owner="a")
        while daemon.tidy():
            pass
    assert [run.id for run in store.list()] == [waiting, claims[3].id, claims[2].id]
    assert len(store.steps(claims[2].id)) == SWEPT_ROWS + 1
    with closing(sqlite3.connect(store.path)) as db:
        for table in ("net", "step", "probe", "signal"):
            assert db.execute(f"SELECT count(DISTINCT run) FROM {table}").fetchone()[0] == 2
        assert db.execute("SELECT count(*) FROM doomed").fetchone()[0] == 0


def test_a_store_that_is_too_large_forgets_its_oldest_finished_run(store: RunStore) -> None:
    with DaemonStore(store.path, retention=RetentionLimits(used_bytes=200_000)) as daemon:
        ids: list[str] = []
        for _ in range(4):
            claim = claimed(store, daemon)
            ids.insert(0, claim.id)
            daemon.append(claim, [started(PLAIN), *(step(PLAIN, n) for n in range(2_000))])
            daemon.finish(claim, RunState.DONE)
        while daemon.tidy():
            pass
        daemon.rest()
    kept = [run.id for run in store.list()]
    assert kept == ids[: len(kept)] != []
    assert len(kept) < len(ids)


def test_a_run_is_deleted_once_it_has_ended(store: RunStore, daemon: DaemonStore) -> None:
    claim = claimed(store, daemon)
    with pytest.raises(QueueError, match="Stop it first"):
        store.delete(claim.id)
    daemon.finish(claim, RunState.DONE)
    store.delete(claim.id)
    assert store.run(claim.id) is None


def test_the_environment_names_the_folder_of_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "new" / "folder"))
    assert paths.store_path() == (tmp_path / "new" / "folder" / "runs.sqlite").resolve()
    assert paths.home().is_dir()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "file" / "folder"))
    with pytest.raises(QueueError, match=paths.HOME_VARIABLE):
        paths.store_path()
