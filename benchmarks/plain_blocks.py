"""The peer of `block_page`: the same blocks and the same walk in a page of Streamlit's own elements.

Blocks are Graphviz charts beside each other, the walk is HTML from the server, and buttons go through it. The element
with the class says how often the script has drawn; a chart's own layout comes after it and is not counted.

    streamlit run benchmarks/plain_blocks.py
"""

from typing import Any

import streamlit as st

from resnet_viz.blocks.single import SingleBlock, single_block
from resnet_viz.blocks.variants import VARIANTS, BlockSettings, ShapeChange
from resnet_viz.blocks.walk_inputs import Values, usual_input
from resnet_viz.blocks.walkthrough import walk
from resnet_viz.graph.labels import layer_label

CELL = "<td style='width:36px;text-align:center;background:rgba(0,114,178,{share:.2f})'>{value:g}</td>"


def dot(block: SingleBlock) -> str:
    """The block in Graphviz's language."""
    lines = [f'"{node.name}" [label="{" ".join(layer_label(node))}", shape=box]' for node in block.nodes]
    lines += [f'"{source}" -> "{node.name}"' for node in block.nodes for source in node.inputs]
    return "digraph {" + ";".join(lines) + "}"


def table(values_HW: Values) -> str:
    """One channel as numbers and colour."""
    cells = [[CELL.format(share=min(1, abs(value) / 5), value=round(value, 2)) for value in row] for row in values_HW]
    return "<table>" + "".join(f"<tr>{''.join(row)}</tr>" for row in cells) + "</table>"


def counted(name: str, content: str = "") -> None:
    """Shows HTML that counts how often it was drawn."""
    st.session_state[name] = st.session_state.get(name, 0) + 1
    st.html(f'<div class="{name}" data-drawn="{st.session_state[name]}">{content}</div>')


def show_blocks(names: list[str]) -> None:
    shape = st.segmented_control("Shape", list(ShapeChange), default=ShapeChange.STAYS, required=True)
    settings = BlockSettings(shape=ShapeChange(shape or ShapeChange.STAYS))
    for column, name in zip(st.columns(len(names)), names, strict=True):
        column.graphviz_chart(dot(single_block(VARIANTS[name], settings)))
    counted("room")


@st.fragment
def show_walk() -> None:
    variant = VARIANTS["a_original"]
    steps = walk(variant, usual_input(variant), has_norm=True)
    at = st.session_state.setdefault("at", 0)

    def go(by: int) -> None:
        st.session_state["at"] = max(0, min(len(steps) - 1, at + by))

    moves: list[tuple[str, Any, int]] = [("back", "Left", -1), ("next", "Right", 1)]
    for name, key, by in moves:
        st.button(name, shortcut=key, on_click=go, args=(by,))
    counted("walk", "".join(table(step.values_NCHW[0, 0]) for step in steps[: at + 1]))


chosen = st.query_params.get("block", "")
if chosen:
    show_blocks(chosen.split(","))
else:
    show_walk()
