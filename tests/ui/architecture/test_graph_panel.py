"""The layer graph on its page: what is open and selected stands in the address; several nets share one drawing."""

from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from resnet_viz.graph.drawing import BoxRef
from tests.fakes.visiting import change, graph, press, value, visit, warnings
from tests.fakes.waiting import PATIENCE_S

BESIDE = """
import streamlit as st
from resnet_viz.analysis.report import analyse
from resnet_viz.plan.lower import lower
from resnet_viz.spec.presets import preset
from resnet_viz.ui.architecture import graph_panel
graph_panel.show_graph(tuple(analyse(lower(preset(net))) for net in st.query_params["nets"].split(",")))
"""


@pytest.fixture
def acts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Buttons in place of a browser: each label, "toggle stage3", is what a click in the drawing would send."""
    wanted: list[str] = []

    def show(_data: dict[str, Any], on_act: Callable[[str, BoxRef], None]) -> None:
        for label in wanted:
            kind, _space, box = label.partition(" ")
            st.button(label, on_click=on_act, args=(kind, BoxRef.from_id(box)))

    monkeypatch.setattr("resnet_viz.ui.widgets.layer_graph.show", show)
    return wanted


def frames(at: AppTest) -> list[str]:
    return [frame["id"] for frame in graph(at)["frames"]]


def beside(nets: str, **query: str) -> AppTest:
    at = AppTest.from_string(BESIDE, default_timeout=PATIENCE_S)
    at.query_params.update({"nets": nets, **query})
    return at.run()


def test_it_opens_at_its_stages() -> None:
    data = graph(visit("architecture"))
    assert frames(visit("architecture")) == []
    assert [box for row in data["rows"] for box in row["boxes"]] == [
        *("input", "stem", "stage1", "stage2", "stage3", "stage4", "head", "output")
    ]
    assert (data["selected"], data["detail"], data["legend"]) == ("", None, None)


def test_the_address_opens_and_selects() -> None:
    at = visit("architecture", open="stage3,stage3.block2", node="stage3.block2.branch.conv2", color="macs")
    assert frames(at) == ["stage3", "stage3.block2"]
    data = graph(at)
    assert data["selected"] == "stage3.block2.branch.conv2"
    # 3 · 3 · 256 · 256 weights at 14 · 14 pixels: He et al. 2015, table 1
    assert ["MACs", "589,824 · 14 · 14 = 115,605,504"] in data["detail"]["rows"]
    assert data["legend"]["title"] == "MACs, log scale"


def test_identical_layers_have_the_same_kind() -> None:
    boxes = graph(visit("architecture", open="stage3.*"))["boxes"]
    kinds = {name: box.get("kind") for name, box in boxes.items() if name.endswith("branch.conv2")}
    assert len(kinds) == 6  # He et al. 2015, table 1
    first = kinds.pop("stage3.block1.branch.conv2")  # it halves the map
    assert len(set(kinds.values())) == 1
    assert first not in kinds.values()


@pytest.mark.parametrize(
    "node", ["stage9.block1.add", "nothing", "stage3.block99.branch.conv1", "b/stage1", "c/", "x" * 9_000]
)
def test_a_node_that_does_not_exist_opens_the_graph_without_it(node: str) -> None:
    at = visit("architecture", node=node, open="stage3")
    assert warnings(at) == []
    assert frames(at) == ["stage3"]
    assert graph(at)["detail"] is None


def test_the_search_opens_what_holds_a_layer_and_selects_it() -> None:
    at = change(visit("architecture", net="resnet152"), "find", "stage3.block20.branch.conv2")
    assert at.query_params["node"] == "stage3.block20.branch.conv2"
    assert "stage3.block20.branch.conv2" in graph(at)["boxes"]
    assert frames(at) == ["stage3", "stage3.block20"]
    change(at, "find", None)
    assert "node" not in at.query_params


def test_the_level_forgets_what_was_opened_by_hand() -> None:
    at = change(visit("architecture", open="stage3"), "level", "block")
    assert at.query_params == {"level": "block"}
    assert frames(at) == ["stage1", "stage2", "stage3", "stage4"]


def test_a_click_opens_closes_selects_and_goes_up(acts: list[str]) -> None:
    acts += ["toggle stage3", "toggle stage3.block2", "below stage1", "select stage3.block2.add", "up ", "select "]
    at = visit("architecture")
    assert press(at, "toggle stage3").query_params == {"open": "stage3"}
    assert press(at, "toggle stage3.block2").query_params == {"open": "stage3,stage3.block2"}
    assert press(at, "select stage3.block2.add").query_params["node"] == "stage3.block2.add"
    assert value(at, "find") == "stage3.block2.add"
    assert press(at, "below stage1").query_params["open"] == "stage3,stage3.block2,stage1.*"
    for left in ("stage3,stage3.block2", "stage3", ""):
        assert press(at, "up ").query_params.get("open", "") == left
    assert press(at, "select ").query_params == {}


def test_up_from_a_level_is_the_level_above(acts: list[str]) -> None:
    acts += ["up "]
    at = visit("architecture", level="layer")
    assert press(at, "up ").query_params == {"level": "block"}
    assert press(at, "up ").query_params == {}
    assert press(at, "up ").query_params == {}


@pytest.mark.parametrize("act", ["toggle <script>", "below ../..", "toggle b/", "select <b>", "fly stage3", "toggle "])
def test_whatever_a_browser_sends_the_page_goes_on(act: str, acts: list[str]) -> None:
    acts.append(act)
    at = press(visit("architecture"), act)
    assert not at.exception
    assert warnings(at) == []


def test_two_nets_stand_below_each_other_with_their_marks() -> None:
    at = beside("resnet50,resnet101", open="stage3")
    assert not at.exception
    assert frames(at) == ["net", "stage3", "b/net", "b/stage3"]
    data = graph(at)
    assert {frame["id"]: frame["mark"] for frame in data["frames"] if frame["closes"]} == {
        "stage3": "different",
        "b/stage3": "different",
    }
    shares = [dict(data["boxes"][box]["card"]["rows"])["params"] for box in ("stage1", "b/stage1")]
    assert shares == ["215,808 · 0.8 % of the net", "215,808 · 0.5 % of the net"]  # torchvision 0.29.2, layer1
    assert sum("class=equal" in line for row in data["rows"] for line in row["dot"].splitlines()) > 6
    assert [frame["title"] for frame in data["frames"] if not frame["closes"]] == ["ResNet-50", "ResNet-101"]


def test_a_click_in_one_net_opens_all_of_them(acts: list[str]) -> None:
    acts += ["toggle b/stage3", "select c/stem"]
    at = press(beside("resnet50,resnet101,plain34"), "toggle b/stage3")
    assert at.query_params["open"] == "stage3"
    assert press(at, "select c/stem").query_params["node"] == "c/stem"


def test_a_selected_box_of_the_second_net_is_explained_from_its_own_figures() -> None:
    data = graph(beside("resnet18,plain18", node="b/stage2.block1", open="stage2"))
    assert ["shortcut", "none"] in data["detail"]["rows"]


def test_of_one_net_alone_an_id_of_another_is_nothing() -> None:
    assert graph(beside("resnet18", node="b/stage2.block1"))["detail"] is None


@pytest.mark.parametrize("blocks", ["10000", "9999,1,1", "400,400,400"])
def test_a_net_of_10_000_blocks_is_refused_in_a_sentence(blocks: str) -> None:
    at = visit("architecture", net="cifar_resnet20", blocks=blocks)
    assert len(warnings(at)) == 1
    assert graph(at)["rows"]


def test_the_deepest_net_that_is_allowed_opens_folded() -> None:
    at = visit("architecture", net="cifar_resnet20", blocks="998,1,1", level="block")
    assert warnings(at) == []
    assert len(graph(at)["boxes"]) < 30
