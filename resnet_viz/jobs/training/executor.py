"""Executor: where runs are trained, as the dispatcher sees it. Four verbs, so that a cluster can stand behind them.

The dispatcher owns the queue, the store and the deadlines; an executor starts what it is given, says what comes of it
and ends what it is told to end. It never touches the store.
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
    """How a worker's run ended, by its own word.

    Attributes:
        state: done, failed or cancelled.
        sentence: why it failed, for the person at the screen; empty otherwise.
        trace: Python's account of an unexpected failure, for the log.
    """

    state: RunState
    sentence: str = ""
    trace: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerExited:
    """The worker has ended and left nothing behind; the last event of its job."""


Event = Record | ControlEvent | JobResult | WorkerExited


class Job(Protocol):
    """A run that an executor has taken; what `submit` returns and events are about."""

    @property
    def pid(self) -> int | None:
        """Process of this machine that trains it; None where there is none."""

    def tell(self, verb: Verb, value: float) -> None:
        """Hands on what the run was told; never waits."""


class Executor(Protocol):
    """Trains runs somewhere. All calls come from one thread, but for `cancel`, which may come from any."""

    def submit(self, claim: Claim) -> Job:
        """Begins to train a claimed run.

        Raises:
            OSError: it cannot be begun now.
            EOFError: likewise.
        """

    def cancel(self, job: Job, *, is_urgent: bool = False) -> None:
        """Asks a job to stop; where it is urgent, ends it whatever it does. A job that is gone stays gone."""

    def events(self, *, timeout_s: float) -> Iterable[tuple[Job, Event]]:
        """Returns what has come since the last call, each job's events in their order; waits for the first of them."""

    def capacity(self) -> int:
        """Returns how many more runs it would take now; 0 as long as it is not ready."""
