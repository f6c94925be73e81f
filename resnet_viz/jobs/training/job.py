"""A running job as the scheduler tracks it: claim, deadlines, outcome."""

from dataclasses import dataclass

from resnet_viz.jobs import messages
from resnet_viz.jobs.training.control import ControlEvent
from resnet_viz.jobs.training.executor import Executor, JobResult, Worker
from resnet_viz.jobs.training.options import Options
from resnet_viz.runs.run import Claim, RunState
from resnet_viz.training.records import Record, Step


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """Outcome of a job for its run.

    Attributes:
        state: final state, or queued for another attempt.
        message: reason of a failure; of a lost worker, for the case that no attempt is left.
        is_parked: whether the run is paused and goes on only on command.
    """

    state: RunState
    message: str = ""
    is_parked: bool = False


class Job:
    """A claim, the worker that trains it, and its deadlines. Seconds are those of the clock that comes in.

    Attributes:
        claim: the run and its attempt.
        worker: the executor's.
        outcome: what the run becomes; None while that is open.
        is_gone: whether the worker has ended.
        is_settled: whether the outcome is in the store.
        paused_since: start of a pause; None while it trains.
        pending: records and events of the worker that the store does not have yet, grouped by whether they are events.
        unwritable_since: first failure to write them; None if there is none.
        is_ignored: whether further records and events are dropped.
    """

    def __init__(self, claim: Claim, worker: Worker, executor: Executor, options: Options, *, now: float) -> None:
        self.claim, self.worker = claim, worker
        self.outcome: Outcome | None = None
        self.is_gone = False
        self.is_settled = False
        self.paused_since: float | None = None
        self.pending: list[tuple[bool, list[Record | ControlEvent]]] = []
        self.unwritable_since: float | None = None
        self.is_ignored = False
        self._executor, self._options = executor, options
        self._began = self._last_record = now
        self._has_stepped = False
        self._must_leave_by: float | None = None  # from a cancellation or the result on

    def note_record(self, record: Record, *, now: float) -> None:
        """Notes a record as a sign of life."""
        self._last_record = now
        self._has_stepped = self._has_stepped or isinstance(record, Step)

    def note_pause(self, step: int | None, *, now: float) -> None:
        """Notes a pause before a step, or its end (None); paused time does not count."""
        if self.paused_since is not None:
            self._began += now - self.paused_since
        self._last_record = now
        self.paused_since = None if step is None else now

    def end(self, result: JobResult, *, now: float) -> None:
        """Takes over the result that the worker reports."""
        self.outcome = self.outcome or Outcome(state=result.state, message=result.message)
        self._must_leave_by = now + self._options.cancel_s

    def note_exit(self) -> None:
        """Notes that the worker has ended."""
        self.is_gone = True
        self.outcome = self.outcome or Outcome(
            state=RunState.CANCELLED if self._must_leave_by is not None else RunState.QUEUED, message=messages.DIED
        )

    def cancel(self, *, now: float) -> None:
        """Asks the worker to stop; `enforce` kills it if it does not in time."""
        if self._must_leave_by is None:
            self._must_leave_by = now + self._options.cancel_s
            self._executor.cancel(self.worker)

    def fail(self, message: str) -> None:
        """Ends the run as failed and kills the worker."""
        self.outcome = self.outcome or Outcome(state=RunState.FAILED, message=message)
        self.kill()

    def abort(self, message: str) -> None:
        """Ends the run as failed and drops what its worker sends: it cannot be written."""
        self.is_ignored, self.pending = True, []
        self.outcome = Outcome(state=RunState.FAILED, message=message)
        self.kill()

    def park(self) -> None:
        """Takes the slot of a paused run, which goes on from its checkpoint on command."""
        if self.outcome is None and self._must_leave_by is None:
            self.outcome = Outcome(state=RunState.QUEUED, is_parked=True)
            self.kill()

    def enforce(self, *, now: float) -> None:
        """Kills the worker if one of its deadlines has passed."""
        if self.is_gone:
            return
        patience_s = self._options.stall_s if self._has_stepped else self._options.first_step_s
        if self._must_leave_by is not None:
            if now > self._must_leave_by:
                self.kill()
        elif self.paused_since is not None:
            if now - self.paused_since > self._options.pause_s:
                self.park()
        elif now - self._began > self._options.wall_s:
            self.fail(messages.TOO_LONG)
        elif now - self._last_record > patience_s:
            self.outcome = Outcome(state=RunState.QUEUED, message=messages.STALLED)
            self.kill()

    def kill(self) -> None:
        """Has the worker killed; its end comes as an event."""
        if not self.is_gone:
            self._executor.cancel(self.worker, is_urgent=True)
