"""Formulas beside the curves of the gradient bench. No torch.

They hold for wide nets and large batches of independent inputs; a measured curve bends away from them at changes of
shape and near the borders of the image, which zero padding darkens.
"""

from dataclasses import dataclass
from math import pi, sqrt
from typing import Final

from resnet_viz.i18n import N_
from resnet_viz.spec.enums import Init, Norm, Order, Shortcut
from resnet_viz.spec.net import CONVS_PER_BLOCK, NetSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class GradientLaw:
    """Law of the growth of the block gradient towards the input.

    Attributes:
        id: of the law.
        factor: of the norm at each step towards the input.
        per_block: whether a step is a block; a convolution otherwise.
        formula: the factor in words of mathematics.
        source: paper and place in English, or "derived" with the reason.
    """

    id: str
    factor: float
    per_block: bool
    formula: str
    source: str


PLAIN_NORM: Final = GradientLaw(
    id="plain_norm",
    factor=sqrt(pi / (pi - 1)),
    per_block=False,
    formula="√(π/(π−1)) = 1.2112",
    source=N_("Yang et al. 2019, theorem 8: batch norm and ReLU, batch and width without end"),
)
PLAIN_TORCH: Final = GradientLaw(
    id="plain_torch",
    factor=sqrt(1 / 6),
    per_block=False,
    formula="√(1/6) = 0.408",
    source=N_("derived: torch's init has variance 1 / (3 fan_in), and ReLU lets half of it pass"),
)
RESIDUAL_BARE: Final = GradientLaw(
    id="residual_bare",
    factor=sqrt(2),
    per_block=True,
    formula="√2 = 1.414",
    source=N_("De and Smith 2020, Balduzzi et al. 2017: without norm each block doubles the variance"),
)
SIGNAL_SOURCE: Final = N_("De and Smith 2020: with batch norm each block adds the variance of one branch")


def gradient_law(spec: NetSpec, init: Init) -> GradientLaw | None:
    """Returns the law of a net at initialisation; None where there is no formula for it."""
    has_norm = spec.norm is Norm.BATCH
    match spec.shortcut:
        case Shortcut.NONE if has_norm:
            return PLAIN_NORM
        case Shortcut.NONE if init is Init.TORCH_DEFAULT:
            return PLAIN_TORCH
        case Shortcut.IDENTITY if not has_norm and init is Init.HE:
            return RESIDUAL_BARE
        case _:
            return None


def gradient_line(law: GradientLaw, spec: NetSpec, last: float) -> tuple[float, ...]:
    """Returns the norms that a law has for each block of a net, given the norm at the last block."""
    num_blocks = sum(spec.blocks)
    steps = 1 if law.per_block else CONVS_PER_BLOCK[spec.block]
    return tuple(last * law.factor ** (steps * (num_blocks - 1 - block)) for block in range(num_blocks))


def factor_per_step(law: GradientLaw, spec: NetSpec, ratio: float) -> float:
    """Returns the measured factor of each step, from the ratio of the first block's norm to the last's."""
    steps = (sum(spec.blocks) - 1) * (1 if law.per_block else CONVS_PER_BLOCK[spec.block])
    return float(ratio ** (1 / steps)) if steps else float("nan")


def is_signal_counted(spec: NetSpec) -> bool:
    """Returns whether `signal_std` and `branch_to_shortcut` hold: full pre-activation with norm and clean shortcuts.

    Elsewhere ReLU lies on the shortcut, or a change of shape does not reset the scale.
    """
    return spec.shortcut is Shortcut.IDENTITY and spec.norm is Norm.BATCH and spec.order is Order.FULL_PREACT


def signal_std(spec: NetSpec) -> tuple[float, ...]:
    """Returns the standard deviation of the signal behind each block: √l, counted anew in each stage.

    Its first block normalises for both paths.
    """
    return tuple(sqrt(number) for number in _numbers(spec))


def branch_to_shortcut(spec: NetSpec) -> tuple[float, ...]:
    """Returns (branch / shortcut)² at the addition of each block: 1/l, counted anew in each stage."""
    return tuple(1 / number for number in _numbers(spec))


def _numbers(spec: NetSpec) -> list[int]:
    """Returns the number of each block in its stage, from 1."""
    return [number for blocks in spec.blocks for number in range(1, blocks + 1)]
