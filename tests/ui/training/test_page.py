"""The training lab before a run: a recipe in the address, and Start."""

import json
from pathlib import Path

import pytest

from resnet_viz.runs.run import RunState
from resnet_viz.runs.store import RunStore
from resnet_viz.training import recipe_files
from resnet_viz.training.recipe import to_json
from resnet_viz.ui.training.net_grid import NetSelection
from tests.fakes import racers
from tests.fakes.racers import Act
from tests.fakes.trained import progress, results, shown, submitted
from tests.fakes.visiting import (
    buttons,
    change,
    is_whole,
    metrics,
    press,
    prose,
    value,
    visit,
    warnings,
)
from tests.fakes.waiting import ended

SMALL = {"depth": "8", "nets": "plain", "steps": "20"}


def test_the_recipe_is_in_the_address() -> None:
    at = visit("training", depth="8,14", nets="residual", width="8", steps="60", batch="32")
    assert "2 nets · 60 steps · batch 32" in prose(at)
    assert (value(at, "depth"), value(at, "nets"), value(at, "width")) == (["8", "14"], ["residual"], 8)
    assert "Start" in buttons(at)


def test_a_scene_shows_no_curves_before_the_class_has_started_a_run() -> None:
    address = {"recipe": "degradation", "nets": "plain"}
    assert "Below: an example with other settings." in prose(visit("training", **address))
    at = visit("training", **address, scene="degradation", present="1")
    assert "example" not in prose(at)
    assert "stays far above" not in prose(at)  # the recipe's hint is the answer
    assert "Start" in buttons(at)


def test_what_is_picked_stands_in_the_address_and_the_default_does_not() -> None:
    at = change(visit("training", recipe="degradation"), "depth", ["20"])
    change(at, "steps", 60)
    change(at, "lr", 0.05)
    change(at, "nets", ["plain"])
    assert at.query_params == {"recipe": "degradation", "depth": "20", "steps": "60", "lr": "0.05", "nets": "plain"}
    for name, usual in {"depth": ["20", "56"], "steps": 400, "lr": 0.1, "nets": ["plain", "residual"]}.items():
        change(at, name, usual)
    assert at.query_params == {"recipe": "degradation"}


def test_an_empty_address_opens_deeper_is_better(unserved: RunStore) -> None:
    at = visit("training")
    assert (value(at, "recipe"), at.query_params) == ("deeper_is_better", {})
    assert value(at, "depth") == ["8", "20", "56"]
    press(at, "Start")
    (fields,) = submitted(unserved)
    assert fields == json.loads(json.dumps(to_json(recipe_files.make("deeper_is_better", {}))))
    assert at.query_params["recipe"] == "deeper_is_better"


@pytest.mark.parametrize(("name", "picked", "text"), [("steps", 60, "60"), ("seeds", 3, "3"), ("depth", ["8"], "8")])
def test_the_first_change_of_an_empty_address_names_the_recipe(name: str, picked: object, text: str) -> None:
    at = change(visit("training"), name, picked)
    assert at.query_params == {"recipe": "deeper_is_better", name: text}


@pytest.mark.parametrize("query", [{"steps": "60"}, {"nets": "plain"}, {"seeds": "3"}, {"run": "degradation"}], ids=str)
def test_an_address_with_fields_and_no_recipe_means_the_run_that_it_always_meant(query: dict[str, str]) -> None:
    at = visit("training", **query)
    assert value(at, "recipe") == "degradation"
    assert value(at, "depth") == ["20", "56"]


def test_an_address_keeps_its_recipe_when_its_last_field_goes() -> None:
    at = change(visit("training", steps="60"), "steps", 400)
    assert at.query_params == {"recipe": "degradation"}
    assert value(at, "recipe") == "degradation"


def test_another_recipe_over_fields_that_stay_is_the_one_that_was_picked() -> None:
    at = change(visit("training", seeds="3"), "recipe", "deeper_is_better")
    assert (value(at, "recipe"), value(at, "seeds")) == ("deeper_is_better", 3)


def test_blocks_that_begin_as_the_identity_have_a_switch(unserved: RunStore) -> None:
    at = visit("training", recipe="deeper_is_better", steps="20")
    assert value(at, "zero_init_residual") is True
    change(at, "zero_init_residual", False)
    assert at.query_params["zero_init_residual"] == "false"
    press(at, "Start")
    (fields,) = submitted(unserved)
    assert not any(net["zero_init_residual"] for net in fields["nets"])
    at = change(visit("training", depth="8", steps="20"), "zero_init_residual", True)
    assert any("order=original" in sentence for sentence in warnings(at))
    assert "Start" not in buttons(at)


