"""Activations in memory: what training keeps for the backward pass, and the peak of a forward pass. float32, one image.

The rules are those of torch's autograd for the modules that `nets` builds, nothing done in place, and a test holds
them against the tensors that autograd really saves: a convolution, a norm, the max pool and the fc keep their input,
a product with a gate keeps both of its inputs, a ReLU and a sigmoid keep their output; additions, constant factors,
1 - g, zero padding and average pooling keep nothing. The max pool also keeps an index of eight bytes per output. A
dropout keeps which values it dropped, as one float per value on the CPU; on CUDA it is one byte. A norm's two
statistics per channel are per batch, not per image, and not counted here.
"""

from functools import lru_cache
from math import prod
from typing import Final

from resnet_viz.plan.lower import INPUT
from resnet_viz.plan.ops import BatchNorm, Conv, Dropout, Linear, MaxPool, Multiply, Op, ReLU, Shape, Sigmoid
from resnet_viz.plan.plan import Plan

FLOAT_BYTES: Final = 4
INDEX_BYTES: Final = 8
_KEEP_THEIR_INPUTS: Final = frozenset[type[Op]]((Conv, BatchNorm, MaxPool, Linear, Multiply))
_KEEP_THEIR_OUTPUT: Final = frozenset[type[Op]]((ReLU, Sigmoid))
_KEEP_MORE: Final = frozenset[type[Op]]((MaxPool, Dropout))


@lru_cache(maxsize=4096)  # a net has a few dozen different shapes
def float_bytes(shape: Shape) -> int:
    """Returns the bytes of one float32 tensor of `shape`."""
    return FLOAT_BYTES * prod(shape)


def kept_bytes(plan: Plan) -> list[int]:
    """Returns what each node's backward pass keeps of one image, beyond what an earlier node keeps already.

    So the sum over any nodes counts no tensor twice, and the sum over all of them is what training holds.
    """
    kept: set[str] = set()
    shapes = {INPUT: plan.input_shape}
    sizes = []
    for name, op, inputs, shape in plan.nodes:
        shapes[name] = shape
        kind, size = type(op), 0
        if kind in _KEEP_THEIR_INPUTS or kind in _KEEP_THEIR_OUTPUT:
            for needed in inputs if kind in _KEEP_THEIR_INPUTS else (name,):
                if needed not in kept:
                    kept.add(needed)
                    size += float_bytes(shapes[needed])
        if kind in _KEEP_MORE:
            size += _more_bytes(op, shape)
        sizes.append(size)
    return sizes


def _more_bytes(op: Op, shape: Shape) -> int:
    """Returns what an operation with an output of `shape` keeps besides its inputs."""
    if isinstance(op, MaxPool):
        return INDEX_BYTES * prod(shape)
    is_dropping = isinstance(op, Dropout) and op.rate > 0  # torch hands x on untouched where the rate is 0
    return float_bytes(shape) if is_dropping else 0


def inference_peak_bytes(plan: Plan) -> int:
    """Returns the most bytes of activations alive at once in a forward pass of one image.

    A tensor lives from the node that makes it to the last node that reads it; a node's inputs and its output
    are alive together.
    """
    last_use = {name: index for index, node in enumerate(plan.nodes) for name in node.inputs}
    sizes = {INPUT: float_bytes(plan.input_shape)}
    alive = peak = sizes[INPUT]
    for index, (made, _op, inputs, shape) in enumerate(plan.nodes):
        sizes[made] = own = float_bytes(shape)
        alive += own
        peak = max(peak, alive)
        for name in inputs:
            if last_use[name] == index:
                alive -= sizes[name]
    return peak
