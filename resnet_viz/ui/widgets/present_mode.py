"""Presentation: `?present=1` hides menu and controls and enlarges type, for a projector."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

NAME: Final = "present"


def is_on() -> bool:
    """Returns whether the address asks for the presentation."""
    return st.query_params.get(NAME) == "1"


def apply(controls: Sequence[str] = ()) -> None:
    """Hides menu and controls, but for those of these names in the address, and enlarges type."""
