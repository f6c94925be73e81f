"""The three figures of the start page: blocks of a stage, curves of a shipped run, parameter counts."""

from typing import Final

import streamlit as st

from resnet_viz.analysis.report import analyse
from resnet_viz.graph.build import draw_net
from resnet_viz.graph.drawing import BoxRef, Drawing, Level
from resnet_viz.graph.expansion import Expansion
from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower
from resnet_viz.present.architecture.formulas import block_count
from resnet_viz.present.architecture.graph_colors import ColorQuantity
from resnet_viz.present.architecture.graph_data import NOTHING, GraphOptions, component_data
from resnet_viz.present.theory.loss_by_depth import depth_chart, headline, means_text
from resnet_viz.present.training import net_styles
from resnet_viz.runs import shipped
from resnet_viz.spec.enums import BlockKind
from resnet_viz.spec.presets import preset
from resnet_viz.theory.loss_by_depth import Protocol, loss_by_depth
from resnet_viz.ui.frame import page_path
from resnet_viz.ui.widgets import chart, layer_graph
from resnet_viz.ui.widgets.messages import escape_markdown
from resnet_viz.ui.widgets.presentation import present_mode
from resnet_viz.ui.widgets.viewport import is_narrow
from resnet_viz.ui.widgets.visitor import theme_mode

_RUN: Final = "deeper_is_better"
_DEPTHS: Final = (20, 56)
_NET: Final = "resnet34"
_FIGURE_PX: Final = 300


def claim() -> None:
    """Shows what is measured here about depth, with the number of seeds in which it holds."""
    st.markdown(f"#### {escape_markdown(headline(loss_by_depth(Protocol.IDENTITY), *_DEPTHS))}")


def training() -> None:
    """Shows the training loss of a shipped run, and what holds over the seeds of its recipe."""
    run = shipped.read(_RUN)
    with st.container(border=True):
        st.page_link(page_path("training"), label=_("**Train** plain and residual networks side by side"))
        options = net_styles.loss_chart(
            run.curves, net_styles.style_nets(run.recipe.nets, theme_mode()), run.recipe.steps
        )
        measured = loss_by_depth(Protocol.IDENTITY)
        means = means_text(measured)
        steps, depths = st.columns(2, gap="medium")
        with steps:
            chart.show_options(options, height=_FIGURE_PX, key="start:loss", alt=_("training loss against step"))
        by_depth = depth_chart(measured, theme_mode(), _DEPTHS)
        with depths:
            chart.show_options(by_depth, height=_FIGURE_PX, key="start:depth", alt=means, renderer="svg")
        st.markdown(escape_markdown(means))


def architecture() -> None:
    """Shows the blocks of one stage of ResNet-34."""
    with st.container(border=True):
        st.page_link(
            page_path("architecture"), label=_("**Draw** a network down to its layers"), query_params={"net": _NET}
        )
        analysis = analyse(lower(preset(_NET)))
        number = 4 if present_mode.is_on() else 2  # fewer blocks in larger type
        drawing = draw_net(analysis, Expansion(level=Level.BLOCK), only=f"stage{number}", is_folded=is_narrow())
        (row,) = (row for row in drawing.rows if row.frame)
        alt = _("the blocks of ResNet-34's stage {n}").format(n=number)
        options = GraphOptions(
            mode=theme_mode(), quantity=ColorQuantity.KIND, selected=NOTHING, name=_NET, alt=alt, is_still=True
        )
        alone = Drawing(rows=(row,), frames=drawing.frames, turns=())
        layer_graph.show(component_data(alone, [analysis], options), _nothing)


def _nothing(_kind: str, _box: BoxRef) -> None:
    """Ignores clicks on the still drawing: the link above it leads to the interactive one."""


def parameters() -> None:
    """Shows the count of a basic and of a bottleneck block."""
    with st.container(border=True):
        st.page_link(page_path("parameters"), label=_("**Count** every parameter, factor by factor"))
        for column, kind in zip(st.columns(len(BlockKind)), BlockKind, strict=True):
            count = block_count(kind, 64, has_norm=False, has_bias=False, has_projection=False, mode=theme_mode())
            column.latex(count.katex)
        st.markdown(_("Two layers with 64 channels or three with 256 outputs: nearly the same count."))
