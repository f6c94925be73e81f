"""Loss against depth in the lab: drawn while a run trains, with a band once several seeds have ended."""

import json
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.run import RunState
from resnet_viz.runs.sql.seeds import seed_series
from resnet_viz.runs.store import RunStore
from resnet_viz.training import recipe_files
from resnet_viz.training.records import NetStarted
from tests.fakes import racers
from tests.fakes.visiting import is_whole, prose, visit

RECIPE = recipe_files.make("deeper_is_better", {"steps": "20"})
LOSSES = dict(zip(RECIPE.labels, (0.34, 0.33, 1.07, 0.45, 0.38, 0.32), strict=True))
NUM_STEPS = 20


def train(runs: RunStore, num_seeds: int, *, num_done: int) -> tuple[str, ...]:
    """Runs of several seeds, each with losses 0.1 above the one before; the first ones have ended."""
    ids = runs.submit_all(seed_series(RECIPE, num_seeds), owner="me")
    with DaemonStore(runs.path) as daemon:
        for seed in range(num_seeds):
            claim = daemon.claim_next()
            assert claim is not None
            for net, loss in LOSSES.items():
                start = NetStarted(net=net, params=1, macs=1, convs=racers.CONVS, blocks=racers.BLOCKS, device="cpu")
                steps = [replace(racers.step(net, number), loss=loss + seed / 10) for number in range(NUM_STEPS)]
                daemon.append(claim, [start, *steps])
            if seed < num_done:
                daemon.finish(claim, RunState.DONE)
    return ids


def picture(at: AppTest) -> dict[str, Any]:
    """Returns the lines and bands of the picture by name."""
    (chart,) = at.get("echarts_chart")
    found: dict[str, Any] = {}
    for series in json.loads(chart.proto.spec)["series"]:
        found.setdefault(series["name"], []).append(series["data"])
    return found


def test_a_run_that_trains_is_drawn_as_it_is_now(unserved: RunStore) -> None:
    (run_id,) = train(unserved, 1, num_done=0)
    at = visit("training", run=run_id)
    assert is_whole(at)
    drawn = picture(at)
    assert {name: len(series) for name, series in drawn.items()} == {"plain": 1, "ResNet, zero init": 1}
    assert [point[:2] for point in drawn["ResNet, zero init"][0]] == [
        [8, pytest.approx(0.45)], [20, pytest.approx(0.38)], [56, pytest.approx(0.32)],
    ]  # fmt: skip


def test_seeds_that_have_ended_are_a_band_and_counted_from_depth_to_depth(unserved: RunStore) -> None:
    ids = train(unserved, 3, num_done=3)
    at = visit("training", run=ids[0])
    low, height, mean = picture(at)["plain"]
    assert [round(point[1], 3) for point in mean] == [0.44, 0.43, 1.17]
    assert [point[1] for point in low] == pytest.approx([0.34, 0.33, 1.07])
    assert [point[1] for point in height] == pytest.approx([0.2, 0.2, 0.2])
    text = prose(at)
    assert "plain-56 has a higher loss (last 50 steps) than plain-20 in 3 of 3 seeds" in text
    assert "ResNet-20, zero init has a lower loss (last 50 steps) than ResNet-8, zero init in 3 of 3 seeds" in text
    assert "ResNet-56, zero init has a lower loss (last 50 steps) than ResNet-20, zero init in 3 of 3 seeds" in text


def test_the_reason_is_beside_the_picture() -> None:
    links = [link.proto.query_string for link in visit("training").page_link if "identity" in link.label]
    assert links == ["show=construction"]
    assert not [link for link in visit("training", recipe="degradation").page_link if "identity" in link.label]


def test_two_depths_are_compared_without_a_picture() -> None:
    assert not visit("training", recipe="degradation").get("echarts_chart")
