"""Shortcuts with a constant factor λ (He et al. 2016, equations 6 to 8): question, record, product of factors."""

from dataclasses import dataclass
from typing import Final

from resnet_viz.spec.enums import Order
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.validation import in_range, whole_in_range
from resnet_viz.theory.gradients import bench_net, lambda_fields
from resnet_viz.theory.question import Question
from resnet_viz.training.recipe_values import MAX_SEED

LEAST: Final = 0.5
MOST: Final = 2.0
DEEPEST: Final = 110
MOST_SEEDS: Final = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class FactorQuestion(Question):
    """Gradients of untrained residual nets whose shortcuts multiply by λ.

    Attributes:
        value: λ.
        depth: weighted layers of the nets, 6n + 2.
        seeds: of weights and batch.

    Raises:
        SpecError: a value out of range, or a depth that no net has.
    """

    value: float = 1.0
    depth: int = DEEPEST
    seeds: tuple[int, ...] = (0, 1, 2)

    def __post_init__(self) -> None:
        in_range("value", self.value, LEAST, MOST)
        whole_in_range("depth", self.depth, 14, DEEPEST)
        whole_in_range("seeds", len(self.seeds), 1, MOST_SEEDS)
        for seed in self.seeds:
            whole_in_range("seed", seed, 0, MAX_SEED)
        self.spec(Order.ORIGINAL)

    def spec(self, order: Order) -> NetSpec:
        """Returns the net with its shortcuts scaled by λ and its branches left as they are.

        Raises:
            SpecError: no net has this depth.
        """
        return bench_net({"order": order, **lambda_fields(self.value)}, depth=self.depth)


@dataclass(frozen=True, kw_only=True, slots=True)
class FactorGradients:
    """Norms of the gradient at the outputs of blocks, one seed, in float64.

    Attributes:
        seed: of weights and batch.
        blocks: names of all blocks, in running order.
        whole: norm of the whole gradient at each block; original order.
        last_stage: names of the blocks of the last stage.
        through_shortcuts: norm of the gradient through shortcuts alone at each of these, in units of that at the last;
            full pre-activation, branches detached.
    """

    seed: int
    blocks: tuple[str, ...]
    whole: tuple[float, ...]
    last_stage: tuple[str, ...]
    through_shortcuts: tuple[float, ...]


def powers(value: float, num: int) -> tuple[float, ...]:
    """Returns λ^0 to λ^num: the product of the factors of so many shortcuts."""
    return tuple(value**blocks for blocks in range(num + 1))


DEFAULT: Final = FactorQuestion(value=0.9)
DEFAULTS: Final = tuple(FactorQuestion(value=twentieth / 20) for twentieth in range(10, 41))  # all steps of the slider
