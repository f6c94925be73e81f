"""How wide the visitor's screen is: the one thing about it that changes a drawing.

Streamlit tells the server nothing of the window, so a component without a face does: it speaks up only where what the
server believes is wrong, which costs a phone one more run of the script and everybody else none.
"""

from typing import Final

import streamlit as st

_KEY: Final = "viewport"
_SCRIPT: Final = """
export default function ({ data, setStateValue }) {
  const narrow = window.matchMedia("(max-width: 640px)");
  const tell = () => { if (narrow.matches !== data.is_narrow) setStateValue("is_narrow", narrow.matches); };
  tell();
  narrow.addEventListener("change", tell);
  return () => narrow.removeEventListener("change", tell);
}
"""
_component = st.components.v2.component("resnet_viz_viewport", js=_SCRIPT)


def is_narrow() -> bool:
    """Returns whether the page is shown on a phone, as far as is known; columns stand below each other there."""
    return bool(st.session_state.get(_KEY, {}).get("is_narrow", False))


def watch() -> None:
    """Puts the component on the page; once, at its end, where it takes no room."""
    _component(key=_KEY, data={"is_narrow": is_narrow()}, default={"is_narrow": False}, on_is_narrow_change=_nothing)


def _nothing() -> None:
    """A state needs a callback to exist; the run of the script that the change causes is all that is wanted."""
