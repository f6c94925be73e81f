"""The page of blocks: menus and address agree, whatever is refused leaves the rest."""

import json
from itertools import product
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from resnet_viz.blocks.single import single_block
from resnet_viz.blocks.variants import VARIANTS, BlockSettings, BlockVariant, ShapeChange
from resnet_viz.spec.enums import BlockKind
from resnet_viz.ui.blocks.selection import MAX_SIZE, MAX_WIDTH
from resnet_viz.ui.blocks.walkthrough_view import address_of
from tests.fakes.blocks import ORDERS, drawn_blocks, words_of
from tests.fakes.visiting import change, is_whole, metrics, prose, value, visit, warnings


def drawn(at: AppTest) -> dict[str, Any]:
    """What the component of the drawing is given."""
    return drawings(at)[0]


def drawings(at: AppTest) -> list[dict[str, Any]]:
    """What each drawing's component is given; the first one has the blocks."""
    return [
        dict(json.loads(component.proto.json))
        for component in at.get("bidi_component")
        if component.proto.component_name == "resnet_viz_blocks"
    ]


def written(at: AppTest) -> list[list[dict[str, Any]]]:
    """What each component of equations is given: the equations of each block."""
    return [
        list(json.loads(component.proto.json)["blocks"])
        for component in at.get("bidi_component")
        if component.proto.component_name == "resnet_viz_equations"
    ]


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
    at.button("group:options").click().run()
    assert at.query_params == {"block": "option_a,option_b,option_c", "shape": "halves", "width": "32"}
    at.button("group:orders").click().run()
    assert at.query_params == {"block": ",".join(ORDERS), "width": "32"}


def test_of_six_blocks_the_first_five_stay() -> None:
    at = visit("blocks", block=",".join([*ORDERS, "plain"]))
    (message,) = warnings(at)
    assert "6" in message
    assert value(at, "block") == list(ORDERS)
    assert num_blocks(at) == 5


def test_an_address_of_thousands_of_names_gets_few_messages() -> None:
    at = visit("blocks", block="nonsense," * 5_000 + "plain")
    assert len(warnings(at)) == 11
    assert "5,001" in warnings(at)[0]
    assert value(at, "block") == ["a_original"]


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


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=list(VARIANTS))
def test_within_the_limits_of_the_page_every_block_can_be_made(variant: BlockVariant) -> None:
    for convs, shape, has_norm in product(BlockKind, ShapeChange, (True, False)):
        for width, size in product((1, 2, 3, MAX_WIDTH - 1, MAX_WIDTH), (1, 2, 3, MAX_SIZE - 1, MAX_SIZE)):
            assert single_block(variant, BlockSettings(convs, shape, width, size, has_norm)).nodes


@pytest.mark.parametrize(("width", "size"), [(1, 1), (MAX_WIDTH, MAX_SIZE)])
def test_blocks_at_the_limits_are_drawn(width: int, size: int) -> None:
    at = visit("blocks", block="a_original,option_b,d2l_residual", width=str(width), size=str(size), convs="bottleneck")
    assert (warnings(at), num_blocks(at)) == ([], 3)


@pytest.mark.parametrize(
    ("field", "value"), [("size", "0"), ("size", str(MAX_SIZE + 1)), ("width", str(MAX_WIDTH + 1))]
)
def test_a_number_outside_of_the_limits_is_refused_and_the_blocks_stay(field: str, value: str) -> None:
    at = visit("blocks", block="a_original,option_b", **{field: value})
    (message,) = warnings(at)
    assert field in message
    assert num_blocks(at) == 2


def test_titles_are_drawn() -> None:
    at = visit("blocks", block="plain,basic")
    assert words_of(drawn(at)["svg"], "title") == ["plain,", "no shortcut", "basic block"] or words_of(
        drawn(at)["svg"], "title"
    ) == ["plain, no shortcut", "basic block"]


def walk(at: AppTest) -> dict[str, Any]:
    """What the components of the walk-through are given, together."""
    found: dict[str, Any] = {}
    for component in at.get("bidi_component"):
        if component.proto.component_name in ("resnet_viz_walk", "resnet_viz_walk_place"):
            found |= json.loads(component.proto.json)
    return found


def state(at: AppTest) -> dict[str, Any]:
    """The walk that the address names."""
    data = walk(at)
    place = data["at"]
    return dict(data["states"][f"{place['input']}.{int(place['zero'])}.{int(place['norm'])}"])


def tensors(at: AppTest) -> list[list[float]]:
    """The values of each tensor, row by row."""
    return [step["values"] for step in state(at)["steps"]]


