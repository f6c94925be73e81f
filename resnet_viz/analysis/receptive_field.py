"""Receptive field and jump of every node, by the recursion of Araujo et al. 2019 (distill.pub, 10.23915/distill.00021).

The theoretical receptive field is the side of the square of input pixels that one output pixel depends on; the jump is
the distance in input pixels between neighbouring output pixels. Wherever there are shortcuts, kernels are odd with
symmetric padding and a strided shortcut or gate samples where the strided convolution is centred, so that the paths
which meet at an addition or a product share their centres and the larger field is the field of the sum.
"""

from typing import Final, NamedTuple, assert_never

from resnet_viz.plan.builder import INPUT
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
    Sigmoid,
    ZeroPad,
)
from resnet_viz.plan.plan import Plan

HEIGHT: Final = 1  # axes of a shape
WIDTH: Final = 2


class ReceptiveField(NamedTuple):
    """Receptive field of one output pixel, in input pixels.

    Attributes:
        size: side of the receptive field.
        jump: distance between the fields of two neighbouring output pixels.
    """

    size: int
    jump: int


def receptive_fields(plan: Plan, axis: int = HEIGHT) -> dict[str, ReceptiveField]:
    """Returns the receptive field of every node by name, and of the input, along the height or the width.

    After global pooling, and after the flattening of a VGG net, it covers the whole map: there alone the two axes
    differ, where the image is no square.
    """
    seen = {INPUT: ReceptiveField(1, 1)}
    side = plan.input_shape[axis]
    whole = seen[INPUT]
    for name, op, inputs, shape, _section in plan.nodes:
        before = seen[inputs[0]] if len(inputs) == 1 else max([seen[source] for source in inputs])
        if type(op) is AdaptiveAvgPool:  # pieces of the map, which together are all of it
            whole = _whole(before, side)
        seen[name] = whole if type(op) is Flatten else _through(op, before, side)
        side = shape[axis] if len(shape) > axis else 1  # a vector has no axes; what reads it reads all of it
    return seen


def field_starts(plan: Plan) -> dict[str, int]:
    """Returns the first input pixel in the field of every node's first pixel, by name, and of the input.

    Padding makes it negative. The field of pixel i begins i jumps later.
    """
    seen = receptive_fields(plan)
    first = {INPUT: 0}
    for name, op, inputs, _shape, _section in plan.nodes:
        padding = op.padding if isinstance(op, Conv | MaxPool) else 0
        first[name] = min(first[source] - padding * seen[source].jump for source in inputs)
    return first


def _whole(field: ReceptiveField, side: int) -> ReceptiveField:
    """Returns the field of a value that depends on a whole map of `side` pixels."""
    return ReceptiveField(field.size + (side - 1) * field.jump, field.jump * side)


def _adaptive(before: ReceptiveField, side: int, pooled_side: int) -> ReceptiveField:
    """Returns the field of the largest piece of an adaptive pool, and the mean distance of pieces in whole pixels.

    Piece i reaches from floor(i * side / pooled_side) to ceil((i + 1) * side / pooled_side), as in torch.
    """
    if pooled_side == 1:
        return _whole(before, side)
    starts = [i * side // pooled_side for i in range(pooled_side)]
    ends = [-(-(i + 1) * side // pooled_side) for i in range(pooled_side)]
    largest = max(end - start for start, end in zip(starts, ends, strict=True))
    return ReceptiveField(before.size + (largest - 1) * before.jump, before.jump * starts[-1] // (pooled_side - 1))


def _through(op: Op, before: ReceptiveField, side: int) -> ReceptiveField:
    match op:
        case BatchNorm() | ReLU() | Add() | Linear():
            return before
        case Scale() | Sigmoid() | Complement() | Multiply() | Dropout():
            return before
        case Conv(_, _, kernel, stride, _, _, dilation):
            return ReceptiveField(before.size + dilation * (kernel - 1) * before.jump, before.jump * stride)
        case MaxPool(kernel, stride):
            return ReceptiveField(before.size + (kernel - 1) * before.jump, before.jump * stride)
        case ZeroPad(_, _, stride):
            return ReceptiveField(before.size, before.jump * stride)
        case GlobalAvgPool() | Flatten():
            return _whole(before, side)
        case AdaptiveAvgPool(pooled_side):
            return _adaptive(before, side, pooled_side)
        case Dropout():
            return before
        case _:
            assert_never(op)
