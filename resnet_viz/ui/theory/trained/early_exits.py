"""Early exits: how much of the answer a trained net has behind each block."""

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower
from resnet_viz.present.theory.trained.early_exits import agreement_text, exit_figure, exit_rows, exit_text
from resnet_viz.theory.answers import Records
from resnet_viz.theory.trained.cost import forward_s
from resnet_viz.theory.trained.early_exits import IMAGES, TRAIN_IMAGES, ExitQuestion
from resnet_viz.ui.theory.instrument_view import show_answer
from resnet_viz.ui.theory.trained import trained_nets
from resnet_viz.ui.theory.trained.trained_nets import PAIR, TrainedNet
from resnet_viz.ui.widgets import chart, url_state
from resnet_viz.ui.widgets.data_table import show_table
from resnet_viz.ui.widgets.visitor import theme_mode

_PAIR = 2


def show() -> None:
    """Shows the nets, the place of the exit, and both curves of each net."""
    top = trained_nets.row()
    nets = trained_nets.pick(PAIR, top)
    num_blocks = max([_num_blocks(net) for net in nets], default=9)
    with top:
        depth = url_state.whole_slider(
            _("Blocks before the exit"),
            "block",
            low=0,
            high=max(1, num_blocks),
            default=max(1, num_blocks) // 2,
            width=420,
        )
    if not nets:
        return
    answer = st.container()

    def draw(net: TrainedNet, records: Records) -> None:
        chart.show(
            exit_figure(records, _num_blocks(net), min(depth, _num_blocks(net)), theme_mode()),
            f"exits:{net.letter}",
            alt=_("Accuracy of {net} behind each block.").format(net=net.title),
            file_name="early_exits",
        )

    whole = trained_nets.show_each(nets, lambda net: ExitQuestion(nets=(net.ref,)), draw, slot="exits", cost_s=_cost_s)
    if len(whole) < len(nets):
        return
    titles = [net.title for net in nets]
    with answer:
        for title, records in zip(titles, whole, strict=True):
            show_answer(exit_text(title, records, depth))
    if len(nets) == _PAIR:
        st.markdown(agreement_text(titles, whole))
    with st.expander(_("Numbers")):
        show_table(exit_rows(titles, whole), name="early-exits", height=300)


def _num_blocks(net: TrainedNet) -> int:
    return 0 if net.spec is None else len(lower(net.spec).blocks)


def _cost_s(net: TrainedNet) -> float:
    return 0.0 if net.spec is None else forward_s(net.spec, 3 * IMAGES + TRAIN_IMAGES)
