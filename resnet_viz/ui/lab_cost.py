"""What a run will cost, before Start: by a measurement of this machine as soon as there is one."""

import json
from typing import Final

import streamlit as st

from resnet_viz.i18n import _, ngettext
from resnet_viz.jobs import calibrate
from resnet_viz.present.recipe_words import cost_words
from resnet_viz.present.units import exact
from resnet_viz.runs import machine
from resnet_viz.training.recipe import Recipe, from_json, to_json
from resnet_viz.ui import polling

_EVERY_S: Final = 1.0


def show(recipe: Recipe) -> None:
    """Shows the cost of a run; has this machine measured where it is not known, and shows the cost anew then."""
    every_s = _EVERY_S if calibrate.ensure() else None
    polling.show(_show, json.dumps(to_json(recipe)), every_s=every_s)


def _show(text: str) -> bool:
    """Says the cost; returns whether it stays as it is."""
    recipe, is_measuring = from_json(json.loads(text)), calibrate.ensure()
    nets = ngettext("{n} net", "{n} nets", len(recipe.nets)).format(n=len(recipe.nets))
    sentence = _("{nets}, {steps} steps of {batch} images each: {cost}")
    told = sentence.format(
        nets=nets,
        steps=exact(recipe.steps),
        batch=exact(recipe.batch_size),
        cost=cost_words(recipe, machine.known(), strong="**"),
    )
    st.markdown(told + (_("; measuring this one ...") if is_measuring else "."))
    return not is_measuring
