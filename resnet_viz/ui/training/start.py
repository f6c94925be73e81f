"""What a run of the lab will cost, and the button that starts it."""

import streamlit as st

from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.jobs.training import client
from resnet_viz.training import budget
from resnet_viz.training.recipe import Recipe
from resnet_viz.ui.training import dataset, lab_cost
from resnet_viz.ui.widgets import url_state
from resnet_viz.ui.widgets.messages import show_warning
from resnet_viz.ui.widgets.visitor import session_owner


def start_button(recipes: tuple[Recipe, ...]) -> None:
    """Shows what the runs will cost and the button that starts them; the address then names the first.

    Data that is not here is said where it is picked: a run without it would only fail.
    """
    if recipes:
        try:
            budget.check(recipes[0])
        except Refusal as refusal:
            show_warning(str(refusal))
            recipes = ()
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        is_pressed = st.button(
            _("Start"),
            type="primary",
            icon=":material/play_arrow:",
            disabled=not recipes or not dataset.is_available(recipes[0].data),
            key="start",
            on_click=_take_what_was_typed,
        )
        if recipes:
            lab_cost.show(recipes)
            if is_pressed:
                _start(recipes)


def _take_what_was_typed() -> None:
    """Makes the address what the session knows: a number typed a moment before Start may not be in it yet."""
    with url_state.changing():
        pass


def _start(recipes: tuple[Recipe, ...]) -> None:
    try:
        run_id, *_others = client.submit_all(recipes, owner=session_owner(), is_shared=True)
    except Refusal as refusal:
        show_warning(str(refusal))
        return
    st.query_params["run"] = run_id
    st.rerun()
