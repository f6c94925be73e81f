"""Gradients: norms and signals by depth, at initialisation and after some steps."""

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.ui import frame
from resnet_viz.ui.gradients import bench, controls, links, steps_view

frame.ensure()

st.title(_("Gradients"), anchor=False)
st.markdown(_("What reaches the first layer of an untrained net?"))
depth, moment, view = controls.pick_moment()
drawn, rail = st.columns([7, 2], gap="medium")
with rail:
    choice = controls.pick_nets(depth, moment)
with drawn:
    if not choice.nets:
        st.info(_("No net is picked: pick one or more of the nets beside."))
    elif moment is controls.Moment.START:
        bench.show(choice, view)
    else:
        steps_view.show(choice, view)
    links.show(choice)
