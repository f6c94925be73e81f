"""Room for new runs: what goes first where there is too much. Checkpoints, then runs put aside, then ended runs."""

import sqlite3
from typing import Final

from resnet_viz.runs import messages
from resnet_viz.runs.sql import control, writing
from resnet_viz.runs.sql.schema import transaction
from resnet_viz.runs.sql.writing import RetentionLimits

_REMEMBERED: Final = 50  # of the runs that were deleted to make room


def retire(db: sqlite3.Connection, retention: RetentionLimits, *, now: float) -> bool:
    """Takes the oldest ended run that is not pinned out of sight if there is too much; returns whether it did."""
    with transaction(db):
        if _drop_checkpoints(db, retention.checkpoint_bytes):
            return True
        held = _oldest_held(db, most=retention.held_runs, most_bytes=retention.checkpoint_bytes)
        if held is not None:
            _end_held(db, held, now=now)
            return True
        oldest = db.execute(
            "SELECT min(seq), count(*) FROM run WHERE state IN ('done', 'failed', 'cancelled')"
            " AND seq NOT IN (SELECT run FROM mark WHERE is_pinned)"
        ).fetchone()
        # While rows of a deleted run are still being swept the file says nothing about those that stay.
        is_swept = db.execute("SELECT count(*) FROM doomed").fetchone()[0] == 0
        is_large = is_swept and writing.used_bytes(db) > retention.used_bytes
        if oldest[0] is None or not (oldest[1] > retention.finished_runs or is_large):
            return False
        db.execute(
            "INSERT INTO forgotten SELECT seq, name, labels, created, ? FROM run WHERE seq = ?", (now, oldest[0])
        )
        db.execute(
            "DELETE FROM forgotten WHERE seq NOT IN (SELECT seq FROM forgotten ORDER BY at DESC, seq DESC LIMIT ?)",
            (_REMEMBERED,),
        )
        writing.mark_deleted(db, oldest[0])
    return True


def _end_held(db: sqlite3.Connection, seq: int, *, now: float) -> None:
    control.clear_commands(db, seq)
    db.execute(
        "UPDATE run SET state = 'failed', error = ?, ended = ? WHERE seq = ?", (messages.HELD_TOO_LONG, now, seq)
    )


def _drop_checkpoints(db: sqlite3.Connection, most_bytes: int) -> bool:
    """Gives up checkpoints if there are too many bytes of them; returns whether it did.

    Those of the oldest run that has ended go first; then all but the newest of the oldest run that is held.
    """
    if (db.execute("SELECT sum(bytes) FROM checkpoint").fetchone()[0] or 0) <= most_bytes:
        return False
    oldest = db.execute(
        "SELECT min(c.run) FROM checkpoint c JOIN run r ON r.seq = c.run"
        " WHERE r.state IN ('done', 'failed', 'cancelled') AND c.bytes > 0"
    ).fetchone()[0]
    if oldest is not None:
        db.execute("DELETE FROM checkpoint WHERE run = ?", (oldest,))
        return True
    spare = (
        "SELECT c.run, c.attempt, c.step FROM checkpoint c JOIN control h ON h.run = c.run JOIN run r ON r.seq = c.run"
        " WHERE h.hold <> '' AND c.bytes > 0 AND EXISTS (SELECT 1 FROM checkpoint later WHERE later.run = c.run"
        " AND later.attempt = r.attempt AND later.step > c.step AND later.bytes > 0) ORDER BY c.run, c.step LIMIT 1"
    )
    found = db.execute(spare).fetchone()
    if found is not None:
        db.execute("DELETE FROM checkpoint WHERE run = ? AND attempt = ? AND step = ?", found)
    return found is not None


def _oldest_held(db: sqlite3.Connection, *, most: int, most_bytes: int) -> int | None:
    """Returns the oldest run that is held and not pinned if there are too many, or too many bytes of checkpoints."""
    held = "FROM control h JOIN run r ON r.seq = h.run WHERE h.hold <> '' AND r.state = 'queued'"
    oldest, count = db.execute(
        f"SELECT min(r.seq), count(*) {held} AND r.seq NOT IN (SELECT run FROM mark WHERE is_pinned)"  # noqa: S608
    ).fetchone()
    used = db.execute("SELECT sum(bytes) FROM checkpoint").fetchone()[0] or 0
    return int(oldest) if oldest is not None and (count > most or used > most_bytes) else None
