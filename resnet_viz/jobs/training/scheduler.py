"""Scheduler: the loop that takes runs from the queue, has them trained, and writes their records."""

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
from resnet_viz.jobs.training.executor import Executor, JobResult, Worker, WorkerExited
from resnet_viz.jobs.training.job import Job
from resnet_viz.jobs.training.options import Options
from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.run import Claim, RunState
from resnet_viz.training.records import NetEnded, NetStarted, Record, Step

_TIDY_EVERY_S: Final = 1.0
_UNWRITABLE_S: Final = 0.5  # before the next try

_log = logging.getLogger("resnet_viz.jobs")


class Scheduler:
    """The only writer of the store: collects events, writes them, enforces deadlines, settles outcomes, fills slots."""

    def __init__(
        self,
        store: DaemonStore,
        options: Options,
        executor: Executor,
        *,
        path: Path,
        is_recent: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._options, self._executor, self._clock = store, options, executor, clock
        self._path, self._is_recent = path, is_recent
        self._jobs: dict[Worker, Job] = {}
        self._seen_version: int | None = None
        self._seen_capacity = 0
        self._tidied = self._was_busy = clock()
        self._is_unrested = True  # whether there may be something in the write-ahead log

    def serve(self) -> None:
        """Serves until the process ends; a lasting daemon, until it has been idle for long."""
        while not self._has_recovered():
            time.sleep(_UNWRITABLE_S)
        while not self._is_idle():
            self.run_once()

    def kill_all(self) -> None:
        """Kills the workers; their runs stay `running` in the store and are recovered by the next daemon."""
        for job in tuple(self._jobs.values()):
            job.kill()

    def _has_recovered(self) -> bool:
        try:
            self._store.recover(is_recent=self._is_recent)
        except sqlite3.OperationalError:  # a full disk; if this ended, every look at runs would start another daemon
            _log.exception("the store cannot be written now")
            return False
        return True

    def _is_idle(self) -> bool:
        now = self._clock()
        if self._jobs or not self._options.lasting or not self._executor.capacity():
            self._was_busy = now
        elif now - self._was_busy > self._options.idle_s:
            return not self._store.has_waiting()
        return False

    def run_once(self) -> None:
        """Makes one pass of the loop."""
        records = self._collect()
        now = self._clock()
        for job in self._jobs.values():
            self._append(job, records.get(job, []), now=now)
        for job in self._jobs.values():
            job.enforce(now=now)
            self._settle(job)
        taken = {worker: job for worker, job in self._jobs.items() if not (job.is_gone and job.is_settled)}
        if len(taken) < len(self._jobs):
            self._jobs, self._seen_version = taken, None
        try:
            self._follow_queue(now=now)
            self._park_surplus(now=now)
            self._tidy(now=now)
        except sqlite3.OperationalError:
            _log.exception("the store cannot be written now")
            self._seen_version = None
            time.sleep(_UNWRITABLE_S)

    def _collect(self) -> dict[Job, list[Record | ControlEvent]]:
        """Returns new records and control events by job, and notes all events in the jobs."""
        records: dict[Job, list[Record | ControlEvent]] = {}
        for worker, message in self._executor.events(timeout_s=self._options.tick_s):
            job, now = self._jobs[worker], self._clock()
            match message:
                case WorkerExited():
                    job.note_exit()
                case JobResult():
                    if message.trace:
                        _log.error("run %s, attempt %d:\n%s", job.claim.id, job.claim.attempt, message.trace)
                    job.end(message, now=now)
                case NetStarted() | Step() | NetEnded():
                    job.note_record(message, now=now)
                    records.setdefault(job, []).append(message)
                case PauseChanged():
                    job.note_pause(message.step, now=now)
                    records.setdefault(job, []).append(message)
                case CheckpointSaved() | LearningRateChanged() | Rewound() | CheckpointFailed() | VersionsKnown():
                    records.setdefault(job, []).append(message)
                case _:
                    assert_never(message)
        return records

    def _append(self, job: Job, batch: list[Record | ControlEvent], *, now: float) -> None:
        """Writes records and events of a job in their order: a checkpoint after the records before it.

        What cannot be written now is tried again in the next pass: a full disk may have room by then.
        """
        if job.is_ignored:
            return
        job.pending += [(is_event, list(group)) for is_event, group in groupby(batch, key=_is_event)]
        try:
            while job.pending:
                self._write(job, *job.pending[0])
                del job.pending[0]
            job.unwritable_since = None
        except sqlite3.OperationalError:
            _log.exception("run %s cannot be written", job.claim.id)
            job.unwritable_since = job.unwritable_since or now
            if now - job.unwritable_since > self._options.unwritable_s:
                job.abort(messages.UNSTORABLE)
            time.sleep(_UNWRITABLE_S)
        except ValueError:
            _log.exception("run %s sent records that make no sense", job.claim.id)
            job.abort(messages.UNEXPECTED)

    def _write(self, job: Job, is_event: bool, group: list[Record | ControlEvent]) -> None:
        if not is_event:
            self._store.append(job.claim, group)  # type: ignore[arg-type]
            return
        while group:
            self._write_event(job, group[0])  # type: ignore[arg-type]
            del group[0]

    def _write_event(self, job: Job, event: ControlEvent) -> None:
        match event:
            case PauseChanged():
                self._store.set_standing(job.claim, event.step)
            case CheckpointSaved():
                self._store.add_checkpoint(job.claim, event.step, event.num_bytes)
            case LearningRateChanged():
                self._store.set_rate(job.claim, event.rate)
            case Rewound():
                job.claim = self._store.rewind(job.claim) or job.claim
            case VersionsKnown():
                self._store.note_versions(job.claim, event.versions)
            case CheckpointFailed():
                _log.warning("run %s: no checkpoint at step %d: %s", job.claim.id, event.step, event.trace)
            case _:
                assert_never(event)

    def _settle(self, job: Job) -> None:
        """Writes the outcome of a job; another attempt waits until the process of this one is gone."""
        outcome = job.outcome
        if job.is_settled or job.pending or outcome is None:
            return
        if outcome.state is RunState.QUEUED and not job.is_gone:
            return
        try:
            if outcome.is_parked:
                self._store.park(job.claim)
            elif outcome.state is RunState.QUEUED:
                _log.warning("run %s, attempt %d: worker lost", job.claim.id, job.claim.attempt)
                self._store.retry(job.claim, error=outcome.message)
            else:
                self._store.finish(job.claim, outcome.state, error=outcome.message)
            job.is_settled = True
        except sqlite3.OperationalError:  # a full disk; again in the next pass
            _log.exception("the end of run %s cannot be written yet", job.claim.id)
            time.sleep(_UNWRITABLE_S)

    def _park_surplus(self, *, now: float) -> None:
        """Parks paused runs: those that an owner has too many of, and the longest paused one if another is queued."""
        paused = [(job.paused_since, job) for job in self._jobs.values() if job.paused_since and not job.outcome]
        paused.sort(key=lambda each: each[0], reverse=True)
        kept = Counter[str]()
        for _since, job in paused:
            kept[job.claim.owner] += 1
            if kept[job.claim.owner] > self._options.paused_per_owner:
                job.park()
        if not paused or self._executor.capacity() > 0:
            return
        since, longest = paused[-1]
        if now - since > self._options.yield_s and self._store.has_waiting():
            longest.park()

    def _follow_queue(self, *, now: float) -> None:
        """Passes cancellations and commands on and fills free slots, after a write by others or a freed slot."""
        version, capacity = self._store.version(), self._executor.capacity()
        if version == self._seen_version and capacity <= self._seen_capacity:
            return
        cancelled = self._store.cancelled_running()
        for job in self._jobs.values():
            if job.claim.id in cancelled:
                job.cancel(now=now)
        self._pass_commands_on()
        while self._executor.capacity() > 0 and (claim := self._store.claim_next()):
            self._start(claim, now=now)
        self._seen_version, self._seen_capacity = version, self._executor.capacity()

    def _start(self, claim: Claim, *, now: float) -> None:
        try:
            worker = self._executor.submit(claim)
        except (OSError, EOFError):
            _log.exception("no worker for run %s", claim.id)
            self._store.retry(claim, error=messages.DIED)
            return
        self._jobs[worker] = Job(claim, worker, self._executor, self._options, now=now)
        self._is_unrested = True
        self._store.set_pid(claim, worker.pid)
        self._pass_commands_on()  # commands that came while it was held

    def _pass_commands_on(self) -> None:
        jobs = {job.claim.id: job for job in self._jobs.values() if job.outcome is None}
        for command in self._store.take_commands():
            if command.run_id in jobs:
                jobs[command.run_id].worker.send(command.verb, command.value)

    def _tidy(self, *, now: float) -> None:
        if now - self._tidied < _TIDY_EVERY_S or self._store.tidy():
            return  # as long as there is something to delete, a little of it in every pass
        self._tidied = now
        lock.touch(self._path)
        if self._is_unrested and not self._jobs:
            self._store.rest()
            self._is_unrested = False


def _is_event(message: Record | ControlEvent) -> bool:
    return isinstance(message, ControlEvent)
