"""What goes into the store comes out of it unchanged, and a store that is not there is empty."""

import json
import math
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resnet_viz.errors import QueueError, SpecError
from resnet_viz.runs import home
from resnet_viz.runs.ledger import Ledger
from resnet_viz.runs.run import Claim, RunState
from resnet_viz.runs.store import RunStore
from resnet_viz.runs.writing import SWEPT_ROWS, Retention
from resnet_viz.spec.presets import residual
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import Ending, NetEnded, NetStarted, Step

RECIPE = Recipe(nets=(residual("cifar_plain20"), residual("cifar_resnet20")), steps=100)
PLAIN, RESIDUAL = RECIPE.labels
CONVS, BLOCKS = ("c1", "c2", "c3"), ("b1", "b2")
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


def started(net: str) -> NetStarted:
    return NetStarted(net=net, params=270_000, macs=41_000_000, convs=CONVS, blocks=BLOCKS, device="cpu")


def step(net: str, number: int, *, is_probed: bool = False) -> Step:
    return Step(
        net=net,
        step=number,
        loss=2.3,
        accuracy=0.1,
        lr=0.1,
        images_per_s=1.0,
        seconds=float(number),
        grad_norm=dict.fromkeys(CONVS, float(number)) if is_probed else {},
        activation_std=dict.fromkeys(BLOCKS, 1.5) if is_probed else {},
        test_loss=2.2 if number % 10 == 9 else None,
        test_accuracy=0.2 if number % 10 == 9 else None,
    )


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs.sqlite")


@pytest.fixture
def ledger(store: RunStore) -> Iterator[Ledger]:
    with Ledger(store.path) as ledger:
        yield ledger


def claimed(store: RunStore, ledger: Ledger) -> Claim:
    store.submit(RECIPE, owner="a", name="a run")
    claim = ledger.claim_next()
    assert claim is not None
    return claim


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
    with Ledger(store.path) as ledger:
        claim = claimed(store, ledger)
        ledger.append(claim, [started(PLAIN), step(PLAIN, 0, is_probed=True)])
    made_older(store.path)
    for read in (store.steps(claim.id), store.probe(claim.id), store.steps(claim.id, is_probed=True)):
        (old,) = read
        assert old.grad_norm
        assert not old.activation_std
    with closing(sqlite3.connect(store.path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (1,)
    with Ledger(store.path) as ledger:
        ledger.append(claim, [step(PLAIN, 10, is_probed=True)])
    assert [bool(found.activation_std) for found in store.steps(claim.id)] == [False, True]


NUMBER = st.one_of(st.floats(), st.sampled_from([math.inf, -math.inf, math.nan, 1e32, 5e-324, -0.0]))
NORMS = {
    "grad_norm": st.fixed_dictionaries(dict.fromkeys(CONVS, NUMBER)),
    "block_grad_norm": st.fixed_dictionaries(dict.fromkeys(BLOCKS, NUMBER)),
    "update_ratio": st.fixed_dictionaries(dict.fromkeys(CONVS, NUMBER)),
    "activation_std": st.fixed_dictionaries(dict.fromkeys(BLOCKS, NUMBER)),
    "branch_share": st.fixed_dictionaries(dict.fromkeys(BLOCKS, NUMBER)),
}
STEP = st.builds(
    Step,
    net=st.sampled_from([PLAIN, RESIDUAL]),
    step=st.integers(0, 2**40),
    **dict.fromkeys(("loss", "accuracy", "lr", "images_per_s", "seconds"), NUMBER),
    **dict.fromkeys(("test_loss", "test_accuracy"), st.none() | NUMBER),
    **{name: st.just({}) | norms for name, norms in NORMS.items()},
)


def comparable(step: Step) -> tuple[object, ...]:
    """The fields of a step, with a word for NaN, which is not equal to itself."""

    def of(value: object) -> object:
        if isinstance(value, dict):
            return {name: of(norm) for name, norm in value.items()}
        return "nan" if isinstance(value, float) and math.isnan(value) else value

    return tuple(of(getattr(step, field)) for field in Step.__dataclass_fields__)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=8, unique_by=lambda step: (step.net, step.step)))
