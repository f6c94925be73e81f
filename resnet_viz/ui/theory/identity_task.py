"""Learning to do nothing: plain and residual blocks train to return their input while one looks."""

from typing import Final

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.theory import identity_task as texts
from resnet_viz.theory.answers import Records
from resnet_viz.theory.identity_task import BLOCKS, IdentityQuestion, join
from resnet_viz.training.recipe_values import MAX_SEED
from resnet_viz.ui.theory.details import show_lines, show_numbers
from resnet_viz.ui.theory.instrument_view import show_answer
from resnet_viz.ui.widgets import theory_panel, url_state
from resnet_viz.ui.widgets.visitor import theme_mode

_SEEDS: Final = 3
_SECONDS: Final = {1: 2.5, 3: 6.0, 9: 18.0}  # of three seeds, both kinds
_SEED: Final = "seed"
_ASKED: Final = "identity:asked"  # first of the seeds that a press of the button asked for


def show() -> None:
    """Shows the instrument."""
    st.markdown(
        _(
            "Blocks with 8 channels and batch norm train to return their input: images behind a fixed random "
            "convolution and a ReLU, so that x ≥ 0. SGD with momentum 0.9, learning rate 0.05, 32 images a step."
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        blocks = int(
            url_state.segments(_("Blocks of two 3×3 convolutions"), "n", [str(n) for n in BLOCKS], str(BLOCKS[0]))
        )
        seed = url_state.integer(_("First seed"), _SEED, low=0, high=MAX_SEED - _SEEDS, default=0, width=130)
        st.button(
            _("Train with other seeds"),
            icon=":material/play_arrow:",
            key="identity:again",
            on_click=_again,
            args=(seed,),
        )
    question = IdentityQuestion(blocks=blocks, seeds=tuple(range(seed, seed + _SEEDS)))

    def draw(records: Records, _is_whole: bool) -> None:
        _draw(blocks, records)

    is_asked = st.session_state.get(_ASKED) == seed
    theory_panel.show(question, draw, slot="nothing", cost_s=0.0 if is_asked else _SECONDS[blocks])


def _again(seed: int) -> None:
    """Goes on to the next seeds, whose training then needs no further press."""
    following = (seed + _SEEDS) % (MAX_SEED - _SEEDS)
    st.session_state[_ASKED] = following
    with url_state.changing():
        url_state.write(_SEED, str(following), "0")


def _draw(blocks: int, records: Records) -> None:
    curves = join(records)
    text = texts.identity_text(blocks, curves)
    options = texts.loss_chart(curves, theme_mode())
    show_lines(options, key="nothing", alt=text)
    if text:
        show_answer(text)
    show_numbers(texts.identity_rows(curves), name="nothing")
