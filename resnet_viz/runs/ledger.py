"""Ledger: the daemon's side of the store. One connection for the daemon's life; use it from one thread."""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self

from resnet_viz.runs import queue, writing
from resnet_viz.runs.run import Claim, RunState
from resnet_viz.runs.schema import open_to_write
from resnet_viz.runs.writing import Retention
from resnet_viz.training.records import Record


class Ledger:
    """Takes runs from the queue, writes their records, brings them to an end, forgets the oldest."""

    def __init__(
        self, path: Path, *, clock: Callable[[], float] = time.time, retention: Retention | None = None
    ) -> None:
        self._clock = clock
        self._retention = retention or writing.retention(os.environ)
        self._db = open_to_write(path)

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

    def recover(self, *, error: str) -> None:
        """Gives up all running attempts, whose trainers are gone: each waits again, or has ended.

        Args:
            error: the sentence for runs that have no attempt left.
        """
        queue.recover(self._db, error=error, now=self._clock())

    def claim_next(self) -> Claim | None:
        """Takes the next run from the queue, in fair order; None where nothing waits."""
        return queue.claim_next(self._db, now=self._clock())

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

    def finish(self, claim: Claim, state: RunState, *, error: str = "") -> bool:
        """Brings a claimed run to its final state; returns False where it is not running any more."""
        return queue.finish(self._db, claim.id, claim.attempt, state=state, error=error, now=self._clock())

    def retry(self, claim: Claim, *, error: str) -> None:
        """Gives a claimed attempt up: the run waits again, or has ended with `error` if no attempt is left."""
        queue.retry(self._db, claim.id, claim.attempt, error=error, now=self._clock())

    def cancelled_running(self) -> frozenset[str]:
        """Returns the ids of running runs that were asked to stop."""
        rows = self._db.execute("SELECT id FROM run WHERE state = 'running' AND cancel = 1")
        return frozenset(run_id for (run_id,) in rows)

    def tidy(self) -> bool:
        """Forgets a little of what is beyond the limits of retention; returns whether there was anything to do."""
        return writing.sweep(self._db) or writing.retire(self._db, self._retention, now=self._clock())

    def rest(self) -> None:
        """Moves the write-ahead log into the file and empties it, unless someone reads; for when nothing goes on."""
        patience_ms = self._db.execute("PRAGMA busy_timeout").fetchone()[0]
        self._db.execute("PRAGMA busy_timeout = 50")
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        self._db.execute(f"PRAGMA busy_timeout = {int(patience_ms)}")
