"""A factor λ on every shortcut: the product of the factors beside measured gradients, and gates as learnt factors."""

from typing import Final

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.theory import shortcut_factor as texts
from resnet_viz.theory import gate_product
from resnet_viz.theory.answers import Records
from resnet_viz.theory.shortcut_factor import DEFAULT, LEAST, MOST, FactorQuestion
from resnet_viz.training.recipe_values import MAX_SEED
from resnet_viz.ui.theory.details import show_lines, show_numbers
from resnet_viz.ui.theory.instrument_view import show_answer
from resnet_viz.ui.widgets import theory_panel, url_state
from resnet_viz.ui.widgets.data_table import show_table
from resnet_viz.ui.widgets.visitor import theme_mode

_STEP: Final = 0.05
_DEPTHS: Final = ("20", "56", "110")
_SECONDS: Final = 1.2  # of three seeds at 110 layers


def show() -> None:
    """Shows the instrument."""
    st.latex(texts.EQUATION)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        value = url_state.slider(
            _("Factor λ of every shortcut"),
            "value",
            low=LEAST,
            high=MOST,
            default=DEFAULT.value,
            step=_STEP,
            width=420,
        )
        depth = int(url_state.segments(_("Depth"), "depth", _DEPTHS, str(DEFAULT.depth)))
        seed = url_state.integer(_("First seed"), "seed", low=0, high=MAX_SEED - 2, default=0, width=130)
    question = FactorQuestion(value=value, depth=depth, seeds=tuple(range(seed, seed + 3)))
    theory_panel.show(
        question,
        lambda records, _is_whole: _draw(question, records),
        slot="lambda",
        cost_s=_SECONDS,
        is_drawn_empty=True,
    )
    _show_gates()


def _draw(question: FactorQuestion, records: Records) -> None:
    num_blocks = (question.depth - 2) // 2
    text = texts.whole_text(question.value, num_blocks, records)
    options = texts.factor_chart(question.value, num_blocks, records, theme_mode())
    show_lines(options, key="lambda", alt=text or texts.product_text(question.value, num_blocks, records))
    if text:
        show_answer(text)
    st.markdown(texts.product_text(question.value, num_blocks, records))
    show_numbers(texts.factor_rows(question.value, records), name="lambda")


def _show_gates() -> None:
    st.subheader(_("Gates: factors that a net learns"), anchor=False)
    st.markdown(
        _(
            "A gate multiplies the shortcut by 1 − g(x) with g(x) = $\\sigma(W_g x + b_g)$ (He et al. 2016, section "
            "3.1). The product over the 54 blocks of an untrained ResNet-110:"
        )
    )
    question = gate_product.DEFAULT
    theory_panel.show(question, lambda records, _is_whole: _draw_gates(question, records), slot="gates", cost_s=2.0)


def _draw_gates(question: gate_product.GateQuestion, records: Records) -> None:
    show_table(texts.gate_rows(records, question.num_blocks), name="gates")
    st.markdown(texts.gate_text(records, question.num_blocks))
