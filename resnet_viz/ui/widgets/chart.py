"""Charts as all pages show them: the program's own theme, for Plotly one button that saves a large PNG.

A presentation has them larger.
"""

from collections.abc import Callable
from typing import Any, Literal

import plotly.graph_objects as go
import streamlit as st

from resnet_viz.graph.roles import Role
from resnet_viz.present.enlarged import enlarge_figure, enlarge_options
from resnet_viz.present.theme import PALETTES
from resnet_viz.ui.widgets.presentation import present_mode
from resnet_viz.ui.widgets.visitor import theme_mode


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
    show_figure(figure, key=key, config=_config(file_name), alt=alt, **picks)


def show_figure(figure: go.Figure, **look: Any) -> None:
    """Shows a Plotly chart with Streamlit's own options."""
    st.plotly_chart(enlarge_figure(figure, present_mode.scale()), theme=None, **look)


def show_options(
    options: dict[str, Any], *, height: int, key: str, alt: str, renderer: Literal["canvas", "svg"] = "canvas"
) -> None:
    """Shows a chart of ECharts, which changes in place; `height` in px."""
    scale = present_mode.scale()
    st.echarts_chart(
        enlarge_options(options, scale, PALETTES[theme_mode()][Role.DATA].text),
        height=round(height * scale),
        key=key,
        alt=alt,
        renderer=renderer,
    )


def _config(file_name: str) -> dict[str, Any]:
    if not file_name:
        return {"displayModeBar": False}
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "filename": file_name, "scale": 3},
    }
