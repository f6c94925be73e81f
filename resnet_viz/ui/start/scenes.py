"""Lecture scenes: links that open a page with everything set."""

from typing import Final, NamedTuple

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.ui.frame import page_path


class Scene(NamedTuple):
    """One question and where its answer is seen.

    Attributes:
        question: what to ask the class.
        page: stem of the page's file.
        query: the address's parameters.
    """

    question: str
    page: str
    query: dict[str, str]


def _mark(message: str) -> str:
    """Marks a sentence for translation where the language is not known yet."""
    return message


SCENES: Final = (
    Scene(_mark("Plain-20 or plain-56: which one learns faster?"), "training", {"nets": "plain"}),
    Scene(_mark("The same two with shortcuts: and now?"), "training", {}),
    Scene(_mark("Without batch norm: does any gradient arrive?"), "training", {"recipe": "no_norm"}),
    Scene(_mark("Five places for norm and ReLU: which learns fastest?"), "training", {"recipe": "activation_orders"}),
    Scene(_mark("What does plain-34 lack that ResNet-34 has?"), "architecture", {"net": "plain34", "level": "block"}),
    Scene(
        _mark("Where does the shape change, and who pays for it?"),
        "architecture",
        {"net": "resnet18", "level": "layer", "part": "stage2"},
    ),
    Scene(_mark("73,728 against 69,632: which block is wider?"), "parameters", {}),
    Scene(_mark("What does a projection on every shortcut cost?"), "parameters", {"projection": "true"}),
    Scene(
        _mark("Which path through a pre-activation unit is untouched?"),
        "architecture",
        {"net": "cifar_preact_resnet20", "level": "layer", "part": "stage1"},
    ),
    Scene(_mark("Do a plain and a residual net look at the same thing?"), "attribution", {}),
    Scene(_mark("How much reaches the answer past the blocks?"), "attribution", {"view": "depth"}),
    Scene(_mark("What can 1,202 layers see?"), "architecture", {"net": "cifar_resnet1202"}),
)


def show_scenes() -> None:
    """Shows the scenes as links, two beside each other where there is room."""
    columns = st.columns(2, gap="medium")
    for position, scene in enumerate(SCENES):
        columns[position % 2].page_link(
            page_path(scene.page), label=_(scene.question), icon=":material/arrow_forward:", query_params=scene.query
        )
