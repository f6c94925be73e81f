"""Runs: what was trained and which nets won; compared, replayed, named, taken along."""

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.ui import (
    frame,
    kept_runs,
    run_actions,
    run_cards,
    run_choice,
    run_comparison,
    run_filter,
    run_room,
)

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
