"""Training lab: small nets train side by side, outside the server, and are measured while they do."""

import streamlit as st

from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.runs import recorded
from resnet_viz.ui import frame, run_list, run_view
from resnet_viz.ui.lab_controls import pick_recipes, start_button
from resnet_viz.ui.say import refuse

frame.ensure()

st.title(_("Does a deeper net train better?"), anchor=False)
start_button(pick_recipes())

run_id = st.query_params.get("run")
try:
    if run_id in recorded.NAMES:
        run_view.show_recorded(recorded.read(run_id))
    elif run_id:
        run_view.show(run_id)
    else:
        st.markdown(_("Until you press Start: the default run, recorded when this version was made."))
        run_view.show_recorded(recorded.read("degradation"))
except Refusal as refusal:
    refuse(str(refusal))
run_list.show()
