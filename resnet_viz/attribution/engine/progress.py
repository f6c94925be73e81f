"""One map made again and again, of nets that differ in their weights only."""

from collections.abc import Callable

from torch import Tensor

from resnet_viz.attribution.engine.hooks import Tick
from resnet_viz.nets.modules import Net

MapFunction = Callable[[Net, Tick], Tensor]
"""Makes the map of a net for a picture, class and method that are settled, and tells how far it is."""


def subtick(tick: Tick, number: int, total: int) -> Tick:
    """Returns the tick of one piece of work, number `number` from 0 of `total`."""

    def tick_piece(share: float) -> None:
        tick((number + share) / total)

    return tick_piece
