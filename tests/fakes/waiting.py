"""Waiting for other processes, with generous deadlines: tests say what happens, not how fast."""

import os
import time
from collections.abc import Callable
from typing import TypeVar

import psutil

from resnet_viz.jobs.queries.queue import QueryStatus
from resnet_viz.jobs.training import client
from resnet_viz.runs.run import Run, RunState
from resnet_viz.runs.store import RunStore

T = TypeVar("T")

PATIENCE_S = 120.0  # only a hang takes so long, however busy the machine is


def until(ask: Callable[[], T], what: str, *, patience_s: float = PATIENCE_S) -> T:
    """The first answer that is true."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if answer := ask():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"waited in vain for {what}")


def over(look: Callable[[], QueryStatus | None]) -> QueryStatus:
    """Status of a query once it is done or has failed; it has to be known all the time."""

    def ask() -> QueryStatus | None:
        status = look()
        assert status is not None
        return status if status.is_over else None

    status = until(ask, "a result")
    assert status is not None
    return status


def run_of(runs: RunStore, run_id: str) -> Run:
    """The run, which has to be there."""
    run = runs.run(run_id)
    assert run is not None
    return run


def ended(runs: RunStore, run_id: str) -> Run:
    """The run once it has ended."""
    until(lambda: run_of(runs, run_id).state.is_final, "the end of a run")
    return run_of(runs, run_id)


def training(runs: RunStore, run_id: str, *, attempt: int = 1) -> int:
    """Process id of the worker once this attempt has recorded a step."""

    def ask() -> int | None:
        run = run_of(runs, run_id)
        is_on = run.state is RunState.RUNNING and run.attempt >= attempt and runs.steps(run_id)
        return run.pid if is_on else None

    pid = until(ask, "the first step")
    assert pid is not None
    return pid


def daemon_process(runs: RunStore) -> psutil.Process:
    """The daemon that this process has started."""
    return psutil.Process(client._daemons[runs.path].pid)


def family(runs: RunStore) -> list[psutil.Process]:
    """The daemon and all its descendants."""
    daemon = daemon_process(runs)
    return [daemon, *daemon.children(recursive=True)]


def are_gone(processes: list[psutil.Process]) -> bool:
    """Whether none of these processes runs any more; a zombie waits for its parent and does not run."""
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes if _exists(p))


def _exists(process: psutil.Process) -> bool:
    try:
        os.kill(process.pid, 0)
        process.status()
    except (ProcessLookupError, psutil.NoSuchProcess):
        return False
    return True
