"""Curves of both blocks' parameters over their width or over their channels, with the sizes at which both are equal."""

import streamlit as st

from resnet_viz.analysis.block_forms import BlockParts, Variable, mac_form, param_form
from resnet_viz.i18n import _
from resnet_viz.present.parameters.block_curves import Scale, params_chart, ratio_chart
from resnet_viz.present.parameters.closed_forms import compared_kinds, comparison_text, macs_text
from resnet_viz.ui.widgets import chart, url_state
from resnet_viz.ui.widgets.visitor import theme_mode


def show_block_curves(parts: BlockParts) -> None:
    """Shows the choice of the axes, both charts, and the comparison in words."""
    equal = {Variable.WIDTH: _("equal width of the 3×3"), Variable.CHANNELS: _("equal channels in and out")}
    scales = {Scale.LOG: _("logarithmic"), Scale.LINEAR: _("linear")}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        variable = Variable(
            url_state.segments(
                _("Compared at"), "equal", list(Variable), Variable.WIDTH, lambda name: equal[Variable(name)]
            )
        )
        scale = Scale(url_state.segments(_("Axes"), "scale", list(Scale), Scale.LOG, lambda name: scales[Scale(name)]))
    one, other = compared_kinds(variable)
    forms = param_form(one, parts, variable), param_form(other, parts, variable)
    text = comparison_text(*forms, variable)
    left, right = st.columns(2, gap="medium")
    with left:
        chart.show(
            params_chart(parts, variable, scale, theme_mode()), "block_params", alt=text, file_name="block_parameters"
        )
    with right:
        chart.show(ratio_chart(parts, variable, scale, theme_mode()), "block_ratio", alt=text, file_name="block_ratio")
    macs = mac_form(one, parts, variable), mac_form(other, parts, variable)
    st.markdown(f"{text} {macs_text(*macs, variable)}")
