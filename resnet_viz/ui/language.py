"""The language of a visitor."""

import streamlit as st

from resnet_viz import i18n


def activate() -> None:
    """Uses the language of the visitor's browser for this run of the script; English where there is no other."""
    i18n.activate((st.context.locale or "en").partition("-")[0])
