"""What becomes of runs: every one ends in exactly one way, whatever its process does."""

import subprocess
import sys
from collections.abc import Callable

import psutil
import pytest

from resnet_viz.jobs import messages
from resnet_viz.jobs.training import client
from resnet_viz.jobs.training.daemon import ALREADY_SERVED
from resnet_viz.runs.run import RunState
from resnet_viz.runs.store import RunStore
from resnet_viz.training.records import Ending
from tests.fakes import racers
from tests.fakes.racers import Act, recipe
from tests.fakes.waiting import are_gone, daemon_process, ended, family, run_of, training, until

pytestmark = pytest.mark.torch

Start = Callable[..., None]


def test_a_submitted_run_is_trained_and_all_its_records_are_kept(runs: RunStore) -> None:
    run_id = client.submit(recipe(Act.QUICK), owner="a", name="first")
    run = ended(runs, run_id)
    assert (run.state, run.error, run.attempt) == (RunState.DONE, "", 1)
    (net,) = run.nets
    assert run.versions.keys() >= {"resnet_viz", "python", "torch", "system", "cpu"}
    assert (net.convs, net.ending, net.num_steps) == (racers.CONVS, Ending.FINISHED, 20)
    assert runs.steps(run_id) == tuple(racers.step(net.label, number) for number in range(20))


def test_runs_that_wait_when_the_daemon_starts_are_trained_in_order(runs: RunStore, start: Start) -> None:
    ids = [runs.submit(recipe(Act.QUICK), owner=owner) for owner in "abc"]
    start()
    starts = [ended(runs, run_id).started for run_id in ids]
    assert starts == sorted(starts, key=lambda moment: moment or 0)


def test_a_running_run_that_is_cancelled_stops_and_keeps_its_steps(runs: RunStore) -> None:
    run_id = client.submit(recipe(Act.SLOW, steps=10_000), owner="a")
    worker = psutil.Process(training(runs, run_id))
    seen = runs.steps(run_id)
    client.cancel(run_id)
    run = ended(runs, run_id)
    until(lambda: are_gone([worker]), "the end of the worker")
    assert (run.state, run.error, run.pid) == (RunState.CANCELLED, "", None)
    assert runs.steps(run_id)[: len(seen)] == seen


def test_a_waiting_run_that_is_cancelled_never_starts(runs: RunStore) -> None:
    first = client.submit(recipe(Act.SLOW, steps=10_000), owner="a")
    second = client.submit(recipe(Act.QUICK), owner="b")
    training(runs, first)
    assert runs.position(second) == 1
    client.cancel(second)
    client.cancel(first)
    ended(runs, first)
    run = ended(runs, second)
    assert (run.state, run.attempt, run.started) == (RunState.CANCELLED, 0, None)


def test_a_worker_that_does_not_hear_the_cancellation_is_killed(runs: RunStore, start: Start) -> None:
    start(cancel_s=0.2)
    run_id = runs.submit(recipe(Act.HANG), owner="a")
    worker = psutil.Process(training(runs, run_id))
    until(lambda: len(runs.steps(run_id)) == 10, "the hang")
    client.cancel(run_id)
    assert ended(runs, run_id).state is RunState.CANCELLED
    until(lambda: are_gone([worker]), "the end of the worker")


def test_a_killed_worker_is_replaced_and_its_steps_come_out_the_same(runs: RunStore) -> None:
    run_id = client.submit(recipe(Act.SLOW, steps=60), owner="a")
    pid = training(runs, run_id)
    seen = runs.steps(run_id)
    psutil.Process(pid).kill()
    run = ended(runs, run_id)
    assert (run.state, run.error) == (RunState.DONE, "")
    assert run.control.interrupted is not None
    assert run.control.interrupted >= len(seen)
    steps = runs.steps(run_id)
    assert steps[: len(seen)] == seen
    assert [step.step for step in steps] == list(range(60))


def test_a_run_that_crashes_once_is_done_by_its_second_attempt(runs: RunStore) -> None:
    run_id = client.submit(recipe(Act.CRASH_ONCE), owner="a")
    run = ended(runs, run_id)
    assert (run.state, run.attempt, len(runs.steps(run_id))) == (RunState.DONE, 2, 20)


