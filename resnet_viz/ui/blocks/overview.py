"""Overview of the blocks: the drawing, and beside or below it equations, counts, results and the reasons for them."""

from collections.abc import Sequence

import streamlit as st

from resnet_viz.blocks.inception import INCEPTION, PATHS
from resnet_viz.blocks.measured import block_gradients
from resnet_viz.blocks.single import SingleBlock
from resnet_viz.i18n import _
from resnet_viz.present.blocks.drawing import BlockPicture, draw_blocks
from resnet_viz.present.blocks.equation_terms import equation_rows
from resnet_viz.present.blocks.equations import equations_latex
from resnet_viz.present.blocks.facts import variant_title
from resnet_viz.present.blocks.inception import comparison_text
from resnet_viz.present.blocks.inception_column import inception_title
from resnet_viz.present.blocks.reasons import reason
from resnet_viz.present.blocks.results import (
    comparison_table,
    fact_list,
    measured_ratios,
    published_results,
    sources_text,
)
from resnet_viz.present.units import exact
from resnet_viz.ui.widgets import viewport
from resnet_viz.ui.widgets.component import component
from resnet_viz.ui.widgets.visitor import theme_mode

_component = component("resnet_viz_blocks", "blocks")
_equations = component("resnet_viz_equations", "blocks")  # the same script: terms and layers light each other


def show_overview(blocks: Sequence[SingleBlock], inception_at: int | None) -> None:
    """Shows one block with its facts beside it, or several side by side with a table below them.

    Args:
        blocks: the residual and plain ones.
        inception_at: number of them left of Inception 3a; None where that is not chosen.
    """
    if not blocks:
        return  # of Inception alone the details have the drawing
    if len(blocks) > 1 or inception_at is not None:
        _show_blocks(blocks, inception_at)
        _show_table(blocks)
        if inception_at is not None:
            st.markdown(f"- **{inception_title()}.** {comparison_text(PATHS)}")
        return
    drawn, beside = st.columns([7, 6], gap="medium")
    with drawn:
        _show_blocks(blocks)
    with beside:
        _show_facts(blocks[0])


def _show_blocks(blocks: Sequence[SingleBlock], inception_at: int | None = None) -> None:
    """Shows the blocks side by side."""
    names = [block.variant.id for block in blocks]
    if inception_at is not None:
        names.insert(inception_at, INCEPTION)
    show_picture("-".join(names), draw_blocks(blocks, theme_mode(), inception_at=inception_at), key="blocks")


def show_picture(name: str, picture: BlockPicture, *, key: str = "") -> None:
    """Shows a drawing, and offers it as a file."""
    key = key or name
    data = {
        "svg": picture.svg,
        "width": picture.width,
        "height": picture.height,
        "is_alone": picture.num_blocks == 1,
        "alt": picture.alt,
    }
    _component(key=f"{key}_picture", data=data, height="content")
    st.download_button(
        "SVG",
        picture.svg,
        f"{name}.svg",
        "image/svg+xml",
        icon=":material/download:",
        type="tertiary",
        key=f"{key}_svg",
    )


def _show_facts(block: SingleBlock) -> None:
    """Shows one block's equations, counts, results, and the reason for them."""
    _show_terms("blocks_terms", [block])
    left, right = st.columns(2)
    left.metric(_("Parameters"), exact(block.params))
    right.metric(_("MACs"), exact(block.macs))
    st.markdown(fact_list(block, theme_mode()))
    st.markdown(reason(block.variant))
    _show_sources([block])


def _show_table(blocks: Sequence[SingleBlock]) -> None:
    """Shows a table of the blocks, the sources of its figures, and the reasons in the order of the blocks.

    On a phone, which has no room for a table, each block has a list.
    """
    _show_terms("blocks_terms", blocks, has_details=False)
    titled = [f"**{variant_title(block.variant)}.** {reason(block.variant)}" for block in blocks]
    if viewport.is_narrow():
        for block, words in zip(blocks, titled, strict=True):
            st.markdown("\n\n".join((words, fact_list(block, theme_mode()))))
        _show_sources(blocks)
        return
    st.markdown(comparison_table(blocks, theme_mode()))
    _show_sources(blocks)
    st.markdown("\n".join(f"- {words}" for words in titled))


def show_equations(blocks: Sequence[SingleBlock]) -> None:
    """Shows the equations of each block, with h, F and f named."""
    st.markdown(
        _(
            "A residual block computes y = h(x) + F(x, W) and hands on x' = f(y) (He et al. 2016, equations 1 and 2). "
            "In statistics, a residual is the difference between an observed value and a fitted one; so is F here, the "
            "difference between what the block is to compute and what it is given: F(x) = H(x) − x. The layers have to "
            "learn only what is missing from x."
        )
    )
    _show_terms("blocks_all_terms", blocks)
    with st.expander("LaTeX"):
        for block in blocks:
            st.markdown(f"**{variant_title(block.variant)}**")
            st.code(equations_latex(block), language="latex")


def _show_terms(key: str, blocks: Sequence[SingleBlock], *, has_details: bool = True) -> None:
    """Shows equations whose terms light the layers of the drawing that they are, and the other way round."""
    data = {
        "blocks": equation_rows(blocks, theme_mode(), has_details=has_details),
        "is_titled": len(blocks) > 1,
        "label": _("Equations"),
    }
    _equations(key=key, data=data, height="content")


def _show_sources(blocks: Sequence[SingleBlock]) -> None:
    results = [result for block in blocks for result in published_results(block.variant)]
    parts = [_("Published: {sources}.").format(sources=sources_text(results))] if results else []
    if any(measured_ratios(block.variant) for block in blocks):
        message = _("Gradient: norm at the output of the first block divided by that at the last; {how}.")
        parts.append(message.format(how=_(block_gradients().how)))
    if parts:
        st.caption(" ".join(parts))
