"""Two and three nets in one address: each has its own controls, and what differs is shown."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.fakes.visiting import change, dot, is_plain, is_whole, metrics, press, prose, value, visit, warnings

# torchvision 0.29.2's model metadata; plain-34 is its ResNet-34 without the three projections and their norms
RESNET_18, RESNET_34, RESNET_50, RESNET_101 = "11,689,512", "21,797,672", "25,557,032", "44,549,160"
PLAIN_34 = "21,623,848"
HOSTILE = "<script>window.__pwned=1</script>[l](javascript:alert(1)) {sentence} {letter}"


def nets(at: AppTest) -> list[str]:
    """Parameters of the compared nets, from the table of totals."""
    (table,) = [text.value for text in at.markdown if str(text.value).startswith("|  | net |")]
    return [line.split("|")[4].split("(")[0].strip() for line in str(table).splitlines()[2:]]


def frames(at: AppTest) -> list[Any]:
    return [frame.value for frame in at.dataframe]


def test_one_net_alone_has_no_second_set_of_controls() -> None:
    at = visit("architecture")
    assert metrics(at)["Parameters"] == RESNET_50
    assert not [widget for widget in (*at.selectbox, *at.button) if "b" in str(widget.key).split(":")]


def test_a_second_net_in_the_address_is_set_beside_the_first() -> None:
    at = visit("architecture", **{"net": "resnet50", "order": "full_preact", "b.net": "resnet34", "b.shortcut": "none"})
    assert (warnings(at), nets(at)[1]) == ([], PLAIN_34)
    assert "**plain-34** has" in prose(at)
    assert "Compared with **ResNet-50, full pre-activation**" in prose(at)
    assert (value(at, "order"), value(at, "b.order"), value(at, "b.shortcut")) == ("full_preact", "original", "none")
    assert metrics(at) == {}


def test_three_nets_stand_in_one_address_and_either_difference_is_shown() -> None:
    address = {"net": "plain34", "b.net": "resnet34", "c.net": "resnet50"}
    at = visit("architecture", **address)
    assert nets(at) == [PLAIN_34, RESNET_34, RESNET_50]
    assert frames(at)[0]["params b − a"].iloc[-1] == 21_797_672 - 21_623_848
    change(at, "against", "c")
    assert at.query_params == {**address, "against": "c"}
    assert frames(at)[0]["params c − a"].iloc[-1] == 25_557_032 - 21_623_848


def test_fields_alone_make_a_second_net_of_the_first_ones_preset() -> None:
    at = visit("architecture", **{"net": "resnet34", "b.shortcut": "none"})
    assert nets(at) == [RESNET_34, PLAIN_34]
    change(at, "b.shortcut", "identity")  # its last field goes: the net stays
    assert at.query_params == {"net": "resnet34", "b.net": "resnet34"}
    assert nets(at) == [RESNET_34, RESNET_34]


def test_each_set_of_controls_changes_its_own_net() -> None:
    at = visit("architecture", **{"net": "resnet18", "b.net": "resnet34"})
    change(at, "b.depth", "resnet101")
    assert at.query_params == {"net": "resnet18", "b.net": "resnet101"}
    change(at, "depth", "resnet34")
    change(at, "b.order", "full_preact")
    change(at, "b.num_classes", 10)
    assert at.query_params == {"net": "resnet34", "b.net": "resnet101", "b.order": "full_preact", "b.num_classes": "10"}
    change(at, "b.family", "plain")
    assert at.query_params == {"net": "resnet34", "b.net": "plain34"}
    change(at, "b.blocks", "2,2,2,2")
    assert at.query_params == {"net": "resnet34", "b.net": "plain34", "b.blocks": "2,2,2,2"}


def test_a_second_net_of_the_pages_own_preset_stays_in_the_address() -> None:
    at = change(visit("architecture", **{"b.net": "resnet34"}), "b.depth", "resnet50")
    assert at.query_params == {"b.net": "resnet50"}
    assert nets(at) == [RESNET_50, RESNET_50]


def test_compare_sets_the_same_net_without_shortcuts_beside_it() -> None:
    at = press(visit("architecture", net="resnet34", num_classes="10", level="block"), "A second net")
    assert at.query_params == {
        "net": "resnet34",
        "num_classes": "10",
        "level": "block",
        "b.net": "plain34",
        "b.num_classes": "10",
    }
    press(at, "A third net")
    assert at.query_params["c.net"] == "plain34"
    assert at.query_params["c.num_classes"] == "10"


def test_swapping_exchanges_the_nets_and_all_their_fields() -> None:
    at = visit("architecture", **{"b.net": "resnet34", "b.shortcut": "none", "c.net": "resnet18", "level": "block"})
    press(at, "Swap a and b")
    assert at.query_params == {
        "net": "resnet34",
        "shortcut": "none",
        "b.net": "resnet50",
        "c.net": "resnet18",
        "level": "block",
    }
    assert nets(at) == [PLAIN_34, RESNET_50, RESNET_18]
    press(at, "Swap a and b")
    press(at, "Swap a and c")
    assert nets(at) == [RESNET_18, PLAIN_34, RESNET_50]


def test_closing_the_second_net_makes_the_third_one_the_second() -> None:
    at = visit("architecture", **{"net": "resnet18", "b.net": "resnet34", "c.net": "resnet101", "against": "c"})
    press(at, "Close b")
    assert at.query_params == {"net": "resnet18", "b.net": "resnet101"}
    press(at, "Close b")
    assert at.query_params == {"net": "resnet18"}
    assert metrics(at)["Parameters"] == RESNET_18


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("plain-34, ResNet-34", {"net": "plain34", "b.net": "resnet34"}),
        ("ResNet-34, ResNet-50", {"net": "resnet34", "b.net": "resnet50"}),
        ("ResNet-50 v1, v1.5", {"net": "resnet50_v1", "b.net": "resnet50"}),
        ("ResNet-56, original", {"net": "cifar_resnet56", "b.net": "cifar_preact_resnet56"}),
    ],
)
def test_a_ready_comparison_opens_with_a_click(name: str, address: dict[str, str]) -> None:
    at = visit("architecture", **{"net": "resnet18", "order": "full_preact", "c.net": "resnet18"})
    (label,) = [button.label for button in at.button if button.label.startswith(name) and "VGG" not in button.label]
    press(at, label)
    assert (at.query_params, warnings(at)) == (address, [])
    assert len(nets(at)) == 2


def test_options_a_b_c_are_three_nets() -> None:
    at = visit("architecture")
    (label,) = [button.label for button in at.button if "options A, B, C" in button.label]
    press(at, label)
    # 0, 3 and 16 projections: He et al. 2015, section 4.1; one of c channels that stay has c*c + 2c parameters
    added = sum(n * (c * c + 2 * c) for n, c in ((3, 64), (3, 128), (5, 256), (2, 512)))
    assert nets(at) == [PLAIN_34, RESNET_34, f"{21_797_672 + added:,}"]


def test_quick_clicks_on_both_sides_all_count() -> None:
    at = visit("architecture", **{"net": "resnet18", "b.net": "resnet34"})
    before = dict(at.query_params)
    change(at, "b.shortcut", "none")
    at.query_params = before  # the second click left the browser before the first one's address had reached it
    change(at, "depth", "resnet50")
    assert at.query_params == {"b.net": "resnet34", "b.shortcut": "none"}


@pytest.mark.parametrize("prefix", ["b.", "c."])
@pytest.mark.parametrize("name", ["net", "order", "blocks", "image_size", "conv_bias"])
def test_hostile_values_are_told_as_text_with_the_nets_letter(prefix: str, name: str) -> None:
    at = visit("architecture", **{"net": "resnet18", prefix + name: HOSTILE})
    assert is_whole(at)
    assert warnings(at)[0].startswith(f"Net {prefix[0]}: ")
    assert "<script>" in warnings(at)[0]
    assert all(is_plain(warning.value) for warning in at.warning)
    assert HOSTILE not in prose(at)
    assert nets(at)[0] == RESNET_18
    assert dot(at)


def test_bad_input_in_one_net_loses_nothing() -> None:
    at = visit("architecture", **{"net": "resnet18", "b.net": "resnet34"})
    change(at, "b.blocks", "2,2")
    assert warnings(at)[0].startswith("Net b: blocks and widths name the same stages")
    assert nets(at) == [RESNET_18, RESNET_34]
    assert value(at, "b.blocks") == "2,2"
    press(at, "Swap a and b")
    assert at.query_params == {"net": "resnet34", "blocks": "2,2", "b.net": "resnet18"}
    assert warnings(at)[0].startswith("Net a: ")
    change(at, "blocks", "3,4,6,3")
    assert (warnings(at), nets(at)) == ([], [RESNET_34, RESNET_18])


def test_only_differences_can_be_left_and_come_back_to() -> None:
    at = visit("architecture", **{"net": "plain34", "b.net": "resnet34", "details": "layer"})
    blocks, layers = frames(at)
    assert (len(blocks), len(layers)) == (3, 16 + 2 * 3 + 16)  # blocks with a projection; additions, projections, reads
    change(at, "differences", False)
    assert at.query_params["differences"] == "false"
    assert [len(frame) for frame in frames(at)] == [16, 124]


@pytest.mark.parametrize("details", ["part", "layer", "volume", "code"])
@pytest.mark.parametrize("others", [{"b.net": "cifar_resnet20"}, {"b.net": "resnet50", "c.net": "plain18"}])
def test_all_details_of_all_kinds_of_nets_are_there(details: str, others: dict[str, str]) -> None:
    at = visit("architecture", details=details, **others)
    assert (is_whole(at), warnings(at)) == (True, [])


def test_the_code_is_that_of_the_picked_net() -> None:
    at = visit("architecture", **{"net": "resnet18", "b.net": "resnet34", "details": "code"})
    assert f"{RESNET_18} parameters" in at.code[0].value
    change(at, "code", "b")
    assert f"{RESNET_34} parameters" in at.code[0].value
    press(at, "Close b")
    assert (at.query_params, warnings(at)) == ({"net": "resnet18", "details": "code"}, [])


def test_layers_of_some_kinds_alone() -> None:
    at = visit("architecture", net="resnet18", details="layer")
    every = len(frames(at)[0])
    change(at, "kinds", ["conv"])
    assert at.query_params["kinds"] == "conv"
    assert len(frames(at)[0]) == 20 < every  # 17 convolutions and 3 projections: torchvision 0.29.2
