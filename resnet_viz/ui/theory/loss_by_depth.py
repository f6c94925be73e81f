"""Training loss against depth, plain and residual: a measured grid, and two depths compared seed by seed."""

from typing import Final

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.theory import loss_by_depth as texts
from resnet_viz.theory.loss_by_depth import Protocol, loss_by_depth
from resnet_viz.training.lab_nets import NetType
from resnet_viz.ui.theory.details import link_to_lab, show_lines, show_numbers
from resnet_viz.ui.theory.instrument_view import show_answer
from resnet_viz.ui.widgets import url_state
from resnet_viz.ui.widgets.messages import escape_markdown
from resnet_viz.ui.widgets.visitor import theme_mode

_SHALLOW: Final = "20"
_DEEP: Final = "56"


def show() -> None:
    """Shows the instrument."""
    protocol = Protocol(
        url_state.segments(_("Protocol"), "protocol", list(Protocol), Protocol.USUAL, texts.protocol_name)
    )
    measured = loss_by_depth(protocol)
    depths = [str(row.depth) for row in measured.of(NetType.PLAIN)]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        shallow = int(url_state.segments(_("Compare"), "from", depths[:-1], _SHALLOW))
        deeper = [depth for depth in depths if int(depth) > shallow]
        default = _DEEP if _DEEP in deeper else deeper[-1]
        deep = int(url_state.segments(_("with"), "to", deeper, default))
    found = texts.pair_texts(measured, shallow, deep)
    options = texts.depth_chart(measured, theme_mode(), (shallow, deep))
    show_lines(options, key="depth", alt=" ".join(found))
    show_answer(found[0])
    for text in found[1:]:
        st.markdown(escape_markdown(text))
    for kind in NetType:
        st.markdown(texts.neighbours_text(kind, measured.fresh(kind)))
    st.caption(measured.how)
    taken = dict.fromkeys((depths[0], str(shallow), str(deep)))
    grid = {} if list(taken) == depths else {"depth": ",".join(taken)}
    link_to_lab(_("Train these depths in the lab"), recipe=measured.recipe, seeds="3", **grid, **measured.changes)
    show_numbers(texts.depth_rows(measured), name="depth")
