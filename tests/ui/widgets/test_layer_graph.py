"""The graph component: what a browser sends becomes a kind of click and a box, whatever it is."""

from typing import Any

import pytest
import streamlit as st

from resnet_viz.analysis.report import analyse
from resnet_viz.graph.build import draw_net
from resnet_viz.graph.drawing import BoxRef
from resnet_viz.graph.expansion import Expansion
from resnet_viz.plan.lower import lower
from resnet_viz.present.architecture.graph_colors import ColorQuantity
from resnet_viz.present.architecture.graph_data import NOTHING, GraphData, GraphOptions, component_data
from resnet_viz.present.theme import Mode
from resnet_viz.spec.presets import preset
from resnet_viz.ui.widgets import layer_graph


def data() -> GraphData:
    analysis = analyse(lower(preset("cifar_resnet8")))
    options = GraphOptions(mode=Mode.LIGHT, quantity=ColorQuantity.KIND, selected=NOTHING, name="net", alt="")
    return component_data(draw_net(analysis, Expansion()), [analysis], options)


@pytest.mark.parametrize(
    ("sent", "kind", "box"),
    [
        ({"kind": "toggle", "net": 0, "name": "stage1", "at": 1}, "toggle", BoxRef(0, "stage1")),
        ({"kind": "select", "net": 2, "name": "stem"}, "select", BoxRef(2, "stem")),
        ({"kind": "up", "net": 0, "name": ""}, "up", NOTHING),
        ({"kind": "toggle", "net": 3, "name": "stage1"}, "toggle", BoxRef(0, "stage1")),
        ({"kind": "toggle", "net": -1, "name": "stage1"}, "toggle", BoxRef(0, "stage1")),
        ({"kind": "toggle", "net": ["b"], "name": {"a": 1}}, "toggle", BoxRef(0, "{'a': 1}")),
        ({}, "", NOTHING),
        (None, "", NOTHING),
    ],
)
def test_a_click_has_a_kind_a_net_and_a_name(
    sent: dict[str, Any] | None, kind: str, box: BoxRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    clicks: list[tuple[str, BoxRef]] = []
    monkeypatch.setattr(layer_graph, "_component", lambda **arguments: arguments["on_act_change"]())
    monkeypatch.setattr(st, "session_state", {layer_graph.KEY: {"act": sent}})
    layer_graph.show(data(), lambda *click: clicks.append(click))
    assert clicks == [(kind, box)]
    assert clicks[0][1].id == BoxRef.from_id(box.id).id
