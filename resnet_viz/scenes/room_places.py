"""Places for rooms on a server: how many there are, who makes place for whom, which codes are free."""

import sqlite3
from typing import Final

from resnet_viz.errors import RoomError
from resnet_viz.i18n import _
from resnet_viz.scenes.room_codes import LENGTH, MAX_LENGTH, new_code

MAX_ROOMS: Final = 500  # in use at once on one server
DAY_S: Final = 86_400.0  # a room that was not used for so long is closed
IDLE_S: Final = 3_600.0  # where all places are taken, a room that was not used for so long makes place
_CLOSED_S: Final = 7 * DAY_S  # for so long the code of a closed room is not used again
_CODE_TRIES: Final = 20


def class_room(db: sqlite3.Connection, scene_name: str, now: float) -> str | None:
    """Returns the code of the room in use in which a scene's class run takes place."""
    found = db.execute(
        "SELECT code FROM room WHERE is_class AND scene = ? AND touched > ? ORDER BY created DESC",
        (scene_name, now - IDLE_S),
    ).fetchone()
    return str(found[0]) if found else None


def free_code(db: sqlite3.Connection) -> str:
    """Returns a code that no room has or had a while ago: a phone left in an old room must not enter another."""
    for tries in range(_CODE_TRIES):
        code = new_code(min(LENGTH + tries // 8, MAX_LENGTH))
        if not db.execute(
            "SELECT 1 FROM room WHERE code = ? UNION SELECT 1 FROM closed WHERE code = ?", (code, code)
        ).fetchone():
            return code
    raise RoomError(_("No code is free for another room. Try again in a moment."))


def sweep(db: sqlite3.Connection, now: float) -> None:
    """Closes rooms that nobody uses: those of yesterday, and where all places are taken the longest idle one."""
    old = db.execute("SELECT code FROM room WHERE touched <= ?", (now - DAY_S,)).fetchall()
    for (code,) in old:
        _close(db, code, now)
    if db.execute("SELECT count(*) FROM room").fetchone()[0] >= MAX_ROOMS:
        idlest, touched = db.execute("SELECT code, touched FROM room ORDER BY touched LIMIT 1").fetchone()
        if touched > now - IDLE_S:
            raise RoomError(
                _("All {most} rooms of this server are in use. Try again in an hour.").format(most=MAX_ROOMS)
            )
        _close(db, idlest, now)
    db.execute("DELETE FROM closed WHERE at <= ?", (now - _CLOSED_S,))


def _close(db: sqlite3.Connection, code: str, now: float) -> None:
    db.execute("DELETE FROM vote WHERE room = ?", (code,))
    db.execute("DELETE FROM seat WHERE room = ?", (code,))
    db.execute("DELETE FROM room WHERE code = ?", (code,))
    db.execute("INSERT OR REPLACE INTO closed VALUES(?, ?)", (code, now))
