"""Two or three nets in columns, rows aligned by output size, with the shares of their multiply-adds worked out."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

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
_LAYOUT: Final = "layout"  # in the address


class Layout(StrEnum):
    """Places of several nets in relation to each other."""

    ROWS = "rows"
    COLUMNS = "columns"


def is_in_columns() -> bool:
    """Whether the address asks for nets in columns."""
    return st.query_params.get(_LAYOUT) == Layout.COLUMNS


def pick_columns() -> Level | None:
    """Shows the choice of the layout, and of the level of columns, and returns that; None for rows."""
    layouts = {Layout.ROWS: _("below each other"), Layout.COLUMNS: _("in columns")}
    levels = {Level.STAGE: _("stages"), Level.BLOCK: _("blocks"), Level.LAYER: _("layers")}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        layout = url_state.segments(
            _("Drawing"), _LAYOUT, list(Layout), Layout.ROWS, lambda name: layouts[Layout(name)]
        )
        if layout == Layout.ROWS:
            return None
        level = url_state.segments(_("Level"), "level", list(Level), Level.STAGE, lambda name: levels[Level(name)])
    return Level(level)


def show_columns(analyses: Sequence[Analysis], level: Level) -> None:
    """Shows the drawing, a button that saves it, and the shares of multiply-adds in words."""
    picture = draw_columns(analyses, level, theme_mode())
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
