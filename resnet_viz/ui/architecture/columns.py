"""Two or three nets in columns, rows aligned by output size, with the shares of their multiply-adds worked out."""

from collections.abc import Sequence
from enum import StrEnum

import streamlit as st

from resnet_viz.analysis.report import Analysis
from resnet_viz.graph.drawing import Level
from resnet_viz.i18n import _
from resnet_viz.present.architecture.columns_drawing import draw_columns
from resnet_viz.present.architecture.shares import share_texts
from resnet_viz.ui.widgets import url_state
from resnet_viz.ui.widgets.component import component
from resnet_viz.ui.widgets.visitor import theme_mode

_component = component("resnet_viz_columns", "columns")


class Layout(StrEnum):
    """Places of several nets in relation to each other."""

    ROWS = "rows"
    COLUMNS = "columns"


def pick_layout() -> Layout:
    """Shows the choice of the layout and returns it."""
    names = {Layout.ROWS: _("below each other"), Layout.COLUMNS: _("in columns")}
    picked = url_state.segments(_("Layout"), "layout", list(Layout), Layout.ROWS, lambda name: names[Layout(name)])
    return Layout(picked)


def show_columns(analyses: Sequence[Analysis]) -> None:
    """Shows the level, the drawing, a button that saves it, and the shares of multiply-adds in words."""
    names = {Level.STAGE: _("stages"), Level.BLOCK: _("blocks"), Level.LAYER: _("layers")}
    levels = list(Level)
    level = url_state.segments(_("Level"), "level", levels, Level.STAGE, lambda name: names[Level(name)])
    picture = draw_columns(analyses, Level(level), theme_mode())
    data = {"svg": picture.svg, "width": picture.width, "height": picture.height, "alt": picture.alt}
    _component(key="columns", data=data, height="content")
    st.download_button(
        "SVG",
        picture.svg,
        "columns.svg",
        "image/svg+xml",
        icon=":material/download:",
        type="tertiary",
        key="columns_svg",
    )
    for text in share_texts(analyses):
        st.markdown(text)
