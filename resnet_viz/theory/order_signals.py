"""Signals of many units in the five activation orders (He et al. 2016, fig. 4): fully connected, untrained."""

from dataclasses import dataclass
from typing import Final

from resnet_viz.spec.enums import Order
from resnet_viz.spec.validation import whole_in_range
from resnet_viz.theory.question import Question
from resnet_viz.training.recipe_values import MAX_SEED

WIDTH: Final = 256  # units of a layer, and inputs of the batch
UNITS: Final = 30
MOST_UNITS: Final = 60
MOST_SEEDS: Final = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderQuestion(Question):
    """Outputs of residual units of two layers.

    Attributes:
        units: number of residual units.
        seeds: of weights and inputs.

    Raises:
        SpecError: a value out of range.
    """

    units: int = UNITS
    seeds: tuple[int, ...] = (0, 1, 2)

    def __post_init__(self) -> None:
        whole_in_range("units", self.units, 1, MOST_UNITS)
        whole_in_range("seeds", len(self.seeds), 1, MOST_SEEDS)
        for seed in self.seeds:
            whole_in_range("seed", seed, 0, MAX_SEED)


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderSignals:
    """Statistics of the outputs of all units of one order, over the batch; unit 0 is the input.

    Attributes:
        order: positions of norm and ReLU.
        seed: of weights and inputs.
        mean: of all outputs of each unit.
        least: smallest output of each unit.
        std: standard deviation of all outputs of each unit.
        cut: share of the sums below 0, which the ReLU behind the addition sets to 0; 0 for the input, empty for orders
            without such a ReLU.
    """

    order: Order
    seed: int
    mean: tuple[float, ...]
    least: tuple[float, ...]
    std: tuple[float, ...]
    cut: tuple[float, ...]


DEFAULT: Final = OrderQuestion()
