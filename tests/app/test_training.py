"""The training lab: a recipe in the address, a run in the store, and who may stop it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from resnet_viz.jobs import client
from resnet_viz.runs.control import Verb
from resnet_viz.runs.ledger import Ledger
from resnet_viz.runs.run import Claim, RunState
from resnet_viz.runs.store import RunStore
from resnet_viz.training.pace import Rate
from resnet_viz.training.records import NetStarted
from tests.app.visiting import (
    buttons,
    change,
    everything_sent,
    is_plain,
    is_whole,
    metrics,
    press,
    prose,
    value,
    visit,
    warnings,
)
from tests.jobs import racers
from tests.jobs.racers import Act
from tests.jobs.waiting import ended, until

SMALL = {"depth": "8", "nets": "plain", "steps": "20"}
NET = racers.recipe(Act.QUICK).labels[0]


def progress(at: AppTest) -> str:
    """What stands at the bar of the run."""
    (bar,) = at.progress
    return str(bar.text)


def results(at: AppTest) -> dict[str, int]:
    """How many steps of which net the table counts."""
    (table,) = at.dataframe
    return {row["net"]: row["steps"] for row in table.value.to_dict("records")}


def shown(at: AppTest) -> dict[str, Any]:
    """What the race component has got."""
    components: list[Any] = list(at.get("bidi_component"))
    sent: list[Any] = [json.loads(component.proto.json) for component in components if component.proto.json]
    (found,) = (data for data in sent if isinstance(data, dict) and "head_id" in data)
    return dict(found)


def half_done(runs: RunStore, *, owner: str = "someone") -> Claim:
    """A run of 20 steps that trains, ten steps far, and stays so."""
    runs.submit(racers.recipe(Act.QUICK), owner=owner)
    with Ledger(runs.path) as ledger:
        claim = ledger.claim_next()
        assert claim is not None
        start = NetStarted(net=NET, params=1, macs=1, convs=racers.CONVS, blocks=racers.BLOCKS, device="cpu")
        assert ledger.append(claim, [start, *(racers.step(NET, number) for number in range(10))])
    return claim


def finish(runs: RunStore, claim: Claim) -> None:
    """Trains the second half."""
    with Ledger(runs.path) as ledger:
        assert ledger.append(claim, [racers.step(NET, number) for number in range(10, 20)])
        assert ledger.finish(claim, RunState.DONE)


def test_the_recipe_is_in_the_address() -> None:
    at = visit("training", depth="8,14", nets="residual", width="8", steps="60", batch="32")
    assert "2 nets, 60 steps of 32 images each" in prose(at)
    assert (value(at, "depth"), value(at, "nets"), value(at, "width")) == (["8", "14"], ["residual"], 8)
    assert "Start" in buttons(at)


def test_what_is_picked_stands_in_the_address_and_the_default_does_not() -> None:
    at = change(visit("training"), "depth", ["20"])
    change(at, "steps", 60)
    change(at, "lr", 0.05)
    change(at, "nets", ["plain"])
    assert at.query_params == {"depth": "20", "steps": "60", "lr": "0.05", "nets": "plain"}
    for name, usual in {"depth": ["20", "56"], "steps": 400, "lr": 0.1, "nets": ["plain", "residual"]}.items():
        change(at, name, usual)
    assert at.query_params == {}


def test_before_the_first_run_a_recorded_one_is_shown() -> None:
    at = visit("training")
    assert "plain-56 has" in prose(at)
    assert [net["label"] for net in shown(at)["nets"]] == [net["label"] for net in shown(at)["head"]["nets"]]
    assert len(at.dataframe[0].value) == 4


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"depth": "56", "steps": "100000"}, "This run would take about "),
        ({"depth": "110", "width": "64"}, "plain-110 has 27,536,074 parameters; nets of up to 5,000,000 are trained"),
        ({"depth": "20", "width": "32", "batch": "1024", "size": "28"}, "The activations of 2 nets take "),
        ({"depth": "8,14,20,32"}, "A run trains 1 to 6 nets; got 8."),
        ({"depth": ""}, "Pick at least one depth, and plain or residual nets."),
        ({"nets": ""}, "Pick at least one depth, and plain or residual nets."),
    ],
)
def test_a_run_that_cannot_be_has_a_sentence_and_no_start(query: dict[str, str], told: str) -> None:
    at = visit("training", **query)
    assert is_whole(at)
    assert any(sentence.startswith(told) for sentence in warnings(at)), warnings(at)
    assert "Start" not in buttons(at)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"depth": "21"}, "depth is one of 8, 14, 20, "),
        ({"depth": "20,20,x"}, "depth is one of 8, 14, 20, "),
        ({"nets": "dense"}, "nets is one of plain, residual; got 'dense'."),
        ({"nets": "vgg16"}, "nets is one of plain, residual; got 'vgg16'."),
        ({"width": "65"}, "width is a number from 1 to 64; got '65'."),
        ({"width": "4.5"}, "width is a "),
        ({"steps": "0"}, "steps is a number from 1 to 100,000; got '0'."),
        ({"lr": "0"}, "lr is a number from "),
        ({"lr": "inf"}, "lr is a number from "),
        ({"batch_size": "1"}, "batch_size is a number from 2 to "),
        ({"seed": "-1"}, "seed is a number from 0 to "),
        ({"image_size": "15"}, "image_size is one of 14, 28; got '15'."),
        (
            {"data": "imagenet"},
            "data is one of fashion_mnist_subset, fashion_mnist, gratings, cifar10; got 'imagenet'.",
        ),
        ({"device": "tpu"}, "device is one of auto, cpu, cuda, mps; got 'tpu'."),
    ],
)
def test_a_wrong_value_is_told_and_the_default_is_ready_to_start(query: dict[str, str], told: str) -> None:
    at = visit("training", **query)
    assert is_whole(at)
    assert [sentence.startswith(told) for sentence in warnings(at)] == [True], warnings(at)
    assert "Start" in buttons(at)


def test_data_that_is_not_here_is_told_and_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESNET_VIZ_DATA", str(tmp_path / "nothing"))
    at = visit("training", data="fashion_mnist")
    assert is_whole(at)
    assert len(warnings(at)) == 1
    assert "Download Fashion-MNIST (31 MB)" in buttons(at)


@pytest.mark.parametrize(
    ("run", "told"),
    [
        ("nonsense", "A run's id is 12 digits out of 0-9 and a-f; got 'nonsense'."),
        ("000000000000", "There is no run 000000000000 on this machine; it may have been deleted."),
        ("0000000000000", "A run's id is 12 digits"),
        ("ABCDEF123456", "A run's id is 12 digits"),
        ("../../../etc", "A run's id is 12 digits"),
    ],
)
def test_a_link_to_no_run_is_told(run: str, told: str) -> None:
    at = visit("training", run=run)
    assert is_whole(at)
    assert [sentence.startswith(told) for sentence in warnings(at)] == [True], warnings(at)
    assert "Start" in buttons(at)


def test_start_puts_the_run_into_the_address_and_it_comes_to_its_end(runs: RunStore) -> None:
    at = press(visit("training", **SMALL), "Start")
    run_id = at.query_params["run"]
    assert at.query_params == {**SMALL, "run": run_id}
    assert ended(runs, run_id).state is RunState.DONE
    at.run()
    assert progress(at).startswith("done in ")
    assert results(at) == {"plain-8": 20}
    assert warnings(at) == []


def test_a_run_that_ended_is_shown_to_its_last_step_whoever_looked_a_moment_before(unserved: RunStore) -> None:
    claim = half_done(unserved)
    assert [net["label"] for net in shown(visit("training", run=claim.id))["nets"]] == [NET]
    finish(unserved, claim)
    assert results(visit("training", run=claim.id)) == {NET: 20}


def test_start_takes_what_was_typed_a_moment_before(unserved: RunStore) -> None:
    at = visit("training", **SMALL)
    change(at, "steps", 40)
    at.query_params = dict(SMALL)  # the click left the browser before the address with the steps had reached it
    press(at, "Start")
    (run,) = unserved.list()
    assert run.recipe_fields["steps"] == 40
    assert at.query_params == {**SMALL, "steps": "40", "run": run.id}


def test_files_are_made_when_someone_asks_for_them(unserved: RunStore) -> None:
    # else every look at a live run takes the file of the last one away, which the browser says on its console
    for at in (visit("training"), visit("training", run=half_done(unserved).id)):
        assert [button.label for button in at.download_button if button.proto.url] == []


def test_another_visitor_sees_the_run_under_its_link(unserved: RunStore) -> None:
    run_id = half_done(unserved).id
    at = visit("training", run=run_id)
    assert progress(at).startswith("step 10 of 20")
    (net,) = shown(at)["nets"]
    assert (net["label"], net["after"], net["steps"]) == (NET, -1, {"from": 0, "to": 9, "by": 1})
    assert net["probes"]["steps"] == [0, racers.PROBE_EVERY]


def test_a_second_look_sends_only_what_is_new(unserved: RunStore) -> None:
    claim = half_done(unserved)
    at = visit("training", run=claim.id)
    first = shown(at)
    assert "head" in first
    finish(unserved, claim)
    second = shown(at.run())
    assert (second["run"], second["head_id"]) == (first["run"], first["head_id"])
    assert "head" not in second
    (net,) = second["nets"]
    assert (net["after"], net["steps"]) == (9, {"from": 10, "to": 19, "by": 1})
    assert (net["probes"]["after"], net["probes"]["steps"]) == (5, [10, 15])
    assert shown(at.run())["nets"] == []


def test_a_waiting_run_says_its_place_in_the_queue(unserved: RunStore) -> None:
    first, second = (unserved.submit(racers.recipe(Act.QUICK), owner=owner) for owner in "ab")
    assert progress(visit("training", run=first)) == "waiting: number 1 in the queue"
    assert progress(visit("training", run=second)) == "waiting: number 2 in the queue, roughly 4 s"


def test_a_run_that_fails_says_why_and_nothing_else(runs: RunStore) -> None:
    told = client.submit(racers.recipe(Act.REFUSE), owner="a")
    secret = client.submit(racers.recipe(Act.RAISE), owner="b")
    for run_id in (told, secret):
        assert ended(runs, run_id).state is RunState.FAILED
    at = visit("training", run=told)
    assert racers.REFUSAL in warnings(at)
    at = visit("training", run=secret)
    assert progress(at) == "failed"
    assert warnings(at)
    assert not any("hunter2" in sentence for sentence in warnings(at))


def test_stop_stops(runs: RunStore) -> None:
    run_id = client.submit(racers.recipe(Act.SLOW, steps=10_000), owner="someone")
    until(lambda: runs.steps(run_id), "the first step")
    press(visit("training", run=run_id), "Stop")
    assert ended(runs, run_id).state is RunState.CANCELLED
    at = visit("training", run=run_id)
    assert progress(at) == "stopped"
    assert "Stop" not in buttons(at)
    assert results(at)[NET] >= 1


def orders(runs: RunStore) -> list[tuple[str, float]]:
    """What was told to the runs that train."""
    with Ledger(runs.path) as ledger:
        return [(order.verb.value, order.value) for order in ledger.orders()]


def test_a_run_is_paused_stepped_rewound_and_continued_by_its_buttons(unserved: RunStore) -> None:
    claim = half_done(unserved)
    at = visit("training", run=claim.id)
    assert {"Pause", "Rewind", "Stop"} <= set(buttons(at))
    assert "Step" not in buttons(at)  # only one that stands can be stepped
    press(at, "Pause")
    assert orders(unserved) == [("pause", 0.0)]
    assert "Pause" not in buttons(at)
    with Ledger(unserved.path) as ledger:
        ledger.stand(claim, 10)
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
    press(at, "Set from the next step on")
    assert orders(unserved) == [("rate", 0.02)]
    with Ledger(unserved.path) as ledger:
        ledger.set_rate(claim, Rate(step=10, lr=0.02))
    at.run()
    assert any("Learning rate 0.02 from step 10 on." in caption.value.replace("\\", "") for caption in at.caption)


def test_a_paused_run_branches_into_one_with_shortcuts(unserved: RunStore) -> None:
    claim = half_done(unserved)
    with Ledger(unserved.path) as ledger:
        ledger.add_checkpoint(claim, 10, 1_000)
        ledger.stand(claim, 10)
    unserved.tell(claim.id, Verb.PAUSE)
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
    with Ledger(unserved.path) as ledger:
        ledger.recover(is_recent=False)
    at = visit("training", run=claim.id)
    assert progress(at) == "interrupted at step 10 of 20"
    press(at, "Continue")
    run = unserved.run(claim.id)
    assert run is not None
    assert not run.is_interrupted
    assert unserved.position(claim.id) == 1


def test_the_same_recipe_started_twice_is_one_run(unserved: RunStore) -> None:
    first, second = (press(visit("training", **SMALL), "Start") for _visitor in range(2))
    assert first.query_params["run"] == second.query_params["run"]
    assert len(unserved.list()) == 1


def test_in_a_class_anyone_may_stop_a_run(unserved: RunStore) -> None:
    assert "Stop" in buttons(visit("training", run=half_done(unserved).id))


def test_on_a_public_server_only_its_owner_may(unserved: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESNET_VIZ_HOSTED", "1")
    run_id = half_done(unserved, owner="me").id
    assert "Stop" not in buttons(visit("training", run=run_id))
    assert "Stop" in buttons(visit("training", {"owner": "me"}, run=run_id))


def test_a_visitor_with_too_many_runs_is_told(unserved: RunStore) -> None:
    for _ in range(2):
        unserved.submit(racers.recipe(Act.QUICK), owner="me")
    at = press(visit("training", {"owner": "me"}, **SMALL), "Start")
    assert any(sentence.startswith("You already have 2 runs") for sentence in warnings(at))
    assert "run" not in at.query_params
    assert is_whole(at)


def test_earlier_runs_are_linked(unserved: RunStore) -> None:
    run_id = half_done(unserved).id
    links = [link.proto.query_string for link in visit("training").page_link]
    assert any(run_id in link for link in links)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path / "file" / "below"))
    at = visit("training", **SMALL)
    assert is_whole(at)
    assert any(sentence.startswith("Runs cannot be kept on this machine.") for sentence in warnings(at))
    assert metrics(at) == {}


def test_a_run_that_was_deleted_meanwhile_is_told(unserved: RunStore) -> None:
    claim = half_done(unserved)
    at = visit("training", run=claim.id)
    finish(unserved, claim)
    unserved.delete(claim.id)
    at.run()
    assert is_whole(at)
    assert [sentence.startswith(f"There is no run {claim.id}") for sentence in warnings(at)] == [True]


def test_a_run_of_another_version_is_told_and_the_list_of_runs_is_there(unserved: RunStore) -> None:
    claim = half_done(unserved)
    with closing(sqlite3.connect(unserved.path)) as db, db:
        db.execute("UPDATE run SET recipe = json_set(recipe, '$.optimiser', 'lion')")
    at = visit("training", run=claim.id)
    assert is_whole(at)
    assert any(sentence.startswith("A recipe has no field 'optimiser'") for sentence in warnings(at)), warnings(at)
    assert len(at.page_link) == 1


def test_an_error_while_a_run_is_watched_becomes_a_sentence(
    unserved: RunStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr("resnet_viz.runs.store.RunStore.curves", fail)
    at = visit("training", run=half_done(unserved).id)
    assert is_whole(at)
    assert any(sentence.startswith("Something went wrong") for sentence in warnings(at)), warnings(at)
    assert "hunter2" not in everything_sent(at)
    assert "hunter2" in caplog.text


def test_names_in_the_store_are_shown_as_text(unserved: RunStore) -> None:
    claim = half_done(unserved)
    with closing(sqlite3.connect(unserved.path)) as db, db:
        db.execute("UPDATE run SET state = 'failed', error = '![x](https://example.org/t.png) <b>'")
    at = visit("training", run=claim.id)
    assert "![x](https://example.org/t.png) <b>" in warnings(at)
    assert all(is_plain(warning.value) for warning in at.warning)
