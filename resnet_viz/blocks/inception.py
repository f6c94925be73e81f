"""Inception block 3a of GoogLeNet, path by path, against residual blocks of as many channels.

Szegedy et al. 2015 (arXiv 1409.4842), table 1; Dive into Deep Learning, section 7.6, exercise 1, asks for the
difference. An Inception block concatenates its paths, a residual block adds two. Concatenation is the more general:
the sum F(x) + x is the concatenation of both, followed by the fixed 1x1 convolution [I I].
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from resnet_viz.analysis.cost import macs, params
from resnet_viz.blocks.walk_inputs import ConvWeights, Values
from resnet_viz.blocks.walkthrough import convolve
from resnet_viz.plan.ops import Conv, Shape

INCEPTION: Final = "inception"  # in addresses
IN_SHAPE: Final[Shape] = (192, 28, 28)


class Join(StrEnum):
    """Ways to join paths; the last two compute the same."""

    CONCAT = "concat"
    FIXED = "fixed"  # concatenation, then the fixed 1x1 convolution [I I]
    SUM = "sum"


@dataclass(frozen=True, kw_only=True, slots=True)
class InceptionPath:
    """One path.

    Attributes:
        id: name in addresses.
        convs: its convolutions, each followed by a ReLU.
        has_pool: whether a 3x3 max pool with stride 1 comes before them.
    """

    id: str
    convs: tuple[Conv, ...]
    has_pool: bool = False

    @property
    def channels(self) -> int:
        """Output channels."""
        return self.convs[-1].out_channels

    @property
    def params(self) -> int:
        """Weights and biases."""
        return sum(map(params, self.convs))

    @property
    def macs(self) -> int:
        """Multiply-adds for one image of 28 px; every convolution keeps the side."""
        return sum(macs(conv, (conv.out_channels, *IN_SHAPE[1:])) for conv in self.convs)


def _conv(in_channels: int, out_channels: int, kernel: int) -> Conv:
    return Conv(in_channels, out_channels, kernel, 1, kernel // 2, has_bias=True)


PATHS: Final = (
    InceptionPath(id="1x1", convs=(_conv(192, 64, 1),)),
    InceptionPath(id="3x3", convs=(_conv(192, 96, 1), _conv(96, 128, 3))),
    InceptionPath(id="5x5", convs=(_conv(192, 16, 1), _conv(16, 32, 5))),
    InceptionPath(id="pool", convs=(_conv(192, 32, 1),), has_pool=True),
)


# One path is left, with as many channels as x; the other is the identity.
BRANCH: Final = InceptionPath(id="branch", convs=(_conv(192, 192, 3), _conv(192, 192, 3)))
FIXED_CONV: Final = Conv(2 * IN_SHAPE[0], IN_SHAPE[0], 1, 1, 0, has_bias=False)


def joined_by_fixed_conv(f_NCHW: Values, x_NCHW: Values) -> Values:
    """Returns the concatenation of F(x) and x, followed by the fixed 1x1 convolution [I I]."""
    identity = np.eye(x_NCHW.shape[1])
    weight_OIHW = np.concatenate((identity, identity), axis=1)[:, :, None, None]
    return convolve(np.concatenate((f_NCHW, x_NCHW), axis=1), ConvWeights(weight_OIHW))


def chosen_paths(ids: Collection[str]) -> tuple[InceptionPath, ...]:
    """Returns the paths of these ids in their order."""
    return tuple(path for path in PATHS if path.id in ids)
