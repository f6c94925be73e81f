"""Inception block against residual blocks: paths are switched on and off."""

import streamlit as st

from resnet_viz.blocks.inception import PATHS, chosen_paths
from resnet_viz.i18n import _
from resnet_viz.present.blocks.inception import SUM_KATEX, comparison_text, path_rows, path_title
from resnet_viz.ui.widgets import url_state
from resnet_viz.ui.widgets.data_table import show_table


def show_inception() -> None:
    """Shows the switches, the counts of the chosen paths, and the relation of concatenation and sum."""
    st.markdown(
        _(
            "An Inception block concatenates its paths, a residual block adds two (d2l, section 7.6, exercise 1). "
            "Block 3a of GoogLeNet reads 192×28×28:"
        )
    )
    ids = [path.id for path in PATHS]
    paths = chosen_paths(url_state.several(_("Paths"), "paths", ids, ids, path_title))
    show_table(path_rows(paths), name="inception")
    st.markdown(comparison_text(paths))
    st.markdown(
        _(
            "The sum is a concatenation followed by a fixed 1×1 convolution. So a residual block is an Inception block "
            "of two paths, one of which is the identity, that does not learn how to mix them:"
        )
    )
    st.latex(SUM_KATEX)
