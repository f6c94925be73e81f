"""Walk of an input through a block, layer by layer, in numpy.

Shape suffixes as in `walk_inputs`. Batch norm has scale one and shift zero and uses the statistics of this batch, as in
training; dropout passes everything, as in evaluation.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from resnet_viz.blocks.single import single_block
from resnet_viz.blocks.variants import BlockSettings, BlockVariant, ShapeChange
from resnet_viz.blocks.walk_inputs import SIDE, ConvWeights, Values, weights_of
from resnet_viz.plan.ops import (
    Add,
    BatchNorm,
    Complement,
    Conv,
    Dropout,
    Multiply,
    ReLU,
    Scale,
    Sigmoid,
)
from resnet_viz.plan.plan import Node

NORM_EPSILON: Final = 1e-5  # torch.nn.BatchNorm2d's own


@dataclass(frozen=True, kw_only=True, slots=True)
class WalkStep:
    """One tensor on the way.

    Attributes:
        node: the layer that makes it; None of the input.
        values_NCHW: its values.
        reads: numbers of the steps whose tensors the layer reads.
        weights: those of a convolution; None of other layers.
    """

    node: Node | None
    values_NCHW: Values
    reads: tuple[int, ...] = ()
    weights: ConvWeights | None = None


def walk(
    variant: BlockVariant, x_NCHW: Values, *, has_norm: bool, is_branch_zero: bool = False
) -> tuple[WalkStep, ...]:
    """Returns the input and the output of each layer in running order.

    Args:
        variant: one that `walk_inputs.can_walk`.
        x_NCHW: the input.
        has_norm: whether there is batch norm; a class of code keeps what it has.
        is_branch_zero: whether the branch has weights of zero, so that F(x) = 0.
    """
    settings = BlockSettings(shape=ShapeChange.STAYS, width=1, size=SIDE, has_norm=has_norm)
    block = single_block(variant, settings)
    weights = weights_of(block, is_branch_zero=is_branch_zero)
    steps = [WalkStep(node=None, values_NCHW=x_NCHW)]
    numbers = {block.block.source: 0}
    for node in block.nodes:
        own = weights.get(node.name)
        reads = tuple(numbers[name] for name in node.inputs)
        values_NCHW = _output(node, [steps[number].values_NCHW for number in reads], own)
        numbers[node.name] = len(steps)
        steps.append(WalkStep(node=node, values_NCHW=values_NCHW, reads=reads, weights=own))
    return tuple(steps)


def _output(node: Node, inputs: list[Values], weights: ConvWeights | None) -> Values:
    x_NCHW = inputs[0]
    match node.op:
        case Conv(stride=stride, padding=padding) if weights is not None:
            return convolve(x_NCHW, weights, stride=stride, padding=padding)
        case Dropout():
            return x_NCHW
        case BatchNorm():
            mean = x_NCHW.mean(axis=(0, 2, 3), keepdims=True)
            variance = x_NCHW.var(axis=(0, 2, 3), keepdims=True)
            return np.asarray((x_NCHW - mean) / np.sqrt(variance + NORM_EPSILON))
        case ReLU():
            return np.maximum(x_NCHW, 0.0)
        case Add():
            return inputs[0] + inputs[1]
        case Multiply():
            return inputs[0] * inputs[1]
        case Complement():
            return 1.0 - x_NCHW
        case Sigmoid():
            return np.asarray(1.0 / (1.0 + np.exp(-x_NCHW)))
        case Scale(factor):
            return factor * x_NCHW
        case _:
            raise AssertionError(f"{node.op} is in no block that can be walked through")


def convolve(x_NCHW: Values, weights: ConvWeights, *, stride: int = 1, padding: int = 0) -> Values:
    """Returns the convolution of deep learning: the kernel is not turned; zeros lie around the image."""
    padded = np.pad(x_NCHW, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, weights.weight_OIHW.shape[2:], axis=(2, 3))
    found = np.einsum("nihwkl,oikl->nohw", windows[:, :, ::stride, ::stride], weights.weight_OIHW)
    return np.asarray(found if weights.bias_O is None else found + weights.bias_O[None, :, None, None])
