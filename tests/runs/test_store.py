"""A store that is not there is empty, what is no id is refused, and older stores are read as they are."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from resnet_viz.errors import QueueError, SpecError
from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.run import RunState
from resnet_viz.runs.store import RunStore
from tests.fakes.small_runs import PLAIN, RECIPE, RESIDUAL, claimed, started, step

WRONG_IDS = [
    "",
    "x" * 12,
    "0123456789AB",
    "../etc/passwd",
    "0123456789abc",
    "0123456789a\n",
    "\u0660" * 12,
    "' OR 1=1 --",
]


def test_a_store_that_does_not_exist_is_empty_and_stays_away(store: RunStore) -> None:
    nobody = "0" * 12
    assert not [*store.list(), *store.steps(nobody), *store.curves(nobody), *store.probe(nobody)]
    assert [ask(nobody) for ask in (store.run, store.position, store.export)] == [None] * 3
    store.cancel(nobody)
    store.delete(nobody)
    assert not store.path.exists()


@pytest.mark.parametrize("content", [b"", "tables of someone else"])
def test_a_file_without_our_tables_is_empty(store: RunStore, content: bytes | str) -> None:
    if isinstance(content, bytes):
        store.path.write_bytes(content)
    else:
        with closing(sqlite3.connect(store.path)) as db:
            db.execute("CREATE TABLE other(x)")
    assert store.list() == ()


def test_readers_at_the_birth_of_a_store_see_nothing_or_the_run(store: RunStore) -> None:
    seen: list[int] = []
    is_over = threading.Event()

    def read() -> None:
        while not is_over.is_set():
            seen.append(len(store.list()))

    readers = [threading.Thread(target=read) for _ in range(3)]
    writers = [threading.Thread(target=store.submit, args=(RECIPE,), kwargs={"owner": str(n)}) for n in range(6)]
    for thread in (*readers, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    is_over.set()
    for thread in readers:
        thread.join()
    assert len(store.list()) == 6
    assert set(seen) <= set(range(7))


@pytest.mark.parametrize("text", WRONG_IDS)
def test_what_is_no_id_is_refused_everywhere(store: RunStore, text: str) -> None:
    for ask in (
        store.run,
        store.cancel,
        store.delete,
        store.position,
        store.checkpoints,
        store.steps,
        store.curves,
        store.probe,
        store.export,
    ):
        with pytest.raises(QueueError, match="12 digits"):
            ask(text)


def test_a_submitted_run_is_read_back(store: RunStore) -> None:
    store = RunStore(store.path, clock=lambda: 1234.5)
    run_id = store.submit(RECIPE, owner="a", name="  two \n words ")
    run = store.run(run_id)
    assert run is not None
    assert (run.recipe, run.state, run.name, run.owner) == (RECIPE, RunState.QUEUED, "two words", "a")
    assert (run.created, run.started, run.ended, run.attempt, run.nets) == (1234.5, None, None, 0, ())
    (summary,) = store.list()
    assert (summary.id, summary.labels) == (run_id, (PLAIN, RESIDUAL))
    assert summary.recipe_fields["steps"] == 100


def test_a_recipe_of_another_version_is_refused_but_its_run_stays_in_the_list(store: RunStore) -> None:
    run_id = store.submit(RECIPE, owner="a")
    with closing(sqlite3.connect(store.path)) as db, db:
        db.execute("UPDATE run SET recipe = json_set(recipe, '$.warp', 9)")
    with pytest.raises(SpecError, match="no field 'warp'"):
        store.run(run_id)
    assert [summary.id for summary in store.list()] == [run_id]


def test_a_store_of_a_newer_version_is_not_written(store: RunStore) -> None:
    store.submit(RECIPE, owner="a")
    with closing(sqlite3.connect(store.path)) as db:
        db.execute("PRAGMA user_version = 99")
    with pytest.raises(QueueError, match="newer version"):
        store.submit(RECIPE, owner="a")


def made_older(path: Path) -> None:
    """Takes out of a store what version 1 did not have."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DROP TABLE signal")
        db.execute("PRAGMA user_version = 1")


def test_a_store_of_version_1_is_read_as_it_is_and_upgraded_when_it_is_written(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs.sqlite")
    with DaemonStore(store.path) as daemon:
        claim = claimed(store, daemon)
        daemon.append(claim, [started(PLAIN), step(PLAIN, 0, is_probed=True)])
    made_older(store.path)
    for read in (store.steps(claim.id), store.probe(claim.id), store.steps(claim.id, is_probed=True)):
        (old,) = read
        assert old.grad_norm
        assert not old.activation_std
    with closing(sqlite3.connect(store.path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (1,)
    with DaemonStore(store.path) as daemon:
        daemon.append(claim, [step(PLAIN, 10, is_probed=True)])
    assert [bool(found.activation_std) for found in store.steps(claim.id)] == [False, True]


def test_a_store_of_version_2_keeps_what_it_has_and_gets_what_it_lacks(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs.sqlite")
    with DaemonStore(store.path) as daemon:
        claim = claimed(store, daemon)
        daemon.add_checkpoint(claim, 25, 1_000)
    with closing(sqlite3.connect(store.path)) as db, db:
        db.execute("DROP TABLE made_with")
        db.execute("PRAGMA user_version = 2")
    old = store.run(claim.id)
    assert old is not None
    assert (old.control.checkpoints, dict(old.versions)) == ((25,), {})
    with closing(sqlite3.connect(store.path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (2,)
    with DaemonStore(store.path) as daemon:
        daemon.note_versions(claim, {"torch": "2.13.0"})
    new = store.run(claim.id)
    assert new is not None
    assert (new.control.checkpoints, dict(new.versions)) == ((25,), {"torch": "2.13.0"})


def test_versions_belong_to_the_attempt_and_go_with_the_run(store: RunStore, daemon: DaemonStore) -> None:
    claim = claimed(store, daemon)
    daemon.note_versions(claim, {"torch": "1"})
    daemon.note_versions(claim, {"torch": "2"})
    exported = store.export(claim.id)
    assert exported is not None
    assert exported["run"]["versions"] == {"torch": "2"}
    again = daemon.rewind(claim)
    assert again is not None
    daemon.note_versions(claim, {"torch": "late"})  # of the attempt that is over
    run = store.run(claim.id)
    assert run is not None
    assert run.versions == {}
    daemon.finish(again, RunState.DONE)
    store.delete(claim.id)
    with closing(sqlite3.connect(store.path)) as db:
        assert db.execute("SELECT count(*) FROM made_with").fetchone() == (0,)
