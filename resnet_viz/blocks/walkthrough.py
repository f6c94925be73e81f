"""Walk of a small image through a block, layer by layer, in numpy: two 3x3 convolutions whose results are read by eye.

Shape suffixes: H and W, six pixels each; there is one channel and one image. The first convolution is a horizontal
difference, the second a vertical one. Batch norm has scale one and shift zero and uses the statistics of this image, as
in training; a gate has W_g = 0, so that it is sigmoid(b_g) everywhere; dropout passes everything, as in evaluation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from resnet_viz.blocks.single import single_block
from resnet_viz.blocks.variants import BlockSettings, BlockVariant, ShapeChange, VariantGroup
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
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
from resnet_viz.plan.plan import Node, Section

Map = npt.NDArray[np.float64]

SIDE: Final = 6
LARGEST: Final = 100.0  # of an image's values; larger ones are not read at a glance
NORM_EPSILON: Final = 1e-5  # torch.nn.BatchNorm2d's own
_QUARTER: Final = ((0, 0, 0), (0, 1, 2), (0, 2, 4))
IMAGE_HW: Final[Map] = np.block(
    [[np.array(_QUARTER), np.array(_QUARTER)[:, ::-1]], [np.array(_QUARTER)[::-1], np.array(_QUARTER)[::-1, ::-1]]]
).astype(float)
KERNELS: Final[Mapping[str, Map]] = {
    "conv1": np.array([[0, 0, 0], [-1, 0, 1], [0, 0, 0]], dtype=float),
    "conv2": np.array([[0, -1, 0], [0, 0, 0], [0, 1, 0]], dtype=float),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class WalkStep:
    """One tensor on the way.

    Attributes:
        node: the layer that makes it; None of the input.
        values_HW: its values.
        kernel: weights of a convolution with 3x3 weights; None of other layers.
    """

    node: Node | None
    values_HW: Map
    kernel: Map | None = None


def can_walk(variant: BlockVariant) -> bool:
    """Whether a variant is a block of two 3x3 convolutions whose shape can stay."""
    return variant.group in (VariantGroup.ORDERS, VariantGroup.SHORTCUTS) or variant.id == "basic"


def walk(variant: BlockVariant, image_HW: Map, *, has_norm: bool, is_branch_zero: bool = False) -> tuple[WalkStep, ...]:
    """Returns the input and the output of each layer in running order.

    Args:
        variant: one that `can_walk`.
        image_HW: the input.
        has_norm: whether there is batch norm.
        is_branch_zero: whether the second convolution has weights of zero, so that F(x) = 0.
    """
    settings = BlockSettings(shape=ShapeChange.STAYS, width=1, size=SIDE, has_norm=has_norm)
    block = single_block(variant, settings)
    outputs: dict[str, Map] = {block.block.source: image_HW}
    steps = [WalkStep(node=None, values_HW=image_HW)]
    for node in block.nodes:
        kernel = _kernel(node, is_zero=is_branch_zero)
        inputs = [outputs[name] for name in node.inputs]
        outputs[node.name] = _output(node, inputs, kernel, gate_bias=block.spec.gate_bias)
        steps.append(WalkStep(node=node, values_HW=outputs[node.name], kernel=kernel))
    return tuple(steps)


def image_of(text: str) -> Map:
    """Returns the image that a text describes: six rows of six numbers, rows apart by line breaks or slashes.

    Raises:
        SpecError: it has another number of rows or columns, or a value that is no number from -100 to 100.
    """
    rows = [row.replace(",", " ").split() for row in text.replace("\n", "/").split("/") if row.strip()]
    if len(rows) != SIDE or any(len(row) != SIDE for row in rows):
        counts = ", ".join(str(len(row)) for row in rows[: SIDE + 1]) or "0"
        message = _("An image has {side} rows of {side} numbers; got {rows} rows of {counts} numbers.")
        raise SpecError(message.format(side=SIDE, rows=len(rows), counts=counts))
    return np.array([[_value(word) for word in row] for row in rows])


def image_text(image_HW: Map) -> str:
    """Returns an image as `image_of` reads it, with slashes between rows."""
    return "/".join(" ".join(f"{value:g}" for value in row) for row in image_HW)


def _value(word: str) -> float:
    try:
        value = float(word) if word.isascii() and "_" not in word else float("nan")
    except ValueError:
        value = float("nan")
    if not abs(value) <= LARGEST:
        message = _("A value of the image is a number from -{most:g} to {most:g}; got {word!r}.")
        raise SpecError(message.format(most=LARGEST, word=word[:20]))
    return value


def _kernel(node: Node, *, is_zero: bool) -> Map | None:
    if node.section is not Section.BRANCH or node.leaf not in KERNELS:
        return None
    return KERNELS[node.leaf] * (0.0 if is_zero and node.leaf == "conv2" else 1.0)


def _output(node: Node, inputs: list[Map], kernel: Map | None, *, gate_bias: float) -> Map:
    x_HW = inputs[0]
    match node.op:
        case Conv() if kernel is not None:
            return _correlate(x_HW, kernel)
        case Conv() if node.section is Section.GATE:
            return np.full_like(x_HW, gate_bias)
        case Conv() | Dropout():  # a 1x1 convolution with weight one
            return x_HW
        case BatchNorm():
            return np.asarray((x_HW - x_HW.mean()) / np.sqrt(x_HW.var() + NORM_EPSILON))
        case ReLU():
            return np.maximum(x_HW, 0.0)
        case Add():
            return inputs[0] + inputs[1]
        case Multiply():
            return inputs[0] * inputs[1]
        case Complement():
            return 1.0 - x_HW
        case Sigmoid():
            return np.asarray(1.0 / (1.0 + np.exp(-x_HW)))
        case Scale(factor):
            return factor * x_HW
        case _:
            raise AssertionError(f"{node.op} is in no block that can be walked through")


def _correlate(x_HW: Map, kernel: Map) -> Map:
    """Returns the convolution of deep learning: the kernel is not turned; zeros lie around the image."""
    padded = np.pad(x_HW, 1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)
    return np.asarray(np.einsum("hwij,ij->hw", windows, kernel))
