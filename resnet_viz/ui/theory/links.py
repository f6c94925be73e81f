"""Links from one state of the theory page to another.

They are buttons: a page link of Streamlit to the page that is open shows the new state and leaves the old address in
the browser.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

import streamlit as st

from resnet_viz.ui.widgets import url_state
from resnet_viz.ui.widgets.presentation import present_mode


def show_link(label: str, query: Mapping[str, str], *, icon: str) -> None:
    """Shows a link to a state, which is all of the address afterwards."""
    key = f"link:{urlencode(query)}"
    st.button(label, icon=icon, type="tertiary", key=key, on_click=open_state, args=(dict(query),))


def open_state(query: Mapping[str, str]) -> None:
    """Leads to a state; a callback."""
    with url_state.changing():
        st.query_params.from_dict(present_mode.keep(query))
