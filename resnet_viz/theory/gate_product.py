"""Product of (1 - g) over the gated shortcuts of a net: what they let through from the last block to the first.

With W_g x = 0 a gate is σ(b_g) and the product (1 - σ(b_g))^n; in a net W_g x is not zero.
"""

import math
from dataclasses import dataclass
from typing import Final

from resnet_viz.spec.enums import Shortcut
from resnet_viz.spec.validation import in_range, whole_in_range
from resnet_viz.theory.question import Question
from resnet_viz.training.recipe_values import MAX_SEED

KINDS: Final = (Shortcut.EXCLUSIVE_GATING, Shortcut.SHORTCUT_ONLY_GATING)
MOST_BIASES: Final = 8
STRONGEST: Final = 20.0  # magnitude of a bias


@dataclass(frozen=True, kw_only=True, slots=True)
class GateQuestion(Question):
    """Gates of untrained nets with exclusive and with shortcut-only gating.

    Attributes:
        biases: initial biases b_g of the gates; each is measured in both kinds of net.
        depth: weighted layers of the nets, 6n + 2.
        seed: of weights and batch.

    Raises:
        SpecError: a value out of range.
    """

    biases: tuple[float, ...] = (0.0, -3.0, -5.0, -6.0, -7.0)
    depth: int = 110
    seed: int = 0

    def __post_init__(self) -> None:
        whole_in_range("biases", len(self.biases), 1, MOST_BIASES)
        for bias in self.biases:
            in_range("bias", bias, -STRONGEST, STRONGEST)
        whole_in_range("depth", self.depth, 8, 110)
        whole_in_range("seed", self.seed, 0, MAX_SEED)

    @property
    def num_blocks(self) -> int:
        """Number of blocks of the nets."""
        return (self.depth - 2) // 2


@dataclass(frozen=True, kw_only=True, slots=True)
class GateProduct:
    """Product in one net.

    Attributes:
        kind: of the gating.
        bias: b_g.
        product: of the mean of 1 - g of each block.
    """

    kind: Shortcut
    bias: float
    product: float


DEFAULT: Final = GateQuestion()


def closed_product(bias: float, num_blocks: int) -> float:
    """Returns (1 - σ(b_g))^n, the product where W_g x is zero."""
    return (1 / (1 + math.exp(bias))) ** num_blocks
