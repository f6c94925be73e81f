"""The visitor: name of the session, rights, theme and language."""

import os
import secrets
from typing import Final

import streamlit as st

from resnet_viz import i18n
from resnet_viz.present.theme import Mode

HOSTED_VARIABLE: Final = "RESNET_VIZ_HOSTED"  # "1" on a public server: only the owner of a run may control or change it


def session_owner() -> str:
    """Returns a name of this session that cannot be guessed: the owner of its runs and queries."""
    if "owner" not in st.session_state:
        st.session_state["owner"] = secrets.token_urlsafe(12)
    return str(st.session_state["owner"])


def may_change(owner_of_run: str) -> bool:
    """Whether this visitor may control, rename or delete a run of this owner."""
    return os.environ.get(HOSTED_VARIABLE) != "1" or owner_of_run == session_owner()


def theme_mode() -> Mode:
    """Returns the theme of this visitor; light where it is not known yet."""
    return Mode.DARK if st.context.theme.type == "dark" else Mode.LIGHT


def activate_language() -> None:
    """Uses the language of the visitor's browser for this run of the script; English where there is no other."""
    i18n.activate((st.context.locale or "en").partition("-")[0])
