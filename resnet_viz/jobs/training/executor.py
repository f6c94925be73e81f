"""Executor: trains runs for the scheduler. Four verbs, so that a cluster could be another one.

The scheduler owns queue, store and deadlines; an executor starts and ends workers and passes their events on. It never
touches the store.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from resnet_viz.jobs.training.control import ControlEvent
from resnet_viz.runs.run import Claim, RunState
from resnet_viz.runs.sql.control import Verb
from resnet_viz.training.records import Record


@dataclass(frozen=True, kw_only=True, slots=True)
class JobResult:
    """End of a run as its worker reports it.

    Attributes:
        state: done, failed or cancelled.
        message: reason of a failure, for the owner of the run; empty otherwise.
        trace: traceback of an unexpected failure, for the log.
    """

    state: RunState
    message: str = ""
    trace: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerExited:
    """The worker has ended; its last event."""


Event = Record | ControlEvent | JobResult | WorkerExited


class Worker(Protocol):
    """A run in an executor's hands; `submit` returns it and events name it."""

    @property
    def pid(self) -> int | None:
        """Process of this machine that trains it; None where there is none."""

    def send(self, verb: Verb, value: float) -> None:
        """Sends a command to the run; never waits."""


class Executor(Protocol):
    """Trains runs somewhere. All calls come from one thread, but for `cancel`, which may come from any."""

    def submit(self, claim: Claim) -> Worker:
        """Begins to train a claimed run.

        Raises:
            OSError: it cannot be begun now.
            EOFError: likewise.
        """

    def cancel(self, worker: Worker, *, is_urgent: bool = False) -> None:
        """Asks a worker to stop; with `is_urgent`, ends it whatever it does. One that is gone stays gone."""

    def events(self, *, timeout_s: float) -> Iterable[tuple[Worker, Event]]:
        """Returns the events since the last call, each worker's in their order; waits for the first of them."""

    def capacity(self) -> int:
        """Returns how many more runs it would take now; 0 until it is ready."""
