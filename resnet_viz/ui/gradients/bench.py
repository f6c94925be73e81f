"""The bench: gradients and signals of untrained nets by block, drawn as they come."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.jobs.queries import theory
from resnet_viz.present.gradients.curves import View, block_names, curves_of
from resnet_viz.present.gradients.figure import Panel, bench_figure
from resnet_viz.present.gradients.table import place_table, ratio_table, seed_table
from resnet_viz.present.gradients.text import (
    edge_messages,
    equal_curves,
    often_said,
    panel_message,
    precision_messages,
    view_note,
)
from resnet_viz.present.gradients.theory_lines import source_messages, theory_lines
from resnet_viz.present.tables import Rows, to_csv
from resnet_viz.present.units import seconds_text
from resnet_viz.runs import machine
from resnet_viz.spec.enums import Norm
from resnet_viz.theory.answers import Records
from resnet_viz.theory.gradient_cost import cost_s
from resnet_viz.theory.gradients import GradientQuestion, StepsQuestion
from resnet_viz.ui.gradients.controls import BenchChoice
from resnet_viz.ui.widgets import chart, theory_panel, viewport
from resnet_viz.ui.widgets.data_table import show_table
from resnet_viz.ui.widgets.lecture import way
from resnet_viz.ui.widgets.messages import escape_markdown, show_warning
from resnet_viz.ui.widgets.visitor import theme_mode

_SLOT: Final = "gradients"
_AT_ONCE_BLOCKS: Final = 54  # of 110 layers: up to here curves come as the control moves
_AT_ONCE_S: Final = 30.0  # unless all of them would take longer


def show(choice: BenchChoice, view: View) -> None:
    """Shows a quantity of the untrained nets by block, and what it comes to in words and numbers."""
    question = question_of(choice)
    cost = cost_s(question, machine.known())
    is_moving = sum(choice.nets[0].spec.blocks) <= _AT_ONCE_BLOCKS and cost <= _AT_ONCE_S
    ask(question, lambda records, is_whole: _draw(choice, view, records, is_whole), cost=0.0 if is_moving else cost)


def ask(question: GradientQuestion | StepsQuestion, draw: theory_panel.Draw, *, cost: float) -> None:
    """Asks a question and draws its records; one that would take too long is refused with what can be done."""
    limit = theory.SERVICE.kind.wall_s
    if cost <= limit:
        theory_panel.warm_up()  # what is shipped needs no process, the next choice does
        theory_panel.show(question, draw, slot=_SLOT, cost_s=cost)
        return
    message = _(
        "This would take about {time}, and a computation may take {limit}: choose fewer nets or seeds, or nets that "
        "are shallower or narrower."
    )
    show_warning(message.format(time=seconds_text(cost), limit=seconds_text(limit)), is_here=True)


def question_of(choice: BenchChoice) -> GradientQuestion:
    """Returns the question to the instrument."""
    return GradientQuestion(nets=tuple(net.spec for net in choice.nets), init=choice.init, seeds=choice.seeds)


def _draw(choice: BenchChoice, view: View, records: Records, is_whole: bool) -> None:
    """Draws the curves that have come; the numbers and messages when all have."""
    panels = _panels(choice, view, records)
    if not any(panel.curves for panel in panels):
        if is_whole:
            st.info(_("Plain nets have no shortcut to compare a branch with: add a residual net."))
        return
    messages = [panel_message(panel, view) for panel in panels]
    figure = bench_figure(panels, block_names(records), view, theme_mode(), is_narrow=viewport.is_narrow())
    chart.show(figure, "bench_chart", alt=" ".join(messages), file_name=f"gradients_{view}")
    st.markdown("\n".join(f"- {message}" for message in messages if message))
    st.caption(view_note(view))
    _show_notes(choice, panels, view, records)
    if is_whole:
        _show_numbers(choice, records)


def _panels(choice: BenchChoice, view: View, records: Records) -> tuple[Panel, ...]:
    found = []
    for norm in choice.norms:
        curves = tuple(c for c in curves_of(choice.nets, records, view) if c.net.spec.norm is norm)
        found.append(Panel(norm is Norm.BATCH, curves, theory_lines(curves, choice.init, view)))
    return tuple(found)


def _show_notes(choice: BenchChoice, panels: tuple[Panel, ...], view: View, records: Records) -> None:
    """Shows what is often said otherwise, beside each other, and how far the numbers can be trusted."""
    blocks, weights = (curves_of(choice.nets, records, one) for one in (View.BLOCK, View.WEIGHT))
    notes = often_said(blocks, weights) if view.is_gradient and not way.is_opened() else []
    for column, note in zip(st.columns(len(notes)) if notes else [], notes, strict=True):
        with column.container(border=True, height="stretch"):
            st.markdown(_("**Often said:** “{said}” {measured}").format(said=note.said, measured=note.measured))
    messages = (
        *source_messages(line for panel in panels for line in panel.lines),
        *edge_messages(panels),
        *equal_curves(panels),
        *precision_messages(choice.nets, records),
    )
    if messages:
        st.caption("  \n".join(map(escape_markdown, messages)))


def _show_numbers(choice: BenchChoice, records: Records) -> None:
    """Shows the table of ratios; its file has a row per seed, another one every place."""
    show_table(ratio_table(choice.nets, records), name="gradient_ratios", all_rows=seed_table(choice.nets, records))
    show_places(lambda: place_table(choice.nets, records))


def show_places(rows: Callable[[], Rows]) -> None:
    """Offers a row per measured place as a file."""
    st.download_button(
        _("CSV by block"),
        lambda: to_csv(rows()),  # made when the button is pressed
        "gradients_by_block.csv",
        "text/csv",
        icon=":material/download:",
        type="tertiary",
        key="csv:by_block",
    )
