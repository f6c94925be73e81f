"""Thirty units in the five activation orders: what their outputs become, and the branches that die in (c)."""

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.theory import order_signals as texts
from resnet_viz.present.theory.order_signals import SignalQuantity
from resnet_viz.theory.answers import Records
from resnet_viz.theory.order_signals import UNITS, OrderQuestion
from resnet_viz.training.recipe_values import MAX_SEED
from resnet_viz.ui.theory.details import link_to_lab, show_lines, show_numbers
from resnet_viz.ui.theory.instrument_view import show_answer
from resnet_viz.ui.widgets import theory_panel, url_state
from resnet_viz.ui.widgets.visitor import theme_mode


def show() -> None:
    """Shows the instrument."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        unit = url_state.whole_slider(_("Residual unit"), "unit", low=1, high=UNITS, default=UNITS, width=420)
        quantity = SignalQuantity(
            url_state.segments(
                _("Outputs"),
                "quantity",
                list(SignalQuantity),
                SignalQuantity.MEAN,
                lambda name: texts.quantity_name(SignalQuantity(name)),
            )
        )
        seed = url_state.integer(_("First seed"), "seed", low=0, high=MAX_SEED - 2, default=0, width=130)

    def draw(records: Records, _is_whole: bool) -> None:
        _draw(records, quantity, unit)

    theory_panel.show(OrderQuestion(seeds=tuple(range(seed, seed + 3))), draw, slot="orders", cost_s=1.0)
    st.markdown(
        _(
            "In training, F ≥ 0 has a price: where a branch of (c) falls to 0 for every image, its ReLU passes no "
            "gradient, and it stays dead. With seed 0 the first branch of ResNet-56 dies at step 30, and 4 of 27 put "
            "out exactly 0 after 400 steps; no other order has one. The lab's map has them in orange, and its table "
            "names them."
        )
    )
    link_to_lab(_("Watch branches die in the lab"), recipe="activation_orders")


def _draw(records: Records, quantity: SignalQuantity, unit: int) -> None:
    text = texts.orders_text(records, unit)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        options = texts.quantity_chart(records, quantity, unit, theme_mode())
        show_lines(options, key="orders", alt=text)
    with right:
        options = texts.cut_chart(records, unit, theme_mode())
        alt = _("share of the sums that the last ReLU cuts, by unit")
        show_lines(options, key="orders_cut", alt=alt)
    if text:
        show_answer(text)
    show_numbers(texts.order_rows(records), name="orders")
