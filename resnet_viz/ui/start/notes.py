"""Four notes on residual nets, section by section, with links to where their subjects are."""

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.notes import NOTES, Note
from resnet_viz.ui.frame import page_path


def show_notes() -> None:
    """Shows a drawer for each note."""
    columns = st.columns(2, gap="medium")
    for place, note in enumerate(NOTES):
        with columns[place % 2].expander(_("Note {number}: {title}").format(number=note.number, title=_(note.title))):
            _show_sections(note)


def _show_sections(note: Note) -> None:
    for section in note.sections:
        st.markdown(f"**{_(section.title)}**")
        with st.container(horizontal=True, gap="small"):
            for place in section.places:
                st.page_link(
                    page_path(place.page),
                    label=_(place.label),
                    icon=":material/arrow_forward:",
                    query_params=place.query,
                )
