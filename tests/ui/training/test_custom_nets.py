"""Custom networks of the lab: rows of controls, and the address that names them."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from resnet_viz.runs.store import RunStore
from resnet_viz.training import recipe_text
from tests.fakes.trained import submitted
from tests.fakes.visiting import change, is_whole, press, prose, value, visit, warnings


def pressed(at: AppTest, key: str) -> AppTest:
    """Presses the button of this key."""
    button: Any = at.get_by_key(key)
    button.click().run()
    return at


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


def test_a_net_may_come_with_any_name_and_goes_on_with_its_own() -> None:
    at = visit("training", **{"a.net": "ResNet-20", "b.net": "WRN-16-4"})
    assert is_whole(at)
    assert {name: at.query_params[name] for name in ("a.net", "b.net")} == {
        "a.net": "cifar_resnet20",
        "b.net": "wrn_16_4",
    }


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"a.net": "alexnet"}, "Net a: 'alexnet' is outside the vocabulary of nets here"),
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


def test_a_grid_of_nothing_becomes_the_nets_of_the_recipe() -> None:
    at = change(visit("training", depth=""), "way", "own")
    assert [at.query_params[f"{letter}.net"] for letter in "abcd"] == [
        *("cifar_plain20", "cifar_plain56"),
        *("cifar_resnet20", "cifar_resnet56"),
    ]
