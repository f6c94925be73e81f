"""Parts that instruments share: the numbers of a figure as a table with its CSV, and links to other states."""

from typing import Final

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.tables import Rows
from resnet_viz.present.theory.line_options import HEIGHT_PX, ChartOptions
from resnet_viz.ui.frame import page_path
from resnet_viz.ui.widgets import chart
from resnet_viz.ui.widgets.data_table import show_table

_TABLE_PX: Final = 320


def show_lines(options: ChartOptions, *, key: str, alt: str, height: int = HEIGHT_PX) -> None:
    """Shows a chart of lines, which changes in place; `alt` is what it says in words, once there is something."""
    chart.show_options(options, height=height, key=f"theory:{key}", alt=alt or _("No numbers yet."), renderer="svg")


def show_numbers(rows: Rows, *, name: str, label: str = "") -> None:
    """Shows the numbers of a figure behind a line that opens."""
    if not rows:
        return
    with st.expander(label or _("Numbers")):
        show_table(rows, name=name, height=_TABLE_PX if len(rows) > 8 else None)  # noqa: PLR2004 - rows that fit


def link_to_lab(label: str, **query: str) -> None:
    """Shows a link to the training lab."""
    st.page_link(page_path("training"), label=label, icon=":material/play_arrow:", query_params=query)
