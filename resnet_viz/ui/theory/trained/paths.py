"""Paths: how many lead through a residual net, how long they are, and which of them carry the gradient."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from resnet_viz.i18n import _
from resnet_viz.present.theory.trained.paths import (
    count_figure,
    count_text,
    gradient_rows,
    gradient_text,
    norm_figure,
    total_figure,
)
from resnet_viz.spec.enums import Order
from resnet_viz.theory.answers import Records
from resnet_viz.theory.trained.paths import PathQuestion, untrained_net
from resnet_viz.ui.theory.instrument_view import show_answer
from resnet_viz.ui.theory.trained import trained_nets
from resnet_viz.ui.theory.trained.trained_nets import DEEP
from resnet_viz.ui.widgets import chart, theory_panel, url_state
from resnet_viz.ui.widgets.data_table import show_table
from resnet_viz.ui.widgets.visitor import theme_mode

_MOST_BLOCKS = 120
_MOST_SEED = 9_999
_TRAINED = "trained"
_COST_S = 4.0  # both kinds of nets, on one core


def show() -> None:
    """Shows the number of paths by length as n moves, and measured gradients through them."""
    blocks = url_state.whole_slider(_("Blocks n"), "n", low=1, high=_MOST_BLOCKS, default=54)
    show_answer(count_text(blocks))
    chart.show(count_figure(blocks, theme_mode()), "counts", alt=count_text(blocks), file_name="path_lengths")
    st.subheader(_("Gradient through paths of each length, measured"), anchor=False)
    names = {
        _TRAINED: _("a trained net"),
        Order.ORIGINAL.value: _("ResNet-110, untrained"),
        Order.FULL_PREACT.value: _("the same, pre-activation"),
    }
    row = trained_nets.row()
    with row:
        of = url_state.segments(_("Measured on"), "of", list(names), _TRAINED, names.__getitem__)
        seed = url_state.integer(_("Seed"), "seed", low=0, high=_MOST_SEED, default=0, step=1, width=130)
    question = _question(of, seed, row)
    if question is not None:
        theory_panel.show(question, _draw, slot="paths", cost_s=_COST_S)


def _question(of: str, seed: int, row: DeltaGenerator) -> PathQuestion | None:
    if of != _TRAINED:
        return PathQuestion(nets=(), untrained=(untrained_net(Order(of)),), seed=seed)
    nets = trained_nets.pick(DEEP, row)
    return PathQuestion(nets=(nets[0].ref,), seed=seed) if nets else None


def _draw(records: Records, is_whole: bool) -> None:
    """Shows norms by length as they come, and the shares of the total."""
    if not records:
        return
    text = gradient_text(records) if is_whole else _("The longer paths are still being measured.")
    left, right = st.columns(2, gap="medium")
    with left:
        chart.show(norm_figure(records, theme_mode()), "path_norms", alt=text, file_name="path_gradients")
    with right:
        if any(one.norm > 0 for one in records):
            chart.show(total_figure(records, theme_mode()), "path_totals", alt=text, file_name="path_totals")
    show_answer(text)
    with st.expander(_("Numbers")):
        show_table(gradient_rows(records), name="paths", height=300)
