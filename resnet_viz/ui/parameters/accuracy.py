"""Published errors against parameters and MACs, one protocol of a table at a time."""

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.parameters.accuracy import accuracy_charts, accuracy_text, chart_name, result_charts
from resnet_viz.ui.widgets import chart, url_state
from resnet_viz.ui.widgets.messages import escape_markdown
from resnet_viz.ui.widgets.visitor import theme_mode


def show_accuracy() -> None:
    """Shows the menu of results, both charts of the picked one, and its best net in words."""
    charts = result_charts()
    name = url_state.select(_("Results"), "results", list(charts), next(iter(charts)), chart_name, width=420)
    text = accuracy_text(name)
    figures = accuracy_charts(name, theme_mode())
    for column, figure, key in zip(st.columns(2, gap="medium"), figures, ("params", "macs"), strict=True):
        with column:
            chart.show(figure, f"accuracy_{key}", alt=text, file_name=f"{name}_{key}")
    st.markdown(escape_markdown(text))
