"""Retention: limits of the store, what is deleted first beyond them, and how rows of deleted runs are swept.

Beyond the limits go checkpoints first, then held runs, then runs that have ended. A pinned run stays.
"""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from resnet_viz.errors import QueueError
from resnet_viz.i18n import N_, _
from resnet_viz.runs.run import RunState
from resnet_viz.runs.sql import attempts, checkpoints, control
from resnet_viz.runs.sql.schema import transaction
from resnet_viz.training.recipe import net_titles

SWEPT_ROWS: Final = 2_000  # deleted at once, so that no other writer waits longer than some milliseconds

HELD_TOO_LONG: Final = N_(
    "This run was paused for long, and its checkpoints were deleted to make room. Its records are kept."
)

KEPT_VARIABLE: Final = "RESNET_VIZ_RUNS_KEPT"
SIZE_VARIABLE: Final = "RESNET_VIZ_RUNS_MB"
_MEGABYTE: Final = 1_000_000
_LONGEST_NUMBER: Final = 9

CLASS_OWNER: Final = "class:"  # begins the owner of each run of a class, which belongs to the class's room
CLASS_S: Final = 86_400.0  # for so long after its submission such a run is kept: as long as a room that is not used
_IS_OF_CLASS: Final = f"substr(owner, 1, {len(CLASS_OWNER)}) = '{CLASS_OWNER}' AND created > ?"

