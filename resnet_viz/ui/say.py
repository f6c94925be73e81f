"""Sentences to the person at the screen. What came from outside is shown as text and never read as Markdown."""

import re

import streamlit as st


def plain(text: str) -> str:
    """Returns Markdown that shows `text` as it is: no links, pictures, formulas, colours or HTML."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def refuse(sentence: str) -> None:
    """Shows why something cannot be."""
    st.warning(plain(sentence), icon=":material/info:")
