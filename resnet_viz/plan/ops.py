"""Operations of a plan's nodes. Frozen and hashable. Classes and no tuples: an empty ReLU() must not equal an Add().

Shapes are of one image without the batch dimension: (C, H, W) for maps, (K,) for vectors: after the
fc, and in VGG's head after the flattening.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Final, assert_never

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Conv:
    """A square convolution of `kernel` px with symmetric zero padding.

    `dilation` px lie between two of its taps; `groups` equal parts of the channels do not see each other.
    """

    in_channels: int
    out_channels: int
    kernel: int
    stride: int
    padding: int
    has_bias: bool
    dilation: int = 1
    groups: int = 1


@dataclass(frozen=True, slots=True)
class BatchNorm:
    """Batch normalisation with a learnt scale and shift per channel."""

    channels: int


@dataclass(frozen=True, slots=True)
class ReLU:
    """max(0, x)."""


@dataclass(frozen=True, slots=True)
class MaxPool:
    """Square max pooling."""

    kernel: int
    stride: int
    padding: int


@dataclass(frozen=True, slots=True)
class GlobalAvgPool:
    """The mean of each channel over the whole map."""


@dataclass(frozen=True, slots=True)
class AdaptiveAvgPool:
    """Means over a map cut into `side` by `side` pieces, which overlap or repeat where its side is no multiple."""

    side: int


@dataclass(frozen=True, slots=True)
class Flatten:
    """The values of a map as one vector."""


@dataclass(frozen=True, slots=True)
class Dropout:
    """Sets each value to zero with this probability while training."""

    rate: float


@dataclass(frozen=True, slots=True)
class Linear:
    """A fully connected layer with bias."""

    in_features: int
    out_features: int


@dataclass(frozen=True, slots=True)
class ZeroPad:
    """Option A of He et al. 2015: every `stride`-th pixel, new channels filled with zeros."""

    in_channels: int
    out_channels: int
    stride: int


@dataclass(frozen=True, slots=True)
class Add:
    """Element-wise sum of shortcut and branch."""


@dataclass(frozen=True, slots=True)
class Scale:
    """x times a constant that is not learnt."""

    factor: float


@dataclass(frozen=True, slots=True)
class Sigmoid:
    """1 / (1 + exp(-x)): turns a convolution into a gate."""


@dataclass(frozen=True, slots=True)
class Complement:
    """1 - g: the weight that a gate leaves to the shortcut."""


@dataclass(frozen=True, slots=True)
class Multiply:
    """Element-wise product of a signal and its gate."""


Op = (
    Conv | BatchNorm | ReLU | MaxPool | GlobalAvgPool | AdaptiveAvgPool | Flatten | Linear | ZeroPad | Add
    | Scale | Sigmoid | Complement | Multiply | Dropout
)  # fmt: skip
Layers = Mapping[str, Op]  # node name -> its operation, in running order

RELU: Final = ReLU()
ADD: Final = Add()
SIGMOID: Final = Sigmoid()
COMPLEMENT: Final = Complement()
MULTIPLY: Final = Multiply()


@lru_cache(maxsize=4096)  # a ResNet-152 has 514 nodes and 40 different ones
def output_shape(op: Op, shape: Shape) -> Shape:
    """Returns the output shape of `op` for an input of `shape`."""
    match op:
        case Conv(_, out_channels, kernel, stride, padding, _, dilation):
            less = dilation * (kernel - 1) + 1 - 2 * padding
            return (out_channels, (shape[1] - less) // stride + 1, (shape[2] - less) // stride + 1)
        case MaxPool(kernel, stride, padding):
            less = kernel - 2 * padding
            return (shape[0], (shape[1] - less) // stride + 1, (shape[2] - less) // stride + 1)
        case ZeroPad(_, out_channels, stride):
            return (out_channels, -(-shape[1] // stride), -(-shape[2] // stride))
        case GlobalAvgPool():
            return (shape[0], 1, 1)
        case AdaptiveAvgPool(side):
            return (shape[0], side, side)
        case Flatten():
            return (prod(shape),)
        case Linear(_, out_features):
            return (out_features,)
        case BatchNorm() | ReLU() | Add() | Scale() | Sigmoid() | Complement() | Multiply() | Dropout():
            return shape
        case _:
            assert_never(op)