_REMEMBERED: Final = 50  # of the runs that were deleted to make room
_SWEEPS: Final = (
    "DELETE FROM probe WHERE rowid IN (SELECT rowid FROM probe WHERE run = ? LIMIT ?)",
    "DELETE FROM signal WHERE rowid IN (SELECT rowid FROM signal WHERE run = ? LIMIT ?)",
    "DELETE FROM step WHERE (run, attempt, net, step) IN"
    " (SELECT run, attempt, net, step FROM step WHERE run = ? LIMIT ?)",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class RetentionLimits:
    """Limits of the store.

    Attributes:
        finished_runs: number of runs that have ended; the oldest of more are deleted.
        used_bytes: size of the store's file; above it, the oldest run that has ended is deleted.
        checkpoint_bytes: size of all checkpoints; above it, those of the oldest run that has ended are deleted, then
            all but the newest of the held runs, and then the oldest held run ends.
        held_runs: number of paused or interrupted runs; of more, the oldest ends. Its records stay.

    Pinned, queued and running runs are never deleted or ended to make room, and do not count; nor do runs of a class
    on its day, which are counted by seeds while they come.
    """

    finished_runs: int = 200
    used_bytes: int = 500_000_000
    checkpoint_bytes: int = 500_000_000
    held_runs: int = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class RetiredRun:
    """A run that was deleted to make room.

    Attributes:
        name: given by its owner.
        nets: titles of its nets.
        created: when it was submitted, in seconds since 1970.
        at: when it was deleted, likewise.
    """

    name: str
    nets: tuple[str, ...]
    created: float
    at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class StorageUsage:
    """Disk space of the runs and its limits.

    Attributes:
        used_bytes: of the store's file.
        checkpoint_bytes: of the checkpoints beside it.
        limits: beyond which the oldest runs that have ended and are not pinned are deleted.
        retired: runs that were deleted to make room, newest deletion first.
    """

    used_bytes: int
    checkpoint_bytes: int
    limits: RetentionLimits
    retired: tuple[RetiredRun, ...]


def retention_limits(environ: Mapping[str, str]) -> RetentionLimits:
    """Returns the limits that the environment names: RESNET_VIZ_RUNS_KEPT runs, RESNET_VIZ_RUNS_MB megabytes."""
    default = RetentionLimits()
    return RetentionLimits(
        finished_runs=_whole(environ.get(KEPT_VARIABLE, ""), default.finished_runs),
        used_bytes=_whole(environ.get(SIZE_VARIABLE, ""), default.used_bytes // _MEGABYTE) * _MEGABYTE,
    )


def _whole(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else default


def usage(db: sqlite3.Connection, limits: RetentionLimits) -> StorageUsage:
    """Returns the disk space of the runs."""
    return StorageUsage(
        used_bytes=used_bytes(db),
        checkpoint_bytes=checkpoints.num_bytes(db),
        limits=limits,
        retired=_retired_runs(db),
    )


def used_bytes(db: sqlite3.Connection) -> int:
    """Returns the used bytes of the store's file; space that deleted runs have freed is not counted."""
    pages, free, page_bytes = (
        db.execute(f"PRAGMA {word}").fetchone()[0] for word in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * page_bytes)


def delete(db: sqlite3.Connection, run_id: str) -> None:
    """Marks a run that has ended as deleted.

    Raises:
        QueueError: it is queued or running.
    """
    with transaction(db):
        found = db.execute("SELECT seq, state FROM run WHERE id = ?", (run_id,)).fetchone()
        if found is None:
            return
        if not RunState(found[1]).is_final:
            raise QueueError(_("A queued or running run cannot be deleted. Stop it first."))
        mark_deleted(db, found[0])


def sweep(db: sqlite3.Connection) -> bool:
    """Deletes some rows of deleted runs; returns whether there was anything to do."""
    with transaction(db):
        found = db.execute("SELECT min(run) FROM doomed").fetchone()[0]
        if found is None:
            return False
        if not sum(db.execute(delete_some, (found, SWEPT_ROWS)).rowcount for delete_some in _SWEEPS):
            db.execute("DELETE FROM doomed WHERE run = ?", (found,))
    return True


def mark_deleted(db: sqlite3.Connection, seq: int) -> None:
    """Marks a run as deleted, inside the caller's transaction; its rows are swept later."""
    db.execute("INSERT INTO doomed(run) VALUES (?)", (seq,))
    db.execute("DELETE FROM net WHERE run = ?", (seq,))
    db.execute("DELETE FROM mark WHERE run = ?", (seq,))
    db.execute("DELETE FROM made_with WHERE run = ?", (seq,))
    db.execute("DELETE FROM run WHERE seq = ?", (seq,))
    control.delete_rows(db, seq)


def retire(db: sqlite3.Connection, retention: RetentionLimits, *, now: float) -> bool:
    """Deletes or ends the oldest of what exceeds one of the limits; returns whether there was anything to do."""
    with transaction(db):
        if _drop_checkpoints(db, retention.checkpoint_bytes):
            return True
        held = _oldest_held(db, most=retention.held_runs, most_bytes=retention.checkpoint_bytes)
        if held is not None:
            attempts.finish(db, held, state=RunState.FAILED, error=HELD_TOO_LONG, now=now)
            return True
        oldest = db.execute(
            "SELECT min(seq), count(*) FROM run WHERE state IN ('done', 'failed', 'cancelled')"  # noqa: S608
            f" AND seq NOT IN (SELECT run FROM mark WHERE is_pinned) AND NOT ({_IS_OF_CLASS})",
            (now - CLASS_S,),
        ).fetchone()
        # While rows of a deleted run are still being swept the file says nothing about those that stay.
        is_swept = db.execute("SELECT count(*) FROM doomed").fetchone()[0] == 0
        is_large = is_swept and used_bytes(db) > retention.used_bytes
        if oldest[0] is None or not (oldest[1] > retention.finished_runs or is_large):
            return False
        labels, recipe = db.execute("SELECT labels, recipe FROM run WHERE seq = ?", (oldest[0],)).fetchone()
        titles = net_titles(json.loads(recipe), tuple(json.loads(labels)))
        db.execute(
            "INSERT INTO forgotten SELECT seq, name, ?, created, ? FROM run WHERE seq = ?",
            (json.dumps(titles), now, oldest[0]),
        )
        db.execute(
            "DELETE FROM forgotten WHERE seq NOT IN (SELECT seq FROM forgotten ORDER BY at DESC, seq DESC LIMIT ?)",
            (_REMEMBERED,),
        )
        mark_deleted(db, oldest[0])
    return True


def _drop_checkpoints(db: sqlite3.Connection, most_bytes: int) -> bool:
    """Deletes checkpoints if there are too many bytes of them; returns whether it did.

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
    """Returns the oldest held run that is not pinned if there are too many, or too many bytes of checkpoints."""
    held = "FROM control h JOIN run r ON r.seq = h.run WHERE h.hold <> '' AND r.state = 'queued'"
    oldest, count = db.execute(
        f"SELECT min(r.seq), count(*) {held} AND r.seq NOT IN (SELECT run FROM mark WHERE is_pinned)"  # noqa: S608
    ).fetchone()
    used = db.execute("SELECT sum(bytes) FROM checkpoint").fetchone()[0] or 0
    return int(oldest) if oldest is not None and (count > most or used > most_bytes) else None


def _retired_runs(db: sqlite3.Connection) -> tuple[RetiredRun, ...]:
    rows = db.execute("SELECT name, labels, created, at FROM forgotten ORDER BY at DESC, seq DESC")
    return tuple(
        RetiredRun(name=name, nets=tuple(json.loads(titles)), created=created, at=at)
        for name, titles, created, at in rows
    )
