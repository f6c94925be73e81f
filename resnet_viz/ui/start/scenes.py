"""Lecture scenes: links that open a page with everything set."""

from typing import Final, NamedTuple

import streamlit as st

from resnet_viz.i18n import N_, _
from resnet_viz.ui.frame import page_path


class Scene(NamedTuple):
    """A question and the page that answers it.

    Attributes:
        question: for the class; untranslated.
        page: stem of the page's file.
        query: the address's parameters.
    """

    question: str
    page: str
    query: dict[str, str]


SCENES: Final = (
    Scene(N_("Which trains faster: plain-20 or plain-56?"), "training", {"nets": "plain"}),
    Scene(N_("Do shortcuts change the answer?"), "training", {}),
    Scene(N_("Do gradients reach the first layers without batch normalisation?"), "training", {"recipe": "no_norm"}),
    Scene(N_("Which of the five activation orders trains fastest?"), "training", {"recipe": "activation_orders"}),
    Scene(N_("How does ResNet-34 differ from plain-34?"), "architecture", {"net": "plain34", "level": "block"}),
    Scene(
        N_("Where does the shape change, and what does it cost?"),
        "architecture",
        {"net": "resnet18", "level": "layer", "part": "stage2"},
    ),
    Scene(N_("Which block is wider: 73,728 or 69,632 parameters?"), "parameters", {}),
    Scene(N_("How many parameters do projections on all shortcuts add?"), "parameters", {"projection": "true"}),
    Scene(
        N_("Which path through a pre-activation unit has no operation on it?"),
        "architecture",
        {"net": "cifar_preact_resnet20", "level": "layer", "part": "stage1"},
    ),
    Scene(N_("Do a plain and a residual network rely on the same pixels?"), "attribution", {}),
    Scene(N_("How much of the prediction flows through the shortcuts?"), "attribution", {"view": "depth"}),
    Scene(N_("How large is the receptive field of ResNet-1202?"), "architecture", {"net": "cifar_resnet1202"}),
)


def show_scenes() -> None:
    """Shows the scenes as links, in two columns where there is room."""
    columns = st.columns(2, gap="medium")
    for position, scene in enumerate(SCENES):
        columns[position % 2].page_link(
            page_path(scene.page), label=_(scene.question), icon=":material/arrow_forward:", query_params=scene.query
        )
