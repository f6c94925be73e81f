"""Experiments on the equations of the forward and backward pass, and on two layers by hand."""

from collections.abc import Callable
from typing import Final

from resnet_viz.theory.experiment import Experiment
from resnet_viz.theory.layers import INPUT, two_layers
from resnet_viz.theory.propagation import Checks, check_equations

_SEEDS: Final = range(3)
_ROUNDING: Final = 1e-12


def _over_seeds(value: Callable[[Checks], float], scale: float) -> Callable[[], tuple[float, ...]]:
    return lambda: tuple(value(check_equations(6, seed, scale)) for seed in _SEEDS)


def _two_layers() -> float:
    """Returns the largest difference from the numbers found by hand."""
    found = two_layers(INPUT)
    pairs = zip(found.plain + found.residual, (0.0, 1.5, 1.0, 3.5), strict=True)
    return max(abs(ours - by_hand) for ours, by_hand in pairs)


EXPERIMENTS: Final = (
    Experiment(
        id="eq_checks_4", instrument="sum", source="He et al. 2016, eq. 4", expected="x_L = x_l + ΣF: difference 0",
        measure=_over_seeds(lambda one: one.forward, 1.0), low=0.0, high=_ROUNDING,
    ),
    Experiment(
        id="eq_checks_5", instrument="sum", source="He et al. 2016, eq. 5", expected="1 + ∂ΣF/∂x_l: difference 0",
        measure=_over_seeds(lambda one: one.backward, 1.0), low=0.0, high=_ROUNDING,
    ),
    Experiment(
        id="eq_checks_product", instrument="sum", source="derived", expected="∏(1 + F'): difference 0",
        measure=_over_seeds(lambda one: one.product, 1.0), low=0.0, high=_ROUNDING,
    ),
    Experiment(
        id="eq_checks_7", instrument="sum", source="He et al. 2016, eq. 7", expected="λ = 0.9: difference 0",
        measure=_over_seeds(lambda one: one.forward, 0.9), low=0.0, high=_ROUNDING,
    ),
    Experiment(
        id="eq_checks_8", instrument="sum", source="He et al. 2016, eq. 8", expected="λ = 0.9: difference 0",
        measure=_over_seeds(lambda one: one.backward, 0.9), low=0.0, high=_ROUNDING,
    ),
    Experiment(
        id="eq_checks_note_7", instrument="sum", source="note 004, section 5", expected="F(x_l, W_l) in the sum: wrong",
        measure=_over_seeds(lambda one: one.note_forward, 0.9), low=1e-3, high=1e3,
    ),
    Experiment(
        id="eq_checks_note_plain", instrument="sum", source="note 004, section 3.1", expected="∏ x_i w_i: wrong",
        measure=_over_seeds(lambda one: one.note_plain, 1.0), low=1e-3, high=1e3,
    ),
    Experiment(
        id="two_layers", instrument="layers", source="note 003",
        expected="plain (0, 1.5), residual (1, 3.5): difference 0", measure=_two_layers, low=0.0, high=0.0,
    ),
)  # fmt: skip
