"""The layers of two nets side by side, by name: which stand in one net only, and what differs in the others."""

from enum import StrEnum
from typing import NamedTuple

from resnet_viz.analysis.report import Analysis, Row
from resnet_viz.plan.plan import Node


class Change(StrEnum):
    """What differs between two layers of one name; the first that holds."""

    ONLY_A = "only_a"
    ONLY_B = "only_b"
    SIZE = "size"  # the operation, its channels, kernel or stride, or the shape that it puts out
    INPUTS = "inputs"  # it reads other layers: what the activation order changes
    SIGHT = "sight"  # receptive field, jump, or what training keeps because of it: the doing of other layers
    NONE = "none"


class LayerPair(NamedTuple):
    """One layer of two nets.

    Attributes:
        name: its name in both nets.
        a: the layer and its figures in the first net, None where it has no layer of this name.
        b: the same in the second net.
    """

    name: str
    a: tuple[Node, Row] | None
    b: tuple[Node, Row] | None

    @property
    def params(self) -> int:
        """Trainable parameters that b has more than a."""
        return (self.b[1].params if self.b else 0) - (self.a[1].params if self.a else 0)

    @property
    def macs(self) -> int:
        """Multiply-adds of one image that b has more than a."""
        return (self.b[1].macs if self.b else 0) - (self.a[1].macs if self.a else 0)

    @property
    def kept_bytes(self) -> int:
        """Bytes of one image that training keeps in b beyond those in a."""
        return (self.b[1].kept_bytes if self.b else 0) - (self.a[1].kept_bytes if self.a else 0)

    @property
    def change(self) -> Change:
        """What differs."""
        if self.b is None:
            return Change.ONLY_A
        if self.a is None:
            return Change.ONLY_B
        (node_a, row_a), (node_b, row_b) = self.a, self.b
        if (node_a.op, node_a.shape) != (node_b.op, node_b.shape):
            return Change.SIZE
        if node_a.inputs != node_b.inputs:
            return Change.INPUTS
        return Change.NONE if row_a == row_b else Change.SIGHT


def pair_layers(a: Analysis, b: Analysis) -> tuple[LayerPair, ...]:
    """Returns all layers of both nets in running order.

    The order is that of a; a layer of b alone stands before the next layer of b that a has too.
    """
    found_a, found_b = _by_name(a), _by_name(b)
    alone: dict[str, list[str]] = {}  # layers of b alone, by the shared layer behind them
    waiting: list[str] = []
    for name in found_b:
        waiting.append(name)
        if name in found_a:
            alone[name], waiting = waiting[:-1], []
    names = [name for shared in found_a for name in (*alone.get(shared, ()), shared)]
    return tuple(LayerPair(name, found_a.get(name), found_b.get(name)) for name in (*names, *waiting))


def _by_name(analysis: Analysis) -> dict[str, tuple[Node, Row]]:
    return {node.name: (node, row) for node, row in zip(analysis.plan.nodes, analysis.nodes, strict=True)}
