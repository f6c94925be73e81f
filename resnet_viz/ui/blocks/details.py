"""Details of the blocks: equations of all; walk-through, layers and code of one; the Inception block."""

from collections.abc import Sequence

import streamlit as st

from resnet_viz.blocks.inception import PATHS, Join, chosen_paths
from resnet_viz.blocks.single import SingleBlock
from resnet_viz.export.block import block_source
from resnet_viz.i18n import _
from resnet_viz.present.blocks.facts import variant_title
from resnet_viz.present.blocks.inception import (
    SUM_KATEX,
    comparison_text,
    join_title,
    path_rows,
    path_title,
    residual_rows,
    sameness_text,
)
from resnet_viz.present.blocks.inception_drawing import draw_inception
from resnet_viz.present.blocks.results import layer_rows
from resnet_viz.ui.blocks.overview import show_equations, show_picture
from resnet_viz.ui.blocks.selection import DETAILED
from resnet_viz.ui.blocks.walkthrough_view import show_walkthrough
from resnet_viz.ui.widgets import url_state
from resnet_viz.ui.widgets.data_table import show_table
from resnet_viz.ui.widgets.visitor import theme_mode


def show_details(blocks: Sequence[SingleBlock]) -> None:
    """Shows the equations of all blocks, or walk-through, layers or code of one; of none Inception."""
    if not blocks:
        _show_inception()
        return
    names = {
        "walk": _("walk-through"),
        "equations": _("equations"),
        "layers": _("layers"),
        "code": _("PyTorch code"),
        "inception": _("Inception"),
    }
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        shown = url_state.segments(_("Details"), "details", list(names), "walk", names.__getitem__)
        block = blocks[0] if shown in ("equations", "inception") else _pick(blocks)
    if shown == "walk":
        show_walkthrough(block)
    elif shown == "equations":
        show_equations(blocks)
    elif shown == "layers":
        show_table(layer_rows(block), name=f"{block.variant.id}-layers")
    elif shown == "inception":
        _show_inception()
    else:
        _show_code(block)


def _pick(blocks: Sequence[SingleBlock]) -> SingleBlock:
    """Shows a choice of one block, where there is a choice, and returns it."""
    by_id = {block.variant.id: block for block in blocks}
    ids = list(by_id)
    if len(ids) == 1:
        return blocks[0]
    return by_id[url_state.segments(_("Block"), DETAILED, ids, ids[0], lambda name: variant_title(by_id[name].variant))]


def _show_code(block: SingleBlock) -> None:
    source = block_source(block.plan, block.block, batch=block.batch)
    st.download_button(
        _("Download"),
        source,
        f"{block.variant.id}.py",
        "text/x-python",
        icon=":material/download:",
        key="block_code",
    )
    st.code(source, language="python")


def _show_inception() -> None:
    """Shows the drawing, the switches, the counts of the chosen paths, and the relation of concatenation and sum."""
    st.markdown(
        _(
            "An Inception block concatenates its paths, a residual block adds two (d2l, section 7.6, exercise 1). "
            "Block 3a of GoogLeNet reads 192×28×28. Leave one path, add the identity, and replace the concatenation by "
            "a sum: a residual block."
        )
    )
    join = Join(
        url_state.segments(
            _("Paths are joined by"), "join", list(Join), Join.CONCAT.value, lambda name: join_title(Join(name))
        )
    )
    ids = [path.id for path in PATHS]
    is_concat = join is Join.CONCAT
    paths = chosen_paths(url_state.several(_("Paths"), "paths", ids, ids, path_title) if is_concat else ids)
    drawn, beside = st.columns([6, 7], gap="medium")
    with drawn:
        if paths:
            show_picture("inception", draw_inception(paths, join, theme_mode()))
    with beside:
        show_table(path_rows(paths) if is_concat else residual_rows(join), name="inception")
        st.markdown(comparison_text(paths) if is_concat else sameness_text())
        st.markdown(
            _(
                "The sum is a concatenation followed by a fixed 1×1 convolution. So a residual block is an Inception "
                "block of two paths, one of which is the identity, that does not learn how to mix them:"
            )
        )
        st.latex(SUM_KATEX)
