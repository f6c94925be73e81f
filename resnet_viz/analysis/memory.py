"""Activation memory: tensors kept for the backward pass, and the peak of a forward pass. float32, one image.

The rules are those of torch's autograd for the modules that `nets` builds, nothing done in place, and a test holds
them against the tensors that autograd really saves: a convolution, a norm, the max pool, the adaptive pool and the fc
keep their input, a product with a gate keeps both of its inputs, a ReLU and a sigmoid keep their output; additions,
constant factors, 1 - g, zero padding, flattening and the global mean keep nothing. The max pool also keeps an index of
eight bytes per output, dropout which values it dropped: one float per value on the CPU, one byte on CUDA. A norm's two
statistics per channel are per batch, not per image, and not counted here.
"""

from functools import lru_cache
from math import prod
from typing import Final

from resnet_viz.plan.builder import INPUT
from resnet_viz.plan.ops import (
    AdaptiveAvgPool,
    BatchNorm,
    Conv,
    Dropout,
    Flatten,
    Linear,
    MaxPool,
    Multiply,
    Op,
    ReLU,
    Shape,
    Sigmoid,
)
from resnet_viz.plan.plan import Node, Plan

FLOAT_BYTES: Final = 4
INDEX_BYTES: Final = 8
_KEEP_THEIR_INPUTS: Final = frozenset[type[Op]]((Conv, BatchNorm, MaxPool, AdaptiveAvgPool, Linear, Multiply))
_KEEP_THEIR_OUTPUT: Final = frozenset[type[Op]]((ReLU, Sigmoid))
_KEEP_MORE: Final = frozenset[type[Op]]((MaxPool, Dropout))
_COPY_NOTHING: Final = (Flatten, Dropout)  # at inference they pass their input on


@lru_cache(maxsize=4096)  # a net has a few dozen different shapes
def float_bytes(shape: Shape) -> int:
    """Returns the bytes of one float32 tensor of `shape`."""
    return FLOAT_BYTES * prod(shape)


def kept_bytes(plan: Plan) -> list[int]:
    """Returns the bytes that each node's backward pass keeps of one image beyond those of earlier nodes.

    So no sum over nodes counts a tensor twice, and the sum over all nodes is the training memory.
    """
    kept: set[str] = set()
    shapes = {INPUT: plan.input_shape}
    sizes = []
    for node in plan.nodes:
        name, op, _inputs, shape, _section = node
        shapes[name] = shape
        size = 0
        for needed in needed_tensors(node):
            if needed not in kept:
                kept.add(needed)
                size += float_bytes(shapes[needed])
        if type(op) in _KEEP_MORE:
            size += bytes_besides_tensors(op, shape)
        sizes.append(size)
    return sizes


def needed_tensors(node: Node) -> tuple[str, ...]:
    """Returns the names of the tensors that a node's backward pass needs."""
    kind = type(node.op)
    if kind in _KEEP_THEIR_INPUTS:
        return node.inputs
    return (node.name,) if kind in _KEEP_THEIR_OUTPUT else ()


def bytes_besides_tensors(op: Op, shape: Shape) -> int:
    """Returns the bytes that an operation keeps besides tensors of the plan: indices of a pool, a mask of a dropout."""
    if isinstance(op, MaxPool):
        return INDEX_BYTES * prod(shape)
    is_dropping = isinstance(op, Dropout) and op.rate > 0  # torch returns x itself where the rate is 0
    return float_bytes(shape) if is_dropping else 0


def inference_peak_bytes(plan: Plan) -> int:
    """Returns the largest number of bytes of activations alive at once in a forward pass of one image.

    A tensor lives from the node that makes it to the last node that reads it; a node's inputs and its output
    are alive together. A node that passes its input on makes none: its readers read its input.
    """
    nodes = _working(plan.nodes)
    last_use = {name: index for index, node in enumerate(nodes) for name in node.inputs}
    sizes = {INPUT: float_bytes(plan.input_shape)}
    alive = peak = sizes[INPUT]
    for index, (made, _op, inputs, shape, _section) in enumerate(nodes):
        sizes[made] = own = float_bytes(shape)
        alive += own
        peak = max(peak, alive)
        for name in inputs:
            if last_use[name] == index:
                alive -= sizes[name]
    return peak


def _working(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Returns the nodes that make a tensor, each with inputs among them."""
    maker: dict[str, str] = {}
    for name, _op, inputs, _shape, _section in [node for node in nodes if isinstance(node.op, _COPY_NOTHING)]:
        maker[name] = maker.get(inputs[0], inputs[0])
    if not maker:
        return nodes
    working = [node for node in nodes if node.name not in maker]
    return tuple(node._replace(inputs=tuple(maker.get(name, name) for name in node.inputs)) for node in working)
