"""The measured grid of losses: what is claimed of it, and differences seed by seed."""

import pytest

from resnet_viz.theory.loss_by_depth import DepthLosses, change, loss_by_depth, neighbours
from resnet_viz.training import recipe_files
from resnet_viz.training.lab_nets import NetType


def test_the_grid_is_whole() -> None:
    measured = loss_by_depth()
    for kind in NetType:
        rows = measured.of(kind)
        assert [row.depth for row in rows] == [8, 14, 20, 32, 44, 56]
        assert all(len(row.losses) >= 3 for row in rows)


@pytest.mark.parametrize(
    ("kind", "depth", "losses"),
    [
        (NetType.PLAIN, 8, (0.494, 0.496, 0.519)),
        (NetType.PLAIN, 56, (1.46, 1.78, 1.23)),
        (NetType.RESIDUAL, 20, (0.426, 0.449, 0.468)),
        (NetType.RESIDUAL, 56, (0.435, 0.557, 0.507)),
    ],
)  # measured before, at commit 893ba8c
def test_losses_are_those_of_an_earlier_run(kind: NetType, depth: int, losses: tuple[float, ...]) -> None:
    (row,) = (row for row in loss_by_depth().of(kind) if row.depth == depth)
    assert row.losses[:3] == pytest.approx(losses, abs=0.006)


@pytest.mark.parametrize(("kind", "num_worse"), [(NetType.PLAIN, 7), (NetType.RESIDUAL, 1)])
def test_from_8_to_20_layers_one_seed_of_eight_disagrees(kind: NetType, num_worse: int) -> None:
    by_depth = {row.depth: row for row in loss_by_depth().of(kind)}
    found = change(by_depth[8], by_depth[20])
    assert (len(found.differences), found.num_worse) == (8, num_worse)
    assert found.mean > 0.08 if kind is NetType.PLAIN else found.mean < -0.02


def test_differences_are_of_the_seeds_that_both_have() -> None:
    found = change(DepthLosses(NetType.PLAIN, 8, (1.0, 2.0, 3.0)), DepthLosses(NetType.PLAIN, 14, (1.5, 1.0)))
    assert (found.differences, found.num_worse, found.mean) == ((0.5, -1.0), 1, -0.25)


def test_neighbours_are_taken_in_order() -> None:
    rows = tuple(DepthLosses(NetType.PLAIN, depth, (0.0,)) for depth in (8, 14, 20))
    assert [(one.shallow, one.deep) for one in neighbours(rows)] == [(8, 14), (14, 20)]


def test_its_recipe_is_one_of_the_lab() -> None:
    measured = loss_by_depth()
    recipe = recipe_files.make(measured.recipe, {**measured.changes, "depth": "8,20,56"})
    assert len(recipe.nets) == 6
