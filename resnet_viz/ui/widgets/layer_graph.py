"""The graph component on a page."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from resnet_viz.graph.drawing import MAX_NETS, BoxRef
from resnet_viz.present.architecture.graph_data import GraphData
from resnet_viz.ui.widgets.component import component

KEY: Final = "graph"
_component = component("resnet_viz_graph", "graph")


def show(data: GraphData, on_act: Callable[[str, BoxRef], None]) -> None:
    """Shows a drawing.

    Args:
        data: the drawing.
        on_act: called after a click with its kind ("toggle", "below", "select" or "up") and the box or frame.
    """

    def act() -> None:
        sent = st.session_state[KEY].get("act") or {}
        net = next((net for net in range(MAX_NETS) if net == sent.get("net")), 0)
        on_act(str(sent.get("kind", "")), BoxRef(net, str(sent.get("name", ""))))

    _component(key=KEY, data=data, height="content", on_act_change=act)
