"""Start button of the lab, beside it the estimated cost of the run."""

from typing import Final

import streamlit as st

from resnet_viz.errors import Refusal
from resnet_viz.i18n import _, ngettext
from resnet_viz.jobs.queries import speed_test
from resnet_viz.jobs.training import client
from resnet_viz.present.training.optimizer import epochs_text
from resnet_viz.present.training.recipe import cost_text, gpu_caution
from resnet_viz.present.units import exact
from resnet_viz.runs import machine
from resnet_viz.training import budget
from resnet_viz.training.recipe import Recipe
from resnet_viz.ui.training import dataset
from resnet_viz.ui.widgets import auto_refresh, url_state
from resnet_viz.ui.widgets.messages import show_warning
from resnet_viz.ui.widgets.visitor import session_owner

_EVERY_S: Final = 1.0  # between two looks for this machine's speed


def start_button(recipes: tuple[Recipe, ...]) -> None:
    """Shows the button that starts the runs, and their cost; the address then names the first run.

    Missing data is reported beside the choice of data, not here: the button is disabled.
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
            on_click=_commit_typed_numbers,
        )
        if recipes:
            _show_cost(recipes)
            if is_pressed:
                _start(recipes)


def _commit_typed_numbers() -> None:
    """Writes the session's values into the address: a number typed just before Start may not be in it yet."""
    with url_state.changing():
        pass


def _start(recipes: tuple[Recipe, ...]) -> None:
    try:
        run_id, *_others = client.submit_all(recipes, owner=session_owner(), is_shared=True)
    except Refusal as refusal:
        show_warning(str(refusal))
        return
    with url_state.changing():
        st.query_params["run"] = run_id
    st.rerun()


def _show_cost(recipes: tuple[Recipe, ...]) -> None:
    """Shows the cost of runs that differ in the seed alone, and again once the speed of this machine is measured."""
    every_s = _EVERY_S if speed_test.ensure() else None
    auto_refresh.show(lambda: _draw_cost(recipes[0], len(recipes)), every_s=every_s)


def _draw_cost(recipe: Recipe, num_seeds: int) -> bool:
    """Draws the cost; returns whether it is final."""
    is_measuring = speed_test.ensure()
    parts = [
        ngettext("{n} net", "{n} nets", len(recipe.nets)).format(n=len(recipe.nets)),
        _("{n} steps").format(n=exact(recipe.steps)),
        _("batch {n}").format(n=exact(recipe.batch_size)),
        epochs_text(recipe),
    ]
    if num_seeds > 1:
        parts.append(_("{n} seeds").format(n=num_seeds))
    cost = cost_text(recipe, machine.known(), num_seeds=num_seeds, strong="**")
    st.markdown(f"{' · '.join(parts)}: {cost}")
    if is_measuring:
        st.caption(_("Measuring the speed of this machine ..."))
    if caution := gpu_caution(recipe, machine.known()):
        st.caption(caution)
    return not is_measuring
