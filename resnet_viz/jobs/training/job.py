"""Seat: one job as the dispatcher keeps it: its claim, its deadlines, and what is to become of its run."""

from dataclasses import dataclass

from resnet_viz.jobs import messages
from resnet_viz.jobs.training.control import ControlEvent
from resnet_viz.jobs.training.executor import Executor, Job, JobResult
from resnet_viz.jobs.training.options import Options
from resnet_viz.runs.run import Claim, RunState
from resnet_viz.training.records import Record, Step


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What is to become of the run of a seat.

    Attributes:
        state: final state, or queued for another attempt.
        sentence: why it failed, or what to say if there is no other attempt.
        is_parked: whether it is paused and goes on only when it is told to.
    """

    state: RunState
    sentence: str = ""
    is_parked: bool = False


class Seat:
    """A job of the executor's, the claim it works on, and its deadlines. Seconds are those of the clock that comes in.

    Attributes:
        claim: the run and its attempt.
        job: what the executor made of it.
        outcome: what is to become of the run; None while that is open.
        is_gone: whether the worker has ended.
        is_settled: whether the outcome is in the store.
        stands_since: when it came to stand; None while it goes on.
        unwritten: what its worker said and the store has not yet, grouped by whether it is notes.
        unwritable_since: when writing it failed first; None where it did not.
        is_unheard: whether what its worker says is not looked at any more.
    """

    def __init__(self, claim: Claim, job: Job, executor: Executor, options: Options, *, now: float) -> None:
        self.claim, self.job = claim, job
        self.outcome: Outcome | None = None
        self.is_gone = False
        self.is_settled = False
        self.stands_since: float | None = None
        self.unwritten: list[tuple[bool, list[Record | ControlEvent]]] = []
        self.unwritable_since: float | None = None
        self.is_unheard = False
        self._executor, self._options = executor, options
        self._began = self._heard = now
        self._has_stepped = False
        self._must_leave_by: float | None = None  # from a cancellation or the verdict on

    def hear(self, record: Record, *, now: float) -> None:
        """Notes that the worker gave a sign of life."""
        self._heard = now
        self._has_stepped = self._has_stepped or isinstance(record, Step)

    def stand(self, step: int | None, *, now: float) -> None:
        """Notes that the worker stands before a step, or goes on; while it stands no time passes for it."""
        if self.stands_since is not None:
            self._began += now - self.stands_since
        self._heard = now
        self.stands_since = None if step is None else now

    def end(self, verdict: JobResult, *, now: float) -> None:
        """Takes the worker's own word for how the run ended."""
        self.outcome = self.outcome or Outcome(state=verdict.state, sentence=verdict.sentence)
        self._must_leave_by = now + self._options.cancel_s

    def leave(self) -> None:
        """Notes that the worker has ended."""
        self.is_gone = True
        self.outcome = self.outcome or Outcome(
            state=RunState.CANCELLED if self._must_leave_by is not None else RunState.QUEUED, sentence=messages.DIED
        )

    def cancel(self, *, now: float) -> None:
        """Asks the worker to stop; `enforce` kills it if it does not."""
        if self._must_leave_by is None:
            self._must_leave_by = now + self._options.cancel_s
            self._executor.cancel(self.job)

    def fail(self, sentence: str) -> None:
        """Ends the run as failed and kills the worker."""
        self.outcome = self.outcome or Outcome(state=RunState.FAILED, sentence=sentence)
        self.kill()

    def break_off(self, sentence: str) -> None:
        """Ends the run as failed whatever its worker said or will say, for it cannot be written."""
        self.is_unheard, self.unwritten = True, []
        self.outcome = Outcome(state=RunState.FAILED, sentence=sentence)
        self.kill()

    def park(self) -> None:
        """Takes the slot of a run that stands back; it goes on from its checkpoint when it is told to."""
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
        elif self.stands_since is not None:
            if now - self.stands_since > self._options.pause_s:
                self.park()
        elif now - self._began > self._options.wall_s:
            self.fail(messages.TOO_LONG)
        elif now - self._heard > patience_s:
            self.outcome = Outcome(state=RunState.QUEUED, sentence=messages.STALLED)
            self.kill()

    def kill(self) -> None:
        """Has the worker killed; that it is gone comes as an event."""
        if not self.is_gone:
            self._executor.cancel(self.job, is_urgent=True)
