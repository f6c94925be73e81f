"""Which recipe the lab's controls begin with, and what there is to say about it."""

import re
from typing import Final

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.training.recipe import recipe_time
from resnet_viz.training import recipe_files, recipe_text
from resnet_viz.training.recipe_files import KnownRecipe
from resnet_viz.ui.widgets import url_state
from resnet_viz.ui.widgets.messages import escape_markdown

NAME: Final = "recipe"
DEFAULT: Final = "degradation"
RUN: Final = "run"


def pick_recipe() -> KnownRecipe:
    """Shows the menu of recipes; another one takes all that differed with it."""
    known = recipe_files.known()
    name = url_state.select(
        _("Recipe"), NAME, list(known), DEFAULT, lambda each: _(known[each].title), clears=_is_of_a_recipe, width=340
    )
    return known[name]


def show_hint(recipe: KnownRecipe) -> None:
    """Says in one line what to look at first, and what the recipe needs; all that is said of it is a click away."""
    needs = _("Needs: {needs}").format(needs=_(recipe.needs)) if recipe.needs else ""
    first, *_rest = re.split(r"(?<=[.!?]) (?=[A-Z])", _(recipe.watch))
    words = " ".join(filter(None, [first, needs]))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        if words:
            st.markdown(f":material/visibility: {escape_markdown(words)}")
        with st.popover(
            _("About it"), icon=":material/menu_book:", type="tertiary", width="content", key="about_recipe"
        ):
            _show_details(recipe)


def _show_details(recipe: KnownRecipe) -> None:
    time = _("about {time} on two quiet CPU cores").format(time=recipe_time(recipe)) if recipe.seconds else recipe.time
    told = (
        (_("What is trained"), _(recipe.about)),
        (_("What to look at"), _(recipe.watch)),
        (_("What was measured"), _(recipe.measured)),
        (_("How long it takes"), _(time)),
        (_("What it needs"), _(recipe.needs)),
    )
    for heading, words in told:
        if words:
            st.markdown(f"**{heading}.** {escape_markdown(words)}")


def _is_of_a_recipe(name: str) -> bool:
    return recipe_text.is_field(name) or name == RUN
