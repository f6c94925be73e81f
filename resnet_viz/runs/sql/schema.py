"""The store's file: its tables, version by version, and how it is opened.

One SQLite file in WAL mode, synchronous=NORMAL: a commit survives the death of any process; a power cut may undo the
last commits, never corrupt the file. Not for network file systems, which WAL does not support.

A later version adds tables and leaves those before it as they were. Readers of an older file see the missing tables
empty; the first writer adds them.

Numbers: SQLite turns NaN into NULL, so NaN is kept as the text "nan"; `float()` reads both. Norms are BLOBs of
little-endian float64 in the order of the net's convs or blocks, in a table of their own, so that reading curves does
not drag them along.
"""

import math
import sqlite3
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final, TypeVar

from resnet_viz.errors import QueueError
from resnet_viz.i18n import _

VERSION: Final = 3

_FIRST: Final = """
CREATE TABLE IF NOT EXISTS run(
    seq INTEGER PRIMARY KEY AUTOINCREMENT, -- order of submission; never used twice, rows of a deleted run may linger
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    recipe TEXT NOT NULL,
    labels TEXT NOT NULL,
    state TEXT NOT NULL CHECK(state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    created REAL NOT NULL,
    started REAL,
    ended REAL,
    attempt INTEGER NOT NULL DEFAULT 0,
    cancel INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    pid INTEGER
);
CREATE INDEX IF NOT EXISTS run_by_state ON run(state, seq);
CREATE TABLE IF NOT EXISTS net(
    run INTEGER, attempt INTEGER, position INTEGER,
    label TEXT NOT NULL, params INTEGER NOT NULL, macs INTEGER NOT NULL, device TEXT NOT NULL,
    convs TEXT NOT NULL, blocks TEXT NOT NULL, ending TEXT, sentence TEXT NOT NULL DEFAULT '',
    PRIMARY KEY(run, attempt, position)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS step(
    run INTEGER, attempt INTEGER, net INTEGER, step INTEGER,
    loss REAL, accuracy REAL, lr REAL, images_per_s REAL, seconds REAL, test_loss REAL, test_accuracy REAL,
    PRIMARY KEY(run, attempt, net, step)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS probe(
    run INTEGER, attempt INTEGER, net INTEGER, step INTEGER,
    grad_norm BLOB, block_grad_norm BLOB, update_ratio BLOB,
    PRIMARY KEY(run, attempt, net, step)
);
CREATE VIEW IF NOT EXISTS step_with_norms AS
    SELECT s.*, p.grad_norm, p.block_grad_norm, p.update_ratio FROM step s
    LEFT JOIN probe p ON p.run = s.run AND p.attempt = s.attempt AND p.net = s.net AND p.step = s.step;
CREATE VIEW IF NOT EXISTS probed_step AS
    SELECT s.*, p.grad_norm, p.block_grad_norm, p.update_ratio FROM probe p
    JOIN step s ON s.run = p.run AND s.attempt = p.attempt AND s.net = p.net AND s.step = p.step;
CREATE TABLE IF NOT EXISTS doomed(run INTEGER PRIMARY KEY); -- deleted runs whose rows are still to be swept
"""
# Activations beside the norms of `probe`; holds and commands; annotations of the runs page.
_SECOND: Final = """
CREATE {temp} TABLE IF NOT EXISTS signal(
    run INTEGER, attempt INTEGER, net INTEGER, step INTEGER,
    activation_std BLOB, branch_share BLOB,
    PRIMARY KEY(run, attempt, net, step)
);
CREATE {temp} TABLE IF NOT EXISTS control(
    run INTEGER PRIMARY KEY,
    hold TEXT NOT NULL DEFAULT '' CHECK(hold IN ('', 'paused', 'interrupted')), -- why a waiting run is not claimed
    paused INTEGER NOT NULL DEFAULT 0, -- whether its worker is to stand
    standing INTEGER, -- the step that its worker stands before
    losses INTEGER NOT NULL DEFAULT 0, -- of workers since its newest checkpoint
    interrupted INTEGER, -- the step that was next when a worker was lost
    resumed INTEGER, -- the step from which its worker went on
    parent TEXT, parent_step INTEGER -- the run it branched from, and at which step
);
CREATE {temp} TABLE IF NOT EXISTS command(
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL, verb TEXT NOT NULL, value REAL NOT NULL, created REAL NOT NULL
);
CREATE {temp} TABLE IF NOT EXISTS rate(
    run INTEGER, attempt INTEGER, step INTEGER, lr REAL NOT NULL,
    PRIMARY KEY(run, attempt, step)
) WITHOUT ROWID;
CREATE {temp} TABLE IF NOT EXISTS checkpoint(
    run INTEGER, attempt INTEGER, step INTEGER, bytes INTEGER NOT NULL, file TEXT NOT NULL, sources TEXT,
    PRIMARY KEY(run, attempt, step)
) WITHOUT ROWID;
CREATE {temp} TABLE IF NOT EXISTS mark(
    run INTEGER PRIMARY KEY, -- run.seq
    is_pinned INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT '',
    origin TEXT NOT NULL DEFAULT '' -- id of the run on the machine that it was imported from
);
CREATE {temp} TABLE IF NOT EXISTS forgotten( -- runs that were deleted to make room, for a while
    seq INTEGER PRIMARY KEY, name TEXT NOT NULL, labels TEXT NOT NULL, created REAL NOT NULL, at REAL NOT NULL
);
"""

