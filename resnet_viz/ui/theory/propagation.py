"""Product and sum in the forward and backward pass: blocks, λ and seed to move, equations with their differences."""

from typing import Final

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.theory.propagation import (
    comparisons,
    difference_rows,
    form_text,
    gradient_text,
    order_chart,
    order_rows,
)
from resnet_viz.theory.propagation import MOST_BLOCKS, check_equations
from resnet_viz.ui.theory.instrument_view import show_answer
from resnet_viz.ui.widgets import chart, url_state
from resnet_viz.ui.widgets.data_table import show_table
from resnet_viz.ui.widgets.visitor import theme_mode

_MOST_SEED: Final = 9_999


def show() -> None:
    """Shows the controls, the gradient's parts, the sentence, and the equations."""
    first, second, third = st.columns([4, 4, 2], gap="medium")
    with first:
        num_blocks = url_state.whole_slider(_("Blocks"), "blocks", low=1, high=MOST_BLOCKS, default=6)
    with second:
        scale = url_state.slider(_("λ of equations 7 and 8"), "value", low=0.5, high=2.0, default=0.9, step=0.05)
    with third:
        seed = url_state.integer(_("Seed"), "seed", low=0, high=_MOST_SEED, default=0, step=1)
    ones, scaled, mode = check_equations(num_blocks, seed), check_equations(num_blocks, seed, scale), theme_mode()
    text = gradient_text(ones, scaled)
    chart.show(order_chart(ones, mode), "orders", alt=text, file_name="gradient_by_branches")
    show_answer(text)
    rows = comparisons(ones, scaled, mode)
    for row in rows:
        with st.container(border=True, gap="small"):
            st.markdown(f"**{row.name}**")
            left, right = st.columns(2, gap="medium")
            left.markdown(_("Note 004: {form}").format(form=form_text(row.note, row.note_difference)))
            right.markdown(_("As it holds: {form}").format(form=form_text(row.right, row.right_difference)))
    st.caption(
        _(
            "Blocks of 5 units, F(x, W) = tanh(W x), float64. Differences are those of the largest component, as a "
            "share of the largest value where that is above 1. The reference is a backward pass."
        )
    )
    with st.expander(_("Numbers")):
        show_table(order_rows(ones), name="gradient-by-branches")
        show_table(difference_rows(rows), name="equations")
