"""Walk-through as data for its component: every tensor of every step, for all settings at once.

The component goes from step to step and from setting to setting without the server, which computes the tensors once.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Final, NotRequired, TypedDict

import numpy as np

from resnet_viz.blocks.variants import BlockVariant
from resnet_viz.blocks.walk_inputs import Values, lowered_by, takes_batch, usual_input
from resnet_viz.blocks.walkthrough import WalkStep, walk
from resnet_viz.graph.roles import Role, role_in_block
from resnet_viz.i18n import _
from resnet_viz.plan.ops import Conv
from resnet_viz.present.blocks.walk_text import outcome_text, step_text, step_title
from resnet_viz.present.theme import PALETTES, Mode, mix_colors

USUAL: Final = "usual"
LOWER: Final = "lower"
OWN: Final = "own"
_DECIMALS: Final = 6  # of the values that are sent
_BACKGROUND: Final = {Mode.LIGHT: "#FFFFFF", Mode.DARK: "#0F1420"}
_MOST: Final = 0.58  # of a colour behind words, which keep a contrast of 4.5
_LEAST: Final = 0.07


class KernelData(TypedDict):
    """Weights of a convolution: shape (out, in, kernel, kernel), flat values, biases, and how the kernel moves."""

    shape: list[int]
    values: list[float]
    bias: list[float]
    stride: int
    padding: int


class StepData(TypedDict):
    """One tensor: name, colour of its layer, sentence, steps that it reads, shape (N, C, H, W) and flat values."""

    title: str
    color: str
    text: str
    reads: list[int]
    shape: list[int]
    values: list[float]
    kernel: NotRequired[KernelData]


class StateData(TypedDict):
    """One walk: its steps, and its outcome in words."""

    steps: list[StepData]
    outcome: str


class ColorData(TypedDict):
    """Colours of the largest positive and negative value, and of zero."""

    positive: str
    negative: str
    zero: str


def state_key(name: str, *, is_branch_zero: bool, has_norm: bool) -> str:
    """Returns the key of a walk: the input's name, then 1 or 0 for the branch at zero and for norm."""
    return f"{name}.{int(is_branch_zero)}.{int(has_norm)}"


def can_choose_norm(variant: BlockVariant) -> bool:
    """Whether a variant has its norm by the settings of the page: a class of code keeps its own."""
    return variant.own is None


def walk_states(variant: BlockVariant, own_HW: Values | None, mode: Mode) -> dict[str, StateData]:
    """Returns the walks of all inputs, with the branch as it is and at zero, with and without norm.

    Args:
        variant: one that `walk_inputs.can_walk`.
        own_HW: an image of the visitor's own; None for none.
        mode: theme of the page.
    """
    usual = usual_input(variant)
    inputs = {USUAL: usual, LOWER: usual - lowered_by(variant)}
    if own_HW is not None and not takes_batch(variant):
        inputs[OWN] = own_HW[None, None]
    norms = (True, False) if can_choose_norm(variant) else (True,)
    return {
        state_key(name, is_branch_zero=is_zero, has_norm=has_norm): _state(
            walk(variant, inputs[name], has_norm=has_norm, is_branch_zero=is_zero), mode
        )
        for name, is_zero, has_norm in product(inputs, (False, True), norms)
    }


def _state(steps: Sequence[WalkStep], mode: Mode) -> StateData:
    return StateData(steps=[_step(step, steps, mode) for step in steps], outcome=outcome_text(steps))


def _step(step: WalkStep, steps: Sequence[WalkStep], mode: Mode) -> StepData:
    role = role_in_block(step.node) if step.node else Role.DATA
    found = StepData(
        title=step_title(step),
        color=PALETTES[mode][role].text,
        text=step_text(step, steps),
        reads=list(step.reads),
        shape=list(step.values_NCHW.shape),
        values=_numbers(step.values_NCHW),
    )
    if step.node and isinstance(step.node.op, Conv) and step.weights:
        weight, bias = step.weights
        found["kernel"] = KernelData(
            shape=list(weight.shape),
            values=_numbers(weight),
            bias=[] if bias is None else _numbers(bias),
            stride=step.node.op.stride,
            padding=step.node.op.padding,
        )
    return found


def _numbers(values: Values) -> list[float]:
    return [float(value) for value in np.round(values, _DECIMALS).ravel() + 0.0]  # no minus before a zero


def walk_colors(mode: Mode) -> ColorData:
    """Returns the ends and the middle of the colour scale: blue for positive values, purple for negative ones."""
    palette = PALETTES[mode]
    zero = mix_colors(palette[Role.DATA].line, _BACKGROUND[mode], _LEAST)
    return ColorData(
        positive=mix_colors(palette[Role.BRANCH].line, zero, _MOST),
        negative=mix_colors(palette[Role.POOL].line, zero, _MOST),
        zero=zero,
    )


def walk_words(variant: BlockVariant) -> Mapping[str, str]:
    """Returns the words of the component's controls by their names."""
    less = lowered_by(variant)
    is_batch = takes_batch(variant)
    return {
        "group": _("Walk-through"),
        "input": _("Input"),
        USUAL: _("batch") if is_batch else _("image"),
        LOWER: (_("batch − {less:g}") if is_batch else _("image − {less:g}")).format(less=less),
        OWN: _("own image"),
        "zero": _("weights and biases of the branch at zero") if is_batch else _("branch at zero"),
        "norm": _("batch norm"),
        "start": _("From the beginning"),
        "back": _("Step back"),
        "next": _("Next step"),
        "end": _("All steps"),
        "step": _("Step"),
        "image": _("Image"),
        "channel": _("Channel"),
        "pen": _("Pen"),
        "draw": _("Draw with the pen, or type numbers from −100 to 100."),
        "reset": _("Usual image"),
        "cell": _("row {row}, column {column}"),
        "bias": _("bias"),
        "keys": _("Arrow keys step, Home and End jump."),
    }
