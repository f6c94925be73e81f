"""Contents of the theory page, and the instrument that the address names: `?show=lambda`."""

from collections.abc import Callable
from typing import Final, NamedTuple

import streamlit as st

from resnet_viz.i18n import N_, _
from resnet_viz.ui.theory import function_classes
from resnet_viz.ui.widgets import url_state

NAME: Final = "show"  # in the address


class InstrumentView(NamedTuple):
    """Instrument on the page.

    Attributes:
        id: in the address.
        title: a few words; untranslated.
        question: what a class is asked first; untranslated.
        show: draws control, figure and computed sentence.
        often_said: a statement that one hears, and what is measured; untranslated Markdown; "" for none.
        source: paper, section; untranslated.
    """

    id: str
    title: str
    question: str
    show: Callable[[], None]
    often_said: str = ""
    source: str = ""


INSTRUMENTS: Final = (
    InstrumentView(
        id="functions",
        title=N_("Nested function classes"),
        question=N_("Does a larger class of functions always come closer to the target?"),
        show=function_classes.show,
        source=N_("d2l.ai, section 7.6.1"),
    ),
)


def show() -> None:
    """Shows the contents and the chosen instrument."""
    by_id = {one.id: one for one in INSTRUMENTS}
    chosen = by_id[
        url_state.select(
            _("Instrument"), NAME, list(by_id), INSTRUMENTS[0].id, lambda name: _(by_id[name].title), width=320
        )
    ]
    st.title(_(chosen.question), anchor=False)
    chosen.show()
    if chosen.often_said:
        st.info(_(chosen.often_said))
    st.caption(_(chosen.source))
