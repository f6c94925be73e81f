"""Outcomes of scenes: measurements that decide between answers, and the words of their verdicts.

A scene names an outcome, each of its answers one of the outcome's words. Which number makes which word is in
`present.scenes`; where the numbers decide for none, a verdict is empty.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from resnet_viz.spec.enums import Order


class OutcomeName(StrEnum):
    """Measurements that decide. The values are part of scene files."""

    DEEPER_OR_SHALLOWER = "deeper_or_shallower"
    DEPTH_WITH_SHORTCUTS = "depth_with_shortcuts"
    OVERFITTING = "overfitting"
    BEST_ORDER = "best_order"
    CONSTRUCTION = "construction"
    BLOCK_AT_ZERO = "block_at_zero"
    WIDER_BLOCK = "wider_block"
    PROJECTION_PARAMS = "projection_params"
    LARGEST_MEAN = "largest_mean"
    SHORTCUT_FACTOR = "shortcut_factor"
    GRADIENT_AT_BIRTH = "gradient_at_birth"
    GRADIENT_AFTER_STEPS = "gradient_after_steps"
    DELETED_BLOCK = "deleted_block"
    PATH_LENGTH = "path_length"
    SAME_PIXELS = "same_pixels"


@dataclass(frozen=True, kw_only=True, slots=True)
class OutcomeKind:
    """Place and vocabulary of an outcome.

    Attributes:
        about: the measurement in one sentence, for those who write scenes.
        verdicts: its words, each with its meaning.
        page: stem of the page that shows it.
        show: instrument of the theory page; empty elsewhere.
        query: names that the scene's address may have, besides `show`; any on the training page, whose run decides.
    """

    about: str
    verdicts: Mapping[str, str]
    page: str
    show: str = ""
    query: tuple[str, ...] = ()

    @property
    def needs_run(self) -> bool:
        """Whether the outcome is that of a training run."""
        return self.page == "training"


_TRENDS: Final = {
    "grows": "more than ten times as large at the first block as at the last",
    "falls": "less than a tenth",
    "stays": "within a power of ten",
}
_ORDERS: Final = {order.value: "this order" for order in Order}
_DEPTHS: Final = {"shallower": "the shallowest net has the lower loss", "deeper": "the deepest net has the lower loss"}

OUTCOMES: Final[Mapping[OutcomeName, OutcomeKind]] = MappingProxyType(
    {
        OutcomeName.DEEPER_OR_SHALLOWER: OutcomeKind(
            about="Training loss of the deepest net against the shallowest, plain nets where there are any.",
            verdicts=_DEPTHS,
            page="training",
        ),
        OutcomeName.DEPTH_WITH_SHORTCUTS: OutcomeKind(
            about="Training loss of the deepest residual net against the shallowest.",
            verdicts={**_DEPTHS, "close": "they are too close for this run, or overlap over its seeds"},
            page="training",
        ),
        OutcomeName.OVERFITTING: OutcomeKind(
            about="Training loss and test accuracy of the deepest net against the shallowest, plain nets first.",
            verdicts={
                "overfitting": "the deepest net has the lower training loss and the lower test accuracy",
                "not_overfitting": "its training loss is higher, too",
            },
            page="training",
        ),
        OutcomeName.BEST_ORDER: OutcomeKind(
            about="Activation order of the net with the lowest training loss.", verdicts=_ORDERS, page="training"
        ),
        OutcomeName.CONSTRUCTION: OutcomeKind(
            about="Shipped nets of 20 layers with new blocks that do nothing: their logits against those before.",
            verdicts={
                "same": "no logit changes",
                "better": "every net is more accurate",
                "worse": "every net is less accurate",
            },
            page="theory",
            show="construction",
            query=("blocks", "new"),
        ),
        OutcomeName.BLOCK_AT_ZERO: OutcomeKind(
            about="Output of a block of order (a) whose branch has weights of zero, for the walk-through's image.",
            verdicts={"input": "its input", "zero": "0 everywhere", "other": "anything else"},
            page="blocks",
            query=("block", "details", "zero", "step"),
        ),
        OutcomeName.WIDER_BLOCK: OutcomeKind(
            about="Output channels of the basic block with 73,728 parameters and of the bottleneck with 69,632.",
            verdicts={"basic": "the basic block has more", "bottleneck": "the bottleneck has more", "same": "as many"},
            page="parameters",
            query=("side",),
        ),
        OutcomeName.PROJECTION_PARAMS: OutcomeKind(
            about="Parameters of ResNet-34 with projections on all shortcuts (option C), against option A without any.",
            verdicts={"below_1": "less than 1 % more", "1_to_10": "1 to 10 % more", "above_10": "more than 10 % more"},
            page="architecture",
            query=("net", "dim_match", "b.net", "b.dim_match", "level", "part"),
        ),
        OutcomeName.LARGEST_MEAN: OutcomeKind(
            about="Activation order with the largest mean output after thirty untrained units, with every seed.",
            verdicts=_ORDERS,
            page="theory",
            show="orders",
            query=("unit", "quantity"),
        ),
        OutcomeName.SHORTCUT_FACTOR: OutcomeKind(
            about="Gradient of an untrained ResNet-110 whose shortcuts multiply by λ, first block over last.",
            verdicts={"grows": "above 1 with every seed", "vanishes": "below 1 with every seed"},
            page="theory",
            show="lambda",
            query=("value",),
        ),
        OutcomeName.GRADIENT_AT_BIRTH: OutcomeKind(
            about="Block gradient of an untrained plain net with batch norm, at the first block over the last.",
            verdicts=_TRENDS,
            page="gradients",
            query=("depth",),
        ),
        OutcomeName.GRADIENT_AFTER_STEPS: OutcomeKind(
            about="Weight gradient of plain-56 with batch norm after 20 steps, at the first convolution over the last.",
            verdicts={
                "keeps": "still more than ten times as large at the first",
                "even": "within a power of ten",
                "turned": "smaller at the first, and so to the last step that is measured",
            },
            page="gradients",
            query=("at", "view"),
        ),
        OutcomeName.DELETED_BLOCK: OutcomeKind(
            about="Blocks of the shipped ResNet-56 that can go, one at a time, for at most 3 points of accuracy.",
            verdicts={"none": "none", "few": "up to half of them", "most": "more than half", "all": "all of them"},
            page="theory",
            show="lesions",
            query=("net", "b.net", "do", "cut"),
        ),
        OutcomeName.PATH_LENGTH: OutcomeKind(
            about="Length of the paths through the shipped ResNet-56 that carry most of the gradient.",
            verdicts={
                "short": "up to a third of the blocks",
                "middle": "up to two thirds",
                "long": "more than two thirds",
            },
            page="theory",
            show="paths",
            query=("net", "n"),
        ),
        OutcomeName.SAME_PIXELS: OutcomeKind(
            about="Rank correlation of the maps of the shipped plain-20 and ResNet-20 for the page's first image.",
            verdicts={"agree": "0.7 or more", "partly": "0.3 to 0.7", "hardly": "less than 0.3"},
            page="attribution",
        ),
    }
)
