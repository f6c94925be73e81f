"""One map made again and again, of nets that differ in their weights only."""

from collections.abc import Callable
from typing import Any

from torch import Tensor

from resnet_viz.explain.maps import attribute
from resnet_viz.explain.quiet import Tick
from resnet_viz.nets.modules import Net

Mapped = Callable[[Net, Tick], Tensor]
"""Makes the map of a net for a picture, class and method that are settled, and tells how far it is."""


def mapping(x_1CHW: Tensor, **asked: Any) -> Mapped:
    """Returns what makes the map of any net for a picture; `asked` as in `attribute`, without a tick."""

    def mapped(net: Net, tick: Tick) -> Tensor:
        return attribute(net, x_1CHW, tick=tick, **asked).values

    return mapped


def share_of(tick: Tick, number: int, total: int) -> Tick:
    """Returns the tick of one piece of work, number `number` from 0 of `total`."""

    def tick_piece(share: float) -> None:
        tick((number + share) / total)

    return tick_piece
