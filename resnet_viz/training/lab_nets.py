"""The nets of the training lab: CIFAR nets of He et al. 2015, section 4.2, made small for a lecture. Free of torch."""

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
    """Whether a net of the lab has shortcuts."""

    PLAIN = "plain"
    RESIDUAL = "residual"


class StepDefaults(TypedDict):
    """Fields of a recipe that go with the number of its steps."""

    warmup_steps: int
    probe_every: int
    eval_every: int


def grid(
    *, depths: Sequence[int], kinds: Sequence[NetType], order: Order, width: int, image_size: int
) -> tuple[NetSpec, ...]:
    """Returns a net for each kind and depth: grey images, ten classes, stages of `width`, 2 and 4 times as wide.

    Args:
        depths: weighted layers, 6n + 2.
        kinds: plain, residual or both.
        order: activation order of the residual nets; plain ones keep the original order.
        width: channels of the first stage.
        image_size: side of the images in pixels.

    Raises:
        SpecError: a depth, width or size that makes no net.
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
    """Returns the widths of a net's stages, each twice as wide as the one before, as all nets of the papers have it."""
    return tuple(width << stage for stage in range(stages))


def step_defaults(steps: int) -> StepDefaults:
    """Returns the fields of a recipe that go with its steps: short runs are measured and tested more often."""
    return {
        "warmup_steps": min(20, steps // 4),
        "probe_every": max(1, min(10, steps // 20)),
        "eval_every": max(1, steps // 8),
    }
