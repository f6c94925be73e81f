"""Estimated time of instruments on trained nets, so that a page can tell it before it asks. No torch."""

from typing import Final

from resnet_viz.analysis.cost import macs
from resnet_viz.plan.lower import lower
from resnet_viz.plan.ops import Shape
from resnet_viz.spec.vgg import AnySpec

_MACS_PER_S: Final = (
    8e10  # both measured with the shipped nets on one core: ResNet-20 0.45 ms, ResNet-56 0.5 ms an image
)
_VALUES_PER_S: Final = 1.5e9


def forward_s(spec: AnySpec, num_images: int) -> float:
    """Returns the estimated seconds of forward passes in batches."""
    nodes = lower(spec).nodes
    values = sum(_size(node.shape) for node in nodes)
    return num_images * (sum(macs(node.op, node.shape) for node in nodes) / _MACS_PER_S + values / _VALUES_PER_S)


def lesions_s(spec: AnySpec, num_images: int) -> float:
    """Returns the estimated seconds of the accuracies without each block: half as much as whole passes."""
    return forward_s(spec, num_images) * (1.5 + len(lower(spec).blocks) / 2)


def _size(shape: Shape) -> int:
    size = 1
    for side in shape:
        size *= side
    return size