# Versions and hardware that the numbers of an attempt depend on.
_THIRD: Final = """
CREATE {temp} TABLE IF NOT EXISTS made_with(
    run INTEGER, attempt INTEGER, versions TEXT NOT NULL, -- names and versions, a JSON object of texts
    PRIMARY KEY(run, attempt)
) WITHOUT ROWID;
"""
_ADDED: Final = {2: _SECOND, 3: _THIRD}  # by the version that brought it

_WHOLE: Final = "".join(added.format(temp="") for added in _ADDED.values())
CREATE_ALL: Final = f"BEGIN IMMEDIATE;{_FIRST}{_WHOLE}PRAGMA user_version = {VERSION};\nCOMMIT;"


def create_missing(version: int) -> str:
    """Returns SQL that creates the tables an older file lacks, empty and for one reader alone."""
    return "".join(added.format(temp="TEMP") for number, added in _ADDED.items() if number > version)


T = TypeVar("T")

_BUSY_S: Final = 10.0  # longest wait for another process's write
_WAL_BYTES: Final = 4_000_000
_BIRTH_TRIES: Final = 40


def open_to_write(path: Path) -> sqlite3.Connection:
    """Returns a connection in autocommit mode; creates the file and its tables where they are missing.

    Raises:
        QueueError: the file was written by a newer version.
        sqlite3.Error: it cannot be opened or is no database.
    """
    db = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_S)
    try:
        _prepare(db)
    except BaseException:
        db.close()
        raise
    return db


def open_to_read(path: Path) -> sqlite3.Connection | None:
    """Returns a connection inside one consistent read, or None where there is no store yet.

    Close it soon: a read that stays open lets the WAL file grow without bound.

    Raises:
        sqlite3.Error: the file is no database.
    """
    if not path.exists():
        return None
    # mode=rw: a reader of a WAL file must be able to create its shared-memory index; nothing here writes.
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=_BUSY_S)
    try:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version < VERSION:  # missing tables are empty; the file stays
            db.executescript(create_missing(version))
        db.execute("PRAGMA query_only = 1")
        db.execute("BEGIN")
        if db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'doomed'").fetchone()[0]:
            return db
    except BaseException:
        db.close()
        raise
    db.close()
    return None


def newer_version(path: Path) -> int | None:
    """Returns the version of a store that a newer program wrote; None where this one may write to it."""
    db = open_to_read(path)
    if db is None:
        return None
    with closing(db):
        version = int(db.execute("PRAGMA user_version").fetchone()[0])
    return version if version > VERSION else None


def read_from(path: Path, read: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
    """Returns the value of `read` in one consistent read of the store, or `otherwise` where there is no store yet."""
    db = open_to_read(path)
    if db is None:
        return otherwise
    with closing(db):
        return read(db)


@contextmanager
def writing_to(path: Path) -> Iterator[sqlite3.Connection]:
    """Opens the store for a write of a page or a command.

    Raises:
        QueueError: it cannot be written, or a newer version wrote it.
    """
    try:
        with closing(open_to_write(path)) as db:
            yield db
    except sqlite3.Error as error:
        raise QueueError(
            _("Runs cannot be saved right now: the disk is full or busy. Try again in a moment.")
        ) from error


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Commits the statements inside as one write, or none of them."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:  # a full disk has rolled back already
            db.execute("ROLLBACK")
        raise


def number(value: float) -> float | str:
    """Returns the stored form of a number: itself, or "nan", which SQLite would make NULL."""
    return "nan" if math.isnan(value) else value


def pack(values: Sequence[float]) -> bytes:
    """Returns numbers as little-endian float64."""
    return struct.pack(f"<{len(values)}d", *values)


def unpack(blob: bytes) -> tuple[float, ...]:
    """Returns the numbers that `pack` wrote."""
    return struct.unpack(f"<{len(blob) // 8}d", blob)


def _prepare(db: sqlite3.Connection) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise QueueError(_("The saved runs were written by a newer version of this program; update it to go on."))
    if version < VERSION:
        create_tables(db, CREATE_ALL)
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES}")


def create_tables(db: sqlite3.Connection, script: str) -> None:
    """Turns a file to WAL mode and runs a script that creates its tables; several processes may do so at once.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    for tries_left in reversed(range(_BIRTH_TRIES)):
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(script)
            return
        except sqlite3.OperationalError:  # changing the journal mode does not wait for other processes that change it
            if db.in_transaction:
                db.execute("ROLLBACK")
            if not tries_left:
                raise
            time.sleep(0.05)
