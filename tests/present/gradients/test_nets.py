"""Nets of the gradients page."""

import pytest

from resnet_viz.blocks.variants import VARIANTS
from resnet_viz.errors import SpecError
from resnet_viz.present.gradients.nets import (
    BENCH_NETS,
    LAMBDA,
    LOOKS,
    MAX_DEPTH,
    lab_query,
    named_net,
    nearest_depth,
)
from resnet_viz.spec.enums import Init, Norm, Order, Shortcut
from resnet_viz.spec.presets import preset
from resnet_viz.training.recipe_text import recipe_of
from tests.present.gradients.made import net


def test_the_rows_are_plain_all_orders_all_shortcuts_and_lambda() -> None:
    specs = [net(name).spec for name in BENCH_NETS]
    assert specs[0].is_plain
    assert {spec.order for spec in specs} == set(Order)
    assert {spec.shortcut for spec in specs} == set(Shortcut)
    assert net(LAMBDA, scale=0.8).spec.shortcut_scale == 0.8
    assert net(LAMBDA).spec.residual_scale == 1.0  # He et al. 2016, eq. 6
    assert set(BENCH_NETS) - {LAMBDA} <= set(VARIANTS)


def test_plain_and_original_are_the_presets_of_the_bench() -> None:  # THEORY, section 0; the command has the same nets
    usual = {"widths": (4, 8, 16), "in_channels": 1, "image_size": 14}
    assert net("plain", depth=56).spec == preset("cifar_plain56", **usual)
    assert net("a_original", depth=56).spec == preset("cifar_resnet56", **usual)


def test_no_two_nets_look_alike() -> None:
    assert len({(look.role, look.symbol) for look in LOOKS.values()}) == len(LOOKS)


@pytest.mark.parametrize(
    ("depth", "near"), [(8, 8), (9, 8), (13, 14), (55, 56), (56, 56), (59, 56), (60, 62), (998, 998), (1000, 998)]
)
def test_the_nearest_depth(depth: int, near: int) -> None:
    assert nearest_depth(depth) == near


def test_every_nearest_depth_makes_a_net() -> None:
    for depth in {nearest_depth(depth) for depth in range(8, MAX_DEPTH + 1)}:
        assert net(depth=depth).spec.depth == depth


def test_a_depth_that_does_not_fit_is_refused() -> None:
    with pytest.raises(SpecError, match="55"):
        net(depth=55)


def test_the_lab_gets_the_same_nets() -> None:
    nets = [net("plain", norm=Norm.NONE), net("b_bn_after_add"), net(LAMBDA, scale=0.7), net("exclusive_gating")]
    query = lab_query(nets, init=Init.TORCH_DEFAULT, num_seeds=3)
    assert query.pop("seeds") == "3"
    recipe = recipe_of(query)
    assert recipe.nets == tuple(one.spec for one in nets)
    assert recipe.init is Init.TORCH_DEFAULT


def test_the_lab_gets_a_width_and_no_more_nets_than_it_takes() -> None:
    nets = [named_net(name, depth=8, width=8, norm=Norm.BATCH, scale=1) for name in BENCH_NETS]
    query = lab_query(nets, init=Init.HE, num_seeds=1)
    assert recipe_of(query).nets == tuple(one.spec for one in nets[:6])
    assert "seeds" not in query
