"""Shattered gradients: dy/dx along a line for a feed-forward and a residual net, and how fast it changes."""

from typing import Final

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.theory import shattering as texts
from resnet_viz.present.theory.line_options import HEIGHT_PX
from resnet_viz.theory.answers import Records
from resnet_viz.theory.shattering import LAYERS, MOST_LAYERS, ShatterQuestion
from resnet_viz.training.lab_nets import NetType
from resnet_viz.training.recipe_values import MAX_SEED
from resnet_viz.ui.theory.details import show_lines, show_numbers
from resnet_viz.ui.theory.instrument_view import show_answer
from resnet_viz.ui.widgets import theory_panel, url_state
from resnet_viz.ui.widgets.visitor import theme_mode

_SEEDS: Final = 5
_HALF_PX: Final = 250


def show() -> None:
    """Shows the instrument."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        layers = url_state.whole_slider(
            _("Layers L"), "layers", low=LAYERS[0], high=MOST_LAYERS, default=LAYERS[-1], step=LAYERS[0], width=360
        )
        beta = url_state.slider(
            _("Factor β of the branches"), "beta", low=0.1, high=1.0, default=1.0, step=0.1, width=220
        )
        has_norm = url_state.switch(_("batch norm"), "norm", default=True)
        seed = url_state.integer(_("First seed"), "seed", low=0, high=MAX_SEED - _SEEDS, default=0, width=130)
    question = ShatterQuestion(layers=layers, has_norm=has_norm, beta=beta, seeds=tuple(range(seed, seed + _SEEDS)))
    theory_panel.show(question, lambda records, _is_whole: _draw(question, records), slot="shattering", cost_s=1.0)
    st.subheader(_("If gates were independent"), anchor=False)
    alt = texts.gates_text(layers)
    options = texts.gates_chart(layers, MOST_LAYERS, theme_mode())
    show_lines(options, key="gates", alt=alt, height=HEIGHT_PX - 90)
    st.markdown(alt)


def _draw(question: ShatterQuestion, records: Records) -> None:
    text = texts.shatter_text(records, question.layers, has_norm=question.has_norm)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        for kind in NetType:
            options = texts.derivative_chart(records, kind, theme_mode())
            show_lines(options, key=f"shattering_{kind}", alt=text, height=_HALF_PX)
    with right:
        options = texts.correlation_chart(records, theme_mode())
        show_lines(options, key="shattering_lags", alt=text, height=2 * _HALF_PX)
    if text:
        show_answer(text)
    show_numbers(texts.shatter_rows(records), name="shattering", label=_("Numbers: autocorrelation"))
    show_numbers(texts.derivative_rows(records), name="shattering_curves", label=_("Numbers: dy/dx"))
