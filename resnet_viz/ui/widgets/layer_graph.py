"""The graph component on a page."""

from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from resnet_viz.ui.widgets.component import component

KEY: Final = "graph"
_component = component("resnet_viz_graph", "graph")


def show(data: dict[str, Any], on_act: Callable[[str, str], None]) -> None:
    """Shows a drawing.

    Args:
        data: what `present.graph_view` returns.
        on_act: what a click asks for ("toggle", "below", "select" or "up") and the id of the box.
    """

    def act() -> None:
        said = st.session_state[KEY].get("act") or {}
        on_act(str(said.get("kind", "")), str(said.get("id", "")))

    _component(key=KEY, data=data, height="content", on_act_change=act)
