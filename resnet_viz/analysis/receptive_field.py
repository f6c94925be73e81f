"""Receptive field and jump of every node, by the recursion of Araujo et al. 2019 (distill.pub, 10.23915/distill.00021).

The theoretical receptive field is the side of the square of input pixels that one output pixel depends on; the jump is
the distance in input pixels between neighbouring output pixels. All kernels here are odd with symmetric padding
and a strided shortcut or gate samples where the strided convolution is centred, so that the paths which meet at an
addition or a product share their centres and the larger field is the field of the sum.
"""

from typing import NamedTuple, assert_never

from resnet_viz.plan.lower import INPUT
from resnet_viz.plan.ops import (
    Add,
    BatchNorm,
    Complement,
    Conv,
    Dropout,
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


class Field(NamedTuple):
    """What one output pixel sees, in pixels of the input picture.

    Attributes:
        size: side of the receptive field.
        jump: distance between the fields of two neighbouring output pixels.
    """

    size: int
    jump: int


def fields(plan: Plan) -> dict[str, Field]:
    """Returns the field of every node by name, of the picture too.

    Behind the global pooling it covers the whole map.
    """
    seen = {INPUT: Field(1, 1)}
    side = plan.spec.image_size
    for name, op, inputs, shape in plan.nodes:
        before = seen[inputs[0]] if len(inputs) == 1 else max([seen[source] for source in inputs])
        seen[name] = _through(op, before, side)
        side = shape[-1]
    return seen


def _through(op: Op, before: Field, side: int) -> Field:
    match op:
        case BatchNorm() | ReLU() | Add() | Linear():
            return before
        case Scale() | Sigmoid() | Complement() | Multiply() | Dropout():
            return before
        case Conv(_, _, kernel, stride, _, _, dilation):
            return Field(before.size + dilation * (kernel - 1) * before.jump, before.jump * stride)
        case MaxPool(kernel, stride):
            return Field(before.size + (kernel - 1) * before.jump, before.jump * stride)
        case ZeroPad(_, _, stride):
            return Field(before.size, before.jump * stride)
        case GlobalAvgPool():
            return Field(before.size + (side - 1) * before.jump, before.jump * side)
        case _:
            assert_never(op)
