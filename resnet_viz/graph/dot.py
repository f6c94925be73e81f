"""A drawing as Graphviz text. The `graphviz` package does the quoting, so that no label can break out of its string.

Network and stage level run from left to right, the shortcuts as one line below the branches; at block level every stage
is a row; at layer level every block is a column. Arrows between rows or columns do not count for the layout, which
keeps a deep net on one screen. On a narrow screen everything runs from top to bottom.
"""

import itertools
from typing import Final

import graphviz

from resnet_viz.graph.picture import Arrow, Box, Form, Frame, Level, Picture
from resnet_viz.graph.roles import Palette, Role

FONT: Final = "Inter, Helvetica, Arial, sans-serif"
FONT_PT: Final = "11.2"  # Streamlit draws all words of a Graphviz chart in this size, whatever the text asks for


def to_dot(picture: Picture, palette: Palette, *, is_narrow: bool = False) -> str:
    """Returns the drawing as DOT, coloured by `palette`; `is_narrow` for a phone."""
    graph = graphviz.Digraph("net", graph_attr=_graph_attributes(picture, palette, is_narrow=is_narrow))
    graph.attr("node", fontname=FONT, fontsize=FONT_PT, penwidth="1.4", margin="0.1,0.06")
    graph.attr("edge", fontname=FONT, fontsize=FONT_PT, arrowsize="0.6", penwidth="1.4")
    for box in picture.boxes:
        if not box.frame:
            _add_box(graph, box, palette)
    for frame in picture.frames:
        boxes = [box for box in picture.boxes if box.frame == frame.id]
        add = _add_row if picture.level is Level.BLOCK else _add_column
        add(graph, frame, boxes, palette)
    for arrow in picture.arrows:
        _add_arrow(graph, arrow, palette, picture.level, is_narrow=is_narrow)
    _align(graph, picture)
    return str(graph.source)


def _align(graph: graphviz.Digraph, picture: Picture) -> None:
    """Puts rows under each other by invisible edges between their titles, and sums under the branch that ends there."""
    if picture.level in (Level.NETWORK, Level.STAGE):
        for before, after in itertools.pairwise(picture.boxes):
            if after.form is Form.SUM:
                with graph.subgraph() as column:
                    column.attr(rank="same")
                    column.node(before.id)
                    column.node(after.id)
    if picture.level is Level.BLOCK:
        titles = [_row_title(frame.id) for frame in picture.frames]
        for upper, lower in itertools.pairwise(titles):
            graph.edge(upper, lower, style="invis", weight="100")


def _graph_attributes(picture: Picture, palette: Palette, *, is_narrow: bool) -> dict[str, str]:
    is_across = picture.level in (Level.NETWORK, Level.STAGE) and not is_narrow
    return {
        "rankdir": "LR" if is_across else "TB",
        "bgcolor": "transparent",
        "pad": "0.15",
        "nodesep": "0.5" if is_across else "0.3",
        "ranksep": "0.12" if is_across else "0.28",
        "newrank": "true",  # lets one row hold boxes of a frame and of none
        "fontname": FONT,
        "fontcolor": palette[Role.DATA].text,
    }


def _add_row(graph: graphviz.Digraph, frame: Frame, boxes: list[Box], palette: Palette) -> None:
    """A row has its title at its left instead of a frame, which the arcs of the shortcuts would cut through."""
    with graph.subgraph() as row:
        row.attr(rank="same")
        title = _escaped(frame.title.replace(" · ", "\n"))
        row.node(_row_title(frame.id), title, shape="plaintext", fontcolor=palette[Role.DATA].text, width="1.1")
        for box in boxes:
            _add_box(row, box, palette)
        row.edge(_row_title(frame.id), boxes[0].id, style="invis")


def _row_title(frame_id: str) -> str:
    return f"{frame_id}.title"


def _add_column(graph: graphviz.Digraph, frame: Frame, boxes: list[Box], palette: Palette) -> None:
    with graph.subgraph(name=f"cluster_{frame.id}") as sub:
        sub.attr(label=_escaped(frame.title), labeljust="l", fontsize=FONT_PT, style="rounded", margin="12")
        sub.attr(color=palette[Role.DATA].fill, fontcolor=palette[Role.DATA].text)
        if frame.num_repeats > 1:
            sub.attr(color=palette[Role.BRANCH].line, penwidth="2")
        for box in boxes:
            _add_box(sub, box, palette)


def _add_box(graph: graphviz.Digraph, box: Box, palette: Palette) -> None:
    paint = palette[box.role]
    if box.form is Form.POINT:
        graph.node(box.id, "", shape="circle", width="0.12", fixedsize="true", style="filled", color=paint.line)
        return
    if box.form is Form.SUM:
        graph.node(
            box.id, "+", shape="circle", width="0.24", fixedsize="true", style="filled",
            color=paint.line, fillcolor=paint.fill, fontcolor=palette[Role.DATA].text, margin="0",
        )  # fmt: skip
        return
    graph.node(
        box.id, _escaped("\n".join((box.title, *box.lines))), shape="box", style="rounded,filled",
        color=paint.line, fillcolor=paint.fill, fontcolor=palette[Role.DATA].text,
    )  # fmt: skip


def _add_arrow(graph: graphviz.Digraph, arrow: Arrow, palette: Palette, level: Level, *, is_narrow: bool) -> None:
    paint = palette[arrow.role]
    look = {"color": paint.line, "fontcolor": paint.text}
    if arrow.role is Role.SHORTCUT:
        look |= {"penwidth": "2.6", "weight": "40"}  # the shortcut is the straight line
    if arrow.is_dashed:
        look["style"] = "dashed"
    if not arrow.is_break:
        # In a row the arc runs through the first line of its label; elsewhere a blank keeps the words off the line.
        lift = " \n" if level is Level.BLOCK and arrow.role is Role.SHORTCUT else " "
        graph.edge(arrow.source, arrow.target, _escaped(lift + arrow.label), **look)
    elif level is Level.LAYER and not is_narrow:
        # Drawn downwards, or Graphviz turns the columns round. Without its label: the next arrow says the same.
        graph.edge(arrow.target, arrow.source, dir="back", constraint="false", **look)
    else:
        graph.edge(arrow.source, arrow.target, constraint="true" if is_narrow else "false", **look)


def _escaped(text: str) -> str:
    """Quotes all that Graphviz would read as more than itself: quotes, backslashes, HTML. Line breaks stay."""
    return graphviz.nohtml(graphviz.escape(text).replace("\n", "\\n"))
