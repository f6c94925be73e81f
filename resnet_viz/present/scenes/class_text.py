"""Messages about the seats of a class: how far all of them are, and how one's own is."""

from collections import Counter
from collections.abc import Sequence
from typing import assert_never

from resnet_viz.i18n import _, ngettext
from resnet_viz.jobs.training.class_seats import LOST, ClassSeat, SeatState
from resnet_viz.present.units import seconds_text


def seats_text(seats: Sequence[ClassSeat]) -> str:
    """Returns how many browsers joined, train and are done; failed and stopped ones are counted apart."""
    count = Counter(seat.state for seat in seats)
    waiting = count[SeatState.OUTSIDE] + count[SeatState.QUEUED]
    parts = [
        _("{n} joined").format(n=len(seats)),
        _("{n} training").format(n=count[SeatState.TRAINING]),
        _("{n} done").format(n=count[SeatState.DONE]),
    ]
    apart = (
        (waiting, _("{n} waiting")),
        (count[SeatState.HELD], _("{n} paused")),
        (count[SeatState.FAILED], _("{n} failed")),
        (count[SeatState.STOPPED] + count[SeatState.DELETED], _("{n} stopped")),
    )
    return " · ".join([*parts, *(text.format(n=n) for n, text in apart if n)])


def rest_text(seats: Sequence[ClassSeat], seconds_of_run: float, runs_at_once: int) -> str:
    """Returns how long the runs that have not ended take on this machine, empty where all have."""
    over = (SeatState.DONE, SeatState.HELD, *LOST)
    left = sum(seat.state not in over for seat in seats)
    if not left:
        return ""
    return ngettext(
        "{n} run is left: about {time} on this machine.", "{n} runs are left: about {time} on this machine.", left
    ).format(n=left, time=seconds_text(seconds_of_run * -(-left // runs_at_once)))


def own_text(seat: ClassSeat) -> str:
    """Returns how one's own seat is."""
    match seat.state:
        case SeatState.OUTSIDE:
            text = _("The queue is full: your seed {seed} is number {place} outside it, and starts by itself.")
        case SeatState.QUEUED:
            text = _("Your seed {seed} is number {place} in the queue.")
        case SeatState.TRAINING:
            text = _("Your seed {seed} is training.")
        case SeatState.DONE:
            text = _("Your seed {seed} is done.")
        case SeatState.HELD:
            text = _("Your seed {seed} is paused.")
        case SeatState.FAILED:
            text = _("Your seed {seed} failed; it is not counted.")
        case SeatState.STOPPED:
            text = _("Your seed {seed} was stopped; it is not counted.")
        case SeatState.DELETED:
            text = _("The run of your seed {seed} was deleted; it is not counted.")
        case _:
            assert_never(seat.state)
    return text.format(seed=seat.seed, place=seat.place)
