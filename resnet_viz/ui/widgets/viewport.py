"""Width of the visitor's screen, which changes how a graph is drawn.

Streamlit does not report it, so an invisible component does, and only if the server's assumption is wrong: a phone
costs one more run of the script, other screens none.
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
    """Returns whether the page is shown on a phone, as far as is known; columns are stacked there."""
    return bool(st.session_state.get(_KEY, {}).get("is_narrow", False))


def watch() -> None:
    """Puts the component on the page: once, at its end, where it takes no space."""
    _component(key=_KEY, data={"is_narrow": is_narrow()}, default={"is_narrow": False}, on_is_narrow_change=_nothing)


def _nothing() -> None:
    """Does nothing: a state needs a callback to exist, and its change causes the run of the script that is wanted."""
