"""Checkpoints of runs: rows that name the files beside the store which workers write.

The functions with a connection expect to be called inside a transaction.
"""

import json
import sqlite3
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

MOST_CHECKPOINTS: Final = 12  # of a run
MOST_BYTES: Final = 128 << 20  # of a run's checkpoints; the newest is kept even where it alone has more


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """A file from which a run can go on.

    Attributes:
        step: the next step.
        file: its name in the folder of checkpoints.
        sources: for each net of the run, the place of the file's net that it goes on from; None: the same place.
    """

    step: int
    file: str
    sources: tuple[int, ...] | None = None


def folder(store: Path) -> Path:
    """Returns the folder of a store's checkpoints, which need not exist."""
    return store.with_name(f"{store.stem}.checkpoints")


def file_name(run_id: str, attempt: int, step: int) -> str:
    """Returns the name of a checkpoint's file."""
    return f"{run_id}-{attempt}-{step}.pt"


def add(db: sqlite3.Connection, seq: int, attempt: int, checkpoint: Checkpoint, num_bytes: int) -> list[str]:
    """Records a checkpoint and returns the files of those that are dropped for it."""
    sources = None if checkpoint.sources is None else json.dumps(checkpoint.sources)
    newest = db.execute("SELECT max(step) FROM checkpoint WHERE run = ? AND attempt = ?", (seq, attempt)).fetchone()[0]
    db.execute(
        "INSERT OR IGNORE INTO checkpoint VALUES (?, ?, ?, ?, ?, ?)",
        (seq, attempt, checkpoint.step, num_bytes, checkpoint.file, sources),
    )
    if newest is not None and checkpoint.step > newest:
        db.execute("UPDATE control SET losses = 0 WHERE run = ?", (seq,))
    return _thin(db, seq, attempt)


def of_attempt(db: sqlite3.Connection, seq: int, attempt: int) -> tuple[Checkpoint, ...]:
    """Returns the checkpoints of an attempt, newest first."""
    rows = db.execute(
        "SELECT step, file, sources FROM checkpoint WHERE run = ? AND attempt = ? ORDER BY step DESC", (seq, attempt)
    )
    return tuple(
        Checkpoint(step=step, file=file, sources=None if sources is None else tuple(json.loads(sources)))
        for step, file, sources in rows
    )


def origin(found: tuple[Checkpoint, ...]) -> Checkpoint | None:
    """Returns the checkpoint of another run that a branch began with."""
    return next((checkpoint for checkpoint in found if checkpoint.sources is not None), None)


def known_files(db: sqlite3.Connection) -> frozenset[str]:
    """Returns the names of all checkpoints' files."""
    return frozenset(name for (name,) in db.execute("SELECT DISTINCT file FROM checkpoint"))


def _thin(db: sqlite3.Connection, seq: int, attempt: int) -> list[str]:
    """Drops checkpoints until they are few and small enough: first the one closest before its successor.

    The newest stays, and so does the one that a branch began with. Returns the files of those dropped.
    """
    rows = db.execute(
        "SELECT step, bytes, file, sources FROM checkpoint WHERE run = ? AND attempt = ? ORDER BY step", (seq, attempt)
    ).fetchall()
    dropped = []
    while len(rows) > MOST_CHECKPOINTS or sum(row[1] for row in rows) > MOST_BYTES:
        gaps = [(after[0] - row[0], row) for row, after in pairwise(rows) if row[3] is None]
        if not gaps:
            break
        _gap, closest = min(gaps, key=lambda entry: entry[0])
        rows.remove(closest)
        db.execute("DELETE FROM checkpoint WHERE run = ? AND attempt = ? AND step = ?", (seq, attempt, closest[0]))
        dropped.append(closest[2])
    return dropped


def num_bytes(db: sqlite3.Connection) -> int:
    """Returns the total size of all checkpoint files; one that a later attempt kept is counted once."""
    files = "SELECT DISTINCT file, bytes FROM checkpoint"
    return int(db.execute(f"SELECT coalesce(sum(bytes), 0) FROM ({files})").fetchone()[0])  # noqa: S608