def test_custom_nets_of_the_default_recipe_are_its_nets(unserved: RunStore) -> None:
    at = visit("training", steps="20", recipe="deeper_is_better", depth="8")
    change(at, "way", NetSelection.OWN)
    assert warnings(at) == []
    press(at, "Start")
    (fields,) = submitted(unserved)
    assert [net["zero_init_residual"] for net in fields["nets"]] == [False, True]


def test_before_the_first_run_a_recorded_one_is_shown() -> None:
    at = visit("training", recipe="degradation")
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
        ({"depth": ""}, "Select at least one depth and one type of network."),
        ({"nets": ""}, "Select at least one depth and one type of network."),
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
        ({"width": "65"}, "width is a whole number from 1 to 64; got 65."),
        ({"width": "4.5"}, "width is a "),
        ({"steps": "0"}, "steps is a whole number from 1 to 100,000; got 0."),
        ({"lr": "0"}, "lr is a number from "),
        ({"lr": "inf"}, "lr is a number from "),
        ({"batch_size": "1"}, "batch_size is a whole number from 2 to "),
        ({"seed": "-1"}, "seed is a whole number from 0 to "),
        ({"image_size": "15"}, "image_size is one of 14, 28; got '15'."),
        (
            {"data": "imagenet"},
            "data is one of fashion_mnist_subset, fashion_mnist, gratings, cifar10, mnist; got 'imagenet'.",
        ),
        ({"device": "tpu"}, "device is one of auto, cpu, cuda, mps; got 'tpu'."),
    ],
)
def test_a_wrong_value_is_told_and_the_default_is_ready_to_start(query: dict[str, str], told: str) -> None:
    at = visit("training", **query)
    assert is_whole(at)
    assert [sentence.startswith(told) for sentence in warnings(at)] == [True], warnings(at)
    assert "Start" in buttons(at)


@pytest.mark.parametrize(
    ("data", "variable", "label"),
    [
        ("fashion_mnist", "RESNET_VIZ_DATA", "Download Fashion-MNIST (31 MB)"),
        ("mnist", "RESNET_VIZ_MNIST", "Download MNIST (12 MB)"),
    ],
)
def test_data_that_is_not_here_is_told_and_offered(
    data: str, variable: str, label: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, str(tmp_path / "nothing"))
    at = visit("training", data=data)
    assert is_whole(at)
    assert len(warnings(at)) == 1
    assert label in buttons(at)
    assert "Start" not in buttons(at)


def test_start_puts_the_run_into_the_address_and_it_comes_to_its_end(runs: RunStore) -> None:
    at = press(visit("training", **SMALL), "Start")
    run_id = at.query_params["run"]
    assert at.query_params == {**SMALL, "run": run_id}
    assert ended(runs, run_id).state is RunState.DONE
    at.run()
    assert progress(at).startswith("done in ")
    assert results(at) == {"plain-8": 20}
    assert warnings(at) == []


def test_start_takes_what_was_typed_a_moment_before(unserved: RunStore) -> None:
    at = visit("training", **SMALL)
    change(at, "steps", 40)
    at.query_params = dict(SMALL)  # the click left the browser before the address with the steps had reached it
    press(at, "Start")
    (run,) = unserved.list()
    assert run.recipe_fields["steps"] == 40
    assert at.query_params == {**SMALL, "steps": "40", "run": run.id}


def test_the_same_recipe_started_twice_is_one_run(unserved: RunStore) -> None:
    first, second = (press(visit("training", **SMALL), "Start") for _visitor in range(2))
    assert first.query_params["run"] == second.query_params["run"]
    assert len(unserved.list()) == 1


def test_a_visitor_with_too_many_runs_is_told(unserved: RunStore) -> None:
    for _ in range(2):
        unserved.submit(racers.recipe(Act.QUICK), owner="me")
    at = press(visit("training", {"owner": "me"}, **SMALL), "Start")
    assert any(sentence.startswith("You already have 2 runs") for sentence in warnings(at))
    assert "run" not in at.query_params
    assert is_whole(at)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path / "file" / "below"))
    at = visit("training", **SMALL)
    assert is_whole(at)
    assert any(sentence.startswith("Runs cannot be saved on this machine.") for sentence in warnings(at))
    assert metrics(at) == {}
