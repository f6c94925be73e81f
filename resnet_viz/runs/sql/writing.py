"""Records into the store, and old runs out of it. Every function is one transaction on an open connection."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, assert_never

from resnet_viz.errors import QueueError
from resnet_viz.i18n import _
from resnet_viz.runs.run import RunState
from resnet_viz.runs.sql import control
from resnet_viz.runs.sql.schema import number, pack, transaction
from resnet_viz.training.records import NetEnded, NetStarted, Record, Step

SWEPT_ROWS: Final = 2_000  # deleted in one go, so that no other writer waits longer than some milliseconds

KEPT_VARIABLE: Final = "RESNET_VIZ_RUNS_KEPT"
SIZE_VARIABLE: Final = "RESNET_VIZ_RUNS_MB"
_MEGABYTE: Final = 1_000_000
_LONGEST_NUMBER: Final = 9

_SWEEPS: Final = (
    "DELETE FROM probe WHERE rowid IN (SELECT rowid FROM probe WHERE run = ? LIMIT ?)",
    "DELETE FROM signal WHERE rowid IN (SELECT rowid FROM signal WHERE run = ? LIMIT ?)",
    "DELETE FROM step WHERE (run, attempt, net, step) IN"
    " (SELECT run, attempt, net, step FROM step WHERE run = ? LIMIT ?)",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class RetentionLimits:
    """How much of the past is kept.

    Attributes:
        finished_runs: newest runs that have ended; older ones are deleted.
        used_bytes: of the store's file; above it, the oldest run that has ended is deleted.
        checkpoint_bytes: of all checkpoints; above it, those of the oldest run that has ended are given up, then all
            but the newest of those that are held, and then the oldest that is held ends.
        held_runs: runs that are paused or interrupted; of more, the oldest ends. What it recorded stays.

    A run that is pinned, waits or trains is never deleted or ended to make room, and does not count.
    """

    finished_runs: int = 200
    used_bytes: int = 500_000_000
    checkpoint_bytes: int = 500_000_000
    held_runs: int = 50


def retention_limits(environ: Mapping[str, str]) -> RetentionLimits:
    """Returns the limits that the environment names: RESNET_VIZ_RUNS_KEPT runs, RESNET_VIZ_RUNS_MB megabytes."""
    default = RetentionLimits()
    return RetentionLimits(
        finished_runs=_whole(environ.get(KEPT_VARIABLE, ""), default.finished_runs),
        used_bytes=_whole(environ.get(SIZE_VARIABLE, ""), default.used_bytes // _MEGABYTE) * _MEGABYTE,
    )


def _whole(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else default


def used_bytes(db: sqlite3.Connection) -> int:
    """Returns how much of the store's file is in use; what deleted runs have left free is not counted."""
    pages, free, page_bytes = (
        db.execute(f"PRAGMA {word}").fetchone()[0] for word in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * page_bytes)


def append(db: sqlite3.Connection, run_id: str, attempt: int, records: Iterable[Record]) -> bool:
    """Adds records of a running attempt; returns False and adds nothing where it is not running any more.

    A step that is there already stays as it is: what was shown once is never changed.

    Raises:
        ValueError: a step of a net that has not started, or norms that are not those of the net's nodes.
    """
    with transaction(db):
        found = db.execute(
            "SELECT seq FROM run WHERE id = ? AND attempt = ? AND state = 'running'", (run_id, attempt)
        ).fetchone()
        if found is None:
            return False
        _Attempt(db, found[0], attempt).append(records)
    return True


def append_imported(db: sqlite3.Connection, seq: int, attempt: int, records: Iterable[Record]) -> None:
    """Adds all records of an attempt that did not train here, inside the caller's transaction.

    Raises:
        ValueError: a step of a net that has not started, or norms that are not those of the net's nodes.
    """
    _Attempt(db, seq, attempt).append(records)


def note_versions(db: sqlite3.Connection, seq: int, attempt: int, versions: Mapping[str, str]) -> None:
    """Notes what an attempt is made with, inside the caller's transaction; of several times the last counts."""
    if versions:
        db.execute("INSERT OR REPLACE INTO made_with VALUES (?, ?, ?)", (seq, attempt, json.dumps(dict(versions))))


