"""A run under its link: what anyone sees of it, live, waiting, ended, failed or gone."""

import sqlite3
from contextlib import closing
from urllib.parse import parse_qsl

import pytest

from resnet_viz.jobs.training import client
from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.run import RunState
from resnet_viz.runs.store import RunStore
from resnet_viz.training import recipe_text
from resnet_viz.ui.widgets import auto_refresh
from tests.fakes import racers
from tests.fakes.racers import Act
from tests.fakes.trained import NET, finish, half_done, progress, results, shown
from tests.fakes.visiting import (
    buttons,
    everything_sent,
    is_plain,
    is_whole,
    visit,
    warnings,
)
from tests.fakes.waiting import ended


@pytest.mark.parametrize(
    ("run", "told"),
    [
        ("nonsense", "A run ID is 12 digits out of 0-9 and a-f; got 'nonsense'."),
        ("000000000000", "There is no run 000000000000 on this machine; it may have been deleted."),
        ("0000000000000", "A run ID is 12 digits"),
        ("ABCDEF123456", "A run ID is 12 digits"),
        ("../../../etc", "A run ID is 12 digits"),
    ],
)
def test_a_link_to_no_run_is_told(run: str, told: str) -> None:
    at = visit("training", run=run)
    assert is_whole(at)
    assert [sentence.startswith(told) for sentence in warnings(at)] == [True], warnings(at)
    assert "Start" in buttons(at)


def test_a_run_that_ended_is_shown_to_its_last_step_whoever_looked_a_moment_before(unserved: RunStore) -> None:
    claim = half_done(unserved)
    assert [net["label"] for net in shown(visit("training", run=claim.id))["nets"]] == [NET]
    finish(unserved, claim)
    assert results(visit("training", run=claim.id)) == {NET: 20}


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
    assert progress(visit("training", run=first)) == "queued (position 1)"
    assert progress(visit("training", run=second)) == "queued (position 2), starts in about 4 s"


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


def test_earlier_runs_are_linked(unserved: RunStore) -> None:
    run_id = half_done(unserved).id
    links = [link.proto.query_string for link in visit("training").page_link]
    assert any(run_id in link for link in links)


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
    assert auto_refresh.FAILED in warnings(at)
    assert "hunter2" not in everything_sent(at)
    assert "hunter2" in caplog.text


def test_names_in_the_store_are_shown_as_text(unserved: RunStore) -> None:
    claim = half_done(unserved)
    with closing(sqlite3.connect(unserved.path)) as db, db:
        db.execute("UPDATE run SET state = 'failed', error = '![x](https://example.org/t.png) <b>'")
    at = visit("training", run=claim.id)
    assert "![x](https://example.org/t.png) <b>" in warnings(at)
    assert all(is_plain(warning.value) for warning in at.warning)


def test_a_run_that_is_over_leads_to_a_run_like_it_and_to_what_its_nets_look_at(runs: RunStore) -> None:
    claim = half_done(runs)
    with DaemonStore(runs.path) as daemon_store:
        daemon_store.add_checkpoint(claim, 10, 1_000)
    finish(runs, claim)
    links = {link.label: dict(parse_qsl(link.proto.query_string)) for link in visit("training", run=claim.id).page_link}
    assert links["Attribution maps of these networks"] == {"net": f"run:{claim.id}/0/last", "b.net": "none"}
    again = links["Change settings and train again"]
    recipe = runs.run(claim.id).recipe  # type: ignore[union-attr]
    assert recipe_text.recipe_of({name: text for name, text in again.items() if name != "seed"}) == recipe
    assert again["seed"] == str(recipe.seed)
