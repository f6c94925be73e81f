"""Gradients: norms and signals by depth, at initialisation and after some steps."""

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.ui import frame
from resnet_viz.ui.gradients import bench

frame.ensure()

st.title(_("Gradients"), anchor=False)
st.markdown(_("What reaches the first layer of an untrained net?"))
bench.show()
