"""Rows on a page."""

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.tables import Rows, to_csv


def table(rows: Rows, *, name: str, height: int | None = None) -> None:
    """Shows rows as a table with grouped digits, and offers them as CSV."""
    numbers = {heading for row in rows for heading, value in row.items() if type(value) is int}
    columns = {heading: st.column_config.NumberColumn(format="localized") for heading in numbers}
    st.dataframe(rows, hide_index=True, column_config=columns, height=height or "content")
    st.download_button(
        _("CSV"),
        lambda: to_csv(rows),  # made when someone asks for it
        f"{name}.csv",
        "text/csv",
        icon=":material/download:",
        type="tertiary",
        key=f"csv:{name}",
    )
