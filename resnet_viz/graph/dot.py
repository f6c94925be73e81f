"""A drawing as Graphviz text, a graph for each row. The `graphviz` package does the quoting.

The browser lays the rows out one by one and puts them below each other; on the command line Graphviz's own gvpack does
the same with all of them. Every label is made of escaped text, so that no word can break out of it.
"""

import html
from collections.abc import Mapping
from typing import Final

import graphviz

from resnet_viz.graph.drawing import Arrow, Box, BoxForm, Drawing, Mark, Row
from resnet_viz.graph.roles import Palette, Role

FONT: Final = "Helvetica"  # Graphviz in a browser has no fonts, but knows how wide Helvetica's letters are
_TITLE_PT: Final = 13
_LINE_PT: Final = 11
_MOST_CELLS: Final = 240
_MOST_LARGE_CELLS: Final = 48  # four rows of twelve
_BESIDE_ARC: Final = "\u00a0\u00a0"  # beside a label, where arcs begin and end
_NO_FILLS: Final[Mapping[str, str]] = {}


def row_dot(
    row: Row, palette: Palette, fills: Mapping[str, str] = _NO_FILLS, *, title: str = "", place: int = 0
) -> str:
    """Returns one row as DOT.

    Args:
        row: boxes and arrows.
        palette: colours of the roles.
        fills: colours of boxes that show a quantity, by id; they outdo the role's.
        title: of the frame around the row, where Graphviz is to draw it.
        place: of the row among all of them, by which gvpack sorts.
    """
    graph = graphviz.Digraph(row.id, graph_attr=_graph_attributes(place, has_arcs=any(box.arc for box in row.boxes)))
    graph.attr("node", fontname=FONT, fontsize=str(_LINE_PT), penwidth="1.4", margin="0.13,0.06")
    graph.attr("edge", fontname=FONT, fontsize=str(_LINE_PT), arrowsize="0.6", penwidth="1.4")
    if title:
        with graph.subgraph(name="cluster_frame") as frame:
            paint = palette[Role.DATA]
            frame.attr(label=_escaped(title), labeljust="l", style="rounded", color=paint.line, fontcolor=paint.text)
            frame.attr(fontname=FONT, fontsize=str(_TITLE_PT), margin="12")
            _add(frame, row, palette, fills)
    else:
        _add(graph, row, palette, fills)
    return str(graph.source)


def to_dot(drawing: Drawing, palette: Palette) -> str:
    """Returns the drawing as DOT, a graph for each row: for `dot | gvpack -u -array_lu1 | neato -n2`."""
    frames = {frame.id: frame for frame in drawing.frames}

    def title(frame_id: str) -> str:
        if not frame_id:
            return ""
        frame = frames[frame_id]
        return " · ".join(filter(None, (title(frame.parent_id), frame.title)))

    rows = enumerate(drawing.rows)
    return "".join(row_dot(row, palette, title=title(row.frame_id), place=place) for place, row in rows)


def _graph_attributes(place: int, *, has_arcs: bool) -> dict[str, str]:
    return {
        "rankdir": "LR",
        "bgcolor": "transparent",
        "nodesep": "0.22",
        "ranksep": "0.26" if has_arcs else "0.22",  # arcs begin and end between the boxes
        "sortv": str(place),
        "fontname": FONT,
    }


def _add(graph: graphviz.Digraph, row: Row, palette: Palette, fills: Mapping[str, str]) -> None:
    for box in row.boxes:
        _add_box(graph, box, palette, fills.get(box.id))
        if box.arc:
            _add_arc(graph, box, palette)
    arced = {box.name for box in row.boxes if box.arc}
    for arrow in row.arrows:
        _add_arrow(graph, arrow, palette, margin=_BESIDE_ARC if {arrow.source, arrow.target} & arced else "")


