"""Tables of units: the convolutions of a branch, and the places of norm and activation.

He et al. 2015, fig. 5 (basic and bottleneck); He et al. 2016, fig. 4 (orders a to e).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from resnet_viz.spec.enums import BlockKind, Order, StrideOn
from resnet_viz.spec.net import NetSpec


class UnitLayer(StrEnum):
    """Kinds of layers around a convolution."""

    NORM = "norm"
    ACT = "act"


class Unit(NamedTuple):
    """Places of norm and activation. Between two convolutions every order has norm, then activation.

    Attributes:
        pre: before the first convolution.
        tail: after the last convolution, before the addition.
        post: after the addition.
    """

    pre: tuple[UnitLayer, ...]
    tail: tuple[UnitLayer, ...]
    post: tuple[UnitLayer, ...]


UNITS: Final[Mapping[Order, Unit]] = {
    Order.ORIGINAL: Unit(pre=(), tail=(UnitLayer.NORM,), post=(UnitLayer.ACT,)),  # fig. 4 a
    Order.BN_AFTER_ADD: Unit(pre=(), tail=(), post=(UnitLayer.NORM, UnitLayer.ACT)),  # b
    Order.RELU_BEFORE_ADD: Unit(pre=(), tail=(UnitLayer.NORM, UnitLayer.ACT), post=()),  # c
    Order.RELU_ONLY_PREACT: Unit(pre=(UnitLayer.ACT,), tail=(UnitLayer.NORM,), post=()),  # d
    Order.FULL_PREACT: Unit(pre=(UnitLayer.NORM, UnitLayer.ACT), tail=(), post=()),  # e
}
BETWEEN: Final = (UnitLayer.NORM, UnitLayer.ACT)


class BranchConv(NamedTuple):
    """One convolution of a branch: its side in px, channels out, stride, dilation and groups."""

    kernel: int
    out_channels: int
    stride: int
    dilation: int = 1
    groups: int = 1


def branch_convs(
    spec: NetSpec, width: int, stride: int, first_dilation: int = 1, dilation: int = 1
) -> tuple[BranchConv, ...]:
    """Returns the convolutions of a branch of `width` that downsamples by `stride`.

    A bottleneck's 3x3 has `cardinality` groups of `width * width_per_group / 64` channels, as in torchvision; a basic
    block of a wide net is wider as a whole.

    `first_dilation` is that of the first 3x3, which has the stride or would have it, and `dilation` that of a 3x3
    behind it. They differ in the first block of a dilated stage. In basic blocks torchvision refuses both ("Dilation >
    1 not supported in BasicBlock"); timm dilates its convolutions as it is done here.
    """
    match spec.block:
        case BlockKind.BASIC:
            wide = spec.inner_width(width)
            return (BranchConv(3, wide, stride, first_dilation), BranchConv(3, wide, 1, dilation))
        case BlockKind.BOTTLENECK:
            on_first = spec.stride_on is StrideOn.FIRST_1X1
            inner = spec.inner_width(width)
            return (
                BranchConv(1, inner, stride if on_first else 1),
                BranchConv(3, inner, 1 if on_first else stride, first_dilation, spec.cardinality),
                BranchConv(1, spec.block_channels(width), 1),
            )
