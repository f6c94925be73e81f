"""Width of the visitor's screen, which changes how a graph is drawn and how a row of controls is aligned.

Streamlit does not report it, so an invisible component does, and only if the server's assumption is wrong: a phone
costs one more run of the script, other screens none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st

_KEY: Final = "viewport"
_LOWER_PX: Final = 8  # a field is 2.5 rem high, pills and segments are 2 rem
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


@contextmanager
def bottom_aligned() -> Iterator[None]:
    """Context for a control with pills or segments in a row that is aligned at its bottom: labels get on one line.

    On a phone, where a row breaks into lines, it changes nothing.
    """
    if is_narrow():
        yield
        return
    with st.container(gap=None, width="content"):
        yield
        st.space(_LOWER_PX)


def watch() -> None:
    """Puts the component on the page: once, at its end, where it takes no space."""
    _component(key=_KEY, data={"is_narrow": is_narrow()}, default={"is_narrow": False}, on_is_narrow_change=_nothing)


def _nothing() -> None:
    """Does nothing: a state needs a callback to exist, and its change causes the run of the script that is wanted."""
