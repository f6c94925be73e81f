"""List of scenes: the path, and those of the lecturer's own folder."""

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.scenes.steps_data import contents_data
from resnet_viz.scenes import files
from resnet_viz.ui.widgets.lecture import way
from resnet_viz.ui.widgets.lecture.component import show_contents
from resnet_viz.ui.widgets.messages import show_warning


def show() -> None:
    """Shows the path of scenes with its numbers, own scenes apart."""
    st.title(_("Lecture"), anchor=False)
    st.markdown(_("Each scene is a question: the class guesses by phone, then a run or a measurement decides."))
    room = st.query_params.get(way.ROOM, "")
    show_contents(contents_data(files.path(), room, is_path=True), _open, key="scene:path")
    problems = files.problems()
    own = [scene for scene in files.known().values() if scene.is_own]
    if own or problems:
        st.subheader(_("Own scenes"), anchor=False)
    for problem in problems:
        show_warning(problem, is_here=True)
    if own:
        show_contents(contents_data(own, room, is_path=False), _open, key="scene:own")


def _open(name: str) -> None:
    way.to_scene(files.find(name))
