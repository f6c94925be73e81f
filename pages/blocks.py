"""Blocks: one block at full size, or up to five side by side."""

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.ui import frame
from resnet_viz.ui.blocks import details, overview, selection

frame.ensure()

st.title(_("Blocks"), anchor=False)
st.markdown(_("What does a residual block add to x, and what does x meet on its way?"))
blocks, inception_at = selection.pick_blocks()
overview.show_overview(blocks, inception_at)
details.show_details(blocks)
