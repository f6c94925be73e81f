"""Gradients and signals of nets by depth, at initialisation and after some steps: questions and record of the bench.

All norms are L2 over a whole tensor: weight gradients over a convolution's weight, block gradients over the output of a
block (images, channels, pixels), in training mode on one batch.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from resnet_viz.blocks.variants import VARIANTS
from resnet_viz.data import datasets
from resnet_viz.data.datasets import DataName
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec.enums import Init, Norm, Shortcut
from resnet_viz.spec.image_size import MAX_IMAGE
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import residual_preset
from resnet_viz.spec.titles import title
from resnet_viz.spec.validation import whole_in_range
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.theory.question import Question
from resnet_viz.training.lab_nets import widths
from resnet_viz.training.recipe_values import MAX_SEED

DATA: Final = DataName.FASHION_MNIST_SUBSET
BATCH: Final = 64
MOST_SEEDS: Final = 5
MOST_NETS: Final = 24
MOST_STEPS: Final = 400  # of the recipe `degradation`
STEPS: Final = (0, 1, 5, 20, 100)
CURVE_STEPS: Final = (*range(21), *range(25, 101, 5))
"""Steps of the heatmap: each one while the picture turns, then every fifth."""
DEPTHS: Final = range(8, 1_001, 6)
BENCH_WIDTH: Final = 4
BENCH_SIDE: Final = 14  # pixels
NEAR: Final = 0.01  # of a norm in double precision: farther off, one in single precision counts as noise


class SinglePrecision(StrEnum):
    """How a net's gradients come out in single precision, in which nets are trained."""

    SAME = "same"  # every norm within NEAR of that in double precision
    NOISE = "noise"  # one of them is farther off: rounding noise
    NOT_FINITE = "not_finite"  # overflow
    NOT_MEASURED = "not_measured"  # deep nets, for the time that it takes


@dataclass(frozen=True, kw_only=True, slots=True)
class GradientQuestion(Question):
    """Gradients of nets at initialisation.

    Attributes:
        nets: the nets, in the order in which their curves come.
        init: initial weights of all of them.
        seeds: of weights and batch; every net is measured with each.

    Raises:
        SpecError: a number or value out of range, nets without blocks, or images that are not square.
    """

    nets: tuple[AnySpec, ...]
    init: Init = Init.HE
    seeds: tuple[int, ...] = (0,)

    def __post_init__(self) -> None:
        _check_nets(self.nets)
        _check_seeds(self.seeds)


@dataclass(frozen=True, kw_only=True, slots=True)
class StepsQuestion(Question):
    """Gradients of nets that are trained by the recipe `degradation`, after some of its steps.

    Attributes:
        nets: the nets, trained one step after the other in turn; they may differ in everything.
        init: initial weights of all of them.
        seeds: of weights and batches; every net is trained with each.
        steps: numbers of updates after which they are measured, ascending.

    Raises:
        SpecError: a number or value out of range, nets without blocks, or images that are not square.
    """

    nets: tuple[AnySpec, ...]
    init: Init = Init.HE
    seeds: tuple[int, ...] = (0,)
    steps: tuple[int, ...] = STEPS

    def __post_init__(self) -> None:
        _check_nets(self.nets)
        _check_seeds(self.seeds)
        if not self.steps or list(self.steps) != sorted(set(self.steps)):
            raise SpecError(
                _("steps names numbers of updates, each once and ascending; got {got}.").format(
                    got=", ".join(map(str, self.steps)) or _("none")
                )
            )
        for step in self.steps:
            whole_in_range("steps", step, 0, MOST_STEPS - 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class GradientCurves:
    """Measurements of one net with one seed: in float64 at initialisation, in float32 where it has been trained.

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
        single: how the weight gradients come out in single precision.
        single_error: largest relative difference of a norm in single precision; NaN where it is not known.
        single_cosine: cosine of the first convolution's gradients in both precisions; NaN where it is not known.
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
    single: SinglePrecision = SinglePrecision.NOT_MEASURED
    single_error: float = math.nan
    single_cosine: float = math.nan


def bench_net(
    variant: str | Mapping[str, Any] = "plain",
    *,
    depth: int = 56,
    width: int = BENCH_WIDTH,
    norm: Norm = Norm.BATCH,
    image_size: int = BENCH_SIDE,
) -> NetSpec:
    """Returns a net of the bench: grey images, option A where the shape changes.

    Args:
        variant: id of a `blocks.variants` row, or the fields of another.
        depth: weighted layers, 6n + 2.
        width: channels of the first stage.
        norm: batch norm or none.
        image_size: side of the images in pixels.

    Raises:
        SpecError: a depth that does not fit, or a value out of its range.
    """
    fields = VARIANTS[variant].fields if isinstance(variant, str) else variant
    return residual_preset(
        f"cifar_resnet{depth}", widths=widths(width), in_channels=1, image_size=image_size, norm=norm, **fields
    )


def lambda_fields(shortcut_scale: float) -> dict[str, Any]:
    """Returns the fields of a net whose shortcuts are multiplied by a constant (He et al. 2016, equation 6)."""
    return {"shortcut": Shortcut.CONSTANT_SCALING, "shortcut_scale": shortcut_scale, "residual_scale": 1.0}


def first_to_last(norms: Sequence[float]) -> float:
    """Returns the ratio of the first norm to the last: above 1 where gradients grow towards the input."""
    return norms[0] / norms[-1] if norms[-1] else float("nan")


def _check_nets(nets: Sequence[AnySpec]) -> None:
    whole_in_range("nets", len(nets), 1, MOST_NETS)
    for spec in nets:
        if not isinstance(spec, NetSpec):
            raise SpecError(
                _("Gradients are measured by block, and {net} has no blocks. Choose a plain or residual net.").format(
                    net=title(spec)
                )
            )
        whole_in_range("image_size", spec.image_size, 1, MAX_IMAGE)  # an image of height x width is refused
        datasets.check_fits(spec, DATA)


def _check_seeds(seeds: Sequence[int]) -> None:
    whole_in_range("seeds", len(seeds), 1, MOST_SEEDS)
    for seed in seeds:
        whole_in_range("seed", seed, 0, MAX_SEED)


ORDERS: Final = (
    "plain",
    "a_original",
    "b_bn_after_add",
    "c_relu_before_add",
    "d_relu_only_preact",
    "e_full_preact",
)
_FIRST: Final = ("plain", "a_original", "e_full_preact")
DEFAULT: Final = GradientQuestion(
    nets=tuple(bench_net(name, norm=norm) for name in _FIRST for norm in (Norm.BATCH, Norm.NONE)), seeds=(0, 1, 2)
)
DEFAULT_STEPS: Final = StepsQuestion(nets=tuple(map(bench_net, _FIRST)), steps=CURVE_STEPS)
