"""What people do with runs that are kept: pin, name, delete; how much room they take; older and newer stores."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from resnet_viz.errors import DataError, QueueError
from resnet_viz.runs import shipped
from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.run import RunState
from resnet_viz.runs.shelf import Shelf
from resnet_viz.runs.sql import schema
from resnet_viz.runs.sql.writing import RetentionLimits, retention_limits
from resnet_viz.runs.store import RunStore
from resnet_viz.spec.presets import residual_preset
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import NetStarted, Step

RECIPE = Recipe(nets=(residual_preset("cifar_plain20"),), steps=5_000)
(NET,) = RECIPE.labels
NOBODY = "0" * 12
V1_ONLY = "DROP TABLE mark; DROP TABLE forgotten; PRAGMA user_version = 1;"


def ended_run(store: RunStore, *, steps: int = 3) -> str:
    """A run with some steps that has ended."""
    run_id = store.submit(RECIPE, owner="a", name="a run")
    with DaemonStore(store.path) as ledger:
        claim = ledger.claim_next()
        assert claim is not None
        start = NetStarted(net=NET, params=1, macs=1, convs=("c1",), blocks=("b1",), device="cpu")
        rows = (
            Step(
                net=NET,
                step=n,
                loss=n / 7,
                accuracy=0.1,
                lr=0.1,
                images_per_s=n / 3,
                seconds=n / 9,
                grad_norm={"c1": 1},
            )
            for n in range(steps)
        )
        assert ledger.append(claim, [start, *rows])
        assert ledger.finish(claim, RunState.DONE)
    return run_id


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs.sqlite")


@pytest.fixture
def shelf(store: RunStore) -> Shelf:
    return Shelf(store.path, limits=RetentionLimits())


def test_an_empty_shelf_is_empty_and_makes_no_file(shelf: Shelf) -> None:
    assert (shelf.runs(), shelf.pinned_ids(), shelf.marks([NOBODY]), shelf.export(NOBODY)) == (
        (),
        frozenset(),
        {},
        None,
    )
    assert shelf.usage().used_bytes == 0
    assert not shelf.is_newer()
    assert not shelf.path.exists()


def test_a_pinned_run_comes_first_until_it_is_let_go(store: RunStore, shelf: Shelf) -> None:
    old, new = ended_run(store), ended_run(store)
    assert [run.id for run in shelf.runs()] == [new, old]
    shelf.pin(old, is_pinned=True)
    shelf.pin(old, is_pinned=True)
    assert [run.id for run in shelf.runs()] == [old, new]
    assert shelf.marks([old])[old].is_pinned
    shelf.pin(old, is_pinned=False)
    assert [run.id for run in shelf.runs()] == [new, old]


def test_a_name_is_one_line_and_a_note_stays_with_the_pin(store: RunStore, shelf: Shelf) -> None:
    run_id = ended_run(store)
    shelf.pin(run_id, is_pinned=True)
    shelf.rename(run_id, name="  Group\n\tB \x00 ", note=" two\nlines ")
    (run,) = shelf.runs()
    mark = shelf.marks([run_id])[run_id]
    assert (run.name, mark.note, mark.is_pinned) == ("Group B", "two\nlines", True)
    exported = shelf.export(run_id)
    assert exported is not None
    assert (exported["run"]["name"], exported["run"]["note"]) == ("Group B", "two\nlines")
    shelf.rename(run_id, name="x" * 500, note="y" * 5_000)
    assert (len(shelf.runs()[0].name), len(shelf.marks([run_id])[run_id].note)) == (120, 1_000)


def test_what_is_no_run_cannot_be_named_or_pinned(store: RunStore, shelf: Shelf) -> None:
    ended_run(store)
    with pytest.raises(QueueError, match="There is no run 000000000000"):
        shelf.pin(NOBODY, is_pinned=True)
    with pytest.raises(QueueError, match="There is no run 000000000000"):
        shelf.rename(NOBODY, name="a", note="")
    for wrong in ("", "../x", "' OR 1=1 --"):
        with pytest.raises(QueueError, match="12 digits"):
            shelf.pin(wrong, is_pinned=True)
        with pytest.raises(QueueError, match="12 digits"):
            shelf.delete([wrong])


def test_deleting_takes_several_runs_and_all_their_rows_but_none_that_waits(store: RunStore, shelf: Shelf) -> None:
    gone, kept = [ended_run(store), ended_run(store)], ended_run(store)
    waiting = store.submit(RECIPE, owner="b")
    shelf.pin(gone[0], is_pinned=True)
    shelf.delete(gone)
    assert {run.id for run in shelf.runs()} == {kept, waiting}
    with pytest.raises(QueueError, match="Stop it first"):
        shelf.delete([waiting])
    with closing(sqlite3.connect(store.path)) as db:
        for table in ("net", "step", "probe"):
            assert db.execute(f"SELECT count(DISTINCT run) FROM {table}").fetchone()[0] == 1
        assert db.execute("SELECT count(*) FROM mark").fetchone()[0] == 0
    assert shelf.usage().forgotten == ()  # somebody asked for it: nothing to tell


def test_a_pinned_run_is_never_deleted_to_make_room_and_others_are_told(store: RunStore) -> None:
    shelf = Shelf(store.path, clock=lambda: 99.0, limits=RetentionLimits(finished_runs=1))
    oldest, middle, newest = (ended_run(store) for _ in range(3))
    running = store.submit(RECIPE, owner="b")
    shelf.pin(oldest, is_pinned=True)
    with DaemonStore(store.path, retention=RetentionLimits(finished_runs=1), clock=lambda: 99.0) as ledger:
        assert ledger.claim_next() is not None
        while ledger.tidy():
            pass
    assert [run.id for run in shelf.runs()] == [oldest, running, newest]
    (told,) = shelf.usage().forgotten
    assert (told.name, told.labels, told.at) == ("a run", (NET,), 99.0)
    assert shelf.marks([middle]) == {}


def test_pinned_runs_may_fill_the_store_beyond_its_size(store: RunStore) -> None:
    shelf = Shelf(store.path, limits=RetentionLimits(used_bytes=1))
    run_id = ended_run(store)
    shelf.pin(run_id, is_pinned=True)
    with DaemonStore(store.path, retention=RetentionLimits(used_bytes=1)) as ledger:
        assert not ledger.tidy()
    assert [run.id for run in shelf.runs()] == [run_id]


def test_the_environment_bounds_what_is_kept() -> None:
    assert retention_limits({}) == RetentionLimits()
    assert retention_limits({"RESNET_VIZ_RUNS_KEPT": "7", "RESNET_VIZ_RUNS_MB": "20"}) == RetentionLimits(
        finished_runs=7, used_bytes=20_000_000
    )
    assert retention_limits({"RESNET_VIZ_RUNS_KEPT": "-1", "RESNET_VIZ_RUNS_MB": "much"}) == RetentionLimits()


def test_the_size_of_a_run_is_near_to_what_the_file_grew_by(store: RunStore, shelf: Shelf) -> None:
    ended_run(store)
    before = shelf.usage().used_bytes
    run_id = ended_run(store, steps=4_000)
    grown = shelf.usage().used_bytes - before
    assert 0.6 < shelf.marks([run_id])[run_id].num_bytes / grown < 1.5


def test_a_store_of_version_1_is_read_as_it_is_and_upgraded_when_it_is_written(store: RunStore, shelf: Shelf) -> None:
    run_id = ended_run(store)
    with closing(sqlite3.connect(store.path)) as db:
        db.executescript(V1_ONLY)
    assert [run.id for run in shelf.runs()] == [run_id]
    assert not shelf.marks([run_id])[run_id].is_pinned
    assert shelf.usage().forgotten == ()
    with closing(sqlite3.connect(store.path)) as db:  # a reader changes nothing
        assert db.execute("PRAGMA user_version").fetchone()[0] == 1
        assert not db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'mark'").fetchone()[0]
    steps = store.steps(run_id)
    shelf.pin(run_id, is_pinned=True)
    assert shelf.pinned_ids() == {run_id}
    assert store.steps(run_id) == steps
    with closing(sqlite3.connect(store.path)) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == schema.VERSION


def test_a_store_of_a_newer_version_is_read_and_never_written(store: RunStore, shelf: Shelf) -> None:
    run_id = ended_run(store)
    with closing(sqlite3.connect(store.path)) as db:
        db.execute("PRAGMA user_version = 99")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    before = store.path.read_bytes()
    assert shelf.is_newer()
    assert [run.id for run in shelf.runs()] == [run_id]
    assert shelf.export(run_id) is not None
    for write in (
        lambda: shelf.pin(run_id, is_pinned=True),
        lambda: shelf.rename(run_id, name="a", note="b"),
        lambda: shelf.delete([run_id]),
        lambda: shelf.adopt(json.dumps(shipped.export("no_norm")).encode(), owner="a"),
    ):
        with pytest.raises(QueueError, match="newer version"):
            write()
    assert store.path.read_bytes() == before


@pytest.mark.parametrize("content", [b"no database, but longer than the header of one" * 40, b"SQLite format 3\x00"])
def test_a_file_that_is_no_store_is_told(store: RunStore, shelf: Shelf, content: bytes) -> None:
    store.path.write_bytes(content)
    with pytest.raises(QueueError, match="cannot be read"):
        shelf.runs()


def test_a_shipped_run_can_be_adopted_and_is_marked(shelf: Shelf) -> None:
    run_id = shelf.adopt(json.dumps(shipped.export("no_norm")).encode(), owner="me")
    (run,) = shelf.runs()
    assert (run.id, run.owner, run.state, run.name) == (
        run_id,
        "me",
        RunState.DONE,
        "Without batch norm: the gradient vanishes",
    )
    assert shelf.marks([run_id])[run_id].origin == "no_norm"
    assert len(RunStore(shelf.path).steps(run_id)) == len(shipped.export("no_norm")["records"])


def test_a_file_that_cannot_be_imported_changes_nothing(store: RunStore, shelf: Shelf) -> None:
    run_id = ended_run(store)
    with pytest.raises(DataError):
        shelf.adopt(b"{}", owner="me")
    assert [run.id for run in shelf.runs()] == [run_id]
