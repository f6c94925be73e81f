"""Small results of other papers."""

import numpy as np
import pytest

from resnet_viz.theory.small_tables import (
    Weights,
    effective_field,
    expected_blocks,
    field_std,
    fixup_scale,
    jacobian_rank,
    loss_of_zeros,
    measure_lengths,
    scatter_for_large_width,
    scatter_of_plain,
    survival,
)


@pytest.mark.parametrize("num_blocks", [1, 8, 54, 600])
def test_stochastic_depth_trains_three_quarters(num_blocks: int) -> None:
    assert expected_blocks(num_blocks) == pytest.approx((3 * num_blocks - 1) / 4, rel=1e-12)
    assert survival(num_blocks)[-1] == 0.5  # Huang et al. 2016, section 3


def test_other_survivals_are_those_of_their_sum() -> None:
    assert expected_blocks(54, 0.2) == pytest.approx(32.0)  # Σ 1 - 0.8 l/54
    assert expected_blocks(16, 0.8) == pytest.approx(14.3)


@pytest.mark.parametrize(
    ("branches", "layers", "scale"), [(54, 2, 0.13608276), (16, 3, 0.5), (33, 3, 0.41722614), (9, 2, 1 / 3)]
)
def test_fixup_scales_the_weights_of_a_branch(branches: int, layers: int, scale: float) -> None:
    assert fixup_scale(branches, layers) == pytest.approx(scale, abs=1e-8)  # Zhang et al. 2019


def test_a_net_with_a_last_layer_of_zero_starts_at_the_logarithm_of_its_classes() -> None:
    assert loss_of_zeros(10) == pytest.approx(2.302585092994046, rel=1e-15)


@pytest.mark.parametrize("seed", range(13))
def test_lengths_scatter_in_plain_nets_only(seed: int) -> None:
    assert 2.0 < measure_lengths(100, 30, seed, is_residual=False, num_nets=1_000).scatter < 12.0
    residual = measure_lengths(100, 30, seed, is_residual=True)
    assert 1.0 <= residual.scatter < 1.1
    assert 1.3 < residual.mean < 1.45


def test_the_scatter_over_many_nets_is_that_of_the_formula() -> None:
    many = measure_lengths(5, 3, 0, is_residual=False, num_nets=200_000)
    assert many.mean == pytest.approx(1.0, abs=0.02)
    assert many.scatter == pytest.approx(scatter_of_plain(5, 3), rel=0.1)  # (1 + 5/5)^3 = 8


def test_lengths_are_those_of_nets_whose_matrices_are_drawn() -> None:
    generator, width, depth, num_nets = np.random.default_rng(0), 20, 3, 4_000
    x_ND = np.ones((num_nets, width))
    for _layer in range(depth):
        w_NDD = np.sqrt(2 / width) * generator.standard_normal((num_nets, width, width))
        x_ND = np.maximum(np.einsum("nij,nj->ni", w_NDD, x_ND), 0)
    m_N = (x_ND**2).mean(axis=1)
    found = measure_lengths(width, depth, 0, is_residual=False, num_nets=num_nets)
    assert found.mean == pytest.approx(float(m_N.mean()), rel=0.06)
    assert found.scatter == pytest.approx(float((m_N**2).mean() / m_N.mean() ** 2), rel=0.12)


def test_the_scatter_of_wide_nets_tends_to_the_limit() -> None:
    assert scatter_of_plain(100, 30) == pytest.approx(4.32, abs=0.01)
    assert scatter_of_plain(100_000, 30_000) == pytest.approx(scatter_for_large_width(100_000, 30_000), rel=1e-3)


@pytest.mark.parametrize("seed", range(13))
def test_a_shortcut_saves_the_rank_at_singularities(seed: int) -> None:
    plain, shortcut = (
        [jacobian_rank(weights, seed, has_shortcut=has_shortcut) for weights in Weights]
        for has_shortcut in (False, True)
    )
    assert (plain, shortcut) == ([36, 30, 30], [42, 36, 36])  # THEORY I14


@pytest.mark.parametrize("num_layers", [1, 5, 10, 20, 40, 200])
@pytest.mark.parametrize("has_shortcuts", [False, True])
def test_the_effective_field_has_the_width_of_its_formula(num_layers: int, has_shortcuts: bool) -> None:
    found = effective_field(num_layers, has_shortcuts=has_shortcuts)
    assert found.side == 2 * num_layers + 1
    assert found.std == pytest.approx(field_std(num_layers, has_shortcuts=has_shortcuts), rel=1e-12)
    assert sum(found.influence) == pytest.approx(1.0)


def test_most_of_the_influence_lies_in_the_middle() -> None:
    assert [effective_field(n, has_shortcuts=False).side_95 for n in (5, 10)] == [9, 13]  # of 11 and 21
    assert [effective_field(n, has_shortcuts=True).side_95 for n in (5, 10)] == [7, 9]
