"""Which theme the visitor sees."""

import streamlit as st

from resnet_viz.present.theme import Mode


def mode() -> Mode:
    """Returns the theme of this visitor; light where it is not known yet."""
    return Mode.DARK if st.context.theme.type == "dark" else Mode.LIGHT
