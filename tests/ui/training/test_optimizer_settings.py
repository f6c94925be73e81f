"""Optimiser, schedule and length in the lab: the fields of the chosen ones, and addresses that name others."""

import pytest
from streamlit.testing.v1 import AppTest

from resnet_viz.runs.store import RunStore
from tests.fakes.trained import submitted
from tests.fakes.visiting import buttons, change, is_whole, press, prose, value, visit, warnings

SMALL = {"depth": "8", "nets": "plain", "steps": "20"}


def lab(**query: str) -> AppTest:
    """The lab with its drawer open."""
    return visit("training", {"fields:": True}, **{**SMALL, **query})


def shown(at: AppTest) -> set[str]:
    """The controls of optimiser and schedule that are there."""
    names = ("lr", "weight_decay", "momentum", "nesterov", "betas", "eps", "drops", "drop_factor", "warmup_steps")
    keys = {widget.key for kind in ("number_input", "toggle", "text_input") for widget in at.get(kind)}
    return {name for name in names if f"widget:{name}" in keys}


EVERYWHERE = {"lr", "weight_decay", "warmup_steps"}


def test_only_the_fields_of_the_chosen_optimiser_and_schedule_are_shown() -> None:
    at = lab()
    assert shown(at) == EVERYWHERE | {"momentum", "nesterov"}
    change(at, "optimizer", "adam")
    assert shown(at) == EVERYWHERE | {"betas", "eps"}
    assert [value(at, name) for name in ("lr", "weight_decay", "betas", "eps")] == [0.001, 0.0, "0.9,0.999", 1e-8]
    change(at, "schedule", "steps")
    assert shown(at) == EVERYWHERE | {"betas", "eps", "drops", "drop_factor"}
    assert at.query_params == {**SMALL, "optimizer": "adam", "schedule": "steps"}
    assert warnings(at) == []


def test_another_optimiser_forgets_the_values_that_were_for_the_old_one() -> None:
    at = lab(lr="0.3", momentum="0.5", nesterov="true")
    change(at, "optimizer", "adamw")
    assert at.query_params == {**SMALL, "optimizer": "adamw"}
    change(at, "eps", 0.1)
    change(at, "betas", "0.8,0.9")
    change(at, "optimizer", "sgd")
    assert at.query_params == SMALL
    assert value(at, "lr") == 0.1


def test_another_schedule_forgets_the_drops() -> None:
    at = lab(schedule="steps", drops="5,9", drop_factor="0.5")
    assert (value(at, "drops"), value(at, "drop_factor")) == ("5,9", 0.5)
    change(at, "schedule", "cosine")
    assert at.query_params == SMALL


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"optimizer": "adam"}, {"optimizer": "adam", "lr": 0.001, "weight_decay": 0.0}),
        ({"optimizer": "adamw", "lr": "0.0003", "betas": "0.8,0.99"}, {"lr": 0.0003, "betas": [0.8, 0.99]}),
        ({"optimiser": "adam", "eps": "1e-06"}, {"optimizer": "adam", "eps": 1e-6}),
        ({"nesterov": "true"}, {"nesterov": True, "momentum": 0.9}),
        ({"drops": "5,9"}, {"schedule": "steps", "drops": [5, 9]}),
        ({"data": "mnist", "epochs": "0.01", "drop_epochs": "0.005"}, {"steps": 10, "drops": [5]}),
        ({"recipe": "no_norm", "optimizer": "adam"}, {"optimizer": "adam", "lr": 0.001, "schedule": "constant"}),
        ({"recipe": "no_norm", "drops": "5"}, {"lr": 0.05, "schedule": "steps", "drops": [5]}),
    ],
    ids=str,
)
@pytest.mark.parametrize("is_open", [True, False])
def test_a_run_is_started_as_the_address_says(
    query: dict[str, str],
    expected: dict[str, object],
    unserved: RunStore,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_open: bool,
) -> None:
    monkeypatch.setattr("resnet_viz.ui.training.dataset.is_available", lambda _name: True)
    steps = {} if "epochs" in query else {"steps": "20"}
    at = visit("training", {"fields:": is_open}, **{"depth": "8", "nets": "plain", **steps, **query})
    press(at, "Start")
    (fields,) = submitted(unserved)
    assert {name: fields.get(name) for name in expected} == expected
    older = set(expected) & {"lr", "weight_decay", "momentum", "schedule", "steps"}
    assert fields.keys() - {"nets"} >= older


def test_epochs_in_an_address_become_steps() -> None:
    at = lab(epochs="2", drop_epochs="1,1.5", warmup_epochs="0.1", steps="")
    assert warnings(at) != []  # both
    at = visit("training", depth="8", epochs="2", drop_epochs="1,1.5", warmup_epochs="0.1")
    assert at.query_params == {
        "depth": "8", "steps": "313", "drops": "157,235", "warmup_steps": "16", "schedule": "steps",
    }  # fmt: skip
    assert warnings(at) == []
    assert "313 steps" in prose(at)


def test_the_length_can_be_given_in_epochs_and_is_told_in_both() -> None:
    at = lab(steps="400", batch_size="100")
    assert "400 steps · batch 100 · 4 epochs" in prose(at)
    (epochs,) = [field for field in at.number_input if field.key == "epochs_of_steps"]
    assert epochs.value == 4.0
    epochs.set_value(2.5).run()
    assert at.query_params == {**SMALL, "steps": "250", "batch_size": "100"}
    assert value(at, "steps") == 250


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"optimizer": "adam", "momentum": "0.5"}, "momentum belongs to sgd, and optimizer is adam, whose own fields"),
        ({"betas": "0.9,0.99"}, "betas belongs to adam and adamw, and optimizer is sgd"),
        ({"drops": "5", "schedule": "cosine"}, "drops belongs to schedule=steps, and schedule is cosine"),
        ({"optimizer": "adam", "betas": "0.9"}, "betas is two numbers from 0 up to"),
        ({"drops": "9,5"}, "drops is up to 10 ascending steps"),
        ({"nesterov": "true", "momentum": "0"}, "nesterov=true needs a momentum above 0"),
    ],
    ids=str,
)
@pytest.mark.parametrize("is_open", [True, False])
def test_what_does_not_go_together_has_a_sentence_and_no_start(
    query: dict[str, str], told: str, *, is_open: bool
) -> None:
    at = visit("training", {"fields:": is_open}, **{**SMALL, **query})
    assert is_whole(at)
    assert [sentence.startswith(told) for sentence in warnings(at)] == [True], warnings(at)
    assert "Start" not in buttons(at)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"optimizer": "rmsprop"}, "optimizer is one of sgd, adam, adamw; got 'rmsprop'."),
        ({"nesterov": "maybe"}, "nesterov is one of true, false; got 'maybe'."),
        ({"optimizer": "adam", "eps": "0"}, "eps is a number from "),
        ({"epochs": "many", "steps": ""}, "epochs is a number such as 10 or 2.5; got 'many'."),
    ],
    ids=str,
)
def test_a_wrong_value_is_told_and_the_default_is_ready_to_start(query: dict[str, str], told: str) -> None:
    address = {name: text for name, text in {**SMALL, **query}.items() if text}
    at = visit("training", {"fields:": True}, **address)
    assert is_whole(at)
    assert [sentence.startswith(told) for sentence in warnings(at)] == [True], warnings(at)
    assert "Start" in buttons(at)