def test_steps_come_back_exactly(tmp_path_factory: pytest.TempPathFactory, steps: list[Step]) -> None:
    store = RunStore(tmp_path_factory.mktemp("store") / "runs.sqlite")
    with Ledger(store.path) as ledger:
        claim = claimed(store, ledger)
        assert ledger.append(claim, [started(PLAIN), started(RESIDUAL), *steps])
    expected = sorted(steps, key=lambda step: (step.step, RECIPE.labels.index(step.net)))
    assert list(map(comparable, store.steps(claim.id))) == list(map(comparable, expected))
    text = json.dumps(store.export(claim.id), allow_nan=False)
    assert len(json.loads(text)["records"]) == len(steps)


def test_export_writes_what_json_lacks_as_words(store: RunStore, ledger: Ledger) -> None:
    claim = claimed(store, ledger)
    odd = Step(
        net=PLAIN,
        step=0,
        loss=math.nan,
        accuracy=0.0,
        lr=0.1,
        images_per_s=1.0,
        seconds=0.0,
        grad_norm=dict(zip(CONVS, (math.inf, -math.inf, 1e32), strict=True)),
    )
    ledger.append(claim, [started(PLAIN), odd])
    export = store.export(claim.id)
    assert export is not None
    assert "owner" not in export["run"]
    (record,) = export["records"]
    assert (record["net"], record["step"], record["lr"], record["test_loss"]) == (PLAIN, 0, 0.1, None)
    assert record["loss"] == "NaN"
    assert record["grad_norm"] == {"c1": "Infinity", "c2": "-Infinity", "c3": 1e32}


def test_nets_and_their_endings_are_read_back(store: RunStore, ledger: Ledger) -> None:
    claim = claimed(store, ledger)
    ledger.append(claim, [started(PLAIN), started(RESIDUAL), step(PLAIN, 0), step(PLAIN, 1)])
    ledger.append(claim, [NetEnded(net=PLAIN, ending=Ending.DIVERGED, sentence="It diverged.")])
    run = store.run(claim.id)
    assert run is not None
    plain, residual = run.nets
    assert (plain.label, plain.params, plain.convs, plain.blocks) == (PLAIN, 270_000, CONVS, BLOCKS)
    assert (plain.num_steps, plain.ending, plain.sentence) == (2, Ending.DIVERGED, "It diverged.")
    assert (residual.num_steps, residual.ending) == (0, None)


def test_reading_goes_on_where_each_net_was_left(store: RunStore, ledger: Ledger) -> None:
    claim = claimed(store, ledger)
    steps = [*(step(PLAIN, n) for n in range(5)), *(step(RESIDUAL, n) for n in range(3))]
    ledger.append(claim, [started(PLAIN), started(RESIDUAL), *steps])
    rest = store.steps(claim.id, after={PLAIN: 3, RESIDUAL: 0})
    assert [(s.net, s.step) for s in rest] == [(RESIDUAL, 1), (RESIDUAL, 2), (PLAIN, 4)]
    assert [curve.steps for curve in store.curves(claim.id, after=2)] == [(3, 4), ()]


def test_curves_are_thinned_evenly_and_keep_their_last_and_tested_steps(store: RunStore, ledger: Ledger) -> None:
    claim = claimed(store, ledger)
    ledger.append(claim, [started(PLAIN), *(step(PLAIN, n) for n in range(98))])
    (whole,) = store.curves(claim.id)
    (thin,) = store.curves(claim.id, at_most=5)
    assert whole.steps == tuple(range(98))
    assert thin.steps == (0, 9, 19, 20, 29, 39, 40, 49, 59, 60, 69, 79, 80, 89, 97)
    assert thin.test_steps == whole.test_steps == (9, 19, 29, 39, 49, 59, 69, 79, 89)


def test_curves_are_thinned_to_the_same_steps_at_every_look(store: RunStore, ledger: Ledger) -> None:
    claim = claimed(store, ledger)
    ledger.append(claim, [started(PLAIN), *(step(PLAIN, n) for n in range(24))])
    (all_at_once,) = store.curves(claim.id, every=5)
    assert all_at_once.steps == (0, 5, 9, 10, 15, 19, 20)
    (rest,) = store.curves(claim.id, after=10, every=5)
    assert rest.steps == (15, 19, 20)


def test_a_probe_is_the_newest_measured_step_of_each_net(store: RunStore, ledger: Ledger) -> None:
    claim = claimed(store, ledger)
    steps = [step(net, n, is_probed=n % 10 == 0) for net in (PLAIN, RESIDUAL) for n in range(25)]
    ledger.append(claim, [started(PLAIN), started(RESIDUAL), *steps])
    assert [(s.net, s.step) for s in store.probe(claim.id)] == [(PLAIN, 20), (RESIDUAL, 20)]
    assert [s.step for s in store.probe(claim.id, step=19)] == [10, 10]
    assert [s.step for s in store.steps(claim.id, is_probed=True)] == [0, 0, 10, 10, 20, 20]


