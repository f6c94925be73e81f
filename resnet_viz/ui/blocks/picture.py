"""Drawing of the blocks on the page."""

from collections.abc import Sequence

import streamlit as st

from resnet_viz.blocks.single import SingleBlock
from resnet_viz.present.blocks.drawing import draw_blocks
from resnet_viz.ui.widgets.component import component
from resnet_viz.ui.widgets.visitor import theme_mode

_component = component("resnet_viz_blocks", "blocks")


def show_picture(blocks: Sequence[SingleBlock]) -> None:
    """Shows the blocks side by side, and offers the drawing as a file."""
    picture = draw_blocks(blocks, theme_mode())
    data = {
        "svg": picture.svg,
        "width": picture.width,
        "height": picture.height,
        "is_alone": picture.num_blocks == 1,
        "alt": picture.alt,
    }
    _component(key="blocks_picture", data=data, height="content")
    name = "-".join(block.variant.id for block in blocks)
    st.download_button(
        "SVG",
        picture.svg,
        f"{name}.svg",
        "image/svg+xml",
        icon=":material/download:",
        type="tertiary",
        key="blocks_svg",
    )
