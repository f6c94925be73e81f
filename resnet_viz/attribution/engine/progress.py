"""Progress of long computations: callbacks that receive the share that is done, and may raise to end the work."""

from collections.abc import Callable

from torch import Tensor

from resnet_viz.nets.modules import Net

Tick = Callable[[float], None]
"""Receives the share that is done, 0 to 1. Raises `methods.Cancelled` to end the work."""

MapFunction = Callable[[Net, Tick], Tensor]
"""Returns the map of a net for a fixed image, class and method."""


def no_tick(share: float) -> None:
    """Ignores progress."""


def subtick(tick: Tick, number: int, total: int) -> Tick:
    """Returns the tick of one piece of work, number `number` from 0 of `total`."""

    def tick_piece(share: float) -> None:
        tick((number + share) / total)

    return tick_piece
