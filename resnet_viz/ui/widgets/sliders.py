"""Sliders bound to the address, as the widgets of `url_state` are."""

from typing import Any

import streamlit as st

from resnet_viz.ui.widgets import url_state


def integer_slider(label: str, name: str, *, low: int, high: int, default: int, **look: Any) -> int:
    """Shows a slider of whole numbers and returns its value."""
    st.session_state[url_state.key_of(name)] = url_state.integer(
        label, name, low=low, high=high, default=default, is_shown=False
    )
    return int(st.slider(label, low, high, **url_state.bound(name, str(default), str), **look))


def decimal_slider(
    label: str, name: str, *, low: float, high: float, default: float, step: float, **look: Any
) -> float:
    """Shows a slider of numbers and returns its value."""
    st.session_state[url_state.key_of(name)] = url_state.decimal(
        label, name, low=low, high=high, default=default, is_shown=False
    )
    tie = url_state.bound(name, f"{default:g}", lambda value: f"{value:.9g}")
    return float(st.slider(label, low, high, step=step, **tie, **look))
