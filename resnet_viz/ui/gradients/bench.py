"""The bench: nets at initialisation, their gradients by depth."""

import streamlit as st

from resnet_viz.spec.presets import preset
from resnet_viz.theory.answers import Records
from resnet_viz.theory.gradients import GradientQuestion, first_to_last
from resnet_viz.ui.widgets import theory_panel


def show() -> None:
    """Shows the gradients."""
    nets = tuple(
        preset(name, widths=(4, 8, 16), in_channels=1, image_size=14) for name in ("cifar_plain56", "cifar_resnet56")
    )
    theory_panel.show(GradientQuestion(nets=nets), _draw, slot="bench")


def _draw(records: Records, is_whole: bool) -> None:
    for curves in records:
        st.markdown(f"{curves.place}: {first_to_last(curves.block_grad):.3g}")
