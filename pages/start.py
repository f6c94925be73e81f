"""Start: one sentence, three pictures, and the lecture scenes."""

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.ui import frame
from resnet_viz.ui.start import cards, scenes

frame.ensure()

st.title(_("Deeper should never be worse. Without shortcuts it is."), anchor=False)
st.markdown(
    _(
        "Residual networks drawn layer by layer, counted to the last parameter and trained before your eyes. "
        "Every number here is computed from the net on the screen or measured on it."
    )
)
cards.architecture()
train, count = st.columns([2, 1], gap="medium")
with train:
    cards.training()
with count:
    cards.parameters()

st.subheader(_("Questions for a lecture"), anchor=False)
scenes.show_scenes()
