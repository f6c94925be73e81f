"""Lecture: scenes in which a class predicts first, one screen at a time, or their list."""

import streamlit as st

from resnet_viz.errors import Refusal
from resnet_viz.ui import frame
from resnet_viz.ui.scene import class_run, contents, screen
from resnet_viz.ui.widgets.lecture import way
from resnet_viz.ui.widgets.messages import show_warning

frame.ensure()

scene = None
try:
    scene = way.named_scene()
except Refusal as refusal:
    show_warning(str(refusal))
if scene and class_run.is_on():
    class_run.show(scene, st.query_params.get(way.ROOM, ""))
elif scene:
    screen.show(scene)
else:
    contents.show()
