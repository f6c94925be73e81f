"""A run in the hands of a person: paused, stepped, rewound, branched, and found again after a restart."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing

import psutil
import pytest

from resnet_viz.errors import QueueError, SpecError
from resnet_viz.jobs.training import client, lock
from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.run import HoldReason, Run, RunState
from resnet_viz.runs.sql import checkpoints
from resnet_viz.runs.sql.control import Verb
from resnet_viz.runs.sql.retention import RetentionLimits
from resnet_viz.runs.store import RunStore
from resnet_viz.spec.enums import Shortcut
from resnet_viz.training.step_gate import RateChange
from tests.fakes import racers
from tests.fakes.racers import Act, recipe
from tests.fakes.waiting import are_gone, daemon_process, ended, family, run_of, training, until

pytestmark = pytest.mark.torch

Start = Callable[..., None]


def standing(runs: RunStore, run_id: str, *, beyond: int = -1) -> int:
    """The step that a paused run stands before."""

    def ask() -> Run | None:
        run = run_of(runs, run_id)
        return run if run.control.standing is not None and run.control.standing > beyond and run.is_paused else None

    run = until(ask, "the pause")
    assert run is not None
    assert run.control.standing is not None
    return run.control.standing


def numbers(runs: RunStore, run_id: str) -> list[int]:
    return [step.step for step in runs.steps(run_id)]


def paused(runs: RunStore, *, act: Act = Act.SLOW, steps: int = 300) -> tuple[str, int]:
    """A run that was paused on its way, and the step that it stands before."""
    run_id = client.submit(recipe(act, steps=steps), owner="a")
    training(runs, run_id)
    client.post_command(run_id, Verb.PAUSE)
    return run_id, standing(runs, run_id)


def test_a_paused_run_shows_all_it_did_and_goes_on_where_it_stood(runs: RunStore) -> None:
    run_id, step = paused(runs, steps=100)
    assert numbers(runs, run_id) == list(range(step))
    assert step in run_of(runs, run_id).control.checkpoints
    client.post_command(run_id, Verb.CONTINUE)
    run = ended(runs, run_id)
    assert (run.state, run.attempt, run.is_paused) == (RunState.DONE, 1, False)
    assert runs.steps(run_id) == tuple(racers.step(run.nets[0].label, number) for number in range(100))


def test_single_steps_are_taken_one_at_a_time(runs: RunStore) -> None:
    run_id, step = paused(runs)
    for taken in range(1, 4):
        client.post_command(run_id, Verb.STEP)
        assert standing(runs, run_id, beyond=step + taken - 1) == step + taken
        assert numbers(runs, run_id) == list(range(step + taken))


def test_a_paused_run_is_stopped(runs: RunStore) -> None:
    run_id, step = paused(runs)
    client.cancel(run_id)
    run = ended(runs, run_id)
    assert (run.state, run.is_paused, numbers(runs, run_id)) == (RunState.CANCELLED, False, list(range(step)))


def test_a_learning_rate_that_is_set_holds_from_its_step_on_and_is_kept(runs: RunStore) -> None:
    run_id, step = paused(runs, act=Act.HONEST, steps=60)
    client.post_command(run_id, Verb.RATE, 0.02)
    until(lambda: run_of(runs, run_id).control.rates, "the rate")
    client.post_command(run_id, Verb.CONTINUE)
    run = ended(runs, run_id)
    assert run.control.rates == (RateChange(step=step, lr=0.02),)
    mended = run.recipe.replace(lr=0.02)
    assert [s.lr for s in runs.steps(run_id)] == [
        (mended if number >= step else run.recipe).lr_at(number) for number in range(60)
    ]
    with pytest.raises(SpecError, match="lr is"):
        client.post_command(run_id, Verb.RATE, float("nan"))


def test_a_rewound_run_stands_before_its_first_step_and_does_the_same_again(runs: RunStore) -> None:
    run_id, _step = paused(runs, steps=60)
    client.post_command(run_id, Verb.REWIND)
    until(lambda: run_of(runs, run_id).control.standing == 0, "the beginning")
    run = run_of(runs, run_id)
    assert (run.attempt, run.is_paused, numbers(runs, run_id)) == (2, True, [])
    client.post_command(run_id, Verb.CONTINUE)
    assert ended(runs, run_id).state is RunState.DONE
    assert numbers(runs, run_id) == list(range(60))


def test_a_run_that_stands_for_long_gives_its_slot_to_the_next_and_goes_on_later(runs: RunStore, start: Start) -> None:
    start(pause_s=0.3)
    run_id, step = paused(runs, steps=100)
    other = client.submit(recipe(Act.QUICK), owner="b")
    assert ended(runs, other).state is RunState.DONE
    run = run_of(runs, run_id)
    assert (run.state, run.control.hold, run.is_paused, run.pid) == (RunState.QUEUED, HoldReason.PAUSED, True, None)
    assert runs.position(run_id) is None
    client.post_command(run_id, Verb.STEP)
    assert standing(runs, run_id, beyond=step) == step + 1
    client.post_command(run_id, Verb.CONTINUE)
    run = ended(runs, run_id)
    assert (run.state, run.attempt, numbers(runs, run_id)) == (RunState.DONE, 1, list(range(100)))


def test_a_lost_worker_is_replaced_from_the_newest_checkpoint(runs: RunStore) -> None:
    run_id = client.submit(recipe(Act.SLOW, steps=200), owner="a")
    until(lambda: 25 in run_of(runs, run_id).control.checkpoints, "a checkpoint")
    until(lambda: len(numbers(runs, run_id)) > 30, "more steps")
    pid, seen = run_of(runs, run_id).pid, runs.steps(run_id)
    assert pid is not None
    psutil.Process(pid).kill()
    until(lambda: run_of(runs, run_id).control.resumed, "the resumption")
    assert runs.steps(run_id)[: len(seen)] == seen  # nothing that was shown is away, not even for a moment
    run = ended(runs, run_id)
    assert (run.state, run.attempt, numbers(runs, run_id)) == (RunState.DONE, 1, list(range(200)))
    assert run.control.resumed is not None
    assert run.control.resumed >= 25


@pytest.mark.parametrize("is_paused", [False, True])
def test_long_after_a_restart_a_run_is_there_and_is_told_to_go_on(runs: RunStore, is_paused: bool) -> None:
    run_id = client.submit(recipe(Act.SLOW, steps=150), owner="a")
    until(lambda: 25 in run_of(runs, run_id).control.checkpoints, "a checkpoint")
    if is_paused:
        client.post_command(run_id, Verb.PAUSE)
        standing(runs, run_id)
    seen, processes = runs.steps(run_id), family(runs)
    daemon_process(runs).kill()
    until(lambda: are_gone(processes), "the end of all processes")
    os.utime(lock.lock_path(runs.path), (0, 0))  # nobody was here for long

    def is_held() -> bool:
        client.ensure_daemon(runs.path)
        return run_of(runs, run_id).control.hold is not None

    until(is_held, "the next daemon")
    run = run_of(runs, run_id)
    assert run.control.hold is (HoldReason.PAUSED if is_paused else HoldReason.INTERRUPTED)
    assert run.control.interrupted is not None
    assert run.control.interrupted >= len(seen)
    assert runs.steps(run_id)[: len(seen)] == seen
    client.post_command(run_id, Verb.CONTINUE)
    assert ended(runs, run_id).state is RunState.DONE
    assert numbers(runs, run_id) == list(range(150))


def test_a_branch_goes_on_from_its_parents_checkpoint_with_another_net(runs: RunStore) -> None:
    run_id, step = paused(runs, steps=60)
    parent = run_of(runs, run_id)
    mended = parent.recipe.nets[0].replace(shortcut=Shortcut.IDENTITY)
    branch = client.branch(run_id, parent.recipe.replace(nets=(mended,), seed=int(Act.QUICK)), (0,), owner="a")
    client.cancel(run_id)
    run = ended(runs, branch)
    assert (run.control.parent, run.control.parent_step) == (run_id, step)
    assert (run.state, run.nets[0].label, numbers(runs, branch)) == (RunState.DONE, "ResNet-20", list(range(step, 60)))


def test_a_run_without_a_checkpoint_has_no_branch(runs: RunStore) -> None:
    held = lock.hold(runs.path, patience_s=0)
    assert held is not None
    with held:
        run_id = runs.submit(recipe(Act.QUICK), owner="a")
        with pytest.raises(QueueError, match="no checkpoint"):
            runs.branch(run_id, recipe(Act.QUICK), (0,), owner="a")


def test_a_class_that_presses_the_same_button_costs_one_run(runs: RunStore) -> None:
    ids = {client.submit(recipe(Act.SLOW, steps=10_000), owner=str(n), is_shared=True) for n in range(30)}
    (run_id,) = ids
    assert client.submit(recipe(Act.SLOW, steps=9_999), owner="x", is_shared=True) not in ids
    client.post_command(run_id, Verb.RATE, 0.01)
    until(lambda: run_of(runs, run_id).control.rates, "the rate")
    assert client.submit(recipe(Act.SLOW, steps=10_000), owner="y", is_shared=True) not in ids


def test_checkpoints_are_few_and_their_files_go_with_them(runs: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id, step = paused(runs, steps=400)
    for taken in range(1, 20):
        client.post_command(run_id, Verb.STEP)
        standing(runs, run_id, beyond=step + taken - 1)
    kept = run_of(runs, run_id).control.checkpoints
    assert len(kept) == checkpoints.MOST_CHECKPOINTS
    assert kept[-1] == step + 19
    folder = checkpoints.folder(runs.path)
    files = [checkpoints.file_name(run_id, 1, number) for number in kept]
    assert {file.name for file in folder.iterdir()} == set(files)
    assert [entry.file for entry in runs.checkpoints(run_id)] == files
    client.cancel(run_id)
    ended(runs, run_id)
    runs.delete(run_id)
    monkeypatch.setattr("resnet_viz.runs.daemon_store.YOUNG_S", -1.0)
    with DaemonStore(runs.path) as daemon_store:
        daemon_store.sweep_files()
    assert list(folder.iterdir()) == []


def test_checkpoints_of_the_oldest_runs_are_given_up_where_all_are_too_large(runs: RunStore) -> None:
    held = lock.hold(runs.path, patience_s=0)
    assert held is not None
    ids = [runs.submit(recipe(Act.QUICK), owner=owner) for owner in "abc"]
    with held, DaemonStore(runs.path, retention=RetentionLimits(checkpoint_bytes=2_000)) as daemon_store:
        claims = [daemon_store.claim_next() for _ in ids]
        for claim in claims:
            assert claim is not None
            daemon_store.add_checkpoint(claim, 10, 1_000)
        assert not daemon_store.tidy()  # none of them has ended
        for claim in claims:
            assert claim is not None
            daemon_store.finish(claim, RunState.DONE)
        while daemon_store.tidy():
            pass
    assert [run_of(runs, run_id).control.checkpoints for run_id in ids] == [(), (10,), (10,)]


def test_a_store_of_version_1_is_read_and_gets_the_tables_that_it_lacks(runs: RunStore) -> None:
    held = lock.hold(runs.path, patience_s=0)
    assert held is not None
    with held:
        run_id = runs.submit(recipe(Act.QUICK), owner="a")
        with closing(sqlite3.connect(runs.path)) as db:
            for table in ("control", "command", "rate", "checkpoint"):
                db.execute(f"DROP TABLE {table}")
            db.execute("PRAGMA user_version = 1")
        assert run_of(runs, run_id).control.hold is None
        runs.post_command(run_id, Verb.PAUSE)
        assert run_of(runs, run_id).is_paused
