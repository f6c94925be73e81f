"""Bar of a scene on the page that it opened: question, what to press and to look at, the way to the reveal."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from resnet_viz.errors import Refusal
from resnet_viz.present.scenes.steps_data import bar_data
from resnet_viz.scenes import files
from resnet_viz.scenes.rooms import Stage
from resnet_viz.scenes.scene import Scene
from resnet_viz.ui.widgets.lecture import way
from resnet_viz.ui.widgets.lecture.browser_id import browser_id
from resnet_viz.ui.widgets.lecture.component import show_steps
from resnet_viz.ui.widgets.messages import show_warning

_PLACE: Final = """<style>
.st-key-scene-bar { order: -100 !important; position: sticky; top: 0; z-index: 100; }
</style>"""  # above all else, in whichever order the presentation puts a page


def controls() -> Sequence[str]:
    """Returns the names of the controls that the open scene leaves on the page."""
    try:
        scene = _open_scene()
    except Refusal:
        return ()  # `show` says why
    return scene.controls if scene else ()


def show() -> None:
    """Shows the bar where the address names a scene, and follows its keys."""
    try:
        scene = _open_scene()
        if scene is None:
            return
        way.lead_room(scene, Stage.LOOK, browser_id())
    except Refusal as refusal:
        show_warning(str(refusal))
        return
    st.html(_PLACE)
    step = show_steps(bar_data(scene, way.around(scene)))
    if step:
        way.take(step, scene, Stage.LOOK)


def _open_scene() -> Scene | None:
    name = st.query_params.get(way.OPENED)
    return None if name is None else files.find(name)
