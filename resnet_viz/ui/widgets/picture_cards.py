"""Cards with a picture, a title and a question, each a link to an address of the page."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import streamlit as st

from resnet_viz.ui.widgets.component import component

_component = component("resnet_viz_cards", "cards")


class PictureCard(NamedTuple):
    """One card.

    Attributes:
        id: its name.
        address: where its link leads, relative to the server's root: "theory?show=lambda".
        title: a few words.
        question: a sentence.
        svg: the picture.
    """

    id: str
    address: str
    title: str
    question: str
    svg: str


def show(cards: Sequence[PictureCard], on_choice: Callable[[str], None], *, key: str) -> None:
    """Shows cards in as many columns as there is room for; a click on one calls `on_choice` with its id."""
    known = {one.id for one in cards}

    def choose() -> None:
        chosen = str(st.session_state[key].get("chosen") or "")
        if chosen in known:
            on_choice(chosen)

    _component(key=key, data={"cards": [one._asdict() for one in cards]}, height="content", on_chosen_change=choose)
