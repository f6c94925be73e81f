"""Training runs: list, comparison, names and notes, downloads."""

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.ui import frame
from resnet_viz.ui.runs import actions, cards, comparison, filter, selection, storage
from resnet_viz.ui.widgets import run_library

frame.ensure()

st.title(_("Training runs"), anchor=False)
actions.show_message()
entries = run_library.library().entries()
shown = filter.pick(entries)
picked = selection.picked(entries)

listed, compared = st.columns([5, 7], gap="medium")
with listed:
    cards.show(shown, [entry.id for entry in picked])
    storage.show(sum(entry.summary is not None for entry in entries))
with compared:
    actions.delete_button(picked)
    comparison.show(picked)
