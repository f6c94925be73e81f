"""Who looks at the page."""

import os
import secrets
from typing import Final

import streamlit as st

HOSTED_VARIABLE: Final = "RESNET_VIZ_HOSTED"  # "1" on a public server: only who started a run may control or change it


def owner() -> str:
    """Returns a name for this session that nobody can guess: whose run, or whose question, something is."""
    if "owner" not in st.session_state:
        st.session_state["owner"] = secrets.token_urlsafe(12)
    return str(st.session_state["owner"])


def may_change(owner_of_run: str) -> bool:
    """Whether this visitor may control, rename or delete a run of this owner."""
    return os.environ.get(HOSTED_VARIABLE) != "1" or owner_of_run == owner()
