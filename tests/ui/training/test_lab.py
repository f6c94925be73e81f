"""The training lab's recipes by link, nets of one's own, and several seeds."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from resnet_viz.data import datasets
from resnet_viz.data.datasets import DataName
from resnet_viz.runs import machine, shipped
from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.run import RunState
from resnet_viz.runs.sql.seeds import seed_series
from resnet_viz.runs.store import RunStore
from resnet_viz.training import budget, recipe_files, recipe_text
from resnet_viz.training.machine_speed import Machine
from resnet_viz.training.recipe import MAX_SEEDS, to_json
from resnet_viz.training.records import NetStarted
from resnet_viz.ui.training import dataset
from tests.fakes import racers
from tests.fakes.racers import Act
from tests.fakes.visiting import buttons, change, is_whole, press, prose, read, value, visit, warnings

NOT_HERE = {"d2l", "cifar10", "very_deep_1202", "shipped_nets"}


def pressed(at: AppTest, key: str) -> AppTest:
    """Presses the button of this key."""
    button: Any = at.get_by_key(key)
    button.click().run()
    return at


def submitted(runs: RunStore) -> list[dict[str, Any]]:
    """The recipes of all runs, oldest first."""
    return [dict(run.recipe_fields) for run in reversed(runs.list())]


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


def test_how_many_seeds_a_recipe_is_meant_for_is_said_and_taken_with_a_click(unserved: RunStore) -> None:
    at = press(visit("training", recipe="no_norm"), "Use 3 seeds")
    assert value(at, "seeds") == 3
    assert at.query_params == {"recipe": "no_norm", "seeds": "3"}
    assert "Use 3 seeds" not in buttons(at)
    press(at, "Start")
    assert [fields["seed"] for fields in submitted(unserved)] == [0, 1, 2]
    assert not [label for label in buttons(visit("training", recipe="quick")) if label.startswith("Use ")]


def test_no_recipe_is_meant_for_more_seeds_than_can_be_trained() -> None:
    assert all(known.seeds <= MAX_SEEDS for known in recipe_files.known().values())


@pytest.mark.parametrize("name", [name for name in recipe_files.names() if name not in shipped.NAMES])
def test_a_recipe_without_a_recorded_run_shows_another_one_under_a_heading_that_says_so(name: str) -> None:
    assert [read(heading.value) for heading in visit("training", recipe=name).subheader][:1] == [
        "Another run: Degradation on Fashion-MNIST"
    ]


@pytest.mark.parametrize("name", shipped.NAMES)
def test_a_recorded_recipe_shows_its_own_run(name: str) -> None:
    assert "this very run" in prose(visit("training", recipe=name))


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
    assert at.query_params == {}


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
    assert any(sentence.startswith("recipe is one of degradation, ") for sentence in warnings(at))
    assert "Start" in buttons(at)


def test_a_shut_drawer_shows_nothing_and_its_fields_hold(unserved: RunStore) -> None:
    at = visit("training", depth="8", steps="20", lr="0.05", seed="3")
    with pytest.raises(KeyError):
        at.get_by_key("widget:lr")
    press(at, "Start")
    (fields,) = submitted(unserved)
    assert (fields["lr"], fields["seed"]) == (0.05, 3)


def test_nets_of_ones_own_begin_with_those_of_the_grid() -> None:
    at = change(visit("training", depth="8"), "way", "own")
    assert at.query_params == {"a.net": "cifar_plain8", "b.net": "cifar_resnet8", "b.order": "full_preact"}
    assert value(at, "a.net") == "cifar_plain8"
    assert value(at, "b.order") == "full_preact"
    assert "2 nets · " in prose(at)


def test_a_net_of_ones_own_is_changed_copied_removed_and_added(unserved: RunStore) -> None:
    at = visit("training", **{"a.net": "cifar_resnet20", "b.net": "cifar_plain20", "steps": "20"})
    change(at, "a.shortcut", "conv1x1")
    change(at, "a.widths", 8)
    assert at.query_params["a.widths"] == "8,16,32"
    pressed(at, "copy:a")
    assert [at.query_params[f"{letter}.net"] for letter in "abc"] == [
        "cifar_resnet20",
        "cifar_resnet20",
        "cifar_plain20",
    ]
    assert any("have the same name" in sentence for sentence in warnings(at))
    change(at, "b.order", "full_preact")
    assert warnings(at) == []
    pressed(at, "add_net")
    assert at.query_params["d.net"] == "cifar_plain56"
    pressed(at, "remove:c")
    assert at.query_params["c.net"] == "cifar_plain56"
    assert "d.net" not in at.query_params
    press(at, "Start")
    (fields,) = submitted(unserved)
    assert [(net["shortcut"], net["order"]) for net in fields["nets"]] == [
        ("conv1x1", "original"),
        ("conv1x1", "full_preact"),
        ("none", "original"),
    ]


def test_another_net_in_a_row_keeps_its_width_and_drops_the_rest() -> None:
    at = visit("training", **{"a.net": "cifar_resnet20", "a.order": "full_preact", "a.widths": "8,16,32"})
    change(at, "a.net", "cifar_plain56")
    assert at.query_params == {"a.net": "cifar_plain56", "a.widths": "8,16,32"}


def test_a_recipe_of_named_nets_says_them_and_can_become_ones_own_or_a_grid() -> None:
    at = visit("training", recipe="activation_orders")
    assert "ReLU before addition" in prose(at).replace("\\", "")
    change(at, "way", "own")
    assert {at.query_params[f"{letter}.net"] for letter in "abcde"} == {"cifar_resnet56"}
    assert value(at, "d.order") == "relu_only_preact"
    change(at, "way", "grid")
    assert {name for name in at.query_params if recipe_text.is_field(name)} == {"depth"}
    assert value(at, "depth") == ["20", "56"]
    change(at, "way", "recipe")
    assert at.query_params == {"recipe": "activation_orders"}


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"a.net": "alexnet"}, "Net a: No net is called 'alexnet'."),
        ({"a.net": "vgg16"}, "Net a: vgg16 is a VGG net"),
        ({"a.net": "cifar_resnet20", "a.order": "chaos"}, "a.order is one of original, "),
        ({"a.net": "cifar_resnet20", "a.widths": "many"}, "Net a: widths"),
        ({"a.net": "cifar_resnet20", "a.dim_match": "magic"}, "Net a: dim_match"),
    ],
)
def test_a_wrong_net_of_ones_own_is_told(query: dict[str, str], told: str) -> None:
    at = visit("training", **query)
    assert is_whole(at)
    assert any(sentence.startswith(told) for sentence in warnings(at)), warnings(at)


def test_the_cost_says_whether_this_machine_was_measured(home: Path) -> None:
    assert "of memory (speed of a reference machine)" in prose(visit("training"))
    machine.write(Machine(base_bytes=400_000_000, is_measured=True))
    assert "of memory (measured on this machine)" in prose(visit("training"))
    (home / machine.FILE_NAME).write_text("{}")
    assert "of memory (speed of a reference machine)" in prose(visit("training"))


def test_a_grid_of_nothing_becomes_the_nets_of_the_recipe() -> None:
    at = change(visit("training", depth=""), "way", "own")
    assert [at.query_params[f"{letter}.net"] for letter in "abcd"] == [
        *("cifar_plain20", "cifar_plain56"),
        *("cifar_resnet20", "cifar_resnet56"),
    ]


def band(at: AppTest) -> list[str]:
    """Which other runs the race component has got."""
    sent: list[Any] = [json.loads(each.proto.json) for each in at.get("bidi_component") if each.proto.json]
    (found,) = (data for data in sent if isinstance(data, dict) and "head_id" in data)
    return [part["run"] for part in found["band"]]


def done(runs: RunStore, num_seeds: int) -> tuple[str, ...]:
    """Runs of several seeds that have come to their end."""
    ids = runs.submit_all(seed_series(racers.recipe(Act.QUICK), num_seeds), owner="me")
    with DaemonStore(runs.path) as ledger:
        for _id in ids:
            claim = ledger.claim_next()
            assert claim is not None
            net = racers.recipe(Act.QUICK).labels[0]
            start = NetStarted(net=net, params=1, macs=1, convs=racers.CONVS, blocks=racers.BLOCKS, device="cpu")
            ledger.append(claim, [start, *(racers.step(net, number) for number in range(20))])
            ledger.finish(claim, RunState.DONE)
    return ids


def test_start_submits_every_seed_or_none(unserved: RunStore) -> None:
    at = press(visit("training", depth="8", steps="20", seed="4", seeds="3"), "Start")
    assert [fields["seed"] for fields in submitted(unserved)] == [4, 5, 6]
    assert "· 3 seeds" in prose(visit("training", depth="8", steps="20", seeds="3"))
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
