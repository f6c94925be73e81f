"""Instruments on the theory page: the form of a row, the cards of the contents, and one that fills the screen."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.theme import Mode
from resnet_viz.present.theory.pictures import PICTURES
from resnet_viz.ui.theory.links import open_state, show_link
from resnet_viz.ui.widgets import picture_cards
from resnet_viz.ui.widgets.lecture import way
from resnet_viz.ui.widgets.messages import escape_markdown
from resnet_viz.ui.widgets.picture_cards import PictureCard
from resnet_viz.ui.widgets.visitor import theme_mode

NAME: Final = "show"  # in the address
_PAGE: Final = "theory"


class InstrumentView(NamedTuple):
    """Instrument on the page.

    Attributes:
        id: in the address.
        title: a few words; untranslated.
        question: what a class is asked first, the title of its screen; untranslated.
        show: draws control, figure, computed sentence, and the numbers as a table.
        often_said: what one often hears, in quotation marks, and what is measured here; untranslated Markdown; "" for
            none.
        source: paper, section; untranslated.
        is_wide: whether the figure needs the whole width, so that `often_said` lies below it.
        picture: of its card, as SVG text (`present.theory.small_charts`); None for that of `present.theory.pictures`.
    """

    id: str
    title: str
    question: str
    show: Callable[[], None]
    often_said: str = ""
    source: str = ""
    is_wide: bool = False
    picture: Callable[[Mode], str] | None = None


def show_cards(instruments: Sequence[InstrumentView], *, key: str) -> None:
    """Shows a card for each instrument, which leads to it."""
    mode = theme_mode()
    cards = [
        PictureCard(
            id=one.id,
            address=f"{_PAGE}?{NAME}={one.id}",
            title=_(one.title),
            question=_(one.question),
            svg=(one.picture or PICTURES[one.id])(mode),
        )
        for one in instruments
    ]
    picture_cards.show(cards, lambda name: open_state({NAME: name}), key=key)


def show_instrument(instruments: Sequence[InstrumentView], chosen: InstrumentView) -> None:
    """Shows one instrument on the whole screen, with links to the one before, the next and the contents."""
    _show_links(instruments, chosen)
    st.title(_(chosen.question), anchor=False)
    if way.is_opened():  # the scene has its own explanation, and its answer is not given away
        chosen.show()
        return
    if chosen.is_wide:
        chosen.show()
        _show_often_said(chosen)
        return
    figure, beside = st.columns([8, 3], gap="large")
    with figure:
        chosen.show()
    with beside:
        _show_often_said(chosen)


def show_answer(text: str) -> None:
    """Shows the sentence that an instrument has computed, in type for a projector."""
    st.markdown(f"##### {escape_markdown(text)}")


def _show_often_said(chosen: InstrumentView) -> None:
    if chosen.often_said:
        with st.container(border=True, key="often_said"):
            st.markdown(f":orange[**{_('Often said, but')}**]")
            st.markdown(_(chosen.often_said))
    if chosen.source:
        st.caption(_("Source: {source}").format(source=_(chosen.source)))


def _show_links(instruments: Sequence[InstrumentView], chosen: InstrumentView) -> None:
    place = [one.id for one in instruments].index(chosen.id)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="instrument_links"):
        show_link(_("Contents"), {}, icon=":material/apps:")
        for other, icon in ((place - 1, ":material/arrow_back:"), (place + 1, ":material/arrow_forward:")):
            if 0 <= other < len(instruments):
                show_link(_(instruments[other].title), {NAME: instruments[other].id}, icon=icon)
