"""Steps of the walk-through in words."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from resnet_viz.blocks.walkthrough import WalkStep
from resnet_viz.graph.labels import layer_label
from resnet_viz.i18n import N_, _
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
from resnet_viz.plan.plan import Section

_TEXTS: Final[Mapping[type, str]] = {
    Add: N_("The branch F(x) and the shortcut h(x) are added, value by value."),
    Sigmoid: N_("The gate g: how much of the branch passes."),
    Complement: N_("1 − g: how much of the shortcut passes."),
    Multiply: N_("Times the gate, value by value."),
    Dropout: N_("Dropout passes everything once a net is trained."),
}


def step_title(step: WalkStep) -> str:
    """Returns the name of a step: the layer and its operation."""
    if step.node is None:
        return "x"
    title = layer_label(step.node)[0]
    lane = {Section.SHORTCUT: _("shortcut"), Section.GATE: _("gate")}.get(step.node.section, "")
    return f"{lane} {title}".strip()


def step_text(step: WalkStep, steps: Sequence[WalkStep]) -> str:
    """Returns a step in one sentence."""
    if step.node is None:
        return _input_text(step)
    before = steps[step.reads[0]].values_NCHW
    match step.node.op:
        case Conv():
            return _conv_text(step)
        case BatchNorm() if _is_image(step):
            text = _("Minus the mean {mean:.3f}, divided by the standard deviation {std:.3f}.")
            return text.format(mean=before.mean(), std=before.std())
        case BatchNorm():
            return _("Each channel minus its mean over the batch, divided by its standard deviation.")
        case ReLU():
            text = _("Negative values become 0: {n} of {all}.")
            return text.format(n=int((before < 0).sum()), all=before.size)
        case Scale(factor):
            return _("Times {factor:g}.").format(factor=factor)
        case _:
            return _(_TEXTS[type(step.node.op)])


def _is_image(step: WalkStep) -> bool:
    return step.values_NCHW.shape[:2] == (1, 1)


def _input_text(step: WalkStep) -> str:
    if _is_image(step):
        return _("The input, one channel of 6×6 values.")
    images, channels = step.values_NCHW.shape[:2]
    text = _("The input, a batch of {images} images with {channels} channels of 6×6 values.")
    return text.format(images=images, channels=channels)


def _conv_text(step: WalkStep) -> str:
    assert step.node is not None  # of a convolution
    assert step.weights is not None
    if not step.weights.weight_OIHW.any() and step.node.section is Section.BRANCH:
        return _("All weights are 0, so that F(x) = 0.")
    if not _is_image(step):
        kernel, channels = step.weights.weight_OIHW.shape[3], step.weights.weight_OIHW.shape[1]
        text = _("Each value is a weighted sum of {kernel}×{kernel} values in {channels} channels, plus a bias.")
        return text.format(kernel=kernel, channels=channels)
    if step.node.section is not Section.BRANCH:
        return _("A 1×1 convolution: on the shortcut with weight 1, in a gate with weight 0 and its initial bias.")
    if step.node.leaf == "conv1":
        return _("Each value is the right neighbour minus the left one: vertical edges.")
    return _("Each value is the lower neighbour minus the upper one: horizontal edges.")


def outcome_text(steps: Sequence[WalkStep]) -> str:
    """Returns sums of input and output, and how many values the block has left as they were."""
    before, after = steps[0].values_NCHW, steps[-1].values_NCHW
    sums = _("Sum of x: {before}. Sum of the output: {after}.")
    found = sums.format(before=_sum_text(before.sum()), after=_sum_text(after.sum()))
    if before.shape != after.shape:
        return found
    same = int(np.isclose(before, after, rtol=0, atol=1e-9).sum())
    return found + " " + _("{same} of {all} values are those of x.").format(same=same, all=before.size)


def _sum_text(value: float) -> str:
    rounded = round(float(value), 4) + 0.0  # no minus before a zero
    return f"{rounded:g}" if rounded == int(rounded) else f"{rounded:.4f}"
