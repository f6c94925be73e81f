"""Small pictures of which one is chosen by a click or a key."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import streamlit as st

_KEY: Final = "thumbnails"
_CSS: Final = """
.row { display: flex; flex-wrap: wrap; gap: 6px; }
button { padding: 0; border: 2px solid transparent; border-radius: 6px; background: none; cursor: pointer; }
button:hover { border-color: var(--st-border-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
button[aria-pressed=true] { border-color: var(--st-primary-color); }
img { display: block; width: 46px; height: 46px; border-radius: 4px; image-rendering: pixelated; }
"""
_SCRIPT: Final = """
export default function ({ parentElement, data, setTriggerValue }) {
  const row = parentElement.querySelector(".row");
  row.replaceChildren(...data.pictures.map(({ ref, source, says }) => {
    const button = document.createElement("button");
    const image = document.createElement("img");
    image.src = source;
    image.alt = says;
    button.title = says;
    button.type = "button";
    button.setAttribute("aria-pressed", String(ref === data.chosen));
    button.append(image);
    button.addEventListener("click", () => setTriggerValue("chosen", ref));
    return button;
  }));
}
"""
_component = st.components.v2.component("resnet_viz_thumbnails", html='<div class="row"></div>', css=_CSS, js=_SCRIPT)


class Thumbnail(NamedTuple):
    """One small picture.

    Attributes:
        ref: what the address calls it.
        source: the picture as an address that holds it.
        says: what is on it, for those who do not see it and for who points at it.
    """

    ref: str
    source: str
    says: str


def show(offered: Sequence[Thumbnail], chosen: str, on_choice: Callable[[str], None]) -> None:
    """Shows pictures in a row; a click on one calls `on_choice` with its ref, if it is one that was offered."""
    known = {one.ref for one in offered}

    def choose() -> None:
        ref = str(st.session_state[_KEY].get("chosen") or "")
        if ref in known:
            on_choice(ref)

    _component(
        key=_KEY,
        data={"pictures": [one._asdict() for one in offered], "chosen": chosen},
        height="content",
        on_chosen_change=choose,
    )
