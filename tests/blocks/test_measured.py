"""Measured gradients: each band holds all seeds, and what is shipped is computed again here."""

import math

import pytest

from resnet_viz.blocks.measured import block_gradients
from resnet_viz.blocks.variants import VARIANTS, VariantGroup, variants_of

BANDS = {  # shared/THEORY.md, section 1: depth 56, set on seeds 0 to 2 and tried on seeds 3 to 12
    "a_original": (6, 40),
    "b_bn_after_add": (25, 300),
    "c_relu_before_add": (3, 30),
    "d_relu_only_preact": (6, 40),
    "e_full_preact": (12, 90),
    "plain": (1e3, 2e4),
}


def test_every_order_and_every_operation_on_the_shortcut_is_measured() -> None:
    measured = set(block_gradients().ratios)
    assert measured == {
        variant.id for group in (VariantGroup.ORDERS, VariantGroup.SHORTCUTS) for variant in variants_of(group)
    }


def test_all_seeds_lie_in_the_bands() -> None:
    at_56 = {row.variant: row for rows in block_gradients().ratios.values() for row in rows if row.depth == 56}
    assert {name: row.band for name, row in at_56.items()} == BANDS
    for row in at_56.values():
        assert row.band is not None
        assert len(row.ratios) == 3
        assert all(row.band[0] <= ratio <= row.band[1] for ratio in row.ratios)


@pytest.mark.torch
@pytest.mark.parametrize("name", BANDS)
def test_a_ratio_is_computed_again(name: str) -> None:
    from tools.measure_block_gradients import first_to_last

    shipped = next(row for row in block_gradients().ratios[name] if row.depth == 56)
    ratio = first_to_last(name, 56, seed=0)
    assert math.isclose(ratio, shipped.ratios[0], rel_tol=0.02)  # sums in another order on another machine
    low, high = BANDS[name]
    assert low <= first_to_last(name, 56, seed=7) <= high  # a seed that the file does not have


def test_what_is_measured_is_of_the_vocabulary() -> None:
    assert set(block_gradients().ratios) <= set(VARIANTS)
