"""Sentences to the person at the screen. What came from outside is shown as text and never read as Markdown."""

import re
from contextvars import ContextVar
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

notices: "ContextVar[DeltaGenerator | None]" = ContextVar("resnet_viz_notices", default=None)


def escape_markdown(text: str) -> str:
    """Returns Markdown that shows `text` as it is: no links, pictures, formulas, colours or HTML."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def show_warning(sentence: str, *, is_here: bool = False) -> None:
    """Shows why something cannot be: at the top of the page, or in place where asked to and inside a fragment."""
    place = None if is_here else notices.get()
    (place or st).warning(escape_markdown(sentence), icon=":material/info:")
