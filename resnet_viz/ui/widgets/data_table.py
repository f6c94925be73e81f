"""Table of rows, with a CSV file of it."""

from typing import Any, Final

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.tables import MINUS, Rows, to_csv

_WIDE: Final = 10  # columns; more do not fit on a screen


def show_table(rows: Rows, *, name: str, height: int | None = None, all_rows: Rows | None = None) -> None:
    """Shows rows as a table with grouped digits, and offers them as CSV.

    Args:
        rows: rows of the table.
        name: stem of the file's name.
        height: in px, with a scroll bar; None for all rows.
        all_rows: rows of the file, if the table has only some of them.
    """
    whole = {heading for row in rows for heading, value in row.items() if type(value) is int}
    columns: dict[str, Any] = {
        heading: st.column_config.NumberColumn(format="%+,d" if MINUS in heading else "localized") for heading in whole
    }
    if rows and len(rows[0]) > _WIDE:  # the names stay while the figures are scrolled
        columns[next(iter(rows[0]))] = st.column_config.Column(pinned=True)
    st.dataframe(rows, hide_index=True, column_config=columns, height=height or "content", placeholder="–")
    exported = rows if all_rows is None else all_rows
    st.download_button(
        _("CSV"),
        lambda: to_csv(exported),  # made when the button is pressed
        f"{name}.csv",
        "text/csv",
        icon=":material/download:",
        type="tertiary",
        key=f"csv:{name}",
        help=_("All {n} rows.").format(n=f"{len(exported):,}"),
    )
