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
from resnet_viz.runs.sql import schema
from resnet_viz.runs.sql.retention import RetentionLimits, retention_limits
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
    with DaemonStore(store.path) as daemon:
        claim = daemon.claim_next()
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
        assert daemon.append(claim, [start, *rows])
        assert daemon.finish(claim, RunState.DONE)
    return run_id


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs.sqlite", retention=RetentionLimits())


def test_an_empty_store_is_empty_and_makes_no_file(store: RunStore) -> None:
    assert (
        store.list(is_pinned_first=True),
        store.pinned_ids(),
        store.annotations([NOBODY]),
        store.export(NOBODY),
    ) == (
        (),
        frozenset(),
        {},
        None,
    )
    assert store.usage().used_bytes == 0
    assert not store.is_newer()
    assert not store.path.exists()


def test_a_pinned_run_comes_first_until_it_is_let_go(store: RunStore) -> None:
    old, new = ended_run(store), ended_run(store)
    assert [run.id for run in store.list(is_pinned_first=True)] == [new, old]
    store.pin(old, is_pinned=True)
    store.pin(old, is_pinned=True)
    assert [run.id for run in store.list(is_pinned_first=True)] == [old, new]
    assert store.annotations([old])[old].is_pinned
    store.pin(old, is_pinned=False)
    assert [run.id for run in store.list(is_pinned_first=True)] == [new, old]


def test_a_name_is_one_line_and_a_note_stays_with_the_pin(store: RunStore) -> None:
    run_id = ended_run(store)
    store.pin(run_id, is_pinned=True)
    store.rename(run_id, name="  Group\n\tB \x00 ", note=" two\nlines ")
    (run,) = store.list(is_pinned_first=True)
    mark = store.annotations([run_id])[run_id]
    assert (run.name, mark.note, mark.is_pinned) == ("Group B", "two\nlines", True)
    exported = store.export(run_id)
    assert exported is not None
    assert (exported["run"]["name"], exported["run"]["note"]) == ("Group B", "two\nlines")
    store.rename(run_id, name="x" * 500, note="y" * 5_000)
    assert (len(store.list(is_pinned_first=True)[0].name), len(store.annotations([run_id])[run_id].note)) == (
        120,
        1_000,
    )


def test_what_is_no_run_cannot_be_named_or_pinned(store: RunStore) -> None:
    ended_run(store)
    with pytest.raises(QueueError, match="There is no run 000000000000"):
        store.pin(NOBODY, is_pinned=True)
    with pytest.raises(QueueError, match="There is no run 000000000000"):
        store.rename(NOBODY, name="a", note="")
    for wrong in ("", "../x", "' OR 1=1 --"):
        with pytest.raises(QueueError, match="12 digits"):
            store.pin(wrong, is_pinned=True)
        with pytest.raises(QueueError, match="12 digits"):
            store.delete(wrong)


def test_deleting_takes_several_runs_and_all_their_rows_but_none_that_waits(store: RunStore) -> None:
    gone, kept = [ended_run(store), ended_run(store)], ended_run(store)
    waiting = store.submit(RECIPE, owner="b")
    store.pin(gone[0], is_pinned=True)
    store.delete(*gone)
    assert {run.id for run in store.list(is_pinned_first=True)} == {kept, waiting}
    with pytest.raises(QueueError, match="Stop it first"):
        store.delete(waiting)
    with closing(sqlite3.connect(store.path)) as db:
        for table in ("net", "step", "probe"):
            assert db.execute(f"SELECT count(DISTINCT run) FROM {table}").fetchone()[0] == 1
        assert db.execute("SELECT count(*) FROM mark").fetchone()[0] == 0
    assert store.usage().retired == ()  # somebody asked for it: nothing to tell


def test_a_pinned_run_is_never_deleted_to_make_room_and_others_are_told(store: RunStore) -> None:
    store = RunStore(store.path, clock=lambda: 99.0, retention=RetentionLimits(finished_runs=1))
    oldest, middle, newest = (ended_run(store) for _ in range(3))
    running = store.submit(RECIPE, owner="b")
    store.pin(oldest, is_pinned=True)
    with DaemonStore(store.path, retention=RetentionLimits(finished_runs=1), clock=lambda: 99.0) as daemon:
        assert daemon.claim_next() is not None
        while daemon.tidy():
            pass
    assert [run.id for run in store.list(is_pinned_first=True)] == [oldest, running, newest]
    (told,) = store.usage().retired
    assert (told.name, told.nets, told.at) == ("a run", (NET,), 99.0)
    assert store.annotations([middle]) == {}


