"""The measured grid of losses: what is claimed of it, and differences seed by seed."""

import math

import pytest

from resnet_viz.resources import ROOT
from resnet_viz.theory.experiment_table import tries_markdown
from resnet_viz.theory.loss_by_depth import (
    FILE_OF,
    Change,
    DepthLosses,
    LossByDepth,
    Protocol,
    change,
    loss_by_depth,
    neighbours,
)
from resnet_viz.training import recipe_files
from resnet_viz.training.lab_nets import NetType
from tools.measure_loss_by_depth import PROTOCOLS, toml


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


@pytest.mark.parametrize(
    ("kind", "shallow", "deep", "better", "worse"),
    [
        (NetType.RESIDUAL, 20, 56, 10, 2),
        (NetType.RESIDUAL, 8, 20, 12, 0),
        (NetType.PLAIN, 20, 56, 0, 12),
        (NetType.PLAIN, 8, 20, 3, 9),
    ],
)
def test_the_trial_of_blocks_that_begin_as_the_identity(
    kind: NetType, shallow: int, deep: int, better: int, worse: int
) -> None:
    found = loss_by_depth(Protocol.IDENTITY).change(kind, shallow, deep)
    assert (found.num_better, found.num_worse) == (better, worse)


def test_with_shortcuts_56_layers_are_below_20_by_more_than_two_standard_errors() -> None:
    """The rule for the default of lab and start page: ten of twelve fresh seeds, and the mean."""
    found = loss_by_depth(Protocol.IDENTITY).change(NetType.RESIDUAL, 20, 56)
    assert found.num_better >= 10
    assert found.mean < -2 * found.standard_error


def test_seeds_that_chose_the_protocol_are_not_counted() -> None:
    rows = tuple(DepthLosses(NetType.PLAIN, depth, losses) for depth, losses in ((8, (1.0, 2.0)), (20, (9.0, 1.0))))
    measured = LossByDepth("", "degradation", {}, rows, num_chosen=1)
    assert measured.change(NetType.PLAIN, 8, 20).differences == (-1.0,)
    assert [row.losses for row in measured.fresh(NetType.PLAIN)] == [(2.0,), (1.0,)]


def test_a_standard_error_needs_two_seeds() -> None:
    assert math.isnan(Change(8, 20, (0.1,)).standard_error)
    assert Change(8, 20, (0.1, 0.3)).standard_error == pytest.approx(0.1)


def test_all_that_was_tried_is_in_the_experiments() -> None:
    measured = loss_by_depth(Protocol.IDENTITY)
    text = tries_markdown(measured)
    assert (ROOT / "docs" / "EXPERIMENTS.md").read_text(encoding="utf-8").endswith(text)
    assert "below in 10 of 12, mean -0.0256 ± 0.0057" in text
    assert "lr = 0.2, seeds 0, 1: -0.061, +0.035: below in 1 of 2." in text
    assert len(measured.tries) + len(measured.reports) + 2 == text.count("\n- ")


@pytest.mark.parametrize("protocol", list(Protocol))
def test_the_files_are_those_that_the_tool_writes(protocol: Protocol) -> None:
    measured, own = loss_by_depth(protocol), PROTOCOLS[protocol]
    assert toml(measured, protocol) == FILE_OF[protocol].read_text(encoding="utf-8")
    assert (measured.how, measured.reports, measured.num_chosen) == (own.how, tuple(own.reports), own.num_chosen)
    assert {row.depth: len(row.losses) for row in measured.rows} == own.num_seeds
    assert [(one.changes, one.seeds) for one in measured.tries] == [(one.changes, one.seeds) for one in own.tries]


def test_its_recipe_is_one_of_the_lab() -> None:
    measured = loss_by_depth()
    recipe = recipe_files.make(measured.recipe, {**measured.changes, "depth": "8,20,56"})
    assert len(recipe.nets) == 6
