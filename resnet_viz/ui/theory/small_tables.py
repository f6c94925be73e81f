"""Small tables of other papers, one at a time, with the number of blocks or layers to move."""

from typing import Final

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.theory.small_tables import (
    SmallTable,
    field_chart,
    small_table,
    survival_chart,
    table_title,
)
from resnet_viz.ui.theory.instrument_view import show_answer
from resnet_viz.ui.widgets import chart, url_state
from resnet_viz.ui.widgets.data_table import show_table
from resnet_viz.ui.widgets.visitor import theme_mode

_LARGEST: Final = 200
_MOST: Final = {SmallTable.LENGTHS: 100}  # in less than half a second
_DEFAULT: Final = {SmallTable.LENGTHS: 30, SmallTable.FIELD: 20}
_BLOCKS: Final = 54  # of ResNet-110


def show() -> None:
    """Shows the choice of the table, its slider, the table, its chart and its reading."""
    table = SmallTable(
        url_state.segments(
            _("Table"),
            "table",
            list(SmallTable),
            SmallTable.DEPTH,
            lambda name: table_title(SmallTable(name)),
            clears=lambda name: name == "n",
        )
    )
    label = _("Layers") if table in _DEFAULT else _("Blocks")
    has_depth = table is not SmallTable.RANK
    default = _DEFAULT.get(table, _BLOCKS)
    num = url_state.whole_slider(
        label, "n", low=1, high=_MOST.get(table, _LARGEST), default=default, is_shown=has_depth
    )
    shown = small_table(table, num)
    show_answer(shown.text)
    if table is SmallTable.DEPTH:
        chart.show(survival_chart(num, theme_mode()), "survival", alt=shown.text, file_name="stochastic_depth")
    elif table is SmallTable.FIELD:
        chart.show(field_chart(num, theme_mode()), "field", alt=shown.text, file_name="effective_field")
    show_table(shown.rows, name=shown.name)
    st.caption(_("Source: {source}").format(source=shown.source))
