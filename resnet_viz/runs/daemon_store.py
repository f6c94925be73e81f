"""DaemonStore: the daemon's side of the store. One connection for the daemon's life, used from one thread."""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, Self

from resnet_viz.runs.run import Claim, RunState
from resnet_viz.runs.sql import attempts, checkpoints, control, queue, retention, steps
from resnet_viz.runs.sql.checkpoints import Checkpoint
from resnet_viz.runs.sql.control import Command
from resnet_viz.runs.sql.retention import RetentionLimits, retention_limits
from resnet_viz.runs.sql.schema import open_to_write, transaction
from resnet_viz.training.records import Record
from resnet_viz.training.step_gate import RateChange

YOUNG_S: Final = 60.0  # age of a file below which it is never swept


class DaemonStore:
    """Claims queued runs, writes their records, brings them to an end, applies retention."""

    def __init__(
        self, path: Path, *, clock: Callable[[], float] = time.time, retention: RetentionLimits | None = None
    ) -> None:
        self._clock = clock
        self._retention = retention or retention_limits(os.environ)
        self._db = open_to_write(path)
        self._folder = checkpoints.folder(path)
        self._swept = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection; what was written stays."""
        self._db.close()

    def version(self) -> int:
        """Returns a number that changes when another connection has written."""
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def recover(self, *, is_recent: bool = True) -> None:
        """Abandons all running attempts, whose workers are gone: each run is queued again, or held as interrupted.

        Args:
            is_recent: whether they trained until a moment ago, so that the browsers that show them are still open.
        """
        with transaction(self._db):
            attempts.recover(self._db, is_recent=is_recent, now=self._clock())

    def claim_next(self) -> Claim | None:
        """Claims the next run of the queue, in fair order; None where the queue is empty."""
        with transaction(self._db):
            return attempts.claim_next(self._db, folder=self._folder, now=self._clock())

    def has_waiting(self) -> bool:
        """Whether the queue holds a run."""
        return bool(queue.waiting_ids(self._db))

    def set_pid(self, claim: Claim, pid: int | None) -> None:
        """Records the process that trains a claimed run."""
        self._write(claim, lambda seq: attempts.set_pid(self._db, seq, pid))

    def append(self, claim: Claim, records: Iterable[Record]) -> bool:
        """Adds records of a claimed run in one transaction; returns False where it is not running any more.

        Raises:
            ValueError: a step of a net that has not started, or norms that are not those of the net's nodes.
            sqlite3.OperationalError: the disk is full.
        """
        return self._write(claim, lambda seq: steps.append(self._db, seq, claim.attempt, records))

    def note_versions(self, claim: Claim, versions: Mapping[str, str]) -> None:
        """Records the programs and the machine that a claimed run trains with."""
        self._write(claim, lambda seq: steps.note_versions(self._db, seq, claim.attempt, versions))

    def finish(self, claim: Claim, state: RunState, *, error: str = "") -> bool:
        """Brings a claimed run to its final state; returns False where it is not running any more."""
        return self._write(
            claim, lambda seq: attempts.finish(self._db, seq, state=state, error=error, now=self._clock())
        )

    def retry(self, claim: Claim, *, error: str) -> None:
        """Abandons a claimed attempt: the run is queued again, or fails with `error` if no attempt is left."""
        self._write(claim, lambda seq: attempts.abandon(self._db, seq, claim.attempt, error=error, now=self._clock()))

    def park(self, claim: Claim) -> None:
        """Takes a paused run's slot back: it is held until a command continues it."""
        self._write(claim, lambda seq: attempts.park(self._db, seq, now=self._clock()))

    def rewind(self, claim: Claim) -> Claim | None:
        """Begins a new attempt of a run that its worker has rewound; None where it is not running any more."""
        with transaction(self._db):
            return attempts.reclaim(self._db, claim, folder=self._folder)

    def take_commands(self) -> tuple[Command, ...]:
        """Takes the commands to running runs, oldest first."""
        return control.take_commands(self._db)

    def set_standing(self, claim: Claim, step: int | None) -> None:
        """Records the step before which a claimed run is paused; None where it goes on."""
        self._write(claim, lambda seq: control.set_standing(self._db, seq, step))

    def set_rate(self, claim: Claim, rate: RateChange) -> None:
        """Records a learning rate that was set in a claimed run."""
        self._write(claim, lambda seq: control.set_rate(self._db, seq, claim.attempt, rate))

    def add_checkpoint(self, claim: Claim, step: int, num_bytes: int) -> None:
        """Records a checkpoint of a claimed run, and deletes those that are too many."""
        kept = Checkpoint(step=step, file=checkpoints.file_name(claim.id, claim.attempt, step))
        dropped: list[str] = []
        self._write(claim, lambda seq: dropped.extend(checkpoints.add(self._db, seq, claim.attempt, kept, num_bytes)))
        for name in set(dropped) - checkpoints.known_files(self._db):  # a branch may have begun with one of them
            (self._folder / name).unlink(missing_ok=True)

    def sweep_files(self) -> None:
        """Deletes files of checkpoints that no run has; young ones may belong to one that is about to be recorded."""
        if not self._folder.exists():
            return
        known = checkpoints.known_files(self._db)
        for file in self._folder.iterdir():
            if file.name not in known and self._clock() - file.stat().st_mtime > YOUNG_S:
                file.unlink(missing_ok=True)

    def cancelled_running(self) -> frozenset[str]:
        """Returns the ids of running runs that were asked to stop."""
        rows = self._db.execute("SELECT id FROM run WHERE state = 'running' AND cancel = 1")
        return frozenset(run_id for (run_id,) in rows)

    def tidy(self) -> bool:
        """Deletes a little of what exceeds the limits of retention; returns whether there was anything to do."""
        is_busy = retention.sweep(self._db) or retention.retire(self._db, self._retention, now=self._clock())
        if not is_busy and self._clock() - self._swept > YOUNG_S:
            self._swept = self._clock()
            self.sweep_files()
        return is_busy

    def rest(self) -> None:
        """Moves the write-ahead log into the file and empties it, unless it is being read; for idle times."""
        patience_ms = self._db.execute("PRAGMA busy_timeout").fetchone()[0]
        self._db.execute("PRAGMA busy_timeout = 50")
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        self._db.execute(f"PRAGMA busy_timeout = {int(patience_ms)}")

    def _write(self, claim: Claim, write: Callable[[int], object]) -> bool:
        """Writes to the row of a claimed run, in one transaction; returns False where it is not running any more."""
        with transaction(self._db):
            seq = attempts.running(self._db, claim)
            if seq is not None:
                write(seq)
            return seq is not None
