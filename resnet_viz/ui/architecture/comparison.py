"""Two or three nets side by side: their costs and their differences."""

from collections.abc import Sequence

import streamlit as st

from resnet_viz.analysis.compare import Comparison, compare, pair_layers
from resnet_viz.analysis.report import Analysis
from resnet_viz.i18n import _
from resnet_viz.present.architecture.differences import (
    LETTERS,
    block_table,
    change_summary,
    layer_pair_table,
    net_names,
    part_table,
    totals_table,
)
from resnet_viz.present.architecture.waterfall import waterfall_charts
from resnet_viz.ui.architecture import net_details
from resnet_viz.ui.widgets import chart, url_state, viewport
from resnet_viz.ui.widgets.data_table import show_table
from resnet_viz.ui.widgets.visitor import theme_mode


def show_overview(analyses: Sequence[Analysis]) -> None:
    """Shows the costs of each net, and in words the differences of each from the first."""
    names = net_names([analysis.plan.spec for analysis in analyses])
    st.markdown(totals_table(analyses, is_narrow=viewport.is_narrow()))
    changes = [
        change_summary(compare(analyses[0], other), (names[0], name))
        for other, name in zip(analyses[1:], names[1:], strict=True)
    ]
    st.markdown("\n\n".join(changes))


def show_details(analyses: Sequence[Analysis]) -> None:
    """Shows the differences by part, block or layer, the outputs drawn to scale, or the nets as code."""
    labels = {
        "part": _("by part"),
        "layer": _("by block and layer"),
        "volume": _("volumes"),
        "code": _("PyTorch code"),
    }
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        shown = url_state.segments(_("Details"), "details", list(labels), "part", labels.__getitem__)
        if shown == "volume":
            chosen = 0
        elif shown == "code":
            chosen = _pick(_("Net"), "code", analyses, first=0)
        else:
            chosen = _pick(_("Compare a with"), "against", analyses, first=1)
    match shown:
        case "part":
            _by_part(compare(analyses[0], analyses[chosen]), LETTERS[chosen])
        case "layer":
            _by_layer(analyses[0], analyses[chosen], LETTERS[chosen])
        case "volume":
            net_details.show_volumes(analyses)
        case _:
            net_details.show_code(analyses[chosen].plan.spec)


def _pick(label: str, name: str, analyses: Sequence[Analysis], *, first: int) -> int:
    """Shows a choice of one net, where there is a choice, and returns its index."""
    letters = list(LETTERS[first : len(analyses)])
    if len(letters) == 1:
        return first
    titles = net_names([analysis.plan.spec for analysis in analyses])
    picked = url_state.segments(label, name, letters, letters[0], lambda letter: titles[LETTERS.index(letter)])
    return LETTERS.index(picked)


def _by_part(found: Comparison, letter: str) -> None:
    for column, figure in zip(st.columns(3), waterfall_charts(found, theme_mode(), letter), strict=True):
        with column:
            chart.show_figure(figure, config={"displayModeBar": False})
    show_table(part_table(found, letter), name="differences")


def _by_layer(a: Analysis, b: Analysis, letter: str) -> None:
    only = url_state.switch(
        _("Only differences"),
        "differences",
        default=True,
        help=_("Hides identical blocks, identical layers, and layers that differ only in receptive field or memory."),
    )
    found, pairs = compare(a, b), pair_layers(a, b)
    blocks = block_table(found, letter, only_differences=only)
    rows = layer_pair_table(pairs, letter, only_differences=only)
    st.markdown(
        _("**{blocks} of {all_blocks} blocks, {layers} of {all_layers} layers**").format(
            blocks=f"{len(blocks):,}", all_blocks=f"{len(found.blocks):,}",
            layers=f"{len(rows):,}", all_layers=f"{len(pairs):,}",
        )
    )  # fmt: skip
    if blocks:
        every_block = block_table(found, letter, only_differences=False)
        show_table(blocks, name="blocks", height=_height(len(blocks)), all_rows=every_block)
    if rows:
        every_layer = layer_pair_table(pairs, letter, only_differences=False)
        show_table(rows, name="layers", height=_height(len(rows)), all_rows=every_layer)


def _height(num_rows: int) -> int | None:
    return None if num_rows < 12 else 420  # noqa: PLR2004 - as many as are seen at a glance
