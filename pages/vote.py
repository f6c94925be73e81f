"""Vote: the phone of somebody in a class, which guesses before the measurement is shown."""

import streamlit as st

from resnet_viz.ui import frame
from resnet_viz.ui.scene import vote

frame.ensure()

vote.show(st.query_params.get(vote.NAME, ""))
