"""Experiments on small results of other papers."""

from typing import Final

from resnet_viz.theory.experiment import Experiment
from resnet_viz.theory.small_tables import (
    Weights,
    effective_field,
    expected_blocks,
    fixup_scale,
    jacobian_rank,
    loss_of_zeros,
    measure_lengths,
)

_SEEDS: Final = range(3)
_DEPTH: Final = 30
_NUM_NETS: Final = 1_000  # with 300, as on the page, the ratio of heavy tails scatters more


def _ranks(has_shortcut: bool, *weights: Weights) -> tuple[float, ...]:
    return tuple(float(jacobian_rank(one, seed, has_shortcut=has_shortcut)) for one in weights for seed in _SEEDS)


def _scatter(width: int, *, is_residual: bool) -> tuple[float, ...]:
    found = (measure_lengths(width, _DEPTH, seed, is_residual=is_residual, num_nets=_NUM_NETS) for seed in _SEEDS)
    return tuple(one.scatter for one in found)


EXPERIMENTS: Final = (
    Experiment(
        id="stochastic_depth", instrument="tables", source="Huang et al. 2016, section 3",
        expected="(3L − 1)/4 = 40.25 of 54 blocks", measure=lambda: expected_blocks(54),
        low=40.25 - 1e-9, high=40.25 + 1e-9,
    ),
    Experiment(
        id="fixup", instrument="tables", source="Zhang et al. 2019",
        expected="L^(−1/(2m−2)) = 0.1361 for L = 54, m = 2", measure=lambda: fixup_scale(54, 2),
        low=0.13608, high=0.13609,
    ),
    Experiment(
        id="fixup_loss", instrument="tables", source="Zhang et al. 2019", expected="ln 10 = 2.302585",
        measure=lambda: loss_of_zeros(10), low=2.302585, high=2.302586,
    ),
    Experiment(
        id="hanin", instrument="tables", source="Hanin and Rolnick 2018",
        expected="plain, width 100, 30 layers: (1 + 5/n)^L = 4.32, in the limit exp(5L/n) = 4.48",
        measure=lambda: _scatter(100, is_residual=False), low=2.0, high=12.0,
    ),
    Experiment(
        id="hanin_residual", instrument="tables", source="Hanin and Rolnick 2018",
        expected="branches times 1/L: near 1", measure=lambda: _scatter(100, is_residual=True), low=1.0, high=1.1,
    ),
    Experiment(
        id="singularities_plain_generic", instrument="tables", source="Orhan and Pitkow 2018; derived",
        expected="36 of 42", measure=lambda: _ranks(False, Weights.GENERIC), low=36, high=36,
    ),
    Experiment(
        id="singularities_plain", instrument="tables", source="Orhan and Pitkow 2018; derived",
        expected="30 at both singularities", low=30, high=30,
        measure=lambda: _ranks(False, Weights.ELIMINATION, Weights.OVERLAP),
    ),
    Experiment(
        id="singularities_shortcut_generic", instrument="tables", source="Orhan and Pitkow 2018; derived",
        expected="42 of 42", measure=lambda: _ranks(True, Weights.GENERIC), low=42, high=42,
    ),
    Experiment(
        id="singularities_shortcut", instrument="tables", source="Orhan and Pitkow 2018; derived",
        expected="36 at both singularities", low=36, high=36,
        measure=lambda: _ranks(True, Weights.ELIMINATION, Weights.OVERLAP),
    ),
    Experiment(
        id="erf", instrument="tables", source="Luo et al. 2016", expected="sqrt(2n/3) = 3.6515 for n = 20",
        measure=lambda: effective_field(20, has_shortcuts=False).std, low=3.65147, high=3.65149,
    ),
    Experiment(
        id="erf_shortcuts", instrument="tables", source="Luo et al. 2016; derived",
        expected="sqrt(n/3) = 2.5820 for n = 20",
        measure=lambda: effective_field(20, has_shortcuts=True).std, low=2.58197, high=2.58199,
    ),
)  # fmt: skip
