"""Plotly charts as all pages show them: the program's own theme, and one button that saves a large PNG."""

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import streamlit as st


def show(
    figure: go.Figure, key: str, *, alt: str, file_name: str = "", on_click: Callable[[], None] | None = None
) -> None:
    """Shows a chart.

    Args:
        figure: the chart.
        key: unique on its page.
        alt: the chart in words, for screen readers.
        file_name: of the PNG that its button saves, without ending; "" for a chart without the button.
        on_click: called after a click on a point; the session has its selection under `key`.
    """
    picks: dict[str, Any] = {} if on_click is None else {"on_select": on_click, "selection_mode": "points"}
    st.plotly_chart(figure, theme=None, key=key, config=_config(file_name), alt=alt, **picks)


def _config(file_name: str) -> dict[str, Any]:
    if not file_name:
        return {"displayModeBar": False}
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "filename": file_name, "scale": 3},
    }
