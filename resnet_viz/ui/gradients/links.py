"""Links from the gradients page: the same nets in the training lab, and the instrument of lambda."""

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.gradients.nets import lab_query
from resnet_viz.ui.frame import page_path
from resnet_viz.ui.gradients.controls import BenchChoice


def show(choice: BenchChoice) -> None:
    """Shows the links side by side."""
    with st.container(horizontal=True, gap="medium"):
        if choice.nets:
            st.page_link(
                page_path("training"),
                label=_("Train these nets"),
                icon=":material/arrow_forward:",
                query_params=lab_query(choice.nets, init=choice.init, num_seeds=len(choice.seeds)),
            )
        st.page_link(
            page_path("theory"),
            label=_("What λ does to the product of shortcuts"),
            icon=":material/arrow_forward:",
            query_params={"show": "lambda"},
        )
