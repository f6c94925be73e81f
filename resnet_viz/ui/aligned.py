"""Rows of controls whose labels stand on one line, although some controls are lower than a field."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st

_LOWER_PX: Final = 8  # a field is 2.5 rem high, pills and segments are 2 rem


@contextmanager
def low(**look: str) -> Iterator[None]:
    """Enters the place of a control with pills or segments, in a row that is aligned at its bottom.

    Args:
        look: of the container, such as its width; as wide as what is in it where nothing is said.
    """
    with st.container(gap=None, **{"width": "content", **look}):  # type: ignore[arg-type]
        yield
        st.space(_LOWER_PX)