def test_pinned_runs_may_fill_the_store_beyond_its_size(store: RunStore) -> None:
    store = RunStore(store.path, retention=RetentionLimits(used_bytes=1))
    run_id = ended_run(store)
    store.pin(run_id, is_pinned=True)
    with DaemonStore(store.path, retention=RetentionLimits(used_bytes=1)) as daemon:
        assert not daemon.tidy()
    assert [run.id for run in store.list(is_pinned_first=True)] == [run_id]


def test_the_environment_bounds_what_is_kept() -> None:
    assert retention_limits({}) == RetentionLimits()
    assert retention_limits({"RESNET_VIZ_RUNS_KEPT": "7", "RESNET_VIZ_RUNS_MB": "20"}) == RetentionLimits(
        finished_runs=7, used_bytes=20_000_000
    )
    assert retention_limits({"RESNET_VIZ_RUNS_KEPT": "-1", "RESNET_VIZ_RUNS_MB": "much"}) == RetentionLimits()


def test_the_size_of_a_run_is_near_to_what_the_file_grew_by(store: RunStore) -> None:
    ended_run(store)
    before = store.usage().used_bytes
    run_id = ended_run(store, steps=4_000)
    grown = store.usage().used_bytes - before
    assert 0.6 < store.annotations([run_id])[run_id].num_bytes / grown < 1.5


def test_a_store_of_version_1_is_read_as_it_is_and_upgraded_when_it_is_written(store: RunStore) -> None:
    run_id = ended_run(store)
    with closing(sqlite3.connect(store.path)) as db:
        db.executescript(V1_ONLY)
    assert [run.id for run in store.list(is_pinned_first=True)] == [run_id]
    assert not store.annotations([run_id])[run_id].is_pinned
    assert store.usage().retired == ()
    with closing(sqlite3.connect(store.path)) as db:  # a reader changes nothing
        assert db.execute("PRAGMA user_version").fetchone()[0] == 1
        assert not db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'mark'").fetchone()[0]
    steps = store.steps(run_id)
    store.pin(run_id, is_pinned=True)
    assert store.pinned_ids() == {run_id}
    assert store.steps(run_id) == steps
    with closing(sqlite3.connect(store.path)) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == schema.VERSION


def test_a_store_of_a_newer_version_is_read_and_never_written(store: RunStore) -> None:
    run_id = ended_run(store)
    with closing(sqlite3.connect(store.path)) as db:
        db.execute("PRAGMA user_version = 99")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    before = store.path.read_bytes()
    assert store.is_newer()
    assert [run.id for run in store.list(is_pinned_first=True)] == [run_id]
    assert store.export(run_id) is not None
    for write in (
        lambda: store.pin(run_id, is_pinned=True),
        lambda: store.rename(run_id, name="a", note="b"),
        lambda: store.delete(run_id),
        lambda: store.import_run(json.dumps(shipped.export("no_norm")).encode(), owner="a"),
    ):
        with pytest.raises(QueueError, match="newer version"):
            write()
    assert store.path.read_bytes() == before


@pytest.mark.parametrize("content", [b"no database, but longer than the header of one" * 40, b"SQLite format 3\x00"])
def test_a_file_that_is_no_store_is_told(store: RunStore, content: bytes) -> None:
    store.path.write_bytes(content)
    with pytest.raises(QueueError, match="cannot be read"):
        store.list(is_pinned_first=True)


def test_a_shipped_run_can_be_adopted_and_is_marked(store: RunStore) -> None:
    run_id = store.import_run(json.dumps(shipped.export("no_norm")).encode(), owner="me")
    (run,) = store.list(is_pinned_first=True)
    assert (run.id, run.owner, run.state, run.name) == (
        run_id,
        "me",
        RunState.DONE,
        "Without batch norm: the gradient vanishes",
    )
    assert store.annotations([run_id])[run_id].origin == "no_norm"
    assert len(store.steps(run_id)) == len(shipped.export("no_norm")["records"])


def test_a_file_that_cannot_be_imported_changes_nothing(store: RunStore) -> None:
    run_id = ended_run(store)
    with pytest.raises(DataError):
        store.import_run(b"{}", owner="me")
    assert [run.id for run in store.list(is_pinned_first=True)] == [run_id]