def test_the_facts_of_one_block_stand_beside_it() -> None:
    at = visit("blocks")
    assert metrics(at) == {"Parameters": "73,984", "MACs": "231,211,008"}
    text = prose(at)
    assert "6.61 % (ResNet-110), 5.93 % (ResNet-164)" in text  # He et al. 2016, table 2
    assert "15.5, 13.2, 13.4 (56 layers)" in text
    assert "x where x ≥ 0" in text
    (terms,) = written(at)
    assert [row["left"][0]["text"] for row in terms[0]["rows"]] == ["x\u2032", "y", "h", "F", "x\u2032", "W", "W"]


def test_several_blocks_have_a_row_each_in_the_order_of_the_address() -> None:
    at = visit("blocks", block="scaled_shortcut,option_a,e_full_preact,d2l_residual")
    (table,) = (text.value for text in at.markdown if text.value.startswith("| block"))
    first, second, third, fourth = table.splitlines()[2:]
    assert "| fail (> 20 %) |" in first  # He et al. 2016, table 1
    assert "| 25.03 % | 7.76 % |" in second  # He et al. 2015, table 3
    assert all(word in third for word in ("| 6.37 % |", "| 5.46 % |", "the identity", "nothing", "34.1, 25.1, 27.8"))
    assert "| 180 | 5,832 | – |" in fourth


def test_a_cost_that_all_blocks_have_is_told_once() -> None:
    at = visit("blocks", block=",".join(ORDERS))
    (table,) = (text.value for text in at.markdown if text.value.startswith("| block"))
    assert "params" not in table
    assert table.endswith("All of them have 73,984 parameters and 231,211,008 MACs.")


def test_the_walk_has_every_tensor_of_every_setting() -> None:
    at = visit("blocks", norm="false")
    assert [len(values) for values in tensors(at)] == [36] * 6
    assert tensors(at)[1][6:12] == [1, 2, 1, -1, -2, -1]
    assert "46" in state(at)["outcome"]
    expected = {f"{name}.{zero}.{norm}" for name, zero, norm in product(("usual", "lower"), (0, 1), (0, 1))}
    assert set(walk(at)["states"]) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {"step": None, "input": "usual", "zero": False, "norm": True, "sample": 1, "channel": 1}),
        ({"step": "2", "zero": "true"}, {"step": 2, "zero": True}),
        ({"step": "-1"}, {"step": None}),
        ({"step": "two"}, {"step": None}),
        ({"input": "lower", "norm": "false"}, {"input": "lower", "norm": False}),
        ({"block": "d2l_residual", "sample": "4", "channel": "3"}, {"sample": 4, "channel": 3}),
        ({"block": "d2l_residual", "input": "own", "norm": "false"}, {"input": "usual", "norm": True}),
    ],
)
def test_the_walk_begins_where_the_address_is(query: dict[str, str], expected: dict[str, object]) -> None:
    at = visit("blocks", **query)
    found = walk(at)["at"]
    assert {name: found[name] for name in expected} == expected


def test_the_relu_caveat() -> None:
    assert "36 of 36 values are those of x" in state(visit("blocks", zero="true"))["outcome"]
    lower = {"zero": "true", "input": "lower"}
    assert "12 of 36 values are those of x" in state(visit("blocks", **lower))["outcome"]  # 24 are negative
    assert "36 of 36 values are those of x" in state(visit("blocks", block="e_full_preact", **lower))["outcome"]


@pytest.mark.parametrize(
    ("block", "shape"), [("d2l_residual", [4, 3, 6, 6]), ("d2l_residual_1x1", [4, 6, 3, 3])]
)  # shared/THEORY.md, section 1
def test_the_batch_of_the_book_goes_through_its_blocks(block: str, shape: list[int]) -> None:
    at = visit("blocks", block=block)
    steps = state(at)["steps"]
    assert (steps[0]["shape"], steps[-1]["shape"]) == ([4, 3, 6, 6], shape)
    assert not walk(at)["has_norm_choice"]
    assert not walk(at)["has_own"]
    zero = state(visit("blocks", block="d2l_residual", zero="true"))["steps"]
    assert zero[-1]["values"] == zero[0]["values"]


IMAGES_THAT_ARE_NONE = {
    "1 2 3": "3",
    "/".join(["1 2 3 4 5 x"] * 6): "'x'",
    "/".join(["1 2 3 4 5 1000000000"] * 6): "'1000000000'",
}


@pytest.mark.parametrize("image", IMAGES_THAT_ARE_NONE)
def test_an_image_that_is_none_is_refused_in_place_and_the_usual_one_stays(image: str) -> None:
    at = visit("blocks", input="own", image=image, norm="false")
    assert IMAGES_THAT_ARE_NONE[image] in walk(at)["refusal"]
    assert walk(at)["states"] == walk(visit("blocks", norm="false"))["states"]
    refused = [cell["text"] for cell in walk(at)["cells"] if cell["is_refused"]]
    assert set(refused) <= {"x", "1000000000"}
    assert len(refused) in (0, 6)


