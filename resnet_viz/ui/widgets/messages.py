"""Messages to the visitor. Text from outside is shown as it is and never read as Markdown."""

import re
from contextvars import ContextVar
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

notices: "ContextVar[DeltaGenerator | None]" = ContextVar("resnet_viz_notices", default=None)


def escape_markdown(text: str) -> str:
    """Returns Markdown that shows `text` as it is: no links, images, formulas, colours or HTML."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def show_note(message: str) -> None:
    """Shows at the top of the page a choice that was made for the visitor."""
    (notices.get() or st).info(escape_markdown(message), icon=":material/info:")


def show_warning(message: str, *, is_here: bool = False) -> None:
    """Shows the reason of a refusal or failure: at the top of the page; in place with `is_here` or in a fragment."""
    place = None if is_here else notices.get()
    (place or st).warning(escape_markdown(message), icon=":material/info:")
