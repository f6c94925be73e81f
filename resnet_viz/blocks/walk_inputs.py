"""Inputs and weights of the walk-through: a small image that is read by eye, and the batch of Dive into Deep Learning.

Shape suffixes: N images, C channels, H and W pixels; O and I are the channels of a convolution's output and input. The
image has one channel; its first convolution is a horizontal difference, the second a vertical one, a 1x1 convolution
has weight one, and a gate has W_g = 0, so that it is sigmoid(b_g) everywhere. The batch is uniform on [0, 1) as in the
book (section 7.6, `torch.rand(4, 3, 6, 6)`); its weights are drawn as torch draws them. Both have two decimals.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from resnet_viz.blocks.single import SingleBlock
from resnet_viz.blocks.variants import BlockVariant, VariantGroup
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.plan.ops import Conv
from resnet_viz.plan.plan import Node, Section

Values = npt.NDArray[np.float64]

SIDE: Final = 6
LARGEST: Final = 100.0  # of an image's values; larger ones are not read at a glance
_QUARTER: Final = ((0, 0, 0), (0, 1, 2), (0, 2, 4))
IMAGE_HW: Final[Values] = np.block(
    [[np.array(_QUARTER), np.array(_QUARTER)[:, ::-1]], [np.array(_QUARTER)[::-1], np.array(_QUARTER)[::-1, ::-1]]]
).astype(float)
KERNELS: Final[Mapping[str, Values]] = {
    "conv1": np.array([[0, 0, 0], [-1, 0, 1], [0, 0, 0]], dtype=float),
    "conv2": np.array([[0, -1, 0], [0, 0, 0], [0, 1, 0]], dtype=float),
}
BATCH_NCHW: Final[Values] = np.floor(100 * np.random.default_rng(0).random((4, 3, SIDE, SIDE))) / 100
_WEIGHTS_SEED: Final = 1
_LOWER: Final = 2.0
_LOWER_OF_BATCH: Final = 0.5
_BATCHED: Final = ("d2l_residual", "d2l_residual_1x1")


class ConvWeights(NamedTuple):
    """Weights of one convolution.

    Attributes:
        weight_OIHW: the kernels.
        bias_O: the biases; None where it has none.
    """

    weight_OIHW: Values
    bias_O: Values | None = None


def can_walk(variant: BlockVariant) -> bool:
    """Whether a variant is a block of two 3x3 convolutions whose shape can stay, or one of the book's."""
    groups = (VariantGroup.ORDERS, VariantGroup.SHORTCUTS)
    return variant.group in groups or variant.id == "basic" or takes_batch(variant)


def takes_batch(variant: BlockVariant) -> bool:
    """Whether a variant reads the batch of the book, and not the small image."""
    return variant.id in _BATCHED


def usual_input(variant: BlockVariant) -> Values:
    """Returns the input of a variant, of the shape NCHW."""
    return BATCH_NCHW if takes_batch(variant) else IMAGE_HW[None, None]


def lowered_by(variant: BlockVariant) -> float:
    """Returns what is subtracted from the input to show what a ReLU on the shortcut cuts off."""
    return _LOWER_OF_BATCH if takes_batch(variant) else _LOWER


def weights_of(block: SingleBlock, *, is_branch_zero: bool) -> dict[str, ConvWeights]:
    """Returns the weights of each convolution by the layer's name.

    With `is_branch_zero`, F(x) = 0: of the image's block the second convolution is zero, of the book's both are, and
    their biases.
    """
    convs = [node for node in block.nodes if isinstance(node.op, Conv)]
    if takes_batch(block.variant):
        draw = np.random.default_rng(_WEIGHTS_SEED)
        drawn = {node.name: _drawn(node, draw) for node in convs}
        return {
            node.name: _zeros_like(drawn[node.name])
            if is_branch_zero and node.section is Section.BRANCH
            else drawn[node.name]
            for node in convs
        }
    found = {node.name: _read_by_eye(node, block.spec.gate_bias) for node in convs}
    if is_branch_zero:
        last = next(node for node in convs if node.section is Section.BRANCH and node.leaf == "conv2")
        found[last.name] = _zeros_like(found[last.name])
    return found


def _read_by_eye(node: Node, gate_bias: float) -> ConvWeights:
    if node.section is Section.GATE:
        return ConvWeights(np.zeros((1, 1, 1, 1)), np.array([gate_bias]))
    if node.section is Section.SHORTCUT:
        return ConvWeights(np.ones((1, 1, 1, 1)))
    return ConvWeights(KERNELS[node.leaf][None, None])


def _drawn(node: Node, draw: np.random.Generator) -> ConvWeights:
    """Draws weights and biases uniform within 1 / sqrt(fan in), torch's own range."""
    conv = node.op
    assert isinstance(conv, Conv)  # asked for convolutions only
    shape = (conv.out_channels, conv.in_channels, conv.kernel, conv.kernel)
    most = 1 / np.sqrt(np.prod(shape[1:]))
    return ConvWeights(draw.uniform(-most, most, shape).round(2), draw.uniform(-most, most, shape[0]).round(2))


def _zeros_like(weights: ConvWeights) -> ConvWeights:
    bias_O = None if weights.bias_O is None else np.zeros_like(weights.bias_O)
    return ConvWeights(np.zeros_like(weights.weight_OIHW), bias_O)


def image_of(text: str) -> Values:
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


def image_text(image_HW: Values) -> str:
    """Returns an image as `image_of` reads it, with slashes between rows."""
    return "/".join(" ".join(f"{value:g}" for value in row) for row in image_HW)


def is_value(word: str) -> bool:
    """Whether a word is a number that an image may have."""
    return abs(_number(word)) <= LARGEST


def _number(word: str) -> float:
    try:
        return float(word) if word.isascii() and "_" not in word else float("nan")
    except ValueError:
        return float("nan")


def _value(word: str) -> float:
    if not is_value(word):
        message = _("A value of the image is a number from -{most:g} to {most:g}; got {word!r}.")
        raise SpecError(message.format(most=LARGEST, word=word[:20]))
    return _number(word)
