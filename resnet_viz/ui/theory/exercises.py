"""Exercises of Dive into Deep Learning, section 7.6, each with its answer and the states that show it."""

from typing import Final

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.notes import EXERCISES
from resnet_viz.ui.frame import page_path
from resnet_viz.ui.theory.links import show_link

_PAGE: Final = "theory"
_ICON: Final = ":material/arrow_forward:"


def show_exercises() -> None:
    """Shows the exercises as a list with links."""
    st.subheader(_("The five exercises of Dive into Deep Learning, section 7.6"), anchor=False)
    for number, exercise in enumerate(EXERCISES, start=1):
        with st.container(border=True, gap="small"):
            st.markdown(f"**{number}. {_(exercise.text)}** {_(exercise.answer)}")
            with st.container(horizontal=True, gap="medium"):
                for place in exercise.places:
                    if place.page == _PAGE:
                        show_link(_(place.label), place.query, icon=_ICON)
                        continue
                    st.page_link(
                        page_path(place.page),
                        label=_(place.label),
                        icon=_ICON,
                        query_params=place.query,
                    )
