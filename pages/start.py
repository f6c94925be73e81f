"""Start page: three figures, and questions for a lecture."""

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.ui import frame
from resnet_viz.ui.start import cards, notes, scenes

frame.ensure()

st.title(_("Residual networks, layer by layer"), anchor=False)
cards.claim()
st.markdown(
    _(
        "Why? Draw networks, count their parameters, train them side by side and see what their predictions depend on. "
        "Every number is computed from the network on the screen, measured on it, or cited."
    )
)
cards.architecture()
cards.training()
cards.parameters()

with st.container(key="desk_links"):  # not in a presentation
    st.subheader(_("A lecture in questions"), anchor=False)
    scenes.show_scenes()

    st.subheader(_("Where is this in the explorer?"), anchor=False)
    notes.show_notes()
