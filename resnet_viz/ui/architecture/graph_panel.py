"""The layer graph on a page: what is open, what is selected and how it is coloured stand in the address."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from resnet_viz.analysis.report import Analysis
from resnet_viz.graph.build import NARROW, WIDE, picture
from resnet_viz.graph.drawing import Level, Picture
from resnet_viz.graph.expansion import Opening
from resnet_viz.graph.folding import holder
from resnet_viz.graph.labels import work_lines
from resnet_viz.graph.side_by_side import Titled, beside, marks, split
from resnet_viz.i18n import _
from resnet_viz.plan.plan import Plan
from resnet_viz.present.architecture.graph_colors import Quantity, quantity_name
from resnet_viz.present.architecture.graph_data import Wishes, graph_view
from resnet_viz.spec.titles import title
from resnet_viz.ui.architecture import gradient_overlay
from resnet_viz.ui.widgets import layer_graph, url_state, viewport
from resnet_viz.ui.widgets.theme import mode

_MOST_BOXES: Final = 1_500  # more take the browser's layout many seconds
_ALL: Final = "all"


@st.fragment
def draw(analyses: Sequence[Analysis]) -> None:
    """Shows one net, or several below each other, with the controls of how they are looked at."""
    opening, only, is_folded, quantity = _controls(analyses)
    drawing = _picture(analyses, opening, only, is_folded=is_folded)
    if len(drawing.boxes) > _MOST_BOXES:
        sentence = _("This drawing has {n:,} boxes, more than fit on a screen: fold equal blocks, or pick one part.")
        st.info(sentence.format(n=len(drawing.boxes)), icon=":material/unfold_less:")
        return
    measured = gradient_overlay.pick(analyses) if quantity is Quantity.GRADIENT else ()
    names = ", ".join(title(analysis.plan.spec) for analysis in analyses)
    wishes = Wishes(
        mode=mode(),
        quantity=quantity,
        selected=st.query_params.get("node", ""),
        name="-".join(str(analysis.plan.spec.depth) for analysis in analyses) + "-layers",
        alt=_("Layer graph of {title}").format(title=names),
        measured=measured,
    )
    plans = [analysis.plan for analysis in analyses]
    layer_graph.show(graph_view(drawing, analyses, wishes), lambda kind, box: _act(plans, kind, box))


def _picture(analyses: Sequence[Analysis], opening: Opening, only: str, *, is_folded: bool) -> Picture:
    room = NARROW if viewport.is_narrow() else WIDE
    marked = marks([analysis.plan for analysis in analyses])
    titled = [
        Titled(
            title(analysis.plan.spec),
            " · ".join(work_lines(analysis.totals.params, analysis.totals.macs)),
            picture(analysis, opening, only=only, is_folded=is_folded, room=room, marks=own),
        )
        for analysis, own in zip(analyses, marked, strict=True)
    ]
    return beside(titled)


def _act(plans: Sequence[Plan], kind: str, box: str) -> None:
    """Does what a click on the drawing asks for. The drawing of several nets opens the same things in all of them."""
    position, name = split(box)
    with url_state.changing():
        opening = _opening()
        match kind:
            case "toggle":
                fold = holder(plans[position], f"{name}.") if position < len(plans) else ""
                opening = opening.toggle(name, fold)
            case "below":
                opening = opening.open_below(name)
            case "up":
                opening = opening.up()
            case _:
                url_state.write("node", box, "")
        url_state.write("level", opening.level.value, Level.STAGE.value)
        url_state.write("open", str(opening), "")


def _opening() -> Opening:
    level = st.query_params.get("level", Level.STAGE.value)
    known = Level(level) if level in set(Level) else Level.STAGE
    return Opening.read(known, st.query_params.get("open", ""))


def _controls(analyses: Sequence[Analysis]) -> tuple[Opening, str, bool, Quantity]:
    parts = [_ALL, *dict.fromkeys(part.name for analysis in analyses for part in analysis.plan.parts)]
    with st.container(horizontal=True, vertical_alignment="bottom", key="graph_controls"):
        _level()
        only = url_state.select(_("Part"), "part", parts, _ALL, _part_name, width=130)
        quantity = Quantity(
            url_state.select(
                _("Colour by"),
                "color",
                [one.value for one in Quantity],
                Quantity.KIND.value,
                lambda value: quantity_name(Quantity(value)),
                width=170,
            )
        )
        _search(analyses[0])
        is_folded = url_state.switch(_("Fold equal blocks"), "fold", default=True)
    return _opening(), "" if only == _ALL else only, is_folded, quantity


def _level() -> None:
    """Shows the switch that opens or closes all; what was opened by hand is forgotten with it."""
    key = url_state.key_of("level")

    def commit() -> None:
        with url_state.changing():
            url_state.write("level", str(st.session_state[key]), Level.STAGE.value)
            url_state.write("open", "", "")

    url_state.segments(
        _("Level"), "level", [one.value for one in Level], Level.STAGE.value, _level_name, on_change=commit
    )


def _search(analysis: Analysis) -> None:
    """Shows the box that finds a layer by its name, opens what it is in, and selects it."""
    key = url_state.key_of("find")
    names = [node.name for node in analysis.plan.nodes]
    selected = st.query_params.get("node", "")
    st.session_state[key] = selected if selected in names else None

    def find() -> None:
        node = st.session_state[key]
        with url_state.changing():
            url_state.write("node", node or "", "")
            if node:
                url_state.write("open", str(_opening().reveal(node, holder(analysis.plan, node))), "")

    st.selectbox(_("Find a layer"), names, index=None, key=key, on_change=find, placeholder=_("name"), width=300)


def _level_name(level: str) -> str:
    return {"stage": _("stages"), "block": _("blocks"), "layer": _("layers")}[level]


def _part_name(part: str) -> str:
    return _("all") if part == _ALL else part.replace("stage", _("stage "))
