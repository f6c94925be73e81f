"""Ledger: the daemon's side of the store. One connection for the daemon's life; use it from one thread."""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, Self

from resnet_viz.runs.run import Claim, RunState
from resnet_viz.runs.sql import attempts, checkpoints, control, queue, writing
from resnet_viz.runs.sql import retention as room
from resnet_viz.runs.sql.checkpoints import Checkpoint
from resnet_viz.runs.sql.control import Command
from resnet_viz.runs.sql.schema import open_to_write, transaction
from resnet_viz.runs.sql.writing import RetentionLimits
from resnet_viz.training.records import Record
from resnet_viz.training.step_gate import RateChange

YOUNG_S: Final = 60.0  # age of a file below which it is never swept


class DaemonStore:
    """Takes runs from the queue, writes their records, brings them to an end, forgets the oldest."""

    def __init__(
        self, path: Path, *, clock: Callable[[], float] = time.time, retention: RetentionLimits | None = None
    ) -> None:
        self._clock = clock
        self._retention = retention or writing.retention_limits(os.environ)
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
        """Gives up all running attempts, whose trainers are gone: each waits again, or is held as interrupted.

        Args:
            is_recent: whether they were trained until a moment ago, so that somebody may still look on.
        """
        attempts.recover(self._db, is_recent=is_recent, now=self._clock())

    def claim_next(self) -> Claim | None:
        """Takes the next run from the queue, in fair order; None where nothing waits."""
        return attempts.claim_next(self._db, folder=self._folder, now=self._clock())

    def has_waiting(self) -> bool:
        """Whether a run waits in the queue."""
        return bool(queue.waiting_ids(self._db))

    def set_pid(self, claim: Claim, pid: int | None) -> None:
        """Notes which process trains a claimed run."""
        self._db.execute(
            "UPDATE run SET pid = ? WHERE id = ? AND attempt = ? AND state = 'running'", (pid, claim.id, claim.attempt)
        )

    def append(self, claim: Claim, records: Iterable[Record]) -> bool:
        """Adds records of a claimed run in one transaction; returns False where it is not running any more.

        Raises:
            ValueError: a step of a net that has not started, or norms that are not those of the net's nodes.
            sqlite3.OperationalError: the disk is full.
        """
        return writing.append(self._db, claim.id, claim.attempt, records)

    def note_versions(self, claim: Claim, versions: Mapping[str, str]) -> None:
        """Notes what programs and which machine a claimed run trains with."""
        with transaction(self._db):
            if (seq := attempts.running(self._db, claim.id, claim.attempt)) is not None:
                writing.note_versions(self._db, seq, claim.attempt, versions)

    def finish(self, claim: Claim, state: RunState, *, error: str = "") -> bool:
        """Brings a claimed run to its final state; returns False where it is not running any more."""
        return attempts.finish(self._db, claim.id, claim.attempt, state=state, error=error, now=self._clock())

    def retry(self, claim: Claim, *, error: str) -> None:
        """Gives a claimed attempt up: the run waits again, or has ended with `error` if no attempt is left."""
        attempts.retry(self._db, claim.id, claim.attempt, error=error, now=self._clock())

    def park(self, claim: Claim) -> None:
        """Takes a paused run's slot back: it is held until it is told to go on."""
        attempts.park(self._db, claim.id, claim.attempt, now=self._clock())

    def rewind(self, claim: Claim) -> Claim | None:
        """Begins a new attempt of a run that its worker has rewound; None where it is not running any more."""
        return attempts.reclaim(self._db, claim, folder=self._folder)

    def orders(self) -> tuple[Command, ...]:
        """Takes what was told to runs that train, oldest first."""
        return control.take_commands(self._db)

    def stand(self, claim: Claim, step: int | None) -> None:
        """Notes that a claimed run stands before a step, or goes on."""
        with transaction(self._db):
            if (seq := attempts.running(self._db, claim.id, claim.attempt)) is not None:
                control.set_standing(self._db, seq, step)

    def set_rate(self, claim: Claim, rate: RateChange) -> None:
        """Notes a learning rate that was set in a claimed run."""
        with transaction(self._db):
            if (seq := attempts.running(self._db, claim.id, claim.attempt)) is not None:
                control.set_rate(self._db, seq, claim.attempt, rate)

    def add_checkpoint(self, claim: Claim, step: int, num_bytes: int) -> None:
        """Notes that the checkpoint of a claimed run is there, and gives up those that are too many."""
        given_up = []
        with transaction(self._db):
            if (seq := attempts.running(self._db, claim.id, claim.attempt)) is not None:
                kept = Checkpoint(step=step, file=checkpoints.file_name(claim.id, claim.attempt, step))
                given_up = checkpoints.add(self._db, seq, claim.attempt, kept, num_bytes)
        for name in set(given_up) - checkpoints.known_files(self._db):  # a branch may have begun with one of them
            (self._folder / name).unlink(missing_ok=True)

    def sweep_files(self) -> None:
        """Deletes the files of checkpoints that no run has; young ones may belong to one that is about to be noted."""
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
        """Forgets a little of what is beyond the limits of retention; returns whether there was anything to do."""
        is_busy = writing.sweep(self._db) or room.retire(self._db, self._retention, now=self._clock())
        if not is_busy and self._clock() - self._swept > YOUNG_S:
            self._swept = self._clock()
            self.sweep_files()
        return is_busy

    def rest(self) -> None:
        """Moves the write-ahead log into the file and empties it, unless someone reads; for when nothing goes on."""
        patience_ms = self._db.execute("PRAGMA busy_timeout").fetchone()[0]
        self._db.execute("PRAGMA busy_timeout = 50")
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        self._db.execute(f"PRAGMA busy_timeout = {int(patience_ms)}")