def test_a_step_that_was_shown_is_never_changed(store: RunStore, ledger: Ledger) -> None:
    claim = claimed(store, ledger)
    ledger.append(claim, [started(PLAIN), step(PLAIN, 0)])
    ledger.append(claim, [Step(net=PLAIN, step=0, loss=9.9, accuracy=1.0, lr=1.0, images_per_s=1.0, seconds=1.0)])
    assert store.steps(claim.id) == (step(PLAIN, 0),)


def test_only_the_newest_attempt_is_shown(store: RunStore, ledger: Ledger) -> None:
    first = claimed(store, ledger)
    ledger.append(first, [started(PLAIN), step(PLAIN, 0)])
    ledger.retry(first, error="It died.")
    second = ledger.claim_next()
    assert second is not None
    assert (second.id, second.attempt) == (first.id, 2)
    assert store.steps(first.id) == ()
    assert not ledger.append(first, [step(PLAIN, 1)])  # a late record of the first attempt
    ledger.append(second, [started(PLAIN), step(PLAIN, 0)])
    assert [curve.attempt for curve in store.curves(first.id)] == [2]


@pytest.mark.parametrize(
    "wrong",
    [
        step("nobody", 0),
        Step(net=PLAIN, step=0, loss=0, accuracy=0, lr=0, images_per_s=0, seconds=0, grad_norm={"c1": 1}),
    ],
)
def test_records_that_make_no_sense_are_refused_whole(store: RunStore, ledger: Ledger, wrong: Step) -> None:
    claim = claimed(store, ledger)
    with pytest.raises(ValueError, match="net"):
        ledger.append(claim, [started(PLAIN), step(PLAIN, 7), wrong])
    assert store.curves(claim.id) == ()


def test_only_the_newest_finished_runs_are_kept_and_no_row_of_the_others(store: RunStore) -> None:
    with Ledger(store.path, retention=Retention(finished_runs=2)) as ledger:
        claims = []
        for _ in range(4):
            claims.append(claimed(store, ledger))
            many = (step(PLAIN, n, is_probed=True) for n in range(SWEPT_ROWS + 1))
            ledger.append(claims[-1], [started(PLAIN), *many])
            ledger.finish(claims[-1], RunState.DONE)
        waiting = store.submit(RECIPE, owner="a")
        while ledger.tidy():
            pass
    assert [run.id for run in store.list()] == [waiting, claims[3].id, claims[2].id]
    assert len(store.steps(claims[2].id)) == SWEPT_ROWS + 1
    with closing(sqlite3.connect(store.path)) as db:
        for table in ("net", "step", "probe", "signal"):
            assert db.execute(f"SELECT count(DISTINCT run) FROM {table}").fetchone()[0] == 2
        assert db.execute("SELECT count(*) FROM doomed").fetchone()[0] == 0


def test_a_store_that_is_too_large_forgets_its_oldest_finished_run(store: RunStore) -> None:
    with Ledger(store.path, retention=Retention(used_bytes=200_000)) as ledger:
        ids: list[str] = []
        for _ in range(4):
            claim = claimed(store, ledger)
            ids.insert(0, claim.id)
            ledger.append(claim, [started(PLAIN), *(step(PLAIN, n) for n in range(2_000))])
            ledger.finish(claim, RunState.DONE)
        while ledger.tidy():
            pass
        ledger.rest()
    kept = [run.id for run in store.list()]
    assert kept == ids[: len(kept)] != []
    assert len(kept) < len(ids)


def test_a_run_is_deleted_once_it_has_ended(store: RunStore, ledger: Ledger) -> None:
    claim = claimed(store, ledger)
    with pytest.raises(QueueError, match="Stop it first"):
        store.delete(claim.id)
    ledger.finish(claim, RunState.DONE)
    store.delete(claim.id)
    assert store.run(claim.id) is None


def test_the_environment_names_the_folder_of_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(home.HOME_VARIABLE, str(tmp_path / "new" / "folder"))
    assert home.store_path() == (tmp_path / "new" / "folder" / "runs.sqlite").resolve()
    assert home.home().is_dir()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(home.HOME_VARIABLE, str(tmp_path / "file" / "folder"))
    with pytest.raises(QueueError, match=home.HOME_VARIABLE):
        home.store_path()
