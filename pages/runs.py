"""Runs: what was trained and which nets won; compared, replayed, named, taken along."""

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.ui import frame
from resnet_viz.ui.widgets import run_library as kept_runs
from resnet_viz.ui.runs import actions as run_actions
from resnet_viz.ui.runs import cards as run_cards
from resnet_viz.ui.runs import selection as run_choice
from resnet_viz.ui.runs import comparison as run_comparison
from resnet_viz.ui.runs import filter as run_filter
from resnet_viz.ui.runs import storage as run_room

frame.ensure()

st.title(_("What was trained, and which nets won"), anchor=False)
run_actions.tell()
entries = kept_runs.entries()
shown = run_filter.pick(entries)
picked = run_choice.picked(entries)

listed, compared = st.columns([5, 7], gap="medium")
with listed:
    run_cards.show(shown, [entry.id for entry in picked])
    run_room.show(sum(entry.summary is not None for entry in entries))
with compared:
    run_actions.delete_button(picked)
    run_comparison.show(picked)
