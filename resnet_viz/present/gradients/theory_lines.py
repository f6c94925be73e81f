"""Theory lines over the measured curves."""

from collections.abc import Sequence
from typing import NamedTuple

from resnet_viz.present.gradients.nets import BenchNet


class TheoryLine(NamedTuple):
    """Line of a formula over the curve of one net.

    Attributes:
        net: the net that it holds for.
        title: formula, for the legend.
        source: paper and place, or "derived".
        xs: on the axis of blocks.
        ys: of the quantity.
        factor: of each step towards the input; 0 for a formula that has none.
        layers: convolutions of a step.
    """

    net: BenchNet
    title: str
    source: str
    xs: Sequence[float]
    ys: Sequence[float]
    factor: float = 0.0
    layers: int = 1