def _add_box(graph: graphviz.Digraph, box: Box, palette: Palette, fill: str | None) -> None:
    paint = palette[box.role]
    attributes = {"color": paint.line, "fillcolor": fill or paint.fill, "fontcolor": palette[Role.DATA].text}
    if box.mark is not Mark.NONE:
        attributes["class"] = box.mark.value
    match box.form:
        case BoxForm.POINT:
            graph.node(box.id, "", shape="circle", width="0.11", fixedsize="true", style="filled", **attributes)
        case BoxForm.SUM:
            graph.node(
                box.id, "+", shape="circle", width="0.26", fixedsize="true", style="filled", margin="0", **attributes
            )
        case BoxForm.BOX | BoxForm.MORE:
            style = "rounded,filled,dashed" if box.form is BoxForm.MORE else "rounded,filled"
            note_color = "" if fill else palette[Role.SHORTCUT].text  # on a shade it is too faint to be read
            graph.node(box.id, _label(box, palette, note_color), shape="box", style=style, **attributes)


def _label(box: Box, palette: Palette, note_color: str) -> str:
    """Returns the words of a box as one of Graphviz's tables: the title, the lines, the cells."""
    lines = [_font(line, _LINE_PT) for line in box.lines]
    if box.cells:
        lines.insert(1, _cells(box.cells, palette))
    if box.note:
        lines.append(_font(box.note, _LINE_PT, note_color))
    rows = [_font(f"<B>{html.escape(box.title)}</B>", _TITLE_PT, is_text=False), *lines]
    body = "".join(f"<TR><TD>{line}</TD></TR>" for line in rows)
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{body}</TABLE>>'


def _font(text: str, points: int, color: str = "", *, is_text: bool = True) -> str:
    inner = html.escape(text) if is_text else text
    tint = f' COLOR="{color}"' if color else ""
    return f'<FONT POINT-SIZE="{points}"{tint}>{inner}</FONT>'


def _cells(cells: tuple[Role, ...], palette: Palette) -> str:
    """Returns a small square for each block, or for every few blocks of a very deep stage."""
    shown = cells[:: -(-len(cells) // _MOST_CELLS)]
    per_row, side, gap = (12, 7, 2) if len(shown) <= _MOST_LARGE_CELLS else (40, 3, 1)
    rows = []
    for start in range(0, len(shown), per_row):
        squares = "".join(
            f'<TD FIXEDSIZE="TRUE" WIDTH="{side}" HEIGHT="{side}" BGCOLOR="{palette[role].line}"></TD>'
            for role in shown[start : start + per_row]
        )
        rows.append(f"<TR>{squares}</TR>")
    width = min(per_row, len(shown)) * (side + gap) + gap  # without it the squares spread over the whole box
    height = len(rows) * (side + gap) + gap
    size = f'FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="{height}"'
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="{gap}" {size}>{"".join(rows)}</TABLE>'


def _add_arrow(graph: graphviz.Digraph, arrow: Arrow, palette: Palette, *, margin: str) -> None:
    paint = palette[arrow.role]
    attributes = {"color": paint.line, "fontcolor": paint.text, "weight": "8"}
    if arrow.role is Role.SHORTCUT:
        attributes |= {"penwidth": "2.6", "weight": "0", "class": "shortcut"}  # the branch is the straight line
    if arrow.is_dashed:
        attributes["style"] = "dashed"
    label = f"{margin}{arrow.label}{margin}" if arrow.label else ""
    graph.edge(arrow.source_id, arrow.target_id, _escaped(label), **attributes)


def _add_arc(graph: graphviz.Digraph, box: Box, palette: Palette) -> None:
    """Adds a loop from the left of a box over it to its right."""
    paint = palette[Role.SHORTCUT]
    attributes = {"color": paint.line, "fontcolor": paint.text, "penwidth": "2.6", "class": "arc"}
    graph.edge(box.id, box.id, _escaped(box.arc), tailport="w", headport="e", **attributes)


def _escaped(text: str) -> str:
    """Quotes all that Graphviz would read as more than itself: quotes, backslashes, HTML."""
    return graphviz.nohtml(graphviz.escape(text).replace("\n", "\\n"))
