"""Appends the nodes of a plan one behind the other: what lowering needs, whatever the kind of net."""

from functools import lru_cache
from typing import Final

from resnet_viz.plan.ops import BatchNorm, Conv, Op, Shape, output_shape
from resnet_viz.plan.plan import Node
from resnet_viz.spec.vgg import AnySpec

INPUT: Final = "input"

# Equal operations are made once: a ResNet-152 has 514 nodes and 30 different ones.
_conv: Final = lru_cache(maxsize=4096)(Conv)
_norm: Final = lru_cache(maxsize=4096)(BatchNorm)


class PlanBuilder:
    """Appends nodes and keeps where the last one stands."""

    def __init__(self, spec: AnySpec) -> None:
        self.has_bias = spec.conv_bias
        self.nodes: list[Node] = []
        self.at = INPUT
        self.shape: Shape = (spec.in_channels, spec.image_size, spec.image_size)

    def put(self, name: str, op: Op) -> None:
        """Appends a node that reads the last one."""
        shape = output_shape(op, self.shape)
        self.nodes.append(Node(name, op, (self.at,), shape))
        self.at, self.shape = name, shape

    def conv(self, name: str, out_channels: int, kernel: int, stride: int, dilation: int = 1, groups: int = 1) -> None:
        """Appends a convolution that keeps the picture's side but for its stride."""
        padding = dilation * (kernel // 2)
        self.put(name, _conv(self.shape[0], out_channels, kernel, stride, padding, self.has_bias, dilation, groups))

    def norm(self, name: str) -> None:
        """Appends a batch normalisation."""
        self.put(name, _norm(self.shape[0]))
