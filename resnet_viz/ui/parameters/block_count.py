"""Parameters and MACs of a basic and a bottleneck block: factor by factor, in closed form, and over the width."""

import streamlit as st

from resnet_viz.analysis.block_forms import BlockParts, mac_form, param_form
from resnet_viz.i18n import _
from resnet_viz.present.architecture.formulas import BlockCount, block_count
from resnet_viz.present.parameters.closed_forms import macs_katex, params_katex
from resnet_viz.present.units import exact
from resnet_viz.spec.enums import BlockKind
from resnet_viz.ui.parameters.block_curves import show_block_curves
from resnet_viz.ui.widgets import url_state
from resnet_viz.ui.widgets.visitor import theme_mode

_MOST_WIDTH = 2_048
_MOST_SIDE = 1_024


def show_block_count() -> None:
    """Shows the controls, the counts of both blocks, their ratio in words, and both over the width."""
    with st.container(border=True, horizontal=True, vertical_alignment="bottom", gap="medium"):
        widths = {
            kind: url_state.integer(label, f"{kind}_width", low=1, high=_MOST_WIDTH, default=64, step=1, width=230)
            for kind, label in (
                (BlockKind.BASIC, _("Basic block width")),
                (BlockKind.BOTTLENECK, _("Bottleneck width (3×3)")),
            )
        }
        side = url_state.integer(_("Map side, px"), "side", low=1, high=_MOST_SIDE, default=56, step=1, width=150)
        parts = BlockParts(
            has_norm=url_state.switch(_("batch norm"), "norm", default=False),
            has_bias=url_state.switch(_("biases"), "bias", default=False),
            has_projection=url_state.switch(_("projection on the shortcut"), "projection", default=False),
        )
    counts = {
        kind: block_count(
            kind,
            width,
            has_norm=parts.has_norm,
            has_bias=parts.has_bias,
            has_projection=parts.has_projection,
            mode=theme_mode(),
        )
        for kind, width in widths.items()
    }
    basic, bottleneck = counts[BlockKind.BASIC], counts[BlockKind.BOTTLENECK]
    left, right = st.columns(2, gap="medium")
    with left:
        _card(BlockKind.BASIC, basic, parts, side)
    with right:
        _card(BlockKind.BOTTLENECK, bottleneck, parts, side)
    st.markdown(_conclusion(basic, bottleneck))
    show_block_curves(parts)


def _card(kind: BlockKind, count: BlockCount, parts: BlockParts, side: int) -> None:
    title = {BlockKind.BASIC: _("Basic block"), BlockKind.BOTTLENECK: _("Bottleneck block")}[kind]
    with st.container(border=True, height="stretch"):
        st.subheader(title, anchor=False)
        channels = _("{channels} channels in and out, width {width}")
        st.markdown(channels.format(channels=exact(count.channels), width=exact(count.width)))
        st.metric(_("parameters"), exact(count.params))
        st.latex(count.katex)
        st.markdown(_("In closed form, and the MACs on a map of {side} × {side} px:").format(side=exact(side)))
        st.latex(params_katex(param_form(kind, parts), count.width, theme_mode()))
        st.latex(macs_katex(mac_form(kind, parts), count.width, side))


def _conclusion(basic: BlockCount, bottleneck: BlockCount) -> str:
    share = bottleneck.params / basic.params
    first = _("The bottleneck has **{share:.3f} times** the parameters of the basic block").format(share=share)
    if bottleneck.channels <= basic.channels:
        return first + "."
    wide = block_count(
        BlockKind.BASIC, bottleneck.channels, has_norm=False, has_bias=False, has_projection=False, mode=theme_mode()
    )
    second = _(
        ", but {wide} channels where the basic block has {narrow}. A basic block of {wide} channels would have "
        "{params} weights, {times:.1f} times the bottleneck's parameters."
    )
    return first + second.format(
        wide=exact(bottleneck.channels),
        narrow=exact(basic.channels),
        params=exact(wide.params),
        times=wide.params / bottleneck.params,
    )
