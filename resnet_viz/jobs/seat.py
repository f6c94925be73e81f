"""Seat: one slot's worker process as the daemon sees it."""

import multiprocessing
import queue
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Self

from resnet_viz.jobs import sentences, worker
from resnet_viz.jobs.console import Note, encode
from resnet_viz.jobs.options import Options
from resnet_viz.jobs.worker import Verdict
from resnet_viz.runs.control import Verb
from resnet_viz.runs.run import Claim, RunState
from resnet_viz.training.records import Record, Step

Message = Record | Note | Verdict | None
"""What comes out of a worker; None says that its pipe has ended, and so that it is gone."""


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
    """A worker process, the claim it works on, and its deadlines. Seconds are those of the clock that comes in.

    Attributes:
        claim: the run and its attempt.
        outcome: what is to become of the run; None while that is open.
        is_gone: whether the process has ended.
        is_settled: whether the outcome is in the store.
    """

    def __init__(
        self, claim: Claim, process: ForkServerProcess, control: Connection, options: Options, *, now: float
    ) -> None:
        self.claim = claim
        self.outcome: Outcome | None = None
        self.is_gone = False
        self.is_settled = False
        self._process, self._control, self._options = process, control, options
        self._began = self._heard = now
        self._has_stepped = False
        self._must_leave_by: float | None = None  # from a cancellation or the verdict on
        self._stands_since: float | None = None

    @classmethod
    def start(
        cls,
        claim: Claim,
        context: ForkServerContext,
        options: Options,
        inbox: "queue.Queue[tuple[Seat, Message]]",
        *,
        folder: Path,
        now: float,
    ) -> Self:
        """Starts a worker whose messages arrive in `inbox` and whose checkpoints in `folder`.

        Raises:
            OSError: the fork server is gone and cannot be started again.
            EOFError: it ended while it was asked.
        """
        results, out = context.Pipe(duplex=False)
        commands, control = context.Pipe(duplex=False)
        process = context.Process(target=worker.run, args=(claim, folder, out, commands, options), daemon=True)
        try:
            process.start()
        except BaseException:
            results.close()
            control.close()
            raise
        finally:
            out.close()
            commands.close()
        seat = cls(claim, process, control, options, now=now)
        # A thread of its own, for a worker that is stopped in the middle of a message would hold up all the others.
        threading.Thread(target=_forward, args=(seat, results, inbox), name="results", daemon=True).start()
        return seat

    @property
    def pid(self) -> int | None:
        """Id of the worker's process."""
        return self._process.pid

    def hear(self, record: Record, *, now: float) -> None:
        """Notes that the worker gave a sign of life."""
        self._heard = now
        self._has_stepped = self._has_stepped or isinstance(record, Step)

    def stand(self, step: int | None, *, now: float) -> None:
        """Notes that the worker stands before a step, or goes on; while it stands no time passes for it."""
        if self._stands_since is not None:
            self._began += now - self._stands_since
        self._heard = now
        self._stands_since = None if step is None else now

    def tell(self, verb: Verb, value: float) -> None:
        """Hands on what the run was told."""
        try:
            self._control.send_bytes(encode(verb, value))
        except OSError:
            self.kill()

    def end(self, verdict: Verdict, *, now: float) -> None:
        """Takes the worker's own word for how the run ended."""
        self.outcome = self.outcome or Outcome(state=verdict.state, sentence=verdict.sentence)
        self._must_leave_by = now + self._options.cancel_s

    def leave(self) -> None:
        """Notes that the process has ended, and cleans up after it."""
        self.is_gone = True
        self._process.join(timeout=1.0)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._control.close()
        self.outcome = self.outcome or Outcome(
            state=RunState.CANCELLED if self._must_leave_by is not None else RunState.QUEUED, sentence=sentences.DIED
        )

    def cancel(self, *, now: float) -> None:
        """Asks the worker to stop; `enforce` kills it if it does not."""
        if self._must_leave_by is None:
            self._must_leave_by = now + self._options.cancel_s
            try:
                self._control.send_bytes(worker.STOP)
            except OSError:
                self.kill()

    def fail(self, sentence: str) -> None:
        """Ends the run as failed and kills the worker."""
        self.outcome = self.outcome or Outcome(state=RunState.FAILED, sentence=sentence)
        self.kill()

    def enforce(self, *, now: float) -> None:
        """Kills the worker if one of its deadlines has passed."""
        if self.is_gone:
            return
        patience_s = self._options.stall_s if self._has_stepped else self._options.first_step_s
        if self._must_leave_by is not None:
            if now > self._must_leave_by:
                self.kill()
        elif self._stands_since is not None:
            if now - self._stands_since > self._options.pause_s and self.outcome is None:
                self.outcome = Outcome(state=RunState.QUEUED, is_parked=True)
                self.kill()
        elif now - self._began > self._options.wall_s:
            self.fail(sentences.TOO_LONG)
        elif now - self._heard > patience_s:
            self.outcome = Outcome(state=RunState.QUEUED, sentence=sentences.STALLED)
            self.kill()

    def kill(self) -> None:
        """Kills the worker; that it is gone is noticed when its pipe ends."""
        if not self.is_gone:
            self._process.kill()


def _forward(seat: Seat, results: Connection, inbox: "queue.Queue[tuple[Seat, Message]]") -> None:
    with results:
        try:
            while True:
                inbox.put((seat, results.recv()))
        except (EOFError, OSError):
            inbox.put((seat, None))


def fork_server(options: Options) -> ForkServerContext:
    """Returns a context whose fork server has been started; call it from the thread that lives longest."""
    from multiprocessing import forkserver  # noqa: PLC0415 - not on Windows

    context = multiprocessing.get_context("forkserver")
    executor = options.executor.partition(":")[0]
    context.set_forkserver_preload([name for name in (options.preload, "resnet_viz.jobs.dispatcher", executor) if name])
    forkserver.ensure_running()
    return context
