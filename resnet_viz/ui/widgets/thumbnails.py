"""Thumbnails of images; a click or a key chooses one."""

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
  row.replaceChildren(...data.thumbnails.map(({ ref, source, alt }) => {
    const button = document.createElement("button");
    const image = document.createElement("img");
    image.src = source;
    image.alt = alt;
    button.title = alt;
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
    """One small image.

    Attributes:
        ref: its name in the address of the page.
        source: the image as a data URL.
        alt: its content in words, also shown under the mouse pointer.
    """

    ref: str
    source: str
    alt: str


def show(offered: Sequence[Thumbnail], chosen: str, on_choice: Callable[[str], None]) -> None:
    """Shows thumbnails in a row; a click on one calls `on_choice` with its ref, if it is one of those offered."""
    known = {one.ref for one in offered}

    def choose() -> None:
        ref = str(st.session_state[_KEY].get("chosen") or "")
        if ref in known:
            on_choice(ref)

    _component(
        key=_KEY,
        data={"thumbnails": [one._asdict() for one in offered], "chosen": chosen},
        height="content",
        on_chosen_change=choose,
    )
