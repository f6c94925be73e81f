"""The page of blocks: menus and address agree, whatever is refused leaves the rest."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from resnet_viz.blocks.variants import VARIANTS
from tests.fakes.blocks import ORDERS, drawn_blocks, words_of
from tests.fakes.visiting import change, is_whole, value, visit, warnings


def drawn(at: AppTest) -> dict[str, Any]:
    """What the component of the drawing is given."""
    (data,) = (
        json.loads(component.proto.json)
        for component in at.get("bidi_component")
        if component.proto.component_name == "resnet_viz_blocks"
    )
    return dict(data)


def num_blocks(at: AppTest) -> int:
    return len(drawn_blocks(drawn(at)["svg"]))


def test_one_block_opens_alone() -> None:
    at = visit("blocks")
    assert (num_blocks(at), drawn(at)["is_alone"], value(at, "block")) == (1, True, ["a_original"])
    assert warnings(at) == []


def test_five_blocks_of_the_address_stand_side_by_side() -> None:
    at = visit("blocks", block=",".join(ORDERS), width="16", size="32", convs="bottleneck")
    assert is_whole(at)
    assert (num_blocks(at), value(at, "block"), warnings(at)) == (5, list(ORDERS), [])
    assert "conv 1×1 64 → 16" in [layer.words for layer in drawn_blocks(drawn(at)["svg"])[0]]


def test_a_choice_goes_into_the_address() -> None:
    at = visit("blocks")
    change(at, "block", ["a_original", "plain"])
    change(at, "width", 8)
    change(at, "norm", False)
    assert at.query_params == {"block": "a_original,plain", "width": "8", "norm": "false"}
    assert num_blocks(at) == 2
    change(at, "block", [])
    assert "block" not in at.query_params
    assert num_blocks(at) == 1


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_opens(name: str) -> None:
    at = visit("blocks", block=name)
    assert is_whole(at)
    assert (warnings(at), num_blocks(at)) == ([], 1)


def test_comparisons_are_offered() -> None:
    at = visit("blocks", width="32")
    at.get_by_key("group:options").click().run()
    assert at.query_params == {"block": "option_a,option_b,option_c", "shape": "halves", "width": "32"}
    at.get_by_key("group:orders").click().run()
    assert at.query_params == {"block": ",".join(ORDERS), "width": "32"}


def test_of_six_blocks_the_first_five_stay() -> None:
    at = visit("blocks", block=",".join([*ORDERS, "plain"]))
    (message,) = warnings(at)
    assert "6" in message
    assert value(at, "block") == list(ORDERS)
    assert num_blocks(at) == 5


def test_an_unknown_block_is_named_and_the_others_stay() -> None:
    at = visit("blocks", block="plain,<b>x</b>,basic,plain")
    (message,) = warnings(at)
    assert "<b>x</b>" in message
    assert value(at, "block") == ["plain", "basic"]


@pytest.mark.parametrize(("name", "letters"), [("b_bn_after_add", "b, a"), ("e_full_preact", "e, d")])
def test_an_order_without_norm_is_named_with_the_one_that_it_equals(name: str, letters: str) -> None:
    at = visit("blocks", block=name, norm="false")
    (message,) = warnings(at)
    order, same = letters.split(", ")
    assert f"order {order} " in message
    assert f"order {same}," in message
    assert num_blocks(at) == 1


def test_a_block_that_cannot_be_made_is_named_and_the_others_stay() -> None:
    at = visit("blocks", block="a_original,option_b,d2l_residual", shape="stays", size="1")
    (message,) = warnings(at)
    assert message.startswith("option B, projection: ")
    assert num_blocks(at) == 2


def test_titles_are_drawn() -> None:
    at = visit("blocks", block="plain,basic")
    assert words_of(drawn(at)["svg"], "title") == ["plain,", "no shortcut", "basic block"] or words_of(
        drawn(at)["svg"], "title"
    ) == ["plain, no shortcut", "basic block"]
