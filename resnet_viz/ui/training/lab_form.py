"""Form of the training lab: recipe, nets, data and settings."""

import contextlib

import streamlit as st

from resnet_viz.data.datasets import DataName
from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.runs.sql.seeds import seed_series
from resnet_viz.spec.net import NetSpec
from resnet_viz.training import recipe_text
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.recipe_files import KnownRecipe
from resnet_viz.training.recipe_text import Texts
from resnet_viz.ui.training import dataset, net_grid, optimizer_settings, recipe_menu, settings
from resnet_viz.ui.training.net_grid import NetSelection
from resnet_viz.ui.widgets.messages import show_warning


def pick_recipes() -> tuple[Recipe, ...]:
    """Shows the form and returns the recipes of its runs, one for each seed; none, with a message, if it is invalid."""
    settings.replace_aliases()
    with st.container(border=True):
        row = st.container(horizontal=True, vertical_alignment="bottom")
        with row:
            known = recipe_menu.pick_recipe()
        optimizer_settings.settle_address(_unlettered(known.settings))
        recipe_menu.show_hint(known)
        selection = net_grid.selection_of(st.query_params.to_dict(), known.settings)
        texts_of_recipe = _recipe_texts(known, selection)
        named = _named(texts_of_recipe)
        with row:
            net_grid.pick_selection(selection, named, known.settings)
            steps = settings.pick_steps(_base(texts_of_recipe))
            num_seeds = settings.pick_seeds(known.seeds)
            more = settings.pick_others(_unlettered(texts_of_recipe), steps)
        nets = net_grid.pick_nets(selection, {**_base(texts_of_recipe), **more}, named)
        dataset.offer_download(DataName(more["data"]))
    if "" in (nets.get("depth"), nets.get("nets")):
        show_warning(_("Select at least one depth and one type of network."))
        return ()
    try:
        changes = {**settings.without_control(), **optimizer_settings.not_shown(more), **steps, **more, **nets}
        return seed_series(recipe_text.recipe_of(recipe_text.merged(texts_of_recipe, changes)), num_seeds)
    except Refusal as refusal:
        show_warning(str(refusal))
        return ()


def _recipe_texts(known: KnownRecipe, selection: NetSelection) -> dict[str, str]:
    """Returns the texts of the recipe, without its nets if the address names others."""
    return {
        name: text
        for name, text in known.settings.items()
        if not ("." in name and selection is not NetSelection.RECIPE)
        and not (name in recipe_text.GRID and selection is not NetSelection.GRID)
    }


def _base(texts_of_recipe: Texts) -> dict[str, str]:
    """Returns the default of every field without a letter."""
    return recipe_text.filled(_unlettered(texts_of_recipe))


def _unlettered(texts: Texts) -> dict[str, str]:
    return {name: text for name, text in texts.items() if "." not in name}


def _named(texts_of_recipe: Texts) -> tuple[NetSpec, ...]:
    """Returns the nets of the recipe with the grid of the address."""
    query = st.query_params.to_dict()
    grid = {
        name: query[name] for name in net_grid.OF_GRID if name in query and not recipe_text.is_free(texts_of_recipe)
    }
    for texts in ({**texts_of_recipe, **grid}, texts_of_recipe):
        with contextlib.suppress(Refusal):
            return recipe_text.recipe_of(texts).nets
    return ()
