"""Bar of a scene on the page that it opened: question, what to press and to look at, the way to the reveal."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

NAME: Final = "scene"  # in the address of the page that a scene has opened


def controls() -> Sequence[str]:
    """Returns the names of the controls that the open scene leaves on the page."""
    return ()


def show() -> None:
    """Shows the bar where the address names a scene."""
    if NAME not in st.query_params:
        return
