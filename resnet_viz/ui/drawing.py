"""The layer graph on a page."""

from collections import Counter
from typing import Final, Literal

import streamlit as st

from resnet_viz.analysis.report import Analysis
from resnet_viz.graph.dot import to_dot
from resnet_viz.graph.levels import BLOCKS_PER_ROW, picture
from resnet_viz.graph.picture import Form, Level, Picture
from resnet_viz.i18n import _
from resnet_viz.present.theme import PALETTES
from resnet_viz.spec.naming import title
from resnet_viz.ui import address, viewport
from resnet_viz.ui.theme import mode

_MOST_BOXES: Final = 400  # more take the browser's layout many seconds
_ALL: Final = "all"
_FORM_PX: Final = {Form.BOX: 215, Form.SUM: 45, Form.POINT: 85}  # of a row, with the arrow that leads there
_PAGE_PX: Final = 1240  # what is left of 1440 between the margins


def layer_graph(analysis: Analysis) -> None:
    """Shows the drawing of a net with the controls of how far it goes into the net."""
    level, only, is_folded = _controls(analysis)
    per_row = 1 if viewport.is_narrow() else BLOCKS_PER_ROW
    drawing = picture(analysis, level, only=only, is_folded=is_folded, per_row=per_row)
    if len(drawing.boxes) > _MOST_BOXES:
        sentence = _("This drawing has {n:,} boxes, more than fit on a screen: fold equal blocks, or pick one part.")
        st.info(sentence.format(n=len(drawing.boxes)), icon=":material/unfold_less:")
        return
    with st.container(border=True, key="graph", horizontal_alignment="center"):
        st.graphviz_chart(
            to_dot(drawing, PALETTES[mode()], is_narrow=viewport.is_narrow()),
            width="stretch" if viewport.is_narrow() else _width(drawing),
            alt=_("Layer graph of {title} at {level} level").format(title=title(analysis.plan.spec), level=level.value),
        )


def _width(drawing: Picture) -> int | Literal["stretch"]:
    """Returns the width at which words keep the size of the page's: in px, or all there is where that is less."""
    rows: Counter[str] = Counter()
    for box in drawing.boxes:
        rows[box.frame] += _FORM_PX[box.form]
    width = {
        Level.NETWORK: 980,
        Level.STAGE: _PAGE_PX,
        Level.BLOCK: 130 + max(rows.values()),
        Level.LAYER: 80 + 205 * len(drawing.frames),
    }[drawing.level]
    return width if width < _PAGE_PX else "stretch"


def _controls(analysis: Analysis) -> tuple[Level, str, bool]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        level = Level(
            address.segments(_("Level"), "level", [one.value for one in Level], Level.STAGE.value, _level_name)
        )
        if level in (Level.NETWORK, Level.STAGE):
            return level, "", True
        parts = [_ALL, *(part.name for part in analysis.plan.parts)]
        only = address.segments(_("Part"), "part", parts, _ALL, _part_name)
        is_folded = address.switch(_("Fold equal blocks"), "fold", default=True)
    return level, "" if only == _ALL else only, is_folded


def _level_name(level: str) -> str:
    return {"network": _("network"), "stage": _("stages"), "block": _("blocks"), "layer": _("layers")}[level]


def _part_name(part: str) -> str:
    return _("all") if part == _ALL else part.replace("stage", _("stage "))
