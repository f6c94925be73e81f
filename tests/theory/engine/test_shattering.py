"""Autocorrelation of the gradient along a line: bands of THEORY tried on seeds of their own."""

from statistics import fmean

import pytest

from resnet_viz.theory.engine.shattering import shatter_curves
from resnet_viz.theory.shattering import ShatterQuestion
from resnet_viz.training.lab_nets import NetType

pytestmark = pytest.mark.torch

SEEDS = tuple(range(40, 46))


def neighbours(**fields: object) -> dict[NetType, float]:
    """Mean autocorrelation at lag 1."""
    records = list(shatter_curves(ShatterQuestion(seeds=SEEDS, **fields)))  # type: ignore[arg-type]
    return {kind: fmean(one.correlations[1] for one in records if one.kind is kind) for kind in NetType}


@pytest.mark.parametrize(
    ("layers", "plain", "residual"),  # mean of 20 seeds and four standard errors of six
    [(2, (0.94, 0.06), (0.94, 0.06)), (10, (0.20, 0.13), (0.81, 0.11)), (24, (-0.03, 0.12), (0.65, 0.13))],
)
def test_with_norm_the_feed_forward_net_shatters(
    layers: int, plain: tuple[float, float], residual: tuple[float, float]
) -> None:
    found = neighbours(layers=layers)
    assert found[NetType.PLAIN] == pytest.approx(plain[0], abs=plain[1])
    assert found[NetType.RESIDUAL] == pytest.approx(residual[0], abs=residual[1])


def test_small_branches_shatter_less() -> None:
    """0.83 at β = 0.1 against 0.54 at β = 1 with 50 layers; the feed-forward net does not depend on β."""
    small, large = neighbours(layers=36, beta=0.1), neighbours(layers=36)
    assert small[NetType.RESIDUAL] > large[NetType.RESIDUAL] + 0.1
    assert small[NetType.PLAIN] == large[NetType.PLAIN]


def test_without_norm_neither_shatters() -> None:
    """Feed-forward with biases 0.86 at 24 layers, residual 0.89 at 50."""
    assert min(neighbours(layers=24, has_norm=False).values()) > 0.75


def test_a_curve_is_standardised() -> None:
    (plain, _residual) = shatter_curves(ShatterQuestion(layers=5, seeds=(3,)))
    assert fmean(plain.derivative) == pytest.approx(0, abs=1e-3)
    assert fmean(value**2 for value in plain.derivative) == pytest.approx(1, abs=0.02)
    assert plain.correlations[0] == pytest.approx(1)
