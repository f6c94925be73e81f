"""Controls of the training lab: a recipe, which nets, on what, and how."""

import contextlib
from collections.abc import Mapping

import streamlit as st

from resnet_viz.data.datasets import DataName
from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.runs.sql.seeds import seed_series
from resnet_viz.spec.net import NetSpec
from resnet_viz.training import recipe_text
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.recipe_files import KnownRecipe
from resnet_viz.ui.training import dataset, net_grid, recipe_menu
from resnet_viz.ui.training import settings as lab_settings
from resnet_viz.ui.training.net_grid import NetSelection
from resnet_viz.ui.widgets.messages import show_warning

Texts = Mapping[str, str]


def pick_recipes() -> tuple[Recipe, ...]:
    """Shows the controls and returns the runs that they describe, one for each seed.

    None, with a sentence, where they describe none.
    """
    lab_settings.replace_aliases()
    with st.container(border=True):
        row = st.container(horizontal=True, vertical_alignment="bottom")
        with row:
            known = recipe_menu.pick_recipe()
        recipe_menu.show_hint(known)
        way = net_grid.selection_of(st.query_params.to_dict(), known.settings)
        begun = _begun(known, way)
        named = _named(begun)
        with row:
            net_grid.pick_selection(way, named, known.settings)
            steps = lab_settings.pick_steps(_base(begun))
            num_seeds = lab_settings.pick_seeds(known.seeds)
            more = lab_settings.pick_others(_base({**begun, **steps}))
        nets = net_grid.pick_nets(way, {**_base(begun), **more}, named)
        dataset.offer_download(DataName(more["data"]))
    if "" in (nets.get("depth"), nets.get("nets")):
        show_warning(_("Pick at least one depth, and plain or residual nets."))
        return ()
    try:
        texts = {**begun, **lab_settings.without_control(), **steps, **more, **nets}
        return seed_series(recipe_text.recipe_of(texts), num_seeds)
    except Refusal as refusal:
        show_warning(str(refusal))
        return ()


def _begun(known: KnownRecipe, way: NetSelection) -> dict[str, str]:
    """Returns what the recipe says, but for its nets where the address names others."""
    return {
        name: text
        for name, text in known.settings.items()
        if not ("." in name and way is not NetSelection.RECIPE)
        and not (name in recipe_text.GRID and way is not NetSelection.GRID)
    }


def _base(begun: Texts) -> dict[str, str]:
    """Returns what every field without a letter is where the address says nothing."""
    return recipe_text.filled({name: text for name, text in begun.items() if "." not in name})


def _named(begun: Texts) -> tuple[NetSpec, ...]:
    """Returns the nets of the recipe, or of a grid over it as far as the address describes one."""
    query = st.query_params.to_dict()
    said = {name: query[name] for name in net_grid.OF_GRID if name in query and not recipe_text.is_free(begun)}
    for texts in ({**begun, **said}, begun):
        with contextlib.suppress(Refusal):
            return recipe_text.recipe_of(texts).nets
    return ()
