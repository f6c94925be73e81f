"""Rooms of a lecture: the scene that a class is in, its guesses and its seats, shared by all processes of a server.

A room is opened by the projector, which alone moves it, and entered by code. What it holds is bounded: rooms by server,
votes and seats by room and scene, scenes by room, all lengths.
"""

import hashlib
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from resnet_viz.errors import RoomError
from resnet_viz.i18n import _
from resnet_viz.runs.paths import home
from resnet_viz.scenes.room_codes import LENGTH, MAX_LENGTH, read_code
from resnet_viz.scenes.room_places import DAY_S, class_room, free_code, sweep
from resnet_viz.scenes.rooms_file import reading, writing

FILE_NAME: Final = "rooms.sqlite"
MAX_VOTES: Final = 1000  # browsers in one scene of a room
MAX_SEATS: Final = 200
MAX_SCENES: Final = 100  # of one room whose votes are kept
MAX_NAME: Final = 120  # characters of a scene's name, an owner, a browser, the id of a run


class Stage(StrEnum):
    """Part of a scene that a room is in; a value of the address."""

    QUESTION = "question"
    LOOK = "look"
    REVEAL = "reveal"


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """A room at one moment.

    Attributes:
        code: as it is shown and kept.
        scene: name of the scene.
        stage: part of the scene.
        owner: who alone may move it.
        run: id of the run that decides, or empty.
        created: seconds since 1970.
        is_class: whether it was opened for a class run.
    """

    code: str
    scene: str
    stage: Stage
    owner: str
    run: str
    created: float
    is_class: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Seat:
    """Share of one browser in a class run: its seed, and the run that trains it, or empty."""

    seed: int
    run_id: str = ""


