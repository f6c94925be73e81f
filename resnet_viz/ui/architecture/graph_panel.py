"""Layer graph on a page. Expansion, selection and colours are in the address."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from resnet_viz.analysis.report import Analysis
from resnet_viz.graph.build import LARGE, NARROW, WIDE, RowLimits, draw_net
from resnet_viz.graph.drawing import BoxRef, Drawing, Level
from resnet_viz.graph.expansion import Expansion
from resnet_viz.graph.folding import fold_containing, path_to
from resnet_viz.graph.labels import part_name, work_lines
from resnet_viz.graph.side_by_side import TitledDrawing, comparison_marks, stack_drawings
from resnet_viz.i18n import _
from resnet_viz.plan.plan import Plan
from resnet_viz.present.architecture.graph_colors import ColorQuantity, quantity_name
from resnet_viz.present.architecture.graph_data import GraphOptions, component_data
from resnet_viz.spec.titles import title
from resnet_viz.ui.architecture import gradient_overlay
from resnet_viz.ui.widgets import layer_graph, url_state, viewport
from resnet_viz.ui.widgets.presentation import present_mode
from resnet_viz.ui.widgets.visitor import theme_mode

_MOST_BOXES: Final = 1_500  # more take the browser's layout many seconds
_ALL: Final = "all"


@st.fragment
def show_graph(analyses: Sequence[Analysis]) -> None:
    """Shows one net, or several below each other, with level, part, colour, search and folding."""
    expansion, only, is_folded, quantity = _controls(analyses)
    drawing = _drawing(analyses, expansion, only, is_folded=is_folded)
    if len(drawing.boxes) > _MOST_BOXES:
        message = _("This drawing has {n:,} boxes, too many for the browser. Fold equal blocks, or select one part.")
        st.info(message.format(n=len(drawing.boxes)), icon=":material/unfold_less:")
        return
    measured = gradient_overlay.pick_gradient_norms(analyses) if quantity is ColorQuantity.GRADIENT else ()
    names = ", ".join(title(analysis.plan.spec) for analysis in analyses)
    options = GraphOptions(
        mode=theme_mode(),
        quantity=quantity,
        selected=BoxRef.from_id(st.query_params.get("node", "")),
        name="-".join(str(analysis.plan.spec.depth) for analysis in analyses) + "-layers",
        alt=_("Layer graph of {title}").format(title=names),
        measured=measured,
    )
    plans = [analysis.plan for analysis in analyses]
    layer_graph.show(component_data(drawing, analyses, options), lambda kind, box: _act(plans, kind, box))


def _drawing(analyses: Sequence[Analysis], expansion: Expansion, only: str, *, is_folded: bool) -> Drawing:
    marked = comparison_marks([analysis.plan for analysis in analyses])
    titled = [
        TitledDrawing(
            title(analysis.plan.spec),
            " · ".join(work_lines(analysis.totals.params, analysis.totals.macs)),
            draw_net(analysis, expansion, only=only, is_folded=is_folded, limits=_limits(), marks=own),
        )
        for analysis, own in zip(analyses, marked, strict=True)
    ]
    return stack_drawings(titled)


def _limits() -> RowLimits:
    if viewport.is_narrow():
        return NARROW
    return LARGE if present_mode.is_on() else WIDE


def _act(plans: Sequence[Plan], kind: str, box: BoxRef) -> None:
    """Opens, closes or selects after a click. The drawing of several nets opens the same parts in all of them."""
    with url_state.changing():
        expansion = _expansion()
        match kind:
            case "toggle":
                fold = fold_containing(plans[box.net], box.name) if box.net < len(plans) else ""
                expansion = expansion.toggle(box.name, fold)
            case "below":
                expansion = expansion.open_below(box.name)
            case "up":
                expansion = expansion.up()
            case _:
                url_state.write("node", box.id, "")
        url_state.write("level", expansion.level.value, Level.STAGE.value)
        url_state.write("open", str(expansion), "")


def _expansion() -> Expansion:
    level = st.query_params.get("level", Level.STAGE.value)
    known = Level(level) if level in set(Level) else Level.STAGE
    return Expansion.from_text(known, st.query_params.get("open", ""))


def _controls(analyses: Sequence[Analysis]) -> tuple[Expansion, str, bool, ColorQuantity]:
    parts = {_ALL: _("all")}
    parts |= {part.name: part_name(part) for analysis in analyses for part in analysis.plan.parts}
    with st.container(horizontal=True, vertical_alignment="bottom", key="graph_controls"):
        _level()
        only = url_state.select(_("Part"), "part", list(parts), _ALL, parts.__getitem__, width=130)
        quantity = ColorQuantity(
            url_state.select(
                _("Colour by"),
                "color",
                [one.value for one in ColorQuantity],
                ColorQuantity.KIND.value,
                lambda value: quantity_name(ColorQuantity(value)),
                width=170,
            )
        )
        _search(analyses[0])
        is_folded = url_state.switch(_("Fold equal blocks"), "fold", default=True)
    return _expansion(), "" if only == _ALL else only, is_folded, quantity


def _level() -> None:
    """Shows the level down to which all is open; a change closes what was opened by hand."""
    levels = [level.value for level in Level]
    url_state.segments(_("Level"), "level", levels, Level.STAGE.value, _level_name, clears=lambda name: name == "open")


def _search(analysis: Analysis) -> None:
    """Shows the box that finds a layer by its name, opens its part and block, and selects it."""
    key = url_state.key_of("find")
    names = [node.name for node in analysis.plan.nodes]
    selected = st.query_params.get("node", "")
    st.session_state[key] = selected if selected in names else None

    def find() -> None:
        node = st.session_state[key]
        with url_state.changing():
            url_state.write("node", node or "", "")
            if node:
                url_state.write("open", str(_expansion().reveal(path_to(analysis.plan, node))), "")

    st.selectbox(_("Find a layer"), names, index=None, key=key, on_change=find, placeholder=_("name"), width=300)


def _level_name(level: str) -> str:
    return {"stage": _("stages"), "block": _("blocks"), "layer": _("layers")}[level]
