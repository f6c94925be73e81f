"""Attempts of runs: claimed by the daemon, begun anew, put aside, ended. Every function is one transaction.

A run whose worker is lost goes back to the queue, at most MAX_ATTEMPTS times without a new checkpoint; then it fails.
"""

import sqlite3
from pathlib import Path
from typing import Final

from resnet_viz.runs.run import Claim, HoldReason, RunState
from resnet_viz.runs.sql import checkpoints, control
from resnet_viz.runs.sql.checkpoints import Checkpoint
from resnet_viz.runs.sql.queue import waiting_ids
from resnet_viz.runs.sql.schema import transaction
from resnet_viz.training.step_gate import CheckpointSource

MAX_ATTEMPTS: Final = 3


def claim_next(db: sqlite3.Connection, *, folder: Path, now: float) -> Claim | None:
    """Takes the next run from the queue. None where nothing waits.

    One that has a checkpoint goes on from there, with the attempt that it is in; of others a new attempt begins.

    Args:
        db: the connection.
        folder: where checkpoints lie.
        now: the time.
    """
    with transaction(db):
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
    with transaction(db):
        seq = running(db, claim.id, claim.attempt)
        if seq is None:
            return None
        control.rewind(db, seq, claim.attempt)
        db.execute("UPDATE run SET attempt = attempt + 1 WHERE seq = ?", (seq,))
        return _claim(db, claim.id, seq, claim.attempt + 1, folder)


def running(db: sqlite3.Connection, run_id: str, attempt: int) -> int | None:
    """Returns the row of a run if this attempt of it is running."""
    found = db.execute(
        "SELECT seq FROM run WHERE id = ? AND attempt = ? AND state = 'running'", (run_id, attempt)
    ).fetchone()
    return None if found is None else int(found[0])


def park(db: sqlite3.Connection, run_id: str, attempt: int, *, now: float) -> None:
    """Takes a paused run's slot back: it is held until it is told to go on, or ends if it was cancelled meanwhile."""
    with transaction(db):
        seq = running(db, run_id, attempt)
        if seq is None:
            return
        cancelled = db.execute(
            "UPDATE run SET state = 'cancelled', ended = ?, pid = NULL WHERE seq = ? AND cancel = 1", (now, seq)
        )
        if cancelled.rowcount:
            control.clear_commands(db, seq)
        else:
            db.execute("UPDATE run SET state = 'queued', pid = NULL WHERE seq = ?", (seq,))
            if control.is_paused(db, seq):  # if not, it was told to go on a moment ago
                control.hold(db, seq, HoldReason.PAUSED)


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


def finish(db: sqlite3.Connection, run_id: str, attempt: int, *, state: RunState, error: str, now: float) -> bool:
    """Brings a running attempt to its final state; returns False where it is not running any more."""
    if not state.is_final:
        raise ValueError(f"{state} is not final")
    with transaction(db):
        changed = db.execute(
            "UPDATE run SET state = ?, error = ?, ended = ?, pid = NULL"
            " WHERE id = ? AND attempt = ? AND state = 'running'",
            (state.value, error, now, run_id, attempt),
        )
        if changed.rowcount == 1:
            control.clear_commands(db, db.execute("SELECT seq FROM run WHERE id = ?", (run_id,)).fetchone()[0])
        return changed.rowcount == 1


def retry(db: sqlite3.Connection, run_id: str, attempt: int, *, error: str, now: float) -> None:
    """Gives a running attempt up: back to the queue, or cancelled where asked for, or failed with `error`."""
    with transaction(db):
        _abandon(db, run_id, attempt, error=error, now=now)


def recover(db: sqlite3.Connection, *, is_recent: bool, now: float) -> None:
    """Gives up all running attempts: a new daemon knows that whoever trained them is gone.

    They go on by themselves where that was a moment ago, and not again and again; else they are marked interrupted.
    """
    with transaction(db):
        for run_id, attempt in db.execute("SELECT id, attempt FROM run WHERE state = 'running'").fetchall():
            _abandon(db, run_id, attempt, error=None, is_recent=is_recent, now=now)


def _abandon(
    db: sqlite3.Connection, run_id: str, attempt: int, *, error: str | None, now: float, is_recent: bool = True
) -> None:
    found = db.execute(
        "SELECT cancel, seq FROM run WHERE id = ? AND attempt = ? AND state = 'running'", (run_id, attempt)
    ).fetchone()
    if found is None:
        return
    seq = found[1]
    may_retry = control.count_loss(db, seq, attempt) < MAX_ATTEMPTS and is_recent
    if not found[0] and (may_retry or error is None):
        db.execute("UPDATE run SET state = 'queued', started = NULL, pid = NULL WHERE id = ?", (run_id,))
        if control.is_paused(db, seq):
            control.hold(db, seq, HoldReason.PAUSED)
        elif not may_retry:
            control.hold(db, seq, HoldReason.INTERRUPTED)
        return
    control.clear_commands(db, seq)
    state, sentence = (RunState.CANCELLED, "") if found[0] else (RunState.FAILED, error or "")
    db.execute(
        "UPDATE run SET state = ?, error = ?, ended = ?, pid = NULL WHERE id = ?",
        (state.value, sentence, now, run_id),
    )
