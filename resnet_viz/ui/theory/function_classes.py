"""Nested and other function classes: distance to the target."""

import streamlit as st


def show() -> None:
    """Shows the instrument."""
    st.markdown("")
