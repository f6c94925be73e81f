"""A run is paused, stepped, branched and stopped from its page, by who may."""

from typing import Any

import pytest

from resnet_viz.jobs.training import client
from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.run import RunState
from resnet_viz.runs.sql.control import Verb
from resnet_viz.runs.store import RunStore
from resnet_viz.training.step_gate import RateChange
from tests.fakes import racers
from tests.fakes.racers import Act
from tests.fakes.trained import NET, half_done, orders, progress, results
from tests.fakes.visiting import (
    buttons,
    is_whole,
    press,
    visit,
)
from tests.fakes.waiting import ended, until


def test_stop_stops(runs: RunStore) -> None:
    run_id = client.submit(racers.recipe(Act.SLOW, steps=10_000), owner="someone")
    until(lambda: runs.steps(run_id), "the first step")
    press(visit("training", run=run_id), "Stop")
    assert ended(runs, run_id).state is RunState.CANCELLED
    at = visit("training", run=run_id)
    assert progress(at) == "stopped"
    assert "Stop" not in buttons(at)
    assert results(at)[NET] >= 1


def test_a_run_is_paused_stepped_rewound_and_continued_by_its_buttons(unserved: RunStore) -> None:
    claim = half_done(unserved)
    at = visit("training", run=claim.id)
    assert {"Pause", "Rewind", "Stop"} <= set(buttons(at))
    assert "Step" not in buttons(at)  # only one that stands can be stepped
    press(at, "Pause")
    assert orders(unserved) == [("pause", 0.0)]
    assert "Pause" not in buttons(at)
    with DaemonStore(unserved.path) as daemon_store:
        daemon_store.set_standing(claim, 10)
    at.run()
    assert progress(at) == "paused at step 10 of 20"
    press(at, "Step")
    press(at, "Rewind")
    press(at, "Continue")
    assert orders(unserved) == [("step", 0.0), ("rewind", 0.0), ("continue", 0.0)]


def test_another_learning_rate_is_told_and_what_was_set_is_shown(unserved: RunStore) -> None:
    claim = half_done(unserved)
    at = visit("training", run=claim.id)
    field: Any = at.get_by_key(f"rate:{claim.id}")
    field.set_value(0.02)
    press(at, "Apply from next step")
    assert orders(unserved) == [("rate", 0.02)]
    with DaemonStore(unserved.path) as daemon_store:
        daemon_store.set_rate(claim, RateChange(step=10, lr=0.02))
    at.run()
    assert any("Learning rate 0.02 from step 10 on." in caption.value.replace("\\", "") for caption in at.caption)


def test_the_rate_of_a_run_with_a_very_low_one_can_be_changed(unserved: RunStore) -> None:
    run_id = unserved.submit(racers.recipe(Act.SLOW).replace(lr=1e-9, optimizer="adam"), owner="me")
    at = visit("training", {"owner": "me"}, run=run_id)
    field: Any = at.get_by_key(f"rate:{run_id}")
    assert field.value == 1e-9
    assert is_whole(at)


def test_a_paused_run_branches_into_one_with_shortcuts(unserved: RunStore) -> None:
    claim = half_done(unserved)
    with DaemonStore(unserved.path) as daemon_store:
        daemon_store.add_checkpoint(claim, 10, 1_000)
        daemon_store.set_standing(claim, 10)
    unserved.post_command(claim.id, Verb.PAUSE)
    at = visit("training", run=claim.id)
    press(at, "Branch")
    (new,) = at.query_params["run"] if isinstance(at.query_params["run"], list) else (at.query_params["run"],)
    assert new != claim.id
    branch = unserved.run(new)
    assert branch is not None
    assert branch.recipe.labels == ("plain-20", "ResNet-20")
    assert (branch.control.parent, branch.control.parent_step) == (claim.id, 10)
    assert any("Branched from run" in caption.value for caption in at.caption)


def test_on_a_public_server_only_its_owner_controls_a_run_but_anyone_continues_an_interrupted_one(
    unserved: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESNET_VIZ_HOSTED", "1")
    claim = half_done(unserved, owner="someone else")
    assert not {"Pause", "Step", "Rewind", "Stop"} & set(buttons(visit("training", run=claim.id)))
    with DaemonStore(unserved.path) as daemon_store:
        daemon_store.recover(is_recent=False)
    at = visit("training", run=claim.id)
    assert progress(at) == "interrupted at step 10 of 20"
    press(at, "Continue")
    run = unserved.run(claim.id)
    assert run is not None
    assert not run.is_interrupted
    assert unserved.position(claim.id) == 1


def test_in_a_class_anyone_may_stop_a_run(unserved: RunStore) -> None:
    assert "Stop" in buttons(visit("training", run=half_done(unserved).id))


def test_on_a_public_server_only_its_owner_may(unserved: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESNET_VIZ_HOSTED", "1")
    run_id = half_done(unserved, owner="me").id
    assert "Stop" not in buttons(visit("training", run=run_id))
    assert "Stop" in buttons(visit("training", {"owner": "me"}, run=run_id))
