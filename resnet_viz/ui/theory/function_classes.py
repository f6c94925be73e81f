"""Nested and other function classes: distance to the target as the number of pieces moves; and with noise."""

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.theory.function_classes import (
    all_distances,
    class_text,
    distance_chart,
    distance_rows,
    fit_chart,
    sets_chart,
    target_name,
)
from resnet_viz.present.theory.noise import errors_chart, noise_fit_chart, noise_rows, noise_text, overfitting_text
from resnet_viz.theory.function_classes import MOST_DEGREE, MOST_PIECES, Target, fit_noise
from resnet_viz.ui.theory.instrument_view import show_answer
from resnet_viz.ui.widgets import chart, url_state
from resnet_viz.ui.widgets.data_table import show_table
from resnet_viz.ui.widgets.messages import escape_markdown
from resnet_viz.ui.widgets.visitor import theme_mode

_MOST_SEED = 9_999


def show() -> None:
    """Shows the choice between exact classes and noisy points, and the chosen one."""
    views = {"exact": _("without noise"), "noise": _("with noise (exercise 5)")}
    view = url_state.segments(_("View"), "view", list(views), "exact", views.__getitem__)
    if view == "exact":
        _show_classes()
    else:
        _show_noise()


def _show_classes() -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        target = Target(
            url_state.segments(
                _("Target"), "target", list(Target), Target.MIDDLE, lambda name: target_name(Target(name))
            )
        )
    with right:
        n = url_state.whole_slider(_("Pieces n"), "n", low=1, high=MOST_PIECES, default=5)
    distances, mode = all_distances(target), theme_mode()
    text = class_text(distances, n)
    left, right = st.columns(2, gap="medium")
    with left:
        chart.show(fit_chart(target, n, mode), "fit", alt=text, file_name="nearest_function")
    with right:
        chart.show(sets_chart(distances, n, mode), "sets", alt=text, file_name="function_classes")
    show_answer(text)
    chart.show(distance_chart(distances, n, mode), "distances", alt=text, file_name="distances")
    with st.expander(_("Numbers")):
        show_table(distance_rows(distances), name="function-classes", height=300)


def _show_noise() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        degree = url_state.whole_slider(_("Degree of the polynomial"), "degree", low=0, high=MOST_DEGREE, default=3)
        seed = url_state.integer(_("Seed"), "seed", low=0, high=_MOST_SEED, default=0, step=1, width=130)
    fit, mode = fit_noise(seed), theme_mode()
    text = noise_text(fit, degree)
    left, right = st.columns(2, gap="medium")
    with left:
        chart.show(noise_fit_chart(fit, degree, mode), "noisy_fit", alt=text, file_name="noisy_fit")
    with right:
        chart.show(errors_chart(fit, degree, mode), "errors", alt=text, file_name="errors_by_degree")
    show_answer(text)
    st.markdown(escape_markdown(overfitting_text()))
    with st.expander(_("Numbers")):
        show_table(noise_rows(fit), name="noise", height=300)