@pytest.mark.parametrize("act", [Act.SEGFAULT, Act.EXIT])
def test_a_run_that_always_crashes_fails_after_three_attempts_and_the_next_is_trained(runs: RunStore, act: Act) -> None:
    bad = client.submit(recipe(act), owner="a")
    good = client.submit(recipe(Act.QUICK), owner="b")
    run = ended(runs, bad)
    assert (run.state, run.attempt, run.error) == (RunState.FAILED, 3, messages.DIED)
    assert ended(runs, good).state is RunState.DONE


def test_a_run_that_gives_no_results_is_ended(runs: RunStore, start: Start) -> None:
    start(stall_s=0.3)
    run_id = runs.submit(recipe(Act.HANG), owner="a")
    run = ended(runs, run_id)
    assert (run.state, run.attempt, run.error) == (RunState.FAILED, 3, messages.STALLED)


def test_a_run_that_takes_too_long_is_ended_at_once_and_not_tried_again(runs: RunStore, start: Start) -> None:
    start(wall_s=0.5)
    run_id = runs.submit(recipe(Act.SLOW, steps=10_000), owner="a")
    run = ended(runs, run_id)
    assert (run.state, run.attempt, run.error) == (RunState.FAILED, 1, messages.TOO_LONG)


def test_a_refusal_arrives_as_its_own_sentence(runs: RunStore) -> None:
    run = ended(runs, client.submit(recipe(Act.REFUSE), owner="a"))
    assert (run.state, run.attempt, run.error) == (RunState.FAILED, 1, racers.REFUSAL)


def test_an_unexpected_error_is_told_to_the_log_and_not_to_the_visitor(runs: RunStore) -> None:
    run = ended(runs, client.submit(recipe(Act.RAISE), owner="a"))
    assert (run.state, run.attempt, run.error) == (RunState.FAILED, 1, messages.UNEXPECTED)
    log = runs.path.with_name("runs.sqlite.log").read_text(encoding="utf-8")
    assert "hunter2" in log
    assert run.id in log


def test_records_that_make_no_sense_end_their_run_only(runs: RunStore) -> None:
    bad = client.submit(recipe(Act.NONSENSE), owner="a")
    good = client.submit(recipe(Act.QUICK), owner="b")
    assert ended(runs, bad).error == messages.UNEXPECTED
    assert ended(runs, good).state is RunState.DONE


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds a process's data")
def test_a_run_that_wants_too_much_memory_fails_with_that_sentence(runs: RunStore, start: Start) -> None:
    start(memory_mib=1024)
    run = ended(runs, runs.submit(recipe(Act.GREEDY), owner="a"))
    assert (run.state, run.error) == (RunState.FAILED, messages.MEMORY)


def test_two_slots_train_two_runs_at_once(runs: RunStore, start: Start) -> None:
    start(slots=2)
    ids = [runs.submit(recipe(Act.SLOW, steps=10_000), owner="a") for _ in range(2)]
    assert len({training(runs, run_id) for run_id in ids}) == 2
    assert all(run_of(runs, run_id).state is RunState.RUNNING for run_id in ids)


def test_workers_let_everyone_else_go_first(runs: RunStore) -> None:
    worker = psutil.Process(training(runs, client.submit(recipe(Act.SLOW, steps=10_000), owner="a")))
    assert worker.nice() == 19


def test_a_killed_daemon_takes_all_its_processes_along_and_the_next_one_trains_the_run_again(runs: RunStore) -> None:
    run_id = client.submit(recipe(Act.SLOW, steps=150), owner="a")
    training(runs, run_id)
    seen = runs.steps(run_id)
    processes = family(runs)
    assert len(processes) >= 3  # daemon, fork server, worker
    daemon_process(runs).kill()
    until(lambda: are_gone(processes), "the end of all processes")

    def is_trained_again() -> bool:
        client.ensure_daemon(runs.path)
        return run_of(runs, run_id).state.is_final

    until(is_trained_again, "the second attempt")
    assert run_of(runs, run_id).state is RunState.DONE
    assert runs.steps(run_id)[: len(seen)] == seen


