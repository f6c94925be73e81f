"""Runs that differ in the seed alone are found, shared, and count as one."""

from pathlib import Path

import pytest

from resnet_viz.errors import QueueError, SpecError
from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.run import RunState
from resnet_viz.runs.sql.queue import QueueLimits
from resnet_viz.runs.sql.seeds import places_taken, seed_series
from resnet_viz.runs.store import RunStore
from resnet_viz.spec.presets import residual_preset
from resnet_viz.training.recipe import MAX_SEEDS, Recipe
from resnet_viz.training.recipe_values import MAX_SEED
from resnet_viz.training.step_gate import RateChange

PLAIN = (residual_preset("cifar_plain20"), residual_preset("cifar_plain56"))
RECIPE = Recipe(nets=PLAIN, steps=20)


@pytest.fixture
def runs(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs.sqlite", limits=QueueLimits(waiting=6, live_per_owner=2))


def ids_of(runs: RunStore, run_id: str) -> dict[int, str]:
    run = runs.run(run_id)
    assert run is not None
    return {each.seed: each.id for each in runs.seeds(run)}


def test_a_series_is_the_recipe_for_the_seeds_that_follow() -> None:
    assert [each.seed for each in seed_series(RECIPE.replace(seed=7), 3)] == [7, 8, 9]
    with pytest.raises(SpecError, match="seed is a whole number from 0 to 2,147,483,647"):
        seed_series(RECIPE.replace(seed=MAX_SEED), 2)


def test_runs_that_differ_in_the_seed_alone_are_found_by_seed(runs: RunStore) -> None:
    three = runs.submit_all(seed_series(RECIPE, 3), owner="a")
    runs.submit(RECIPE.replace(lr=0.2), owner="b")
    runs.submit(RECIPE.replace(steps=30, seed=5), owner="b")
    for run_id in three:
        assert ids_of(runs, run_id) == dict(enumerate(three))


def test_of_one_seed_it_is_the_run_itself_or_else_one_that_is_done(runs: RunStore) -> None:
    first = runs.submit(RECIPE, owner="a")
    with DaemonStore(runs.path) as daemon:
        claim = daemon.claim_next()
        assert claim is not None
        daemon.finish(claim, RunState.DONE)
    again = runs.submit(RECIPE, owner="b")
    other = runs.submit(RECIPE.replace(seed=1), owner="c")
    assert ids_of(runs, other) == {0: first, 1: other}
    assert ids_of(runs, again) == {0: again, 1: other}


def test_a_run_whose_rate_was_changed_is_not_one_of_its_recipe_any_more(runs: RunStore) -> None:
    first, second = runs.submit_all(seed_series(RECIPE, 2), owner="a")
    with DaemonStore(runs.path) as daemon:
        claim = daemon.claim_next()
        assert claim is not None
        assert claim.id == first
        daemon.set_rate(claim, RateChange(step=3, lr=0.01))
    assert ids_of(runs, second) == {1: second}
    assert ids_of(runs, first) == {0: first, 1: second}


def test_seeds_of_one_recipe_count_as_one_run_of_their_owner(runs: RunStore) -> None:
    runs.submit_all(seed_series(RECIPE, 3), owner="a")
    runs.submit_all(seed_series(RECIPE.replace(lr=0.2), 2), owner="a")
    with pytest.raises(QueueError, match="You already have 2 runs"):
        runs.submit(RECIPE.replace(lr=0.3), owner="a")
    with pytest.raises(QueueError, match="You already have 2 runs"):
        runs.submit(RECIPE, owner="a")  # the same seed twice is two runs


def test_where_there_is_no_room_for_all_none_is_submitted(runs: RunStore) -> None:
    runs.submit_all(seed_series(RECIPE, 3), owner="a")
    with pytest.raises(QueueError, match="The queue is full"):
        runs.submit_all(seed_series(RECIPE.replace(lr=0.2), 4), owner="b")
    assert len(runs.list()) == 3


def test_seeds_that_train_already_are_shared(runs: RunStore) -> None:
    two = runs.submit_all(seed_series(RECIPE, 2), owner="a", is_shared=True)
    three = runs.submit_all(seed_series(RECIPE, 3), owner="b", is_shared=True)
    assert three[:2] == two
    assert len(runs.list()) == 3


def test_more_than_so_many_seeds_take_two_places() -> None:
    texts = [f'{{"lr": 0.1, "seed": {seed}}}' for seed in range(MAX_SEEDS + 1)]
    assert places_taken(texts[:-1]) == 1
    assert places_taken(texts) == 2
    assert places_taken(texts[:1] * 2) == 2
    assert places_taken([]) == 0