def test_an_image_that_is_refused_leaves_the_last_one() -> None:
    at = visit("blocks", input="own", image="/".join(["1 1 1 1 1 1"] * 6))
    good = tensors(at)
    at.query_params["image"] = "/".join(["1 1 1 1 1 x"] * 6)
    at.run()
    assert walk(at)["refusal"]
    assert tensors(at) == good


def test_one_s_own_image_goes_through_the_block() -> None:
    at = visit("blocks", input="own", image="/".join(["0 0 0 7 0 0"] * 6), norm="false")
    assert tensors(at)[0][:6] == [0, 0, 0, 7, 0, 0]
    assert walk(at)["refusal"] == ""


def test_what_is_typed_into_cells_is_an_image_of_the_address() -> None:
    typed = ["1,5", " 2 ", "", "a/b", "1 0", "12345678901", *["0"] * 30]
    assert address_of(typed).split("/")[0] == "1.5 2 _ a_b 10 1234567890"
    assert len(address_of(["9" * 500] * 500)) < 400


def test_a_block_without_a_walk_is_told_in_its_place() -> None:
    at = visit("blocks", block="bottleneck")
    assert len(at.info) == 1
    assert walk(at) == {}


def test_the_details_of_one_of_several_blocks() -> None:
    at = visit("blocks", block="plain,d2l_residual_1x1", details="layers", of="d2l_residual_1x1")
    rows = at.dataframe[0].value
    assert rows["output shape"].iloc[0] == "(4, 6, 3, 3)"
    assert rows["params"].sum() == 546
    change(at, "details", "code")
    assert "Block(in_channels=3, out_channels=6, stride=2)" in at.code[0].value
    change(at, "details", "equations")
    above, below = written(at)
    assert [len(one["rows"]) for one in above] == [1, 1]  # outputs
    assert [len(one["rows"]) for one in below] == [4 + 2, 5 + 3]  # and definitions: a plain block has no h; weights
    assert ["textcolor" in code.value for code in at.code] == [False, False]


def test_paths_of_an_inception_block_are_switched_off() -> None:
    at = visit("blocks", details="inception")
    assert at.dataframe[0].value["params"].iloc[-1] == 163_696
    change(at, "paths", ["1x1"])
    assert at.query_params == {"details": "inception", "paths": "1x1"}
    assert at.dataframe[0].value["params"].iloc[-1] == 12_352


def test_inception_is_one_of_the_blocks_and_the_rest_is_of_the_others() -> None:
    at = visit("blocks", block="a_original,inception,e_full_preact")
    assert (drawn(at)["alt"], warnings(at)) == (
        "Residual blocks side by side: (a) original, Inception 3a, (e) full pre-activation",
        [],
    )
    assert "163,696 parameters for 256 channels" in prose(at)  # d2l, section 7.4: the four paths of 3a, with biases
    assert [len(rows) for rows in written(at)] == [2]
    change(at, "block", ["a_original", "inception"])
    assert at.query_params["block"] == "a_original,inception"


def test_inception_alone_has_its_own_drawing_and_counts() -> None:
    at = visit("blocks", block="inception")
    assert is_whole(at)
    assert [one["alt"] for one in drawings(at)] == ["Paths of the block, and their join"]
    assert at.dataframe[0].value["params"].iloc[-1] == 163_696
    assert value(at, "block") == ["inception"]


def test_concatenation_becomes_a_sum() -> None:
    at = visit("blocks", join="fixed")
    at.button("group:inception").click().run()
    assert at.query_params == {"details": "inception", "join": "fixed"}
    assert "[I I]" in drawings(at)[1]["svg"]
    assert at.dataframe[0].value["channels"].tolist() == [192, 192, 384, 192]
    change(at, "join", "sum")
    assert "[I I]" not in drawings(at)[1]["svg"]
    assert "differ by 0 at most" in prose(at)
    change(at, "join", "concat")
    change(at, "paths", [])
    assert len(drawings(at)) == 1  # nothing comes out


def test_other_blocks_forget_which_one_was_looked_at() -> None:
    at = visit("blocks", block="plain,basic", details="layers", of="basic")
    change(at, "block", ["plain", "a_original"])
    assert warnings(at) == []
    assert at.query_params == {"block": "plain,a_original", "details": "layers"}


@pytest.mark.parametrize("query", [{"block": ""}, {"block": ",,,"}, {"shape": "halves", "size": "1"}, {"step": "99"}])
def test_an_odd_address_shows_a_block_all_the_same(query: dict[str, str]) -> None:
    at = visit("blocks", **query)
    assert is_whole(at)
    assert num_blocks(at) == 1
