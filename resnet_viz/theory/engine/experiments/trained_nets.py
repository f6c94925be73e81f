"""Experiments on the shipped nets, and on paths: lesions, exits, loss surfaces, gradients by length."""

from typing import Final

import torch

from resnet_viz.attribution.sources.refs import NetRef
from resnet_viz.nets.build import build
from resnet_viz.spec.enums import DimMatch, Order
from resnet_viz.spec.presets import residual_preset
from resnet_viz.theory.engine.early_exits import exit_accuracies
from resnet_viz.theory.engine.lesions import block_lesions
from resnet_viz.theory.engine.loss_surface import Slice
from resnet_viz.theory.engine.paths import path_gradients
from resnet_viz.theory.experiment import Experiment
from resnet_viz.theory.trained.early_exits import Exit, ExitQuestion
from resnet_viz.theory.trained.lesions import LesionQuestion
from resnet_viz.theory.trained.paths import (
    VEIT_BLOCKS,
    VEIT_EFFECTIVE,
    VEIT_MIDDLE,
    PathQuestion,
    binomial,
    factor_of,
    mode_of,
    path_shares,
    untrained_net,
    weight_between,
)

_VEIT: Final = "Veit et al. 2016"


def _middle() -> float:
    return weight_between(path_shares(VEIT_BLOCKS), *VEIT_MIDDLE)


def _effective() -> float:
    return weight_between(path_shares(VEIT_BLOCKS), *VEIT_EFFECTIVE)


def _effective_gradient() -> float:
    return weight_between(binomial(VEIT_BLOCKS, 0.2), *VEIT_EFFECTIVE)


def _deepest_mode() -> float:
    return mode_of(list(path_gradients(PathQuestion(nets=(), untrained=(untrained_net(Order.ORIGINAL),)))))


def _trained_factor() -> float:
    return factor_of(list(path_gradients(PathQuestion(nets=(NetRef.parse("shipped:resnet56"),)))))


def _trained_mode() -> float:
    return mode_of(list(path_gradients(PathQuestion(nets=(NetRef.parse("shipped:resnet56"),)))))


def _lesions(name: str) -> list[float]:
    found = block_lesions(LesionQuestion(nets=(NetRef.parse(f"shipped:{name}"),)))
    return [one.accuracy for one in found if one.block and not one.refusal]


def _best_plain_lesion() -> float:
    return max(_lesions("plain20"))


def _harmless_lesions() -> float:
    return sum(accuracy >= 0.86 for accuracy in _lesions("resnet56"))  # noqa: PLR2004 - 0.88 less 1.5 standard errors


def _early_heads() -> tuple[float, ...]:
    found = exit_accuracies(ExitQuestion(nets=(NetRef.parse("shipped:resnet20"),), images=500))
    return tuple(one.accuracy for one in found if one.kind is Exit.HEAD)[:7]


def _scaled_slice() -> float:
    """Returns the largest relative difference of a slice after a filter before batch norm is multiplied by 10."""
    spec = residual_preset("cifar_resnet8", widths=(4, 8, 16), in_channels=1, image_size=8, dim_match=DimMatch.ZERO_PAD)
    nets = [build(spec).double() for _net in range(2)]
    with torch.no_grad():
        weight = nets[1].get_submodule("stage2.block1.branch.conv1").weight
        assert isinstance(weight, torch.Tensor)
        weight.mul_(10)
    for net in nets:
        for module in net.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.eps = 1e-12
    x_NCHW = torch.randn(32, 1, 8, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    one, other = (Slice(net, x_NCHW, torch.arange(32) % 10, seed=0, points=5) for net in nets)
    places = [(0, 0), (1, 3), (2, 2), (4, 4)]
    return max(abs(one.loss(*place) / other.loss(*place) - 1) for place in places)


EXPERIMENTS: Final = (
    Experiment(
        id="veit_binomial",
        instrument="paths",
        source=f"{_VEIT}, section 3",
        expected="0.98017: 19 to 35 of 54",
        measure=_middle,
        low=0.980165,
        high=0.980175,
    ),
    Experiment(
        id="veit_binomial_effective",
        instrument="paths",
        source=f"{_VEIT}, section 5",
        expected="0.45 % of the paths: 5 to 17",
        measure=_effective,
        low=0.0045365,
        high=0.0045375,
    ),
    Experiment(
        id="veit_binomial_gradient",
        instrument="paths",
        source=f"{_VEIT}, section 5",
        expected="0.9750 of the gradient for r = 0.25",
        measure=_effective_gradient,
        low=0.97495,
        high=0.97505,
    ),
    Experiment(
        id="path_gradient_decay",
        instrument="paths",
        source=f"{_VEIT}, figure 6; THEORY I8",
        expected="r 0.40 to 0.46 in ResNet-56, trained",
        measure=_trained_factor,
        low=0.33,
        high=0.52,
        is_cheap=False,
    ),
    Experiment(
        id="path_gradient_decay_mode",
        instrument="paths",
        source=f"{_VEIT}, figure 6; THEORY I8",
        expected="mode at 6 to 8 of 27, trained",
        measure=_trained_mode,
        low=5,
        high=10,
        is_cheap=False,
    ),
    Experiment(
        id="path_gradient_decay_init",
        instrument="paths",
        source="THEORY I8",
        expected="mode at 16 of 54, ResNet-110 untrained",
        measure=_deepest_mode,
        low=10,
        high=22,
        is_cheap=False,
    ),
    Experiment(
        id="lesion",
        instrument="lesions",
        source=f"{_VEIT}, section 4.1",
        expected="plain-20 without any one block: below 0.35",
        measure=_best_plain_lesion,
        low=0.0,
        high=0.35,
        is_cheap=False,
    ),
    Experiment(
        id="lesion_residual",
        instrument="lesions",
        source=f"{_VEIT}, section 4.1",
        expected="24 of 27 blocks of ResNet-56 can go",
        measure=_harmless_lesions,
        low=24,
        high=27,
        is_cheap=False,
    ),
    Experiment(
        id="exits_head",
        instrument="exits",
        source="THEORY I11",
        expected="guessing before the last stage: about 0.1",
        measure=_early_heads,
        low=0.05,
        high=0.25,
        is_cheap=False,
    ),
    Experiment(
        id="filter_norm",
        instrument="surface",
        source="Li et al. 2018, section 4",
        expected="0: no change by a filter 10 times as large",
        measure=_scaled_slice,
        low=0.0,
        high=1e-06,
    ),
)
