"""Rows of controls with their labels on one line, although some controls are lower than a field."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st

from resnet_viz.ui.widgets.viewport import is_narrow

_LOWER_PX: Final = 8  # a field is 2.5 rem high, pills and segments are 2 rem


@contextmanager
def bottom_aligned() -> Iterator[None]:
    """Context for a control with pills or segments in a row that is aligned at its bottom.

    On a phone, where a row breaks into lines, it changes nothing.
    """
    if is_narrow():
        yield
        return
    with st.container(gap=None, width="content"):
        yield
        st.space(_LOWER_PX)
