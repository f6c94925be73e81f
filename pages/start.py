"""Start."""

import streamlit as st

from resnet_viz.ui import frame

frame.ensure()

st.title("resnet_viz")
