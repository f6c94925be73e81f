"""A class of thirty trains one recipe: the queue bounds it, no owner's limit does, and nothing is trained twice."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from resnet_viz.errors import Refusal, RoomError
from resnet_viz.jobs.training import class_seats, client, lock
from resnet_viz.jobs.training.class_seats import SeatState
from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.run import Claim, RunState
from resnet_viz.runs.sql.control import Verb
from resnet_viz.runs.sql.queue import QueueLimits
from resnet_viz.runs.sql.retention import CLASS_S, RetentionLimits
from resnet_viz.runs.store import RunStore
from resnet_viz.scenes.rooms import FILE_NAME, RoomStore, Seat
from tests.fakes.small_runs import RECIPE

CLASS = 30
FEW = 6
ROOM_IN_QUEUE = QueueLimits().waiting


@pytest.fixture
def rooms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RoomStore]:
    """The rooms of a server whose queue no daemon serves."""
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path))
    held = lock.hold(client.store().path, patience_s=0)
    assert held is not None
    with held:
        yield RoomStore(tmp_path / FILE_NAME)


def seated(rooms: RoomStore, num_seats: int) -> str:
    """Opens a class in which so many browsers have a seat."""
    code = rooms.open("degradation", owner="lecturer", is_class=True)
    for browser in range(num_seats):
        rooms.take_seat(code, f"browser {browser}")
    return code


@pytest.fixture
def code(rooms: RoomStore) -> str:
    """A small class."""
    return seated(rooms, FEW)


def states(rooms: RoomStore, code: str) -> list[SeatState]:
    return [seat.state for seat in class_seats.seats_of(rooms, code)]


def train(daemon: DaemonStore, state: RunState = RunState.DONE) -> Claim:
    """Brings the next run of the queue to an end."""
    claim = daemon.claim_next()
    assert claim is not None
    daemon.finish(claim, state)
    return claim


def test_the_queue_alone_bounds_a_class_and_who_is_outside_gets_in_by_itself(rooms: RoomStore) -> None:
    code = seated(rooms, CLASS)
    assert not class_seats.submit_waiting(rooms, code, RECIPE)
    assert states(rooms, code) == [SeatState.QUEUED] * ROOM_IN_QUEUE + [SeatState.OUTSIDE] * (CLASS - ROOM_IN_QUEUE)
    places = [seat.place for seat in class_seats.seats_of(rooms, code)]
    assert places == [*range(1, ROOM_IN_QUEUE + 1), *range(1, CLASS - ROOM_IN_QUEUE + 1)]
    with DaemonStore(client.store().path) as daemon:
        claims = []
        while SeatState.OUTSIDE in states(rooms, code):
            claims.append(train(daemon))
            class_seats.submit_waiting(rooms, code, RECIPE)
        while daemon.has_waiting():
            claims.append(train(daemon))
    assert states(rooms, code) == [SeatState.DONE] * CLASS
    assert [claim.id for claim in claims] == [seat.run_id for seat in rooms.seats(code)]
    for seat in rooms.seats(code):
        run = client.store().run(seat.run_id)
        assert run is not None
        assert run.recipe == RECIPE.replace(seed=seat.seed)
    assert len(client.store().list()) == CLASS


def test_a_visitor_of_the_lab_is_not_put_behind_the_whole_class(rooms: RoomStore) -> None:
    code = seated(rooms, 4)
    class_seats.submit_waiting(rooms, code, RECIPE)
    other = client.store().submit(RECIPE, owner="visitor")
    with DaemonStore(client.store().path) as daemon:
        claims = [daemon.claim_next() for _ in range(5)]
    assert other in [claim.id for claim in claims if claim]
    assert states(rooms, code) == [SeatState.TRAINING] * 4


def test_many_browsers_at_once_submit_each_seat_once(rooms: RoomStore) -> None:
    code = seated(rooms, 8)
    threads = [threading.Thread(target=class_seats.submit_waiting, args=(rooms, code, RECIPE)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {run.id for run in client.store().list()} == {seat.run_id for seat in rooms.seats(code)}
    assert len(client.store().list()) == 8


def test_a_seat_whose_run_is_lost_trains_again_and_no_other(rooms: RoomStore, code: str) -> None:
    class_seats.submit_waiting(rooms, code, RECIPE)
    with DaemonStore(client.store().path) as daemon:
        done, failed, deleted = train(daemon), train(daemon, RunState.FAILED), train(daemon)
    client.cancel(rooms.seats(code)[3].run_id)
    client.store().delete(deleted.id)
    client.post_command(rooms.seats(code)[4].run_id, Verb.PAUSE)
    ended = [SeatState.DONE, SeatState.FAILED, SeatState.DELETED, SeatState.STOPPED, SeatState.HELD]
    assert states(rooms, code)[:5] == ended
    for seed in (0, 1, 2, 3, 4, 1):
        class_seats.mend(rooms, code, seed)
    class_seats.submit_waiting(rooms, code, RECIPE)
    assert states(rooms, code)[:5] == [SeatState.DONE, *[SeatState.QUEUED] * 4]
    assert rooms.seats(code)[0] == Seat(seed=0, run_id=done.id)
    assert rooms.seats(code)[1].run_id != failed.id
    class_seats.mend(rooms, code, FEW)  # a seat that does not exist


def test_a_run_that_cannot_be_noted_does_not_train(
    rooms: RoomStore, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> None:
        raise RoomError("The disk is full.")

    with monkeypatch.context() as full:
        full.setattr(rooms, "seat_run", refuse)
        with pytest.raises(RoomError):
            class_seats.submit_waiting(rooms, code, RECIPE)
    assert [run.state for run in client.store().list()] == [RunState.CANCELLED]
    assert class_seats.seats_of(rooms, code)[0].state is SeatState.OUTSIDE


def test_a_store_that_cannot_be_written_is_no_full_queue(rooms: RoomStore, code: str) -> None:
    path = client.store().path
    path.mkdir()
    with pytest.raises(Refusal):
        class_seats.submit_waiting(rooms, code, RECIPE)


def test_retention_keeps_a_class_together_on_its_day(rooms: RoomStore, code: str) -> None:
    class_seats.submit_waiting(rooms, code, RECIPE)
    path, now = client.store().path, client.store().list()[0].created
    for is_over, kept in ((False, FEW), (True, 3)):
        after_s = CLASS_S + 60 if is_over else 60
        limits = RetentionLimits(finished_runs=3)
        with DaemonStore(path, clock=lambda after_s=after_s: now + after_s, retention=limits) as daemon:  # type: ignore[misc]
            while daemon.has_waiting():
                train(daemon)
            while daemon.tidy():
                pass
        assert len(client.store().list()) == kept


def test_what_a_class_has_does_not_push_others_out(rooms: RoomStore, code: str) -> None:
    store = RunStore(client.store().path)
    with DaemonStore(store.path, retention=RetentionLimits(finished_runs=1)) as daemon:
        other = store.submit(RECIPE, owner="visitor")
        train(daemon)
        class_seats.submit_waiting(rooms, code, RECIPE)
        while daemon.has_waiting():
            train(daemon)
        while daemon.tidy():
            pass
    assert store.run(other) is not None
