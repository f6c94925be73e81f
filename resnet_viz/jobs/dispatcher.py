"""Dispatcher: the loop that takes runs from the store's queue, has them trained, and writes their records."""

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from itertools import groupby
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Final, assert_never

from resnet_viz.jobs import lock, sentences, worker
from resnet_viz.jobs.console import Note, RateSet, Rewound, Saved, Stood, Unsaved
from resnet_viz.jobs.options import Options
from resnet_viz.jobs.seat import Message, Outcome, Seat
from resnet_viz.jobs.worker import Verdict
from resnet_viz.runs import control
from resnet_viz.runs.ledger import Ledger
from resnet_viz.runs.run import Claim, RunState
from resnet_viz.training.records import NetEnded, NetStarted, Record, Step

_COALESCE_S: Final = 0.02  # records that come within it share one commit
_MOST_MESSAGES: Final = 2_000  # of one pass; beyond them workers wait
_TIDY_EVERY_S: Final = 1.0
_UNWRITABLE_S: Final = 0.5  # before the next try

_log = logging.getLogger("resnet_viz.jobs")


class Dispatcher:
    """The one loop that writes to the store: collect, record, enforce, settle, obey the queue."""

    def __init__(
        self,
        ledger: Ledger,
        options: Options,
        context: ForkServerContext,
        *,
        path: Path,
        is_recent: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger, self._options, self._context, self._clock = ledger, options, context, clock
        self._path, self._folder, self._is_recent = path, control.folder(path), is_recent
        self._inbox: queue.Queue[tuple[Seat, Message]] = queue.Queue(maxsize=_MOST_MESSAGES)
        self._seats: list[Seat] = []
        self._seen_version: int | None = None
        self._tidied = self._was_busy = clock()
        self._is_unrested = True  # whether there may be something in the write-ahead log
        self._is_warm = threading.Event()

    def serve(self) -> None:
        """Serves until the process ends, or until there has been nothing to do for long where it is a lasting one."""
        self._ledger.recover(is_recent=self._is_recent)
        threading.Thread(target=self._warm_up, name="warm-up", daemon=True).start()
        while not self._is_idle():
            self._pass()

    def kill_all(self) -> None:
        """Kills the workers; their runs stay `running` in the store and are recovered by the next daemon."""
        for seat in tuple(self._seats):
            seat.kill()

    def _is_idle(self) -> bool:
        now = self._clock()
        if self._seats or not self._options.lasting or not self._is_warm.is_set():
            self._was_busy = now
        elif now - self._was_busy > self._options.idle_s:
            return not self._ledger.has_waiting()
        return False

    def _warm_up(self) -> None:
        """Waits in a thread until the fork server has imported torch: waiting runs can be cancelled meanwhile."""
        try:
            first = self._context.Process(target=worker.nothing, daemon=True)
            first.start()
            first.join()
        except (OSError, EOFError):
            _log.exception("the fork server did not start")
        self._is_warm.set()

    def _pass(self) -> None:
        records = self._collect()
        now = self._clock()
        for seat, batch in records.items():
            self._append(seat, batch)
        for seat in self._seats:
            seat.enforce(now=now)
            self._settle(seat)
        taken = [seat for seat in self._seats if not (seat.is_gone and seat.is_settled)]
        if len(taken) < len(self._seats):
            self._seats, self._seen_version = taken, None
        try:
            self._obey_queue(now=now)
            self._tidy(now=now)
        except sqlite3.OperationalError:
            _log.exception("the store cannot be written now")
            self._seen_version = None
            time.sleep(_UNWRITABLE_S)

    def _collect(self) -> dict[Seat, list[Record | Note]]:
        """Returns the records and notes that have come, by seat, and lets the seats know of everything else."""
        records: dict[Seat, list[Record | Note]] = {}
        timeout_s: float | None = self._options.tick_s
        for _number in range(_MOST_MESSAGES):
            try:
                seat, message = self._inbox.get(timeout=timeout_s) if timeout_s else self._inbox.get_nowait()
            except queue.Empty:
                break
            if timeout_s:
                time.sleep(_COALESCE_S)
                timeout_s = None
            now = self._clock()
            match message:
                case None:
                    seat.leave()
                case Verdict():
                    if message.trace:
                        _log.error("run %s, attempt %d:\n%s", seat.claim.id, seat.claim.attempt, message.trace)
                    seat.end(message, now=now)
                case NetStarted() | Step() | NetEnded():
                    seat.hear(message, now=now)
                    records.setdefault(seat, []).append(message)
                case Stood():
                    seat.stand(message.step, now=now)
                    records.setdefault(seat, []).append(message)
                case Saved() | RateSet() | Rewound() | Unsaved():
                    records.setdefault(seat, []).append(message)
                case _:
                    assert_never(message)
        return records

    def _append(self, seat: Seat, batch: list[Record | Note]) -> None:
        """Writes what a seat's worker said, in its order: a checkpoint is noted after the records before it."""
        try:
            for is_note, group in groupby(batch, key=lambda message: isinstance(message, Note)):
                if is_note:
                    for note in group:
                        self._note(seat, note)  # type: ignore[arg-type]
                else:
                    self._ledger.append(seat.claim, group)  # type: ignore[arg-type]
        except sqlite3.OperationalError:
            _log.exception("run %s cannot be written", seat.claim.id)
            seat.outcome = Outcome(state=RunState.FAILED, sentence=sentences.UNSTORABLE)
            seat.kill()
        except ValueError:
            _log.exception("run %s sent records that make no sense", seat.claim.id)
            seat.outcome = Outcome(state=RunState.FAILED, sentence=sentences.UNEXPECTED)
            seat.kill()

    def _note(self, seat: Seat, note: Note) -> None:
        match note:
            case Stood():
                self._ledger.stand(seat.claim, note.step)
            case Saved():
                self._ledger.add_checkpoint(seat.claim, note.step, note.num_bytes)
            case RateSet():
                self._ledger.set_rate(seat.claim, note.rate)
            case Rewound():
                seat.claim = self._ledger.rewind(seat.claim) or seat.claim
            case Unsaved():
                _log.warning("run %s: no checkpoint at step %d: %s", seat.claim.id, note.step, note.trace)
            case _:
                assert_never(note)

    def _settle(self, seat: Seat) -> None:
        """Writes the outcome of a seat's run; another attempt has to wait until the process of this one is gone."""
        outcome = seat.outcome
        if seat.is_settled or outcome is None or (outcome.state is RunState.QUEUED and not seat.is_gone):
            return
        try:
            if outcome.is_parked:
                self._ledger.park(seat.claim)
            elif outcome.state is RunState.QUEUED:
                _log.warning("run %s, attempt %d: worker lost", seat.claim.id, seat.claim.attempt)
                self._ledger.retry(seat.claim, error=outcome.sentence)
            else:
                self._ledger.finish(seat.claim, outcome.state, error=outcome.sentence)
            seat.is_settled = True
        except sqlite3.OperationalError:  # a full disk; again in the next pass
            _log.exception("the end of run %s cannot be written yet", seat.claim.id)
            time.sleep(_UNWRITABLE_S)

    def _obey_queue(self, *, now: float) -> None:
        """Passes cancellations on and fills free slots, if someone else has written or a slot has become free."""
        version = self._ledger.version()
        if version == self._seen_version or not self._is_warm.is_set():
            return
        self._seen_version = version
        cancelled = self._ledger.cancelled_running()
        for seat in self._seats:
            if seat.claim.id in cancelled:
                seat.cancel(now=now)
        self._hand_on()
        while len(self._seats) < self._options.slots and (claim := self._ledger.claim_next()):
            self._start(claim, now=now)

    def _start(self, claim: Claim, *, now: float) -> None:
        try:
            seat = Seat.start(claim, self._context, self._options, self._inbox, folder=self._folder, now=now)
        except (OSError, EOFError):
            _log.exception("no worker for run %s", claim.id)
            self._ledger.retry(claim, error=sentences.DIED)
            return
        self._seats.append(seat)
        self._is_unrested = True
        self._ledger.set_pid(claim, seat.pid)
        self._hand_on()  # what it was told while it was held

    def _hand_on(self) -> None:
        seats = {seat.claim.id: seat for seat in self._seats if seat.outcome is None}
        for order in self._ledger.orders():
            if order.run_id in seats:
                seats[order.run_id].tell(order.verb, order.value)

    def _tidy(self, *, now: float) -> None:
        if now - self._tidied < _TIDY_EVERY_S or self._ledger.tidy():
            return  # as long as there is something to delete, a little of it in every pass
        self._tidied = now
        lock.touch(self._path)
        if self._is_unrested and not self._seats:
            self._ledger.rest()
            self._is_unrested = False
