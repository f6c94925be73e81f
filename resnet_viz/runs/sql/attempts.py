"""Attempts of runs: claimed by the daemon, rewound, parked, abandoned, finished. All inside the caller's transaction.

A run that loses its worker is queued again, at most MAX_ATTEMPTS times without a new checkpoint; then it fails.
"""

import sqlite3
from pathlib import Path
from typing import Final

from resnet_viz.runs.run import Claim, HoldReason, RunState
from resnet_viz.runs.sql import checkpoints, control
from resnet_viz.runs.sql.checkpoints import Checkpoint
from resnet_viz.runs.sql.queue import waiting_ids
from resnet_viz.training.step_gate import CheckpointSource

MAX_ATTEMPTS: Final = 3


def claim_next(db: sqlite3.Connection, *, folder: Path, now: float) -> Claim | None:
    """Claims the next run of the queue; None where it is empty.

    A run with a checkpoint goes on from there in its attempt; of others a new attempt begins.

    Args:
        db: the connection.
        folder: of the checkpoints.
        now: the time.
    """
    order = waiting_ids(db)
    if not order:
        return None
    seq, attempt = db.execute("SELECT seq, attempt FROM run WHERE id = ?", (order[0],)).fetchone()
    found = [c for c in checkpoints.of_attempt(db, seq, attempt) if c.step > 0 or c.sources]
    if not found:
        attempt += 1
    db.execute(
        "UPDATE run SET state = 'running', attempt = ?, started = ?, pid = NULL WHERE id = ?",
        (attempt, now, order[0]),
    )
    return _claim(db, order[0], seq, attempt, folder)


def reclaim(db: sqlite3.Connection, claim: Claim, *, folder: Path) -> Claim | None:
    """Begins a new attempt of a run that its worker has rewound; None where it is not running any more."""
    seq = running(db, claim)
    if seq is None:
        return None
    control.rewind(db, seq, claim.attempt)
    db.execute("UPDATE run SET attempt = attempt + 1 WHERE seq = ?", (seq,))
    return _claim(db, claim.id, seq, claim.attempt + 1, folder)


def _claim(db: sqlite3.Connection, run_id: str, seq: int, attempt: int, folder: Path) -> Claim:
    found = checkpoints.of_attempt(db, seq, attempt)
    origin = checkpoints.origin(found)
    newest = [c for c in found if c.step > 0 and c.sources is None]
    start = None
    if newest:
        start = CheckpointSource(files=tuple(folder / c.file for c in newest))
    elif origin is not None:
        start = _start(origin, folder)
    control.note_resumed(db, seq, newest[0].step if newest else None)
    recipe, owner = db.execute("SELECT recipe, owner FROM run WHERE seq = ?", (seq,)).fetchone()
    return Claim(
        id=run_id,
        attempt=attempt,
        recipe_json=recipe,
        start=start,
        origin=None if origin is None else _start(origin, folder),
        rates=control.rates(db, seq, attempt),
        is_paused=control.is_paused(db, seq),
        owner=owner,
    )


def _start(origin: Checkpoint, folder: Path) -> CheckpointSource:
    return CheckpointSource(files=(folder / origin.file,), sources=origin.sources)


def running(db: sqlite3.Connection, claim: Claim) -> int | None:
    """Returns the row of a claimed run if this attempt of it is running."""
    found = db.execute(
        "SELECT seq FROM run WHERE id = ? AND attempt = ? AND state = 'running'", (claim.id, claim.attempt)
    ).fetchone()
    return None if found is None else int(found[0])


def set_pid(db: sqlite3.Connection, seq: int, pid: int | None) -> None:
    """Records the process that trains a run."""
    db.execute("UPDATE run SET pid = ? WHERE seq = ?", (pid, seq))


def park(db: sqlite3.Connection, seq: int, *, now: float) -> None:
    """Takes a paused run's slot back: it is held until it is continued, or ends if it was cancelled meanwhile."""
    if _is_cancelled(db, seq):
        finish(db, seq, state=RunState.CANCELLED, error="", now=now)
        return
    db.execute("UPDATE run SET state = 'queued', pid = NULL WHERE seq = ?", (seq,))
    if control.is_paused(db, seq):  # if not, it was continued a moment ago
        control.hold(db, seq, HoldReason.PAUSED)


def finish(db: sqlite3.Connection, seq: int, *, state: RunState, error: str, now: float) -> None:
    """Brings a run to its final state."""
    if not state.is_final:
        raise ValueError(f"{state} is not final")
    control.clear_commands(db, seq)
    db.execute(
        "UPDATE run SET state = ?, error = ?, ended = ?, pid = NULL WHERE seq = ?", (state.value, error, now, seq)
    )


def recover(db: sqlite3.Connection, *, is_recent: bool, now: float) -> None:
    """Abandons all running attempts: a new daemon knows that their workers are gone.

    They go on by themselves where that was a moment ago, and not again and again; else they are marked interrupted.
    """
    for seq, attempt in db.execute("SELECT seq, attempt FROM run WHERE state = 'running'").fetchall():
        abandon(db, seq, attempt, error=None, is_recent=is_recent, now=now)


def abandon(
    db: sqlite3.Connection, seq: int, attempt: int, *, error: str | None, now: float, is_recent: bool = True
) -> None:
    """Abandons a running attempt: the run is queued again, cancelled where asked for, or fails with `error`.

    Without an error a run that may not be tried again is held as interrupted.
    """
    may_retry = control.count_loss(db, seq, attempt) < MAX_ATTEMPTS and is_recent
    if _is_cancelled(db, seq):
        finish(db, seq, state=RunState.CANCELLED, error="", now=now)
    elif not may_retry and error is not None:
        finish(db, seq, state=RunState.FAILED, error=error, now=now)
    else:
        db.execute("UPDATE run SET state = 'queued', started = NULL, pid = NULL WHERE seq = ?", (seq,))
        if control.is_paused(db, seq):
            control.hold(db, seq, HoldReason.PAUSED)
        elif not may_retry:
            control.hold(db, seq, HoldReason.INTERRUPTED)


def _is_cancelled(db: sqlite3.Connection, seq: int) -> bool:
    return bool(db.execute("SELECT cancel FROM run WHERE seq = ?", (seq,)).fetchone()[0])
