"""Loss against depth of a run with several depths, and its band over the seeds that have ended."""

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from resnet_viz.i18n import _
from resnet_viz.present.training.loss_over_depth import depth_alt, depth_chart, depth_curves
from resnet_viz.present.training.seeds import CurvesBySeed
from resnet_viz.training.recipe import Recipe
from resnet_viz.ui.frame import page_path
from resnet_viz.ui.widgets import chart
from resnet_viz.ui.widgets.visitor import theme_mode

_HEIGHT_PX: Final = 340


def show(recipe: Recipe, by_seed: CurvesBySeed) -> DeltaGenerator:
    """Shows the picture and returns the place beside it; nothing for a run without an architecture of several depths.

    Args:
        recipe: of the runs.
        by_seed: their curves.
    """
    curves = depth_curves(recipe.nets, by_seed, theme_mode())
    if not curves:
        return st.container()
    figure, beside = st.columns([4, 3], gap="large", vertical_alignment="center")
    with figure:
        alt = depth_alt(curves)
        chart.show_options(depth_chart(curves), height=_HEIGHT_PX, key="loss_over_depth", alt=alt, renderer="svg")
    return beside


def show_reason(recipe: Recipe) -> None:
    """Shows the reason for a run whose blocks begin as the identity, and where it is seen at work."""
    if any(spec.zero_init_residual for spec in recipe.nets):
        st.page_link(
            page_path("theory"),
            label=_("Why: deeper by blocks that begin as the identity"),
            icon=":material/school:",
            query_params={"show": "construction"},
        )
