"""Annotations of runs: pin, name, note, origin of an imported run. Every writer is one transaction."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from resnet_viz.errors import QueueError
from resnet_viz.i18n import _
from resnet_viz.runs.formats.json_import import ImportedRun
from resnet_viz.runs.run import new_id
from resnet_viz.runs.sql import steps
from resnet_viz.runs.sql.queue import LONGEST_NAME, LONGEST_OWNER
from resnet_viz.runs.sql.schema import transaction
from resnet_viz.training.recipe import to_json

LONGEST_NOTE: Final = 1_000  # characters
_ROW_BYTES: Final = 64  # of a step without norms, its key in the tree included
_PROBE_BYTES: Final = 40  # of a probe beside its norms


@dataclass(frozen=True, kw_only=True, slots=True)
class Annotation:
    """Pin, note, origin and size of a run.

    Attributes:
        is_pinned: whether retention leaves it alone.
        note: text of its owner.
        origin: the run's id on the machine that it was imported from; empty for one of this machine.
        num_bytes: approximate size of its records and checkpoints.
    """

    is_pinned: bool = False
    note: str = ""
    origin: str = ""
    num_bytes: int = 0


def annotations_of(db: sqlite3.Connection, ids: Sequence[str]) -> dict[str, Annotation]:
    """Returns the annotations of each of these runs that exists."""
    found = {}
    for run_id in ids:
        row = db.execute(
            "SELECT r.seq, m.is_pinned, m.note, m.origin FROM run r LEFT JOIN mark m ON m.run = r.seq WHERE r.id = ?",
            (run_id,),
        ).fetchone()
        if row is not None:
            seq, is_pinned, note, origin = row
            found[run_id] = Annotation(
                is_pinned=bool(is_pinned), note=note or "", origin=origin or "", num_bytes=_run_bytes(db, seq)
            )
    return found


def pinned_ids(db: sqlite3.Connection) -> frozenset[str]:
    """Returns the ids of all pinned runs."""
    rows = db.execute("SELECT r.id FROM mark m JOIN run r ON r.seq = m.run WHERE m.is_pinned")
    return frozenset(run_id for (run_id,) in rows)


def pin(db: sqlite3.Connection, run_id: str, *, is_pinned: bool) -> None:
    """Pins or unpins a run."""
    with transaction(db):
        db.execute(
            "INSERT INTO mark(run, is_pinned) VALUES (?, ?)"
            " ON CONFLICT(run) DO UPDATE SET is_pinned = excluded.is_pinned",
            (_seq(db, run_id), int(is_pinned)),
        )


def rename(db: sqlite3.Connection, run_id: str, *, name: str, note: str) -> None:
    """Sets the name and the note of a run; an empty text removes one."""
    with transaction(db):
        seq = _seq(db, run_id)
        db.execute("UPDATE run SET name = ? WHERE seq = ?", (one_line(name)[:LONGEST_NAME], seq))
        db.execute(
            "INSERT INTO mark(run, note) VALUES (?, ?) ON CONFLICT(run) DO UPDATE SET note = excluded.note",
            (seq, note.strip()[:LONGEST_NOTE]),
        )


def import_run(db: sqlite3.Connection, run: ImportedRun, *, owner: str, now: float) -> str:
    """Adds a run that trained elsewhere and returns its new id."""
    run_id = new_id()
    recipe = json.dumps(to_json(run.recipe), separators=(",", ":"))
    with transaction(db):
        seq = db.execute(
            "INSERT INTO run(id, owner, name, recipe, labels, state, created, started, ended, attempt, error)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)",
            (
                run_id,
                owner[:LONGEST_OWNER],
                run.name,
                recipe,
                json.dumps(run.recipe.labels),
                run.state.value,
                now if run.created is None else run.created,
                run.started,
                run.ended,
                run.error,
            ),
        ).lastrowid
        if seq is None:
            raise sqlite3.OperationalError("the run has no number")
        steps.append(db, seq, 1, run.records)
        steps.note_versions(db, seq, 1, run.versions)
        db.execute("INSERT INTO mark(run, note, origin) VALUES (?, ?, ?)", (seq, run.note, run.origin))
    return run_id


def one_line(text: str) -> str:
    """Returns a text without line breaks, control characters and doubled spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _seq(db: sqlite3.Connection, run_id: str) -> int:
    found = db.execute("SELECT seq FROM run WHERE id = ?", (run_id,)).fetchone()
    if found is None:
        raise QueueError(_("There is no run {id} on this machine; it may have been deleted.").format(id=run_id))
    return int(found[0])


def _run_bytes(db: sqlite3.Connection, seq: int) -> int:
    rows = db.execute("SELECT count(*) FROM step WHERE run = ?", (seq,)).fetchone()[0]
    probes, blobs = db.execute(
        "SELECT count(*), coalesce(sum(coalesce(length(grad_norm), 0) + coalesce(length(block_grad_norm), 0)"
        " + coalesce(length(update_ratio), 0)), 0) FROM probe WHERE run = ?",
        (seq,),
    ).fetchone()
    signals = db.execute(
        "SELECT coalesce(sum(coalesce(length(activation_std), 0) + coalesce(length(branch_share), 0)), 0)"
        " FROM signal WHERE run = ?",
        (seq,),
    ).fetchone()[0]
    checkpoints = db.execute("SELECT coalesce(sum(bytes), 0) FROM checkpoint WHERE run = ?", (seq,)).fetchone()[0]
    return int(rows * _ROW_BYTES + probes * _PROBE_BYTES + blobs + signals + checkpoints)
