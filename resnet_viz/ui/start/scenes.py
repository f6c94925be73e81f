"""Path of a lecture on the start page: its scenes, each of which asks a class before it shows anything."""

from typing import Final

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.scenes import files
from resnet_viz.ui.frame import page_path
from resnet_viz.ui.widgets.messages import escape_markdown

PAGE: Final = "scene"
NAME: Final = "name"  # of a scene, in that page's address
_COLUMNS: Final = 3


def show_scenes() -> None:
    """Shows the scenes as numbered links, column by column, and a link to the list with own ones."""
    st.markdown(_("The class guesses by phone, then a run or a measurement decides."))
    scenes = files.path()
    per_column = -(-len(scenes) // _COLUMNS)
    for place, column in enumerate(st.columns(_COLUMNS, gap="medium")):
        with column.container(gap="xsmall"):
            for number in range(place * per_column, min((place + 1) * per_column, len(scenes))):
                scene = scenes[number]
                st.page_link(
                    page_path(PAGE),
                    label=f"{number + 1}\\. {escape_markdown(scene.title)}",
                    help=escape_markdown(scene.question),
                    query_params={NAME: scene.name},
                )
    st.page_link(page_path(PAGE), label=_("All scenes, own ones too"), icon=":material/co_present:")
