"""Two layers by hand: input and second weights to choose, every vector in the drawing."""

from typing import Final

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.theory.layers import HEIGHT, WIDTH, draw_layers, layers_text, vector_rows
from resnet_viz.theory.layers import INPUT, two_layers
from resnet_viz.ui.theory.instrument_view import show_answer
from resnet_viz.ui.widgets import svg_picture, url_state
from resnet_viz.ui.widgets.data_table import show_table
from resnet_viz.ui.widgets.svg_picture import SvgPicture
from resnet_viz.ui.widgets.visitor import theme_mode

_MOST: Final = 3.0


def show() -> None:
    """Shows the controls, the drawing, both outputs in words, and all vectors as a table."""
    first, second, switch = st.columns([3, 3, 2], gap="medium", vertical_alignment="bottom")
    with first:
        one = url_state.slider(_("Input a, first"), "a1", low=-_MOST, high=_MOST, default=INPUT[0], step=0.5)
    with second:
        two = url_state.slider(_("Input a, second"), "a2", low=-_MOST, high=_MOST, default=INPUT[1], step=0.5)
    with switch:
        is_zero = url_state.switch(_("W2 = 0"), "zero", default=False)
    found = two_layers((one, two), is_second_zero=is_zero)
    text = layers_text(found, is_second_zero=is_zero)
    drawing = draw_layers(found, theme_mode(), is_second_zero=is_zero)
    svg_picture.show(SvgPicture(svg=drawing, width=WIDTH, height=HEIGHT, alt=text), key="two_layers")
    show_answer(text)
    with st.expander(_("Numbers")):
        show_table(vector_rows(found), name="two-layers")
