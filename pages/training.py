"""Training lab: small nets train in lockstep outside the web server and are measured at every step."""

import streamlit as st

from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.ui import frame
from resnet_viz.ui.training import live_run, next_steps
from resnet_viz.ui.training.lab_form import pick_recipes
from resnet_viz.ui.training.start import start_button
from resnet_viz.ui.widgets.messages import show_warning

frame.ensure()

st.title(_("Training lab"), anchor=False)
st.markdown(_("Does a deeper net train better?"))
picked = pick_recipes()
start_button(picked)

run_id = st.query_params.get("run")
try:
    if run_id:
        live_run.show(run_id)
    else:
        live_run.show_before(picked[0] if picked else None)
except Refusal as refusal:
    show_warning(str(refusal))
next_steps.show_newest_runs()