class RoomStore:
    """The rooms' file, for any process."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self.path, self._clock = path, clock

    def open(self, scene_name: str, *, owner: str, is_class: bool = False) -> str:
        """Returns the code of a new room; for a class run, of the one in use for this scene, where there is one.

        Raises:
            RoomError: all rooms are in use.
        """
        _check_lengths(scene_name, owner)
        with writing(self.path) as db:
            now = self._clock()
            sweep(db, now)
            if is_class and (found := class_room(db, scene_name, now)):
                return found
            code = free_code(db)
            db.execute(
                "INSERT INTO room VALUES(?, ?, ?, ?, ?, '', ?, ?)",
                (code, owner, is_class, scene_name, Stage.QUESTION, now, now),
            )
            return code

    def room(self, code: str) -> Room | None:
        """Returns the room of a code, or None where none is open."""
        try:
            return self.find(code)
        except UnknownRoom:
            return None

    def find(self, code: str) -> Room:
        """Returns the room of a code.

        Raises:
            UnknownRoom: none is open; the message distinguishes a closed one from one that never was.
        """
        with reading(self.path) as db:
            if db is None:
                raise _unknown(code)
            return self._room(db, code)

    def move(
        self, code: str, *, owner: str, scene: str | None = None, stage: Stage | None = None, run: str | None = None
    ) -> None:
        """Moves a room to a scene, whose votes begin anew or are still there, to a stage, and to the run that decides.

        Raises:
            RoomError: the room is not open, or belongs to another.
        """
        _check_lengths(scene or "", run or "")
        with writing(self.path) as db:
            before = self._room(db, code)
            if before.owner != owner:
                raise RoomError(_("Room {code} is led from another browser.").format(code=before.code))
            is_new = scene is not None and scene != before.scene
            db.execute(
                "UPDATE room SET scene = ?, stage = ?, run = ?, touched = ? WHERE code = ?",
                (
                    scene if scene is not None else before.scene,
                    stage or (Stage.QUESTION if is_new else before.stage),
                    run if run is not None else "" if is_new else before.run,
                    self._clock(),
                    before.code,
                ),
            )

    def vote(self, code: str, browser: str, answer: int, *, num_answers: int, scene: str | None = None) -> None:
        """Keeps the guess of a browser; a later one takes its place until the reveal.

        Args:
            code: of the room.
            browser: its name.
            answer: position, from 0.
            num_answers: of the scene.
            scene: the one that was on the browser's screen, where the caller knows it.

        Raises:
            RoomError: the room is not open, is full, is in another scene or after the reveal; or no such answer.
        """
        if not 0 <= answer < num_answers:
            raise RoomError(
                _("This question has the answers 1 to {last}; got {given}.").format(last=num_answers, given=answer + 1)
            )
        with writing(self.path) as db:
            room = self._room(db, code)
            if scene is not None and scene != room.scene:
                raise RoomError(_("The room has moved on to another question. Your guess was not counted."))
            if room.stage is Stage.REVEAL:
                raise RoomError(_("The answer is on the projector already. Guesses are no longer taken."))
            key = (room.code, room.scene, _digest(room.code, browser))
            if not _has_voted(db, key) and _num_votes(db, room) >= MAX_VOTES:
                raise RoomError(
                    _("Room {code} is full: {most} guesses are in.").format(code=room.code, most=f"{MAX_VOTES:,}")
                )
            _forget_scenes(db, room)
            db.execute("INSERT OR REPLACE INTO vote VALUES(?, ?, ?, ?)", (*key, answer))
            self._touch(db, room)

    def votes(self, code: str) -> tuple[int, ...]:
        """Returns the number of guesses by position of the answer, as far as any was chosen."""
        counts = dict(
            self._read(code, "SELECT answer, count(*) FROM vote WHERE room = ? AND scene = ? GROUP BY answer")
        )
        return tuple(counts.get(answer, 0) for answer in range(max(counts, default=-1) + 1))

    def vote_of(self, code: str, browser: str) -> int | None:
        """Returns the position of the answer that a browser has chosen in the room's scene."""
        digest = _digest(read_code(code) or "", browser)
        found = self._read(code, "SELECT answer FROM vote WHERE room = ? AND scene = ? AND browser = ?", digest)
        return found[0][0] if found else None

    def take_seat(self, code: str, browser: str) -> Seat:
        """Returns the seat of a browser in the room's scene; one that has none gets the next seed.

        Raises:
            RoomError: the room is not open, or all its seats are taken.
        """
        with writing(self.path) as db:
            room = self._room(db, code)
            key = (room.code, room.scene, _digest(room.code, browser))
            found = db.execute(
                "SELECT seed, run FROM seat WHERE room = ? AND scene = ? AND browser = ?", key
            ).fetchone()
            if found:
                return Seat(seed=found[0], run_id=found[1])
            seed = _num_seats(db, room)  # no seat is ever given back
            if seed >= MAX_SEATS:
                raise RoomError(_("All {most} seats of room {code} are taken.").format(code=room.code, most=MAX_SEATS))
            db.execute("INSERT INTO seat(room, scene, browser, seed) VALUES(?, ?, ?, ?)", (*key, seed))
            self._touch(db, room)
            return Seat(seed=seed)

    def seats(self, code: str) -> tuple[Seat, ...]:
        """Returns the seats of the room's scene by seed."""
        rows = self._read(code, "SELECT seed, run FROM seat WHERE room = ? AND scene = ? ORDER BY seed")
        return tuple(Seat(seed=seed, run_id=run) for seed, run in rows)

    def seat_run(self, code: str, seed: int, run_id: str) -> None:
        """Notes the run that trains a seat.

        Raises:
            RoomError: the room is not open or has no such seat.
        """
        _check_lengths(run_id)
        with writing(self.path) as db:
            room = self._room(db, code)
            done = db.execute(
                "UPDATE seat SET run = ? WHERE room = ? AND scene = ? AND seed = ?",
                (run_id, room.code, room.scene, seed),
            )
            if not done.rowcount:
                raise RoomError(_("Room {code} has no seat with seed {seed}.").format(code=room.code, seed=seed))

    def _room(self, db: sqlite3.Connection, code: str) -> Room:
        known = read_code(code)
        row = db.execute(
            "SELECT code, scene, stage, owner, run, created, is_class FROM room WHERE code = ? AND touched > ?",
            (known, self._clock() - DAY_S),
        ).fetchone()
        if row is None:
            raise _unknown(code, is_closed=_is_closed(db, known))
        name, scene, stage, owner, run, created, is_class = row
        return Room(
            code=name, scene=scene, stage=Stage(stage), owner=owner, run=run, created=created, is_class=bool(is_class)
        )

    def _read(self, code: str, statement: str, *more: object) -> list[tuple[Any, ...]]:
        """Returns rows of a room's scene; none where no such room is open."""
        with reading(self.path) as db:
            if db is None:
                return []
            try:
                room = self._room(db, code)
            except UnknownRoom:
                return []
            return db.execute(statement, (room.code, room.scene, *more)).fetchall()

    def _touch(self, db: sqlite3.Connection, room: Room) -> None:
        db.execute("UPDATE room SET touched = ? WHERE code = ?", (self._clock(), room.code))


