"""What a run will cost, before Start: by a measurement of this machine as soon as there is one."""

from typing import Final

import streamlit as st

from resnet_viz.i18n import _, ngettext
from resnet_viz.jobs.queries import speed_test
from resnet_viz.present.training.recipe import cost_text, gpu_caution
from resnet_viz.present.units import exact
from resnet_viz.runs import machine
from resnet_viz.training.recipe import Recipe
from resnet_viz.ui.widgets import auto_refresh

_EVERY_S: Final = 1.0


def show(recipes: tuple[Recipe, ...]) -> None:
    """Shows the cost of runs that differ in the seed alone.

    Has this machine measured where it is not known, and shows the cost anew then.
    """
    every_s = _EVERY_S if speed_test.ensure() else None
    auto_refresh.show(lambda: _show(recipes[0], len(recipes)), every_s=every_s)


def _show(recipe: Recipe, num_seeds: int) -> bool:
    """Shows the cost; returns whether it stays as it is."""
    is_measuring = speed_test.ensure()
    nets = ngettext("{n} net", "{n} nets", len(recipe.nets)).format(n=len(recipe.nets))
    seeds = _(" for each of {n} seeds").format(n=num_seeds)
    sentence = _("{nets}, {steps} steps of {batch} images each{seeds}: {cost}")
    words = sentence.format(
        nets=nets,
        steps=exact(recipe.steps),
        batch=exact(recipe.batch_size),
        seeds=seeds if num_seeds > 1 else "",
        cost=cost_text(recipe, machine.known(), num_seeds=num_seeds, strong="**"),
    )
    st.markdown(words + (_("; measuring this one ...") if is_measuring else "."))
    if caution := gpu_caution(recipe, machine.known()):
        st.caption(caution)
    return not is_measuring
