"""Random fully connected nets follow the formulas."""

import numpy as np
import pytest
import torch

from resnet_viz.theory.engine.mlp import Mlp, MlpCurves, measure

pytestmark = pytest.mark.torch


def curves(units: int, layers: int = 50, *, is_residual: bool, has_norm: bool, seed: int = 4) -> MlpCurves:
    mlp = Mlp(layers=layers, units=units, batch=units, is_residual=is_residual, has_norm=has_norm)
    return measure(mlp, seed=seed)


def test_batch_norm_and_relu_approach_the_law_from_above() -> None:
    """Yang et al. 2019, theorem 8: 1.2112 without end; narrow nets explode faster."""
    factors = [curves(units, is_residual=False, has_norm=True).factor for units in (32, 128, 256)]
    assert 1.22 < factors[0] < 1.26
    assert 1.19 < factors[1] < 1.23
    assert 1.19 < factors[2] < 1.22


def test_residual_nets_grow_slowly_with_norm_and_by_the_root_of_two_without() -> None:
    with_norm = curves(256, is_residual=True, has_norm=True)
    assert 7 < with_norm.grad[0] / with_norm.grad[-1] < 11
    assert 1.39 < curves(256, is_residual=True, has_norm=False).factor < 1.44


def test_with_norm_each_layer_adds_one_variance() -> None:
    found = curves(256, 32, is_residual=True, has_norm=True)
    layers = np.arange(1, 33)
    assert np.allclose(found.variance, layers + 1, rtol=0.15)
    assert np.allclose(found.branch_to_shortcut, 1 / layers, rtol=0.2)


def test_gradients_are_those_of_finite_differences() -> None:
    mlp = Mlp(layers=1, units=3, batch=4, is_residual=True, has_norm=True)
    first = measure(mlp, seed=0)
    generator = torch.Generator().manual_seed(0)
    draws = [torch.randn(*shape, generator=generator, dtype=torch.float64) for shape in ((4, 3), (3, 3), (4, 3))]
    assert first.grad == pytest.approx((float(draws[2].norm()),))  # the loss is linear in the last layer
    x, weight = draws[0].numpy(), draws[1].numpy() * (2 / 3) ** 0.5
    normed = (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5)
    y = x + np.maximum(normed, 0) @ weight.T
    assert first.variance == pytest.approx((y.var(ddof=1),))


def test_a_seed_decides_all() -> None:
    assert curves(8, 3, is_residual=False, has_norm=True) == curves(8, 3, is_residual=False, has_norm=True)
    assert curves(8, 3, is_residual=False, has_norm=True) != curves(8, 3, is_residual=False, has_norm=True, seed=5)
