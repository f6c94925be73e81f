"""A room: scene, stage, guesses and seats, and who may change them."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from resnet_viz.errors import Refusal, RoomError
from resnet_viz.scenes import room_places, rooms
from resnet_viz.scenes.rooms import MAX_NAME, MAX_SEATS, MAX_VOTES, RoomStore, Seat, Stage, UnknownRoom

HOUR_S = 3_600.0


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> RoomStore:
    return RoomStore(tmp_path / "rooms.sqlite", clock=clock)


@pytest.fixture
def code(store: RoomStore) -> str:
    return store.open("degradation", owner="lecturer")


def rows(store: RoomStore, table: str) -> int:
    """How many rows a table has, past the store."""
    with closing(sqlite3.connect(store.path)) as db:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_a_room_begins_with_the_question(store: RoomStore, code: str, clock: Clock) -> None:
    room = store.find(code)
    assert (room.code, room.scene, room.stage, room.owner) == (code, "degradation", Stage.QUESTION, "lecturer")
    assert (room.run, room.created, room.is_class) == ("", clock.now, False)
    assert store.room(code.lower()) == room
    assert store.votes(code) == ()


def test_the_store_of_this_server_lies_beside_the_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path / "home"))
    assert rooms.store().path == (tmp_path / "home" / "rooms.sqlite").resolve()


def test_reading_creates_nothing(store: RoomStore) -> None:
    assert (store.room("7K2M"), store.votes("7K2M"), store.seats("7K2M"), store.vote_of("7K2M", "a")) == (
        (None, (), (), None)
    )
    assert not store.path.exists()


def test_one_browser_has_one_vote_that_it_may_change(store: RoomStore, code: str) -> None:
    store.vote(code, "a", 2, num_answers=3)
    store.vote(code, "b", 2, num_answers=3)
    assert store.votes(code) == (0, 0, 2)
    store.vote(code, "a", 0, num_answers=3)
    assert store.votes(code) == (1, 0, 1)
    assert [store.vote_of(code, browser) for browser in "abc"] == [0, 2, None]


@pytest.mark.parametrize(("answer", "given"), [(3, "got 4"), (-1, "got 0"), (10**9, "got 1000000001")])
def test_an_answer_that_does_not_exist_is_refused(store: RoomStore, code: str, answer: int, given: str) -> None:
    with pytest.raises(RoomError, match=f"answers 1 to 3; {given}"):
        store.vote(code, "a", answer, num_answers=3)
    assert store.votes(code) == ()


def test_after_the_reveal_no_vote_changes(store: RoomStore, code: str) -> None:
    store.vote(code, "a", 0, num_answers=2)
    store.move(code, owner="lecturer", stage=Stage.LOOK)
    store.vote(code, "b", 0, num_answers=2)
    store.move(code, owner="lecturer", stage=Stage.REVEAL, run="r1")
    for browser in ("a", "late"):
        with pytest.raises(RoomError, match="on the projector already"):
            store.vote(code, browser, 1, num_answers=2)
    assert store.votes(code) == (2,)
    assert store.find(code).run == "r1"


def test_a_new_scene_has_votes_of_its_own_and_an_old_one_keeps_its(store: RoomStore, code: str) -> None:
    store.vote(code, "a", 1, num_answers=2)
    store.move(code, owner="lecturer", stage=Stage.REVEAL, run="r1")
    store.move(code, owner="lecturer", scene="overfitting")
    room = store.find(code)
    assert (room.scene, room.stage, room.run) == ("overfitting", Stage.QUESTION, "")
    assert (store.votes(code), store.vote_of(code, "a")) == ((), None)
    store.move(code, owner="lecturer", scene="degradation", stage=Stage.REVEAL)
    assert (store.votes(code), store.vote_of(code, "a")) == ((0, 1), 1)


def test_a_guess_for_the_question_before_is_refused(store: RoomStore, code: str) -> None:
    store.move(code, owner="lecturer", scene="overfitting")
    with pytest.raises(RoomError, match="moved on"):
        store.vote(code, "a", 0, num_answers=2, scene="degradation")
    store.vote(code, "a", 0, num_answers=2, scene="overfitting")
    assert store.votes(code) == (1,)


def test_only_the_owner_moves_a_room(store: RoomStore, code: str) -> None:
    with pytest.raises(RoomError, match="led from another browser"):
        store.move(code, owner="student", stage=Stage.REVEAL)
    assert store.find(code).stage is Stage.QUESTION


def test_a_room_is_full_at_a_thousand_browsers(store: RoomStore, code: str) -> None:
    with closing(sqlite3.connect(store.path)) as db, db:
        full = ((code, "degradation", number.to_bytes(4, "big"), 0) for number in range(MAX_VOTES - 1))
        db.executemany("INSERT INTO vote VALUES(?, ?, ?, ?)", full)
    store.vote(code, "the last", 1, num_answers=2)
    for number in range(3):
        with pytest.raises(RoomError, match=f"Room {code} is full: 1,000 guesses"):
            store.vote(code, f"late{number}", 0, num_answers=2)
    store.vote(code, "the last", 0, num_answers=2)  # those inside may still change theirs
    assert store.votes(code) == (MAX_VOTES,)


def test_votes_are_kept_of_so_many_scenes_only(store: RoomStore, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "MAX_SCENES", 4)
    for number in range(4 + 2):
        store.move(code, owner="lecturer", scene=f"s{number}")
        store.vote(code, "a", 0, num_answers=2)
    assert store.votes(code) == (1,)
    assert rows(store, "vote") == 4


def test_the_file_names_no_browser(store: RoomStore, code: str) -> None:
    other = store.open("degradation", owner="lecturer")
    for room in (code, other):
        store.vote(room, "browser-of-ann", 1, num_answers=2)
    with closing(sqlite3.connect(store.path)) as db:
        kept = [bytes(row[0]) for row in db.execute("SELECT browser FROM vote")]
    assert len(set(kept)) == 2  # nor can two rooms be brought together
    assert b"ann" not in b"".join(kept)


def test_seats_get_seeds_in_their_order_and_a_browser_keeps_its(store: RoomStore, code: str) -> None:
    assert [store.take_seat(code, browser).seed for browser in ("a", "b", "a", "c", "b")] == [0, 1, 0, 2, 1]
    store.seat_run(code, 1, "run-b")
    assert store.take_seat(code, "b") == Seat(seed=1, run_id="run-b")
    assert store.seats(code) == (Seat(seed=0), Seat(seed=1, run_id="run-b"), Seat(seed=2))
    with pytest.raises(RoomError, match="no seat with seed 9"):
        store.seat_run(code, 9, "run")


def test_seats_are_bounded(store: RoomStore, code: str) -> None:
    with closing(sqlite3.connect(store.path)) as db, db:
        taken = ((code, "degradation", seed, seed.to_bytes(4, "big")) for seed in range(MAX_SEATS))
        db.executemany("INSERT INTO seat(room, scene, seed, browser) VALUES(?, ?, ?, ?)", taken)
    with pytest.raises(RoomError, match="All 200 seats"):
        store.take_seat(code, "late")


def test_a_class_run_shares_its_room(store: RoomStore, clock: Clock) -> None:
    first = store.open("degradation", owner="a", is_class=True)
    assert store.open("degradation", owner="b", is_class=True) == first
    assert store.find(first).is_class
    assert store.open("identity", owner="b", is_class=True) != first
    assert store.open("degradation", owner="b") != first
    clock.now += 2 * HOUR_S  # the next class begins anew
    assert store.open("degradation", owner="b", is_class=True) != first


def test_a_room_closes_after_a_day_without_use(store: RoomStore, code: str, clock: Clock) -> None:
    clock.now += 23 * HOUR_S
    store.vote(code, "a", 0, num_answers=2)
    clock.now += 23 * HOUR_S
    assert store.room(code) is not None
    clock.now += 1 * HOUR_S
    for _swept in range(2):
        assert store.room(code) is None
        with pytest.raises(UnknownRoom, match=f"Room {code} is closed"):
            store.vote(code, "a", 1, num_answers=2)
        store.open("identity", owner="b")  # sweeps
    assert rows(store, "vote") == 0


def test_rooms_are_bounded_and_the_longest_idle_makes_place(
    store: RoomStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_places, "MAX_ROOMS", 3)
    first, second, _third = (store.open("degradation", owner="a") for _number in range(3))
    with pytest.raises(RoomError, match="All 3 rooms of this server are in use"):
        store.open("degradation", owner="b")
    clock.now += 2 * HOUR_S
    store.vote(first, "a", 0, num_answers=2)
    clock.now += 1
    assert store.open("degradation", owner="b")
    assert rows(store, "room") == 3
    assert store.room(first) is not None
    closed = [code for code in (second, _third) if store.room(code) is None]
    assert len(closed) == 1
    with pytest.raises(UnknownRoom, match="is closed"):
        store.find(closed[0])


def test_the_code_of_a_closed_room_leads_into_no_other(
    store: RoomStore, code: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.now += 25 * HOUR_S
    store.open("identity", owner="b")
    offered = iter([code, code, "9X9X"])
    monkeypatch.setattr(room_places, "new_code", lambda _length: next(offered))
    assert store.open("identity", owner="b") == "9X9X"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("7K2M", "No room has the code 7K2M"),
        ("7kzm", "No room has the code 7K2M"),
        ("'; DROP TABLE room; --", "is no code of a room"),
        ("<script>alert(1)</script>", "is no code of a room"),
        ("x" * 10_000, "'xxxxxxxxxxxxxxxxxxxx…' is no code"),
        ("", "'' is no code"),
        ("\ud800", "is no code"),
    ],
)
def test_every_other_code_is_refused_in_a_message(store: RoomStore, code: str, message: str) -> None:
    kept = store.open("degradation", owner="a")
    for ask in (
        lambda: store.find(code),
        lambda: store.vote(code, "a", 0, num_answers=2),
        lambda: store.move(code, owner="a"),
        lambda: store.take_seat(code, "a"),
        lambda: store.seat_run(code, 0, "r"),
    ):
        with pytest.raises(UnknownRoom, match=message):
            ask()
    assert (store.room(code), store.votes(code), store.seats(code)) == (None, (), ())
    assert store.room(kept) is not None


def test_names_are_bounded(store: RoomStore, code: str) -> None:
    long = "x" * (MAX_NAME + 1)
    for ask in (
        lambda: store.open(long, owner="a"),
        lambda: store.open("degradation", owner=long),
        lambda: store.move(code, owner="lecturer", scene=long),
        lambda: store.move(code, owner="lecturer", run=long),
        lambda: store.seat_run(code, 0, long),
    ):
        with pytest.raises(RoomError, match="at most 120 characters; this one has 121"):
            ask()
    store.vote(code, "\ud800" * 100_000, 0, num_answers=2)  # a browser's name is kept as a digest
    assert store.votes(code) == (1,)


def test_a_file_of_a_newer_version_is_left_alone(store: RoomStore, code: str) -> None:
    with closing(sqlite3.connect(store.path)) as db:
        db.execute("PRAGMA user_version = 99")
    before = store.path.read_bytes()
    for ask in (lambda: store.find(code), lambda: store.open("identity", owner="a"), lambda: store.votes(code)):
        with pytest.raises(RoomError, match="newer version"):
            ask()
    assert store.path.read_bytes() == before


def test_a_damaged_file_is_named_and_left_alone(store: RoomStore) -> None:
    store.path.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    before = store.path.read_bytes()
    for ask in (lambda: store.find("7K2M"), lambda: store.open("identity", owner="a")):
        with pytest.raises(RoomError, match=r"rooms\.sqlite, is damaged"):
            ask()
    assert store.path.read_bytes() == before


def test_a_folder_that_takes_no_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RoomError, match="cannot be written"):
        RoomStore(tmp_path / "missing" / "rooms.sqlite").open("degradation", owner="a")
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(Refusal, match="RESNET_VIZ_HOME"):
        rooms.store()