class UnknownRoom(RoomError):
    """Code of which no room is open."""


def store() -> RoomStore:
    """Returns the rooms of this server.

    Raises:
        QueueError: the folder cannot be created.
    """
    return RoomStore(home() / FILE_NAME)


def _unknown(code: str, *, is_closed: bool = False) -> UnknownRoom:
    known = read_code(code)
    if known is None:
        shown = code if len(code) <= MAX_NAME else f"{code[:20]}…"
        return UnknownRoom(
            _("{given!r} is no code of a room. A code has {low} to {high} letters and digits, such as 7K2M.").format(
                given=shown, low=LENGTH, high=MAX_LENGTH
            )
        )
    if is_closed:
        return UnknownRoom(_("Room {code} is closed: it was not used for a while.").format(code=known))
    return UnknownRoom(_("No room has the code {code}. Compare it with the projector's.").format(code=known))


def _check_lengths(*names: str) -> None:
    for name in names:
        if len(name) > MAX_NAME:
            raise RoomError(
                _("A name in a room has at most {most} characters; this one has {given}: {name!r}").format(
                    most=MAX_NAME, given=f"{len(name):,}", name=f"{name[:20]}…"
                )
            )


def _digest(code: str, browser: str) -> bytes:
    return hashlib.blake2b(f"{code}:{browser}".encode(errors="replace"), digest_size=16).digest()


def _has_voted(db: sqlite3.Connection, key: tuple[str, str, bytes]) -> bool:
    statement = "SELECT 1 FROM vote WHERE room = ? AND scene = ? AND browser = ?"
    return db.execute(statement, key).fetchone() is not None


def _num_votes(db: sqlite3.Connection, room: Room) -> int:
    statement = "SELECT count(*) FROM vote WHERE room = ? AND scene = ?"
    return int(db.execute(statement, (room.code, room.scene)).fetchone()[0])


def _num_seats(db: sqlite3.Connection, room: Room) -> int:
    statement = "SELECT count(*) FROM seat WHERE room = ? AND scene = ?"
    return int(db.execute(statement, (room.code, room.scene)).fetchone()[0])


def _is_closed(db: sqlite3.Connection, code: str | None) -> bool:
    statement = "SELECT 1 FROM closed WHERE code = ? UNION SELECT 1 FROM room WHERE code = ?"
    return db.execute(statement, (code, code)).fetchone() is not None


def _forget_scenes(db: sqlite3.Connection, room: Room) -> None:
    """Keeps the votes of a room in at most MAX_SCENES scenes: where this one would be one more, one other goes."""
    scenes = [name for (name,) in db.execute("SELECT DISTINCT scene FROM vote WHERE room = ?", (room.code,))]
    if room.scene not in scenes and len(scenes) >= MAX_SCENES:
        db.execute("DELETE FROM vote WHERE room = ? AND scene = ?", (room.code, scenes[0]))
