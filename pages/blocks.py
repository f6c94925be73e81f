"""Blocks: one block at full size, or up to five side by side."""

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.ui import frame
from resnet_viz.ui.blocks import details, facts_view, picture, selection

frame.ensure()

st.title(_("Blocks"), anchor=False)
st.markdown(_("What does a residual block add to x, and what does x meet on its way?"))
blocks = selection.pick_blocks()
if len(blocks) == 1:
    drawn, beside = st.columns([7, 6], gap="medium")
    with drawn:
        picture.show_picture(blocks)
    with beside:
        facts_view.show_beside(blocks[0])
else:
    picture.show_picture(blocks)
    facts_view.show_table(blocks)
details.show_details(blocks)
