"""Published errors against parameters and MACs, a table of a paper at a time."""

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.parameters.accuracy import TABLES, accuracy_charts, accuracy_text, table_name
from resnet_viz.ui.widgets import chart, url_state
from resnet_viz.ui.widgets.messages import escape_markdown
from resnet_viz.ui.widgets.visitor import theme_mode


def show_accuracy() -> None:
    """Shows the menu of tables, both charts of the picked one, and its best net in words."""
    name = url_state.select(_("Results"), "results", list(TABLES), next(iter(TABLES)), table_name, width=420)
    text = accuracy_text(name)
    figures = accuracy_charts(name, theme_mode())
    for column, figure, key in zip(st.columns(2, gap="medium"), figures, ("params", "macs"), strict=True):
        with column:
            chart.show(figure, f"accuracy_{key}", alt=text, file_name=f"{name}_{key}")
    st.markdown(escape_markdown(text))
