"""The table "FLOPs: who counts what": why another program gives another figure for the net on the screen."""

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.work_counts import stride_note, work_table
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.ui.widgets import viewport
from resnet_viz.ui.widgets.messages import escape_markdown


def show_work_counts(spec: AnySpec) -> None:
    """Shows a net's work by the conventions of several programs, closed at first."""
    with st.expander(_("FLOPs: who counts what"), icon=":material/functions:"):
        st.markdown(
            _(
                "Programs and papers print different figures for the work of one network: they count multiply-adds "
                "once or twice, and norms, biases, ReLUs and pools or none of these. For one image of this network:"
            )
        )
        st.markdown(work_table(spec, is_narrow=viewport.is_narrow()))
        if note := stride_note(spec):
            st.markdown(escape_markdown(note))
