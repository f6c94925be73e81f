"""Experiments on gradients and signals at initialisation, and after some steps of training."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from resnet_viz.spec.enums import Init, Norm
from resnet_viz.spec.net import NetSpec
from resnet_viz.theory.engine.gradient_steps import curves_by_step
from resnet_viz.theory.engine.gradients import gradient_curves
from resnet_viz.theory.engine.mlp import Mlp, MlpCurves, measure
from resnet_viz.theory.experiment import Experiment
from resnet_viz.theory.gradient_lines import PLAIN_NORM, PLAIN_TORCH, factor_per_step
from resnet_viz.theory.gradients import GradientCurves, GradientQuestion, StepsQuestion, bench_net, first_to_last

_SEEDS: Final = (0, 1, 2)
_FRESH: Final = tuple(range(3, 13))
_LAYERS: Final = 50
_AT: Final = (1, 2, 4, 8, 16, 32)  # layers
_STAGE: Final = (1, 2, 4, 8, 16, 18)  # blocks of a stage of ResNet-110
_PLAIN: Final = bench_net("plain")
_BARE: Final = bench_net("plain", norm=Norm.NONE)


def _curves(spec: NetSpec, seeds: tuple[int, ...] = _SEEDS, init: Init = Init.HE) -> tuple[GradientCurves, ...]:
    return tuple(gradient_curves(GradientQuestion(nets=(spec,), seeds=seeds[:5], init=init))) + (
        _curves(spec, seeds[5:], init) if seeds[5:] else ()
    )


def _blocks(spec: NetSpec, init: Init = Init.HE) -> tuple[float, ...]:
    """Returns the block gradient at the first block divided by that at the last."""
    return tuple(first_to_last(one.block_grad) for one in _curves(spec, init=init))


def _weights(spec: NetSpec, init: Init = Init.HE) -> tuple[float, ...]:
    return tuple(first_to_last(one.grad) for one in _curves(spec, init=init))


def _order_difference(one: str, other: str) -> tuple[float, ...]:
    """Returns the largest differences of block gradients between two orders without norm."""
    first, second = (_curves(bench_net(order, norm=Norm.NONE)) for order in (one, other))
    return tuple(
        max(abs(a - b) for a, b in zip(x.block_grad, y.block_grad, strict=True))
        for x, y in zip(first, second, strict=True)
    )


def _signal() -> tuple[float, ...]:
    """Returns std² / l over the blocks of stage 1 of pre-activation ResNet-110, mean of ten seeds."""
    found = _curves(bench_net("e_full_preact", depth=110), _FRESH)
    return tuple(sum(one.activation_std[at - 1] ** 2 / at for one in found) / len(found) for at in _STAGE)


@lru_cache(maxsize=16)
def _mlp(seed: int, units: int, *, is_residual: bool, has_norm: bool) -> MlpCurves:
    mlp = Mlp(layers=_LAYERS, units=units, batch=units, is_residual=is_residual, has_norm=has_norm)
    return measure(mlp, seed=seed)


def _mlp_factors(*, is_residual: bool, has_norm: bool) -> tuple[float, ...]:
    return tuple(_mlp(seed, 512, is_residual=is_residual, has_norm=has_norm).factor for seed in _SEEDS)


def _mlp_total() -> tuple[float, ...]:
    return tuple(first_to_last(_mlp(seed, 512, is_residual=True, has_norm=True).grad) for seed in _SEEDS)


def _mlp_ratios() -> tuple[float, ...]:
    """Returns (branch / shortcut)² times l."""
    ratios = _mlp(0, 512, is_residual=True, has_norm=True).branch_to_shortcut
    return tuple(ratios[at - 1] * at for at in _AT)


def _mlp_variances() -> tuple[float, ...]:
    """Returns the variance divided by l + 1."""
    variances = _mlp(0, 512, is_residual=True, has_norm=True).variance
    return tuple(variances[at - 1] / (at + 1) for at in _AT)


def _mlp_doubling() -> tuple[float, ...]:
    """Returns the variance divided by 2^l, for the first layers: later ones scatter."""
    variances = _mlp(0, 512, is_residual=True, has_norm=False).variance
    return tuple(variances[at - 1] / 2**at for at in _AT[:4])


def _after(step: int) -> tuple[float, ...]:
    """Returns the weight gradient first / last of plain-56 after some steps of the recipe `degradation`."""
    found = curves_by_step(StepsQuestion(nets=(_PLAIN,), seeds=_SEEDS, steps=(step,)))
    return tuple(first_to_last(one.grad) for one in found)


def _order(id: str, where: str, measured: str, low: float, high: float) -> Experiment:
    return Experiment(
        id=f"gradient_order_{id}", instrument="gradients", source=f"He et al. 2016, {where}; measured",
        expected=f"block gradient first / last at depth 56: {measured}",
        measure=lambda: _blocks(bench_net(id)), low=low, high=high, is_cheap=id in ("plain", "a_original"),
    )  # fmt: skip


def _row(id: str, source: str, expected: str, measure: Callable[[], float | tuple[float, ...]], low: float,
         high: float, *, is_cheap: bool = True) -> Experiment:  # fmt: skip
    return Experiment(
        id=id, instrument="gradients", source=source, expected=expected, measure=measure, low=low, high=high,
        is_cheap=is_cheap,
    )  # fmt: skip


EXPERIMENTS: Final = (
    _row("bn_explosion", "Yang et al. 2019, theorem 8", "√(π/(π−1)) = 1.2112 per layer; 512 units",
         lambda: _mlp_factors(is_residual=False, has_norm=True), 1.19, 1.22, is_cheap=False),
    _row("bn_explosion_residual", "Yang et al. 2019", "first / last over 50 layers: 8.8",
         _mlp_total, 7, 11, is_cheap=False),
    _row("bn_explosion_residual_no_norm", "De and Smith 2020; Balduzzi et al. 2017", "√2 = 1.4142 per block",
         lambda: _mlp_factors(is_residual=True, has_norm=False), 1.39, 1.44, is_cheap=False),
    _row("residual_variance", "De and Smith 2020", "variance after l layers / (l + 1) = 1; l = 1, 2, 4, ..., 32",
         _mlp_variances, 0.9, 1.1),
    _row("residual_variance_ratio", "De and Smith 2020", "l · (branch / shortcut)² = 1; l = 1, 2, 4, ..., 32",
         _mlp_ratios, 0.85, 1.15),
    _row("residual_variance_no_norm", "De and Smith 2020", "variance after l layers / 2^l = 1; l = 1, 2, 4, 8",
         _mlp_doubling, 0.75, 1.3, is_cheap=False),
    _row("residual_variance_net", "De and Smith 2020", "std² / l = 1, pre-activation ResNet-110, means of ten seeds",
         _signal, 0.75, 1.45, is_cheap=False),
    _row("gradient_plain_norm", "Yang et al. 2019, theorem 8", "at most 1.2112 per convolution, plain-56",
         lambda: tuple(factor_per_step(PLAIN_NORM, _PLAIN, ratio) for ratio in _blocks(_PLAIN)), 1.13, 1.21),
    _row("gradient_plain_torch", "derived", "√(1/6) = 0.408 per convolution, plain-56 without norm, torch's init",
         lambda: tuple(factor_per_step(PLAIN_TORCH, _BARE, r) for r in _blocks(_BARE, Init.TORCH_DEFAULT)), 0.34, 0.41),
    _row("gradient_plain_torch_blocks", "measured", "block gradient first / last: 1.2e-22, 1.4e-22, 1.6e-22",
         lambda: _blocks(_BARE, Init.TORCH_DEFAULT), 1e-24, 1e-20),
    _row("gradient_plain_torch_weights", "measured", "weight gradient first / last: 7.4, 3.8, 7.4, nearly flat",
         lambda: _weights(_BARE, Init.TORCH_DEFAULT), 0.5, 50),
    _order("plain", "figure 4", "6.0e3, 3.1e3, 3.0e3", 1e3, 2e4),
    _order("a_original", "figure 4a", "15, 13, 13", 6, 40),
    _order("b_bn_after_add", "figure 4b", "125, 52, 59", 25, 300),
    _order("c_relu_before_add", "figure 4c", "6.2, 12, 7.7", 3, 30),
    _order("d_relu_only_preact", "figure 4d", "16, 13, 12", 6, 40),
    _order("e_full_preact", "figure 4e", "34, 25, 28", 12, 90),
    _row("gradient_orders_a_b", "derived", "without norm (a) and (b) are the same net: difference 0",
         lambda: _order_difference("a_original", "b_bn_after_add"), 0, 0, is_cheap=False),
    _row("gradient_orders_d_e", "derived", "without norm (d) and (e) are the same net: difference 0",
         lambda: _order_difference("d_relu_only_preact", "e_full_preact"), 0, 0, is_cheap=False),
    _row("gradient_weights_plain", "measured", "weight gradient first / last, plain-56: 3.4e3, 1.8e3, 830",
         lambda: _weights(_PLAIN), 300, 1e4),
    _row("gradient_weights_plain_110", "measured", "weight gradient first / last, plain-110: 1.5e7, 4.0e6, 8.8e6",
         lambda: _weights(bench_net("plain", depth=110)), 2e5, 1e9, is_cheap=False),
    _row("gradient_steps_0", "measured; He et al. 2015, section 4.1", "plain-56 before training: 3.3e3, 1.8e3, 870",
         lambda: _after(0), 100, 1e5),
    _row("gradient_steps_20", "measured; He et al. 2015, section 4.1", "plain-56 after 20 steps: 0.41, 0.18, 0.065",
         lambda: _after(20), 1e-4, 2, is_cheap=False),
)  # fmt: skip
