"""Recipes of the lab by link: their settings, data, cost, and changes in the address."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from resnet_viz.data import datasets
from resnet_viz.data.datasets import DataName
from resnet_viz.runs import machine, shipped
from resnet_viz.runs.store import RunStore
from resnet_viz.training import budget, recipe_files
from resnet_viz.training.machine_speed import Machine
from resnet_viz.training.recipe import to_json
from resnet_viz.ui.training import dataset
from tests.fakes.trained import shown, submitted
from tests.fakes.visiting import buttons, change, is_whole, press, prose, read, value, visit, warnings

NOT_HERE = {"d2l", "cifar10", "very_deep_1202", "shipped_nets", "deeper_is_better_28"}


@pytest.mark.parametrize("name", [name for name in recipe_files.names() if name not in NOT_HERE])
def test_a_recipe_opens_by_its_link_ready_to_start_and_starts_as_it_stands_in_its_file(
    name: str, unserved: RunStore
) -> None:
    at = visit("training", recipe=name)
    assert is_whole(at)
    assert warnings(at) == []
    press(at, "Start")
    (fields,) = submitted(unserved)
    assert fields == json.loads(json.dumps(to_json(recipe_files.make(name, {}))))
    assert set(at.query_params) <= {"recipe", "run"}


@pytest.mark.parametrize("name", sorted(NOT_HERE & set(recipe_files.names())))
def test_a_recipe_for_a_gpu_opens_and_says_what_it_needs(name: str) -> None:
    at = visit("training", recipe=name)
    assert is_whole(at)
    assert "Requires: " in prose(at).replace("\\", "")


@pytest.mark.parametrize("name", sorted(NOT_HERE & set(recipe_files.names())))
def test_a_recipe_for_a_gpu_starts_as_it_stands_in_its_file_where_all_it_needs_is_there(
    name: str, unserved: RunStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(budget.FACTOR_VARIABLE, "1000")
    here = tuple(datasets.DatasetStatus(name=data, place=tmp_path) for data in DataName)
    monkeypatch.setattr(datasets, "available", lambda: here)
    at = visit("training", recipe=name)
    assert warnings(at) == []
    press(at, "Start")
    (fields,) = submitted(unserved)
    recipe = recipe_files.make(name, {})
    assert fields == json.loads(json.dumps(to_json(recipe)))
    assert {net["in_channels"] for net in fields["nets"]} == {datasets.SIZES[recipe.data].channels}


@pytest.mark.parametrize(
    ("name", "data", "label"),
    [
        ("cifar10", DataName.CIFAR10, "Download CIFAR-10 (170 MB)"),
        ("d2l", DataName.FASHION_MNIST, "Download Fashion-MNIST (31 MB)"),
    ],
)
def test_data_that_a_recipe_needs_is_offered_with_its_size_and_fetched_before_a_start(
    name: str, data: DataName, label: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(budget.FACTOR_VARIABLE, "1000")
    monkeypatch.setenv(datasets.DATA_VARIABLE, str(tmp_path))
    monkeypatch.setenv(datasets.CIFAR10_VARIABLE, str(tmp_path))
    fetched = []

    def download(name: DataName, progress: Callable[[int, int], None]) -> Path:
        progress(1, 2)
        fetched.append(name)
        return tmp_path

    monkeypatch.setattr(dataset, "download", download)
    at = visit("training", recipe=name)
    assert "Start" not in buttons(at)
    press(at, label)
    assert is_whole(at)
    assert fetched == [data]


@pytest.mark.parametrize("name", [name for name in recipe_files.names() if name not in shipped.NAMES])
def test_a_recipe_without_a_recorded_run_shows_another_one_under_a_heading_that_says_so(name: str) -> None:
    assert [read(heading.value) for heading in visit("training", recipe=name).subheader][:1] == [
        "Example: Degradation on Fashion-MNIST"
    ]


@pytest.mark.parametrize("name", shipped.NAMES)
def test_a_recorded_recipe_shows_its_own_run(name: str) -> None:
    at = visit("training", recipe=name)
    assert shown(at)["run"] == name
    assert not at.subheader


def test_a_run_on_a_gpu_is_told_that_nothing_was_measured_on_one() -> None:
    def captions(**query: str) -> str:
        return " ".join(caption.value for caption in visit("training", **query).caption)

    assert "no shipped result was measured on a GPU" in captions(device="cuda")
    assert "no shipped result was measured on a GPU" not in captions()
    assert "never measured" in prose(visit("training", recipe="very_deep_1202"))


def test_the_settings_of_a_recipe_are_the_defaults_of_the_controls() -> None:
    at = visit("training", recipe="no_norm")
    known = recipe_files.known()["no_norm"].settings
    assert value(at, "norm") == known["norm"] == "none"
    assert value(at, "lr") == float(known["lr"])
    assert value(at, "init") == known["init"]
    assert value(at, "steps") == int(known["steps"])


def test_what_differs_from_a_recipe_stands_in_the_address_and_another_recipe_clears_it(unserved: RunStore) -> None:
    at = visit("training", recipe="no_norm", run="no_norm")
    change(at, "steps", 60)
    change(at, "norm", "batch")
    assert at.query_params == {"recipe": "no_norm", "run": "no_norm", "steps": "60", "norm": "batch"}
    change(at, "recipe", "quick")
    assert at.query_params == {"recipe": "quick"}
    change(at, "recipe", "degradation")
    assert at.query_params == {"recipe": "degradation"}


def test_links_of_before_mean_what_they_meant(unserved: RunStore) -> None:
    at = press(visit("training", depth="8", nets="plain", steps="20", batch="32", size="28"), "Start")
    assert at.query_params["batch_size"] == "32"
    (fields,) = submitted(unserved)
    assert (fields["batch_size"], fields["nets"][0]["image_size"]) == (32, 28)


def test_a_field_without_a_control_holds_all_the_same(unserved: RunStore) -> None:
    press(visit("training", depth="8", steps="20", dim_match="projection", eval_every="5"), "Start")
    (fields,) = submitted(unserved)
    assert {net["dim_match"] for net in fields["nets"]} == {"projection"}
    assert fields["eval_every"] == 5


def test_a_recipe_that_does_not_exist_is_told_and_the_default_is_ready() -> None:
    at = visit("training", recipe="alchemy")
    assert any(sentence.startswith("recipe is one of deeper_is_better, degradation, ") for sentence in warnings(at))
    assert "Start" in buttons(at)


def test_a_shut_drawer_shows_nothing_and_its_fields_hold(unserved: RunStore) -> None:
    at = visit("training", depth="8", steps="20", lr="0.05", seed="3")
    with pytest.raises(KeyError):
        at.get_by_key("widget:lr")
    press(at, "Start")
    (fields,) = submitted(unserved)
    assert (fields["lr"], fields["seed"]) == (0.05, 3)


def test_the_cost_says_whether_this_machine_was_measured(home: Path) -> None:
    assert "of memory (speed of a reference machine)" in prose(visit("training"))
    machine.write(Machine(base_bytes=400_000_000, is_measured=True))
    assert "of memory (measured on this machine)" in prose(visit("training"))
    (home / machine.FILE_NAME).write_text("{}")
    assert "of memory (speed of a reference machine)" in prose(visit("training"))
