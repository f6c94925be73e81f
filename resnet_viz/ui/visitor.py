"""Who looks at the page."""

import secrets

import streamlit as st


def owner() -> str:
    """Returns a name for this session that nobody can guess: whose run, or whose question, something is."""
    if "owner" not in st.session_state:
        st.session_state["owner"] = secrets.token_urlsafe(12)
    return str(st.session_state["owner"])
