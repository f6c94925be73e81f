"""Builder of a plan's nodes, for every kind of net."""

from functools import lru_cache
from typing import Final

from resnet_viz.plan.ops import BatchNorm, Conv, Op, Shape, output_shape
from resnet_viz.plan.plan import Node, Section
from resnet_viz.spec.vgg import AnySpec

INPUT: Final = "input"

# Equal operations are made once: a ResNet-152 has 514 nodes and 30 different ones.
_conv: Final = lru_cache(maxsize=4096)(Conv)
_norm: Final = lru_cache(maxsize=4096)(BatchNorm)


class PlanBuilder:
    """Appends nodes to a section; keeps the name and the shape of the last output.

    Attributes:
        nodes: of all sections begun so far.
        at: name of the node that the next one reads.
        shape: of that node's output.
    """

    def __init__(self, spec: AnySpec) -> None:
        self.has_bias = spec.conv_bias
        self.nodes: list[Node] = []
        self.at = INPUT
        self.shape: Shape = (spec.in_channels, *spec.image_sides)
        self._section, self._path = Section.STEM, ""

    def begin(self, section: Section, owner: str = "") -> None:
        """Begins a section of the net, or of the block or stage `owner`: names of its nodes begin with both."""
        self._section = section
        self._path = f"{owner}.{section}." if owner else f"{section}."

    def put(self, leaf: str, op: Op) -> None:
        """Appends a node that reads the last one. `leaf` is the last part of its name."""
        self.append(f"{self._path}{leaf}", self._section, op, self.at)

    def append(self, name: str, section: Section, op: Op, *inputs: str) -> None:
        """Appends a node under its whole name; all that it reads has the shape of the last output."""
        self.shape = output_shape(op, self.shape)
        self.nodes.append(Node(name, op, inputs, self.shape, section))
        self.at = name

    def conv(self, leaf: str, out_channels: int, kernel: int, stride: int, dilation: int = 1, groups: int = 1) -> None:
        """Appends a convolution that keeps the image's side but for its stride."""
        padding = dilation * (kernel // 2)
        self.put(leaf, _conv(self.shape[0], out_channels, kernel, stride, padding, self.has_bias, dilation, groups))

    def norm(self, leaf: str) -> None:
        """Appends a batch normalisation."""
        self.put(leaf, _norm(self.shape[0]))
