"""Layer graph of a net in which a click selects a node; `open=` in the address is its expansion."""

from collections.abc import Callable

import streamlit as st

from resnet_viz.analysis.report import analyse
from resnet_viz.graph.build import NARROW, WIDE, draw_net
from resnet_viz.graph.drawing import BoxRef, Level
from resnet_viz.graph.expansion import Expansion
from resnet_viz.graph.folding import fold_containing
from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower
from resnet_viz.plan.plan import Plan
from resnet_viz.present.architecture.graph_colors import ColorQuantity
from resnet_viz.present.architecture.graph_data import GraphOptions, component_data
from resnet_viz.spec.titles import title
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.ui.widgets import layer_graph, url_state
from resnet_viz.ui.widgets.viewport import is_narrow
from resnet_viz.ui.widgets.visitor import theme_mode


def show(spec: AnySpec, node: str, on_choice: Callable[[str], None]) -> None:
    """Shows a net's blocks; a click expands a part, or selects a layer or block."""
    analysis = analyse(lower(spec))
    drawing = draw_net(analysis, _expansion(), is_folded=is_narrow(), limits=NARROW if is_narrow() else WIDE)
    alt = _("Layer graph of {title}").format(title=title(spec))
    options = GraphOptions(
        mode=theme_mode(), quantity=ColorQuantity.KIND, selected=BoxRef(0, node), name="layers", alt=alt
    )
    layer_graph.show(
        component_data(drawing, [analysis], options), lambda kind, box: _act(analysis.plan, kind, box, on_choice)
    )


def _expansion() -> Expansion:
    return Expansion.from_text(Level.BLOCK, st.query_params.get("open", ""))


def _act(plan: Plan, kind: str, box: BoxRef, on_choice: Callable[[str], None]) -> None:
    expansion = _expansion()
    with url_state.changing():
        match kind:
            case "toggle":
                expansion = expansion.toggle(box.name, fold_containing(plan, box.name))
            case "below":
                expansion = expansion.open_below(box.name)
            case "up":
                expansion = Expansion(level=Level.BLOCK)
            case _:
                pass
        url_state.write("open", str(expansion), "")
        on_choice(box.name)
