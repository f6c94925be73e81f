"""Deeper by construction: two trained nets grow block by block, and no logit changes."""

from dataclasses import replace
from typing import Final

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.theory.line_options import HEIGHT_PX
from resnet_viz.present.theory.trained import growth as texts
from resnet_viz.theory.answers import Records
from resnet_viz.theory.trained.growth import DEFAULT, LEAST, MOST, Filling, GrowthQuestion
from resnet_viz.training.recipe_values import MAX_SEED
from resnet_viz.ui.theory.details import show_lines, show_numbers
from resnet_viz.ui.theory.instrument_view import show_answer
from resnet_viz.ui.widgets import theory_panel, url_state
from resnet_viz.ui.widgets.visitor import theme_mode

_FIRST: Final = 6  # blocks of each stage that the page opens with
_SECONDS: Final = 30.0  # of all sizes, both nets and both fillings


def show() -> None:
    """Shows the instrument."""
    names = {Filling.IDENTITY: _("do nothing"), Filling.RANDOM: _("random")}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        count = url_state.whole_slider(
            _("Blocks in each stage (trained: 3)"), "blocks", low=LEAST, high=MOST, default=_FIRST, width=420
        )
        filling = Filling(
            url_state.segments(
                _("New blocks"), "new", list(Filling), Filling.IDENTITY, lambda name: names[Filling(name)]
            )
        )
        is_random = filling is Filling.RANDOM
        seed = url_state.integer(_("Seed"), "seed", low=0, high=MAX_SEED, default=0, width=130, is_shown=is_random)
    question = replace(DEFAULT, seed=seed if is_random else DEFAULT.seed)

    def draw(records: Records, _is_whole: bool) -> None:
        _draw(question, records, count, filling)

    theory_panel.show(question, draw, slot="construction", cost_s=_SECONDS)


def _draw(question: GrowthQuestion, records: Records, count: int, filling: Filling) -> None:
    shown = texts.at_count(records, texts.largest_count(records, count, filling), filling)
    st.html(texts.picture(shown, theme_mode()))
    st.html(texts.legend(filling, theme_mode()))
    found = [texts.net_text(one, question.images) for one in shown]
    left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left:
        options = texts.accuracy_chart(records, count, theme_mode())
        show_lines(options, key="construction", alt=" ".join(found), height=HEIGHT_PX - 90)
    with right:
        if shown:
            largest = max(one.difference for one in shown)
            st.metric(_("Largest difference of a logit"), texts.difference_text(largest))
        for text in found:
            show_answer(text)
    if conclusion := texts.lesson(records):
        st.markdown(conclusion)
    show_numbers(texts.growth_rows(records), name="construction")
