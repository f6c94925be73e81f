"""Runs of a class: the recipe of a scene, trained once for each seat of a room with the seat's seed.

The runs belong to the room, an owner for each seat, so that the limit of one owner's runs bounds no class and the order
of the queue is fair between its seats. Each browser of the class submits what is still waiting for room in the queue:
one that is closed loses nothing.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from resnet_viz.errors import QueueFull, Refusal
from resnet_viz.jobs.training import client
from resnet_viz.runs.run import RunState
from resnet_viz.runs.sql.control import Verb
from resnet_viz.runs.sql.retention import CLASS_OWNER
from resnet_viz.runs.sql.seeds import SeedRun
from resnet_viz.scenes.rooms import RoomStore, Seat
from resnet_viz.training.recipe import Recipe

_lock = threading.Lock()  # of this server: two browsers must not submit the same seat


class SeatState(StrEnum):
    """States of a seat, from its place in the room to the end of its run."""

    OUTSIDE = "outside"  # the queue has no room for its run yet
    QUEUED = "queued"
    HELD = "held"  # paused or interrupted
    TRAINING = "training"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    DELETED = "deleted"


LOST: Final = (SeatState.FAILED, SeatState.STOPPED, SeatState.DELETED)
_OF_RUN: Final[Mapping[RunState, SeatState]] = {
    RunState.QUEUED: SeatState.QUEUED,
    RunState.RUNNING: SeatState.TRAINING,
    RunState.DONE: SeatState.DONE,
    RunState.FAILED: SeatState.FAILED,
    RunState.CANCELLED: SeatState.STOPPED,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassSeat:
    """A seat and the state of its run.

    Attributes:
        seed: of the run.
        state: of the seat.
        run_id: of its run, empty before it is in the queue.
        attempt: of its run, 0 before the first.
        place: position in the queue, or among the seats outside it; 0 elsewhere.
    """

    seed: int
    state: SeatState
    run_id: str = ""
    attempt: int = 0
    place: int = 0


def seats_of(rooms: RoomStore, code: str) -> tuple[ClassSeat, ...]:
    """Returns the seats of a room with the states of their runs, by seed."""
    seats, store = rooms.seats(code), client.store()
    runs = store.seed_runs([seat.run_id for seat in seats if seat.run_id])
    order = store.waiting_ids() if any(run.state is RunState.QUEUED for run in runs.values()) else ()
    outside = [seat.seed for seat in seats if not seat.run_id]
    return tuple(_class_seat(seat, runs.get(seat.run_id), order, outside) for seat in seats)


def submit_waiting(rooms: RoomStore, code: str, recipe: Recipe) -> bool:
    """Submits the seats of a room that have no run, by seed, while the queue has room; returns whether it had.

    Args:
        rooms: where the room is.
        code: of the room.
        recipe: of its scene; the seed of a run is that of its seat.

    Raises:
        Refusal: a run cannot be submitted or noted for another reason; a run that is not noted is cancelled.
    """
    with _lock:
        for seat in rooms.seats(code):
            if seat.run_id:
                continue
            try:
                run_id = client.submit(recipe.replace(seed=seat.seed), owner=f"{CLASS_OWNER}{code}:{seat.seed}")
            except QueueFull:
                return False
            try:
                rooms.seat_run(code, seat.seed, run_id)
            except Refusal:
                client.cancel(run_id)
                raise
    return True


def mend(rooms: RoomStore, code: str, seed: int) -> None:
    """Lets a seat train again whose run failed, was stopped or deleted, and one go on whose run is held.

    Others stay as they are: of two presses at once the second one changes nothing.

    Raises:
        Refusal: the seat cannot be changed.
    """
    with _lock:
        seat = next((each for each in seats_of(rooms, code) if each.seed == seed), None)
        if seat is None:
            return
        if seat.state in LOST:
            rooms.seat_run(code, seed, "")
        elif seat.state is SeatState.HELD:
            client.post_command(seat.run_id, Verb.CONTINUE)


def _class_seat(seat: Seat, run: SeedRun | None, order: Sequence[str], outside: Sequence[int]) -> ClassSeat:
    if not seat.run_id:
        return ClassSeat(seed=seat.seed, state=SeatState.OUTSIDE, place=outside.index(seat.seed) + 1)
    if run is None:
        return ClassSeat(seed=seat.seed, state=SeatState.DELETED, run_id=seat.run_id)
    state, place = _OF_RUN[run.state], 0
    if state is SeatState.QUEUED:
        is_held = run.id not in order
        state, place = (SeatState.HELD, 0) if is_held else (state, order.index(run.id) + 1)
    return ClassSeat(seed=seat.seed, state=state, run_id=run.id, attempt=run.attempt, place=place)
