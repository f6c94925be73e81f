"""Gradients: norms and signals by depth, at initialisation and after some steps."""

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.ui import frame
from resnet_viz.ui.gradients import bench, controls

frame.ensure()

st.title(_("Gradients"), anchor=False)
st.markdown(_("What reaches the first layer of an untrained net?"))
depth, moment, view = controls.pick_moment()
drawn, rail = st.columns([7, 2], gap="medium")
with rail:
    choice = controls.pick_nets(depth)
with drawn:
    bench.show(choice, view)
