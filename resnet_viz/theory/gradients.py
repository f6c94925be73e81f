"""Gradients and signals of untrained nets by depth: question and record of the bench.

All norms are L2 over a whole tensor: weight gradients over a convolution's weight, block gradients over the output of a
block (images, channels, pixels), in training mode on one batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from resnet_viz.spec.enums import Init
from resnet_viz.spec.image_size import MAX_IMAGE
from resnet_viz.spec.validation import whole_in_range
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.theory.question import Question
from resnet_viz.training.recipe_values import MAX_SEED

MOST_SEEDS: Final = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class GradientQuestion(Question):
    """Gradients of nets at initialisation.

    Attributes:
        nets: the nets, in the order in which their curves come.
        init: initial weights of all of them.
        seeds: of weights and batch; every net is measured with each.

    Raises:
        SpecError: a seed out of range, or images that are not square.
    """

    nets: tuple[AnySpec, ...]
    init: Init = Init.HE
    seeds: tuple[int, ...] = (0,)

    def __post_init__(self) -> None:
        for spec in self.nets:
            whole_in_range("image_size", spec.image_size, 1, MAX_IMAGE)  # an image of height x width is refused
        whole_in_range("seeds", len(self.seeds), 1, MOST_SEEDS)
        for seed in self.seeds:
            whole_in_range("seed", seed, 0, MAX_SEED)


@dataclass(frozen=True, kw_only=True, slots=True)
class GradientCurves:
    """Measurements of one net with one seed, in float64.

    Attributes:
        place: of the net in the question, from 0.
        seed: of weights and batch.
        step: updates before the measurement; 0 at initialisation.
        loss: cross entropy of the batch.
        convs: names of the measured convolutions, in running order: those of the branches.
        grad: norm of each one's weight gradient.
        blocks: names of the blocks, in running order.
        block_grad: norm of the gradient at each block's output.
        activation_std: standard deviation of each block's output.
        branch_share: |F| / (|F| + |h|) at each block's addition; NaN for a block without one.
    """

    place: int
    seed: int
    step: int = 0
    loss: float
    convs: tuple[str, ...]
    grad: tuple[float, ...]
    blocks: tuple[str, ...]
    block_grad: tuple[float, ...]
    activation_std: tuple[float, ...]
    branch_share: tuple[float, ...]


def first_to_last(norms: Sequence[float]) -> float:
    """Returns the ratio of the first norm to the last: above 1 where gradients grow towards the input."""
    return norms[0] / norms[-1] if norms[-1] else float("nan")