def test_everything_ends_when_the_server_lets_go_of_the_daemons_input(runs: RunStore) -> None:
    run_id = client.submit(recipe(Act.SLOW, steps=10_000), owner="a")
    training(runs, run_id)
    processes = family(runs)
    client.close()
    until(lambda: are_gone(processes), "the end of all processes")
    assert run_of(runs, run_id).state is RunState.RUNNING  # the next daemon recovers it


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets another process's files be bounded")
def test_a_disk_that_is_full_for_a_while_holds_a_run_up_and_nothing_is_lost(runs: RunStore) -> None:
    run_id = client.submit(recipe(Act.SLOW, steps=400), owner="a")
    training(runs, run_id)
    daemon = daemon_process(runs)
    log = runs.path.with_name("runs.sqlite-wal")
    daemon.rlimit(psutil.RLIMIT_FSIZE, (log.stat().st_size, psutil.RLIM_INFINITY))
    until(lambda: "cannot be written" in _log(runs), "the full disk")
    shown = runs.steps(run_id)
    assert runs.steps(run_id) == shown
    daemon.rlimit(psutil.RLIMIT_FSIZE, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))
    run = ended(runs, run_id)
    assert (run.state, run.error, run.attempt) == (RunState.DONE, "", 1)
    steps = runs.steps(run_id)
    assert steps[: len(shown)] == shown
    assert [step.step for step in steps] == list(range(400))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets another process's files be bounded")
def test_a_run_whose_checkpoints_find_no_room_goes_on_without_them(runs: RunStore) -> None:
    run_id = client.submit(recipe(Act.SLOW, steps=300), owner="a")
    worker = psutil.Process(training(runs, run_id))
    before = run_of(runs, run_id).control.checkpoints
    worker.rlimit(psutil.RLIMIT_FSIZE, (0, psutil.RLIM_INFINITY))
    run = ended(runs, run_id)
    assert (run.state, len(runs.steps(run_id))) == (RunState.DONE, 300)
    assert max(run.control.checkpoints) < 300
    assert len(run.control.checkpoints) <= len(before) + 1  # one may have been on its way
    assert "no checkpoint at step" in _log(runs)


def _log(runs: RunStore) -> str:
    return runs.path.with_name("runs.sqlite.log").read_text(encoding="utf-8")


SERVER = """
import sys, time
from pathlib import Path
from resnet_viz.jobs.training import client
while True:
    client.ensure_daemon(Path(sys.argv[1]))
    time.sleep(0.05)
"""


def test_of_two_servers_on_one_store_one_trains_and_the_other_takes_over_when_it_is_killed(runs: RunStore) -> None:
    servers = [subprocess.Popen([sys.executable, "-c", SERVER, str(runs.path)]) for _ in range(2)]
    try:
        run_id = runs.submit(recipe(Act.SLOW, steps=300), owner="a")
        worker = psutil.Process(training(runs, run_id))
        seen = runs.steps(run_id)
        (first,) = [server for server in servers if worker in psutil.Process(server.pid).children(recursive=True)]
        first.kill()
        run = ended(runs, run_id)
        steps = runs.steps(run_id)
        assert (run.state, steps[: len(seen)]) == (RunState.DONE, seen)
        assert [step.step for step in steps] == list(range(300))
        assert run.control.interrupted is not None
        assert are_gone([worker])
    finally:
        families = [p for s in servers if s.poll() is None for p in psutil.Process(s.pid).children(recursive=True)]
        for server in servers:
            server.kill()
            server.wait()
    until(lambda: are_gone(families), "the end of all processes")


def test_a_second_daemon_on_the_same_store_ends_with_its_own_status(runs: RunStore) -> None:
    run_id = client.submit(recipe(Act.SLOW, steps=10_000), owner="a")
    training(runs, run_id)
    second = subprocess.run(
        [sys.executable, "-m", "resnet_viz.jobs.training.daemon", str(runs.path)], stdin=subprocess.PIPE, check=False
    )
    assert second.returncode == ALREADY_SERVED
    assert run_of(runs, run_id).attempt == 1
