"""Loss surface: the loss of trained nets on a plane through their weights, both on one scale."""

import streamlit as st

from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.present.theme import Mode
from resnet_viz.present.theory.small_charts import heatmap
from resnet_viz.present.theory.trained.loss_surface import (
    card_picture,
    comparison_text,
    published_text,
    surface_figure,
    surface_rows,
    surface_text,
)
from resnet_viz.theory import answers
from resnet_viz.theory.answers import Records
from resnet_viz.theory.instruments import instrument_of
from resnet_viz.theory.trained.cost import forward_s
from resnet_viz.theory.trained.loss_surface import DEFAULTS, IMAGES, POINTS, SurfaceQuestion, grid_of
from resnet_viz.ui.theory.instrument_view import show_answer
from resnet_viz.ui.theory.trained import trained_nets
from resnet_viz.ui.theory.trained.trained_nets import PAIR, TrainedNet
from resnet_viz.ui.widgets import chart, url_state
from resnet_viz.ui.widgets.data_table import show_table
from resnet_viz.ui.widgets.messages import escape_markdown
from resnet_viz.ui.widgets.visitor import theme_mode

_MOST_SEED = 9_999
_PAIR = 2


def show() -> None:
    """Shows the nets, the seed of the directions, and a map of each net."""
    top = trained_nets.row()
    nets = trained_nets.pick(PAIR, top)
    with top:
        seed = url_state.integer(
            _("Directions: seed"), "seed", low=0, high=_MOST_SEED, default=0, step=1, width=170,
            help=_("Two random directions, each filter as long as the net's own; the same for both nets of one shape."),
        )  # fmt: skip
    if not nets:
        return
    answer = st.container()

    def draw(net: TrainedNet, records: Records) -> None:
        figure = surface_figure(grid_of(records, 0, POINTS), theme_mode())
        alt = _("Loss of {net} on a plane through its weights.").format(net=net.title)
        chart.show(figure, f"surface:{net.letter}", alt=alt, file_name="loss_surface")

    whole = trained_nets.show_each(
        nets, lambda net: SurfaceQuestion(nets=(net.ref,), seed=seed), draw, slot="surface", cost_s=_cost_s
    )
    if len(whole) == len(nets):
        titles, grids = [net.title for net in nets], [grid_of(records, 0, POINTS) for records in whole]
        with answer:
            for title, grid in zip(titles, grids, strict=True):
                show_answer(surface_text(title, grid))
            if len(nets) == _PAIR:
                st.markdown(comparison_text(titles, grids))
        with st.expander(_("Numbers")):
            show_table(surface_rows(titles, grids), name="loss-surface", height=300)
    st.markdown(escape_markdown(published_text()))


def card(_mode: Mode) -> str:
    """Returns the picture of the instrument's card, out of the shipped answer about a residual net."""
    question = DEFAULTS[1]
    try:
        records = answers.load(instrument_of(question), answers.key_of(question))
    except Refusal:  # the shipped nets are missing
        records = None
    return heatmap([[0.0]]) if records is None else card_picture(records, POINTS)


def _cost_s(net: TrainedNet) -> float:
    return 0.0 if net.spec is None else forward_s(net.spec, IMAGES) * POINTS**2
