"""Nets of the training lab: the CIFAR nets of He et al. 2015, section 4.2, made small for a lecture."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final, TypedDict

from resnet_viz.spec.enums import Order, Shortcut
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import residual_preset

DEPTHS: Final = (8, 14, 20, 32, 44, 56, 110)
IMAGE_SIZES: Final = (14, 28)
MAX_WIDTH: Final = 64


class NetType(StrEnum):
    """Types of a grid: nets without and with shortcuts."""

    PLAIN = "plain"
    RESIDUAL = "residual"


class StepDefaults(TypedDict):
    """Fields of a recipe whose defaults depend on the number of its steps."""

    warmup_steps: int
    probe_every: int
    eval_every: int


def grid(
    *, depths: Sequence[int], kinds: Sequence[NetType], order: Order, width: int, image_size: int
) -> tuple[NetSpec, ...]:
    """Returns a net for each type and depth: grey images, ten classes, stages of 1, 2 and 4 times `width` channels.

    Args:
        depths: weighted layers, 6n + 2.
        kinds: plain, residual or both, in this order.
        order: activation order of the residual nets; plain ones keep the original order.
        width: channels of the first stage.
        image_size: side of the images in pixels.

    Raises:
        SpecError: a depth, width or size that is not allowed.
    """
    usual: dict[str, Any] = {
        "widths": widths(width),
        "in_channels": 1,
        "image_size": image_size,
    }
    special: dict[NetType, dict[str, Any]] = {
        NetType.PLAIN: {"shortcut": Shortcut.NONE},
        NetType.RESIDUAL: {"order": order},
    }
    return tuple(
        residual_preset(f"cifar_resnet{depth}", **usual, **special[kind]) for kind in kinds for depth in depths
    )


def widths(width: int, *, stages: int = 3) -> tuple[int, ...]:
    """Returns the widths of a net's stages, each twice that of the one before, as in the papers."""
    return tuple(width << stage for stage in range(stages))


def step_defaults(steps: int) -> StepDefaults:
    """Returns the defaults that depend on a recipe's steps: short runs are measured and evaluated more often."""
    return {
        "warmup_steps": min(20, steps // 4),
        "probe_every": max(1, min(10, steps // 20)),
        "eval_every": max(1, steps // 8),
    }
