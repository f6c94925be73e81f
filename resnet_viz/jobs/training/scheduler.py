"""Dispatcher: the loop that takes runs from the store's queue, has them trained, and writes their records."""

import logging
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Final, assert_never

from resnet_viz.jobs import messages
from resnet_viz.jobs.training import lock
from resnet_viz.jobs.training.control import (
    CheckpointFailed,
    CheckpointSaved,
    ControlEvent,
    LearningRateChanged,
    PauseChanged,
    Rewound,
    VersionsKnown,
)
from resnet_viz.jobs.training.executor import Executor, Job, JobResult, WorkerExited
from resnet_viz.jobs.training.job import Seat
from resnet_viz.jobs.training.options import Options
from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.run import Claim, RunState
from resnet_viz.training.records import NetEnded, NetStarted, Record, Step

_TIDY_EVERY_S: Final = 1.0
_UNWRITABLE_S: Final = 0.5  # before the next try

_log = logging.getLogger("resnet_viz.jobs")


class Scheduler:
    """The one loop that writes to the store: collect, record, enforce, settle, obey the queue."""

    def __init__(
        self,
        ledger: DaemonStore,
        options: Options,
        executor: Executor,
        *,
        path: Path,
        is_recent: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ledger, self._options, self._executor, self._clock = ledger, options, executor, clock
        self._path, self._is_recent = path, is_recent
        self._seats: dict[Job, Seat] = {}
        self._seen_version: int | None = None
        self._seen_capacity = 0
        self._tidied = self._was_busy = clock()
        self._is_unrested = True  # whether there may be something in the write-ahead log

    def serve(self) -> None:
        """Serves until the process ends, or until there has been nothing to do for long where it is a lasting one."""
        while not self._has_recovered():
            time.sleep(_UNWRITABLE_S)
        while not self._is_idle():
            self.make_a_pass()

    def kill_all(self) -> None:
        """Kills the workers; their runs stay `running` in the store and are recovered by the next daemon."""
        for seat in tuple(self._seats.values()):
            seat.kill()

    def _has_recovered(self) -> bool:
        try:
            self._ledger.recover(is_recent=self._is_recent)
        except sqlite3.OperationalError:  # a full disk; who looks at runs would start one daemon after the other
            _log.exception("the store cannot be written now")
            return False
        return True

    def _is_idle(self) -> bool:
        now = self._clock()
        if self._seats or not self._options.lasting or not self._executor.capacity():
            self._was_busy = now
        elif now - self._was_busy > self._options.idle_s:
            return not self._ledger.has_waiting()
        return False

    def make_a_pass(self) -> None:
        """Goes once through everything there is to do."""
        records = self._collect()
        now = self._clock()
        for seat in self._seats.values():
            self._append(seat, records.get(seat, []), now=now)
        for seat in self._seats.values():
            seat.enforce(now=now)
            self._settle(seat)
        taken = {job: seat for job, seat in self._seats.items() if not (seat.is_gone and seat.is_settled)}
        if len(taken) < len(self._seats):
            self._seats, self._seen_version = taken, None
        try:
            self._obey_queue(now=now)
            self._park_surplus(now=now)
            self._tidy(now=now)
        except sqlite3.OperationalError:
            _log.exception("the store cannot be written now")
            self._seen_version = None
            time.sleep(_UNWRITABLE_S)

    def _collect(self) -> dict[Seat, list[Record | ControlEvent]]:
        """Returns the records and notes that have come, by seat, and lets the seats know of everything else."""
        records: dict[Seat, list[Record | ControlEvent]] = {}
        for job, message in self._executor.events(timeout_s=self._options.tick_s):
            seat, now = self._seats[job], self._clock()
            match message:
                case WorkerExited():
                    seat.leave()
                case JobResult():
                    if message.trace:
                        _log.error("run %s, attempt %d:\n%s", seat.claim.id, seat.claim.attempt, message.trace)
                    seat.end(message, now=now)
                case NetStarted() | Step() | NetEnded():
                    seat.hear(message, now=now)
                    records.setdefault(seat, []).append(message)
                case PauseChanged():
                    seat.stand(message.step, now=now)
                    records.setdefault(seat, []).append(message)
                case CheckpointSaved() | LearningRateChanged() | Rewound() | CheckpointFailed() | VersionsKnown():
                    records.setdefault(seat, []).append(message)
                case _:
                    assert_never(message)
        return records

    def _append(self, seat: Seat, batch: list[Record | ControlEvent], *, now: float) -> None:
        """Writes what a seat's worker said, in its order: a checkpoint is noted after the records before it.

        What cannot be written now is tried again in the next pass: a disk that was full may have room again.
        """
        if seat.is_unheard:
            return
        seat.unwritten += [(is_note, list(group)) for is_note, group in groupby(batch, key=_is_note)]
        try:
            while seat.unwritten:
                self._write(seat, *seat.unwritten[0])
                del seat.unwritten[0]
            seat.unwritable_since = None
        except sqlite3.OperationalError:
            _log.exception("run %s cannot be written", seat.claim.id)
            seat.unwritable_since = seat.unwritable_since or now
            if now - seat.unwritable_since > self._options.unwritable_s:
                seat.break_off(messages.UNSTORABLE)
            time.sleep(_UNWRITABLE_S)
        except ValueError:
            _log.exception("run %s sent records that make no sense", seat.claim.id)
            seat.break_off(messages.UNEXPECTED)

    def _write(self, seat: Seat, is_note: bool, group: list[Record | ControlEvent]) -> None:
        if not is_note:
            self._ledger.append(seat.claim, group)  # type: ignore[arg-type]
            return
        while group:
            self._note(seat, group[0])  # type: ignore[arg-type]
            del group[0]

    def _note(self, seat: Seat, note: ControlEvent) -> None:
        match note:
            case PauseChanged():
                self._ledger.set_standing(seat.claim, note.step)
            case CheckpointSaved():
                self._ledger.add_checkpoint(seat.claim, note.step, note.num_bytes)
            case LearningRateChanged():
                self._ledger.set_rate(seat.claim, note.rate)
            case Rewound():
                seat.claim = self._ledger.rewind(seat.claim) or seat.claim
            case VersionsKnown():
                self._ledger.note_versions(seat.claim, note.versions)
            case CheckpointFailed():
                _log.warning("run %s: no checkpoint at step %d: %s", seat.claim.id, note.step, note.trace)
            case _:
                assert_never(note)

    def _settle(self, seat: Seat) -> None:
        """Writes the outcome of a seat's run; another attempt has to wait until the process of this one is gone."""
        outcome = seat.outcome
        if seat.is_settled or seat.unwritten or outcome is None:
            return
        if outcome.state is RunState.QUEUED and not seat.is_gone:
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

    def _park_surplus(self, *, now: float) -> None:
        """Takes the slots of runs that stand where their owner has too many of them, or where another run waits."""
        standing = [
            (seat.stands_since, seat) for seat in self._seats.values() if seat.stands_since and not seat.outcome
        ]
        standing.sort(key=lambda each: each[0], reverse=True)
        kept = Counter[str]()
        for _since, seat in standing:
            kept[seat.claim.owner] += 1
            if kept[seat.claim.owner] > self._options.paused_per_owner:
                seat.park()
        if not standing or self._executor.capacity() > 0:
            return
        since, longest = standing[-1]
        if now - since > self._options.yield_s and self._ledger.has_waiting():
            longest.park()

    def _obey_queue(self, *, now: float) -> None:
        """Passes cancellations on and fills free slots, if someone else has written or a slot has become free."""
        version, capacity = self._ledger.version(), self._executor.capacity()
        if version == self._seen_version and capacity <= self._seen_capacity:
            return
        cancelled = self._ledger.cancelled_running()
        for seat in self._seats.values():
            if seat.claim.id in cancelled:
                seat.cancel(now=now)
        self._hand_on()
        while self._executor.capacity() > 0 and (claim := self._ledger.claim_next()):
            self._start(claim, now=now)
        self._seen_version, self._seen_capacity = version, self._executor.capacity()

    def _start(self, claim: Claim, *, now: float) -> None:
        try:
            job = self._executor.submit(claim)
        except (OSError, EOFError):
            _log.exception("no worker for run %s", claim.id)
            self._ledger.retry(claim, error=messages.DIED)
            return
        self._seats[job] = Seat(claim, job, self._executor, self._options, now=now)
        self._is_unrested = True
        self._ledger.set_pid(claim, job.pid)
        self._hand_on()  # what it was told while it was held

    def _hand_on(self) -> None:
        seats = {seat.claim.id: seat for seat in self._seats.values() if seat.outcome is None}
        for order in self._ledger.take_commands():
            if order.run_id in seats:
                seats[order.run_id].job.tell(order.verb, order.value)

    def _tidy(self, *, now: float) -> None:
        if now - self._tidied < _TIDY_EVERY_S or self._ledger.tidy():
            return  # as long as there is something to delete, a little of it in every pass
        self._tidied = now
        lock.touch(self._path)
        if self._is_unrested and not self._seats:
            self._ledger.rest()
            self._is_unrested = False


def _is_note(message: Record | ControlEvent) -> bool:
    return isinstance(message, ControlEvent)
