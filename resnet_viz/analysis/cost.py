"""Parameters and multiply-adds as exact integers, computed without tensors.

One MAC is one multiply-add of a convolution or of the fc, for one image. Additions of biases, norms, activations,
pooling, the sum at a shortcut and the products with a constant or a gate are not counted, as in the papers.
"""

from functools import lru_cache
from typing import assert_never

from resnet_viz.plan.ops import (
    AdaptiveAvgPool,
    Add,
    BatchNorm,
    Complement,
    Conv,
    Dropout,
    Flatten,
    GlobalAvgPool,
    Linear,
    MaxPool,
    Multiply,
    Op,
    ReLU,
    Scale,
    Shape,
    Sigmoid,
    ZeroPad,
)


@lru_cache(maxsize=4096)  # a ResNet-152 has 514 nodes and 30 different ones
def params(op: Op) -> int:
    """Returns the number of trainable parameters of `op`; the running statistics of a norm do not count."""
    match op:
        case Conv(in_channels, out_channels, kernel, _, _, has_bias, _, groups):
            return out_channels * (in_channels // groups * kernel * kernel + has_bias)
        case BatchNorm(channels):
            return 2 * channels
        case Linear(in_features, out_features):
            return out_features * (in_features + 1)
        case ReLU() | MaxPool() | GlobalAvgPool() | ZeroPad() | Add():
            return 0
        case AdaptiveAvgPool() | Flatten() | Scale() | Sigmoid() | Complement() | Multiply() | Dropout():
            return 0
        case _:
            assert_never(op)


@lru_cache(maxsize=4096)
def macs(op: Op, shape: Shape) -> int:
    """Returns the multiply-adds with which `op` makes an output of `shape`, for one image."""
    match op:
        case Conv(in_channels, out_channels, kernel, _, _, _, _, groups):
            return out_channels * (in_channels // groups) * kernel * kernel * shape[1] * shape[2]
        case Linear(in_features, out_features):
            return in_features * out_features
        case _:
            return 0
