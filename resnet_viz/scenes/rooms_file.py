"""The rooms' file: its tables, and how it is opened.

A file of its own beside that of runs, as it holds nothing that outlives a lecture by more than a day. WAL mode and
synchronous=NORMAL, as there: a vote that was answered survives the death of any process.

Browsers are kept as digests that differ from room to room: the file does not show who voted, nor that two votes in two
rooms came from one phone.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from resnet_viz.errors import RoomError
from resnet_viz.i18n import _
from resnet_viz.runs.sql.schema import create_tables, transaction

VERSION: Final = 1
_BUSY_S: Final = 10.0  # longest wait for another process's write
_WAL_BYTES: Final = 1_000_000

_TABLES: Final = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS room(
    code TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    is_class INTEGER NOT NULL,
    scene TEXT NOT NULL,
    stage TEXT NOT NULL CHECK(stage IN ('question', 'look', 'reveal')),
    run TEXT NOT NULL DEFAULT '',
    created REAL NOT NULL,
    touched REAL NOT NULL -- last vote, seat or move
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS room_by_touch ON room(touched);
CREATE TABLE IF NOT EXISTS vote(
    room TEXT, scene TEXT, browser BLOB, answer INTEGER NOT NULL,
    PRIMARY KEY(room, scene, browser)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seat(
    room TEXT, scene TEXT, seed INTEGER, browser BLOB NOT NULL, run TEXT NOT NULL DEFAULT '',
    PRIMARY KEY(room, scene, seed), UNIQUE(room, scene, browser)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS closed(code TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID; -- not used again for a while
PRAGMA user_version = {VERSION};
COMMIT;
"""


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection | None]:
    """Opens the file for one consistent read; None where there is no room yet.

    Raises:
        RoomError: the file cannot be read, or a newer version wrote it.
    """
    if not path.exists():
        yield None
        return
    with _refusing(path):
        # mode=rw: a reader of a WAL file must be able to create its shared-memory index; nothing here writes.
        uri = f"{path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_BUSY_S)) as db:
            db.execute("PRAGMA query_only = 1")
            yield db if _known_version(db) else None


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """Opens the file, with its tables, for one write that happens as a whole or not at all.

    Raises:
        RoomError: the file cannot be written, or a newer version wrote it.
    """
    with _refusing(path), closing(sqlite3.connect(path, isolation_level=None, timeout=_BUSY_S)) as db:
        if not _known_version(db):
            create_tables(db, _TABLES)
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute(f"PRAGMA journal_size_limit = {_WAL_BYTES}")
        with transaction(db):
            yield db


def _known_version(db: sqlite3.Connection) -> bool:
    """Returns whether the tables exist; refuses those of a newer version."""
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > VERSION:
        raise RoomError(_("The rooms were written by a newer version of this program; update it to go on."))
    return version == VERSION


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Turns errors of SQLite into messages."""
    try:
        yield
    except sqlite3.OperationalError as error:  # busy, full, read-only
        raise RoomError(
            _(
                "Rooms cannot be saved right now: the disk is full or busy, or {file} cannot be written. Try again in "
                "a moment."
            ).format(file=path.name)
        ) from error
    except sqlite3.DatabaseError as error:
        raise RoomError(
            _(
                "The file of the rooms, {file}, is damaged. Delete it in the folder of saved runs to open new rooms."
            ).format(file=path.name)
        ) from error
