"""Menu of recipes, with the description of the selected one."""

import re
from collections.abc import Collection
from typing import Final

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.training.recipe import recipe_time
from resnet_viz.training import recipe_files, recipe_text
from resnet_viz.training.recipe_files import KnownRecipe
from resnet_viz.ui.widgets import url_state
from resnet_viz.ui.widgets.lecture import way
from resnet_viz.ui.widgets.messages import escape_markdown
from resnet_viz.ui.widgets.viewport import is_narrow

NAME: Final = "recipe"
DEFAULT: Final = "deeper_is_better"  # of an empty address
OF_FIELDS: Final = "degradation"  # of an address with fields and no recipe, whose defaults are `recipe_text.DEFAULTS`
RUN: Final = "run"
SEEDS: Final = "seeds"


def pick_recipe() -> KnownRecipe:
    """Shows the menu of recipes; selecting another one clears the changes.

    An empty address opens DEFAULT, one with fields alone means OF_FIELDS.
    """
    known = recipe_files.known()
    name = url_state.select(
        _("Recipe"),
        NAME,
        list(known),
        url_state.imply(NAME, _implied),
        lambda each: _(known[each].title),
        clears=_is_of_a_recipe,
        left_out="",
        width=340,
    )
    return known[name]


def show_hint(recipe: KnownRecipe) -> None:
    """Shows the first sentence of the recipe's hint and its requirements; the popover has the full description.

    Nothing in a scene, whose answer it would give away.
    """
    if way.is_opened():
        return
    needs = _("Requires: {needs}").format(needs=_(recipe.needs)) if recipe.needs else ""
    first, *_rest = re.split(r"(?<=[.!?]) (?=[A-Z])", _(recipe.watch))
    words = " ".join(filter(None, [first, needs]))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=is_narrow()):
        if words:
            st.markdown(f":material/visibility: {escape_markdown(words)}")
        with st.popover(
            _("About this recipe"), icon=":material/menu_book:", type="tertiary", width="content", key="about_recipe"
        ):
            _show_details(recipe)


def _show_details(recipe: KnownRecipe) -> None:
    time = _("about {time} on two idle CPU cores").format(time=recipe_time(recipe)) if recipe.seconds else recipe.time
    parts = (
        (_("Experiment"), _(recipe.about)),
        (_("Observe"), _(recipe.watch)),
        (_("Result"), _(recipe.measured)),
        (_("Time"), _(time)),
        (_("Requirements"), _(recipe.needs)),
    )
    for heading, words in parts:
        if words:
            st.markdown(f"**{heading}.** {escape_markdown(words)}")


def _implied(names: Collection[str]) -> str:
    return OF_FIELDS if any(_is_of_a_recipe(name) or name == SEEDS for name in names) else DEFAULT


def _is_of_a_recipe(name: str) -> bool:
    return recipe_text.is_field(name) or name == RUN
