"""Several seeds of a recipe: started together, linked, drawn as a band, averaged."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.run import RunState
from resnet_viz.runs.sql.seeds import seed_series
from resnet_viz.runs.store import RunStore
from resnet_viz.training import recipe_files
from resnet_viz.training.recipe import MAX_SEEDS
from resnet_viz.training.records import NetStarted
from tests.fakes import racers
from tests.fakes.racers import Act
from tests.fakes.trained import submitted
from tests.fakes.visiting import buttons, change, press, prose, value, visit


def band(at: AppTest) -> list[str]:
    """Which other runs the race component has got."""
    sent: list[Any] = [json.loads(each.proto.json) for each in at.get("bidi_component") if each.proto.json]
    (found,) = (data for data in sent if isinstance(data, dict) and "head_id" in data)
    return [part["run"] for part in found["band"]]


def done(runs: RunStore, num_seeds: int) -> tuple[str, ...]:
    """Runs of several seeds that have come to their end."""
    ids = runs.submit_all(seed_series(racers.recipe(Act.QUICK), num_seeds), owner="me")
    with DaemonStore(runs.path) as daemon_store:
        for _id in ids:
            claim = daemon_store.claim_next()
            assert claim is not None
            net = racers.recipe(Act.QUICK).labels[0]
            start = NetStarted(net=net, params=1, macs=1, convs=racers.CONVS, blocks=racers.BLOCKS, device="cpu")
            daemon_store.append(claim, [start, *(racers.step(net, number) for number in range(20))])
            daemon_store.finish(claim, RunState.DONE)
    return ids


def test_how_many_seeds_a_recipe_is_meant_for_is_said_and_taken_with_a_click(unserved: RunStore) -> None:
    at = press(visit("training", recipe="no_norm"), "Use 3 seeds")
    assert value(at, "seeds") == 3
    assert at.query_params == {"recipe": "no_norm", "seeds": "3"}
    assert "Use 3 seeds" not in buttons(at)
    press(at, "Start")
    assert [fields["seed"] for fields in submitted(unserved)] == [0, 1, 2]
    assert not [label for label in buttons(visit("training", recipe="quick")) if label.endswith(" seeds")]


def test_no_recipe_is_meant_for_more_seeds_than_can_be_trained() -> None:
    assert all(known.seeds <= MAX_SEEDS for known in recipe_files.known().values())


def test_start_submits_every_seed_or_none(unserved: RunStore) -> None:
    at = press(visit("training", depth="8", steps="20", seed="4", seeds="3"), "Start")
    assert [fields["seed"] for fields in submitted(unserved)] == [4, 5, 6]
    assert " · 3 seeds: " in prose(visit("training", depth="8", steps="20", seeds="3"))
    assert at.query_params["run"] == unserved.list()[-1].id


def test_a_run_links_the_other_seeds_and_draws_a_band_over_them(unserved: RunStore) -> None:
    ids = done(unserved, 3)
    at = visit("training", run=ids[0])
    assert "3 seeds" in prose(at)
    links = [link for link in at.page_link if link.label in {"0", "1", "2"}]
    assert [link.proto.query_string for link in links] == [f"run={run_id}" for run_id in ids]
    assert band(at) == [f"{run_id}:1" for run_id in ids[1:]]
    change(at, "band", value=False)
    assert at.query_params["band"] == "false"
    assert band(at) == []


def test_means_over_the_seeds_are_told(unserved: RunStore) -> None:
    ids = done(unserved, 2)
    tables = [table.value.to_dict("records") for table in visit("training", run=ids[1]).dataframe]
    assert any(rows[0].get("seeds") == 2 for rows in tables)


def test_a_single_run_has_no_band_and_no_switch(unserved: RunStore) -> None:
    (run_id,) = done(unserved, 1)
    at = visit("training", run=run_id)
    assert band(at) == []
    assert "seeds:" not in prose(at)