class _Attempt:
    """The rows of one attempt while a batch of records is added to them."""

    def __init__(self, db: sqlite3.Connection, seq: int, attempt: int) -> None:
        self._db, self._key = db, (seq, attempt)
        self._nets: dict[str, tuple[int, list[str], list[str]]] = {  # label -> position, convs, blocks
            label: (position, json.loads(convs), json.loads(blocks))
            for label, position, convs, blocks in db.execute(
                "SELECT label, position, convs, blocks FROM net WHERE run = ? AND attempt = ?", self._key
            )
        }

    def append(self, records: Iterable[Record]) -> None:
        steps: list[tuple[object, ...]] = []
        probes: list[tuple[object, ...]] = []
        signals: list[tuple[object, ...]] = []
        for record in records:
            match record:
                case NetStarted():
                    self._start(record)
                case Step():
                    steps.append(self._step(record))
                    if record.grad_norm or record.block_grad_norm or record.update_ratio:
                        probes.append(self._probe(record))
                    if record.activation_std or record.branch_share:
                        signals.append(self._signal(record))
                case NetEnded():
                    self._end(record)
                case _:
                    assert_never(record)
        self._db.executemany("INSERT OR IGNORE INTO step VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", steps)
        self._db.executemany("INSERT OR IGNORE INTO probe VALUES (?, ?, ?, ?, ?, ?, ?)", probes)
        self._db.executemany("INSERT OR IGNORE INTO signal VALUES (?, ?, ?, ?, ?, ?)", signals)

    def _start(self, record: NetStarted) -> None:
        if record.net in self._nets:
            return
        position = len(self._nets)
        self._nets[record.net] = (position, list(record.convs), list(record.blocks))
        self._db.execute(
            "INSERT INTO net(run, attempt, position, label, params, macs, device, convs, blocks)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *self._key,
                position,
                record.net,
                record.params,
                record.macs,
                record.device,
                json.dumps(record.convs),
                json.dumps(record.blocks),
            ),
        )

    def _end(self, record: NetEnded) -> None:
        self._db.execute(
            "UPDATE net SET ending = ?, sentence = ? WHERE run = ? AND attempt = ? AND position = ? AND ending IS NULL",
            (record.ending.value, record.sentence, *self._key, self._net(record.net)[0]),
        )

    def _step(self, record: Step) -> tuple[object, ...]:
        tested = (None if v is None else number(v) for v in (record.test_loss, record.test_accuracy))
        told = (record.loss, record.accuracy, record.lr, record.images_per_s, record.seconds)
        return (*self._key, self._net(record.net)[0], record.step, *map(number, told), *tested)

    def _probe(self, record: Step) -> tuple[object, ...]:
        position, convs, blocks = self._net(record.net)
        norms = (
            _blob(record.grad_norm, convs),
            _blob(record.block_grad_norm, blocks),
            _blob(record.update_ratio, convs),
        )
        return (*self._key, position, record.step, *norms)

    def _signal(self, record: Step) -> tuple[object, ...]:
        position, _convs, blocks = self._net(record.net)
        found = (_blob(record.activation_std, blocks), _blob(record.branch_share, blocks))
        return (*self._key, position, record.step, *found)

    def _net(self, label: str) -> tuple[int, list[str], list[str]]:
        if label not in self._nets:
            raise ValueError(f"record of a net that has not started: {label!r}")
        return self._nets[label]


def _blob(norms: Mapping[str, float], names: list[str]) -> bytes | None:
    if not norms:
        return None
    if len(norms) != len(names) or any(name not in norms for name in names):
        raise ValueError("norms must have exactly one value for each of the net's nodes")
    return pack([norms[name] for name in names])


def delete(db: sqlite3.Connection, run_id: str) -> None:
    """Takes a run that has ended out of sight; its rows are swept later.

    Raises:
        QueueError: it waits or trains.
    """
    with transaction(db):
        found = db.execute("SELECT seq, state FROM run WHERE id = ?", (run_id,)).fetchone()
        if found is None:
            return
        if not RunState(found[1]).is_final:
            raise QueueError(_("A run that waits or trains cannot be deleted. Stop it first."))
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
    """Takes a run out of sight, inside the caller's transaction; its rows are swept later."""
    db.execute("INSERT INTO doomed(run) VALUES (?)", (seq,))
    db.execute("DELETE FROM net WHERE run = ?", (seq,))
    db.execute("DELETE FROM mark WHERE run = ?", (seq,))
    db.execute("DELETE FROM made_with WHERE run = ?", (seq,))
    db.execute("DELETE FROM run WHERE seq = ?", (seq,))
    control.delete_rows(db, seq)
