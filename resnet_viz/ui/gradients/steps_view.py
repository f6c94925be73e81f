"""Gradients over the first steps of training: a heatmap per net, on which the direction turns."""

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.present.gradients.curves import View
from resnet_viz.present.gradients.steps import (
    NetSteps,
    course_message,
    course_of,
    named_steps,
    paper_message,
    seeds_message,
    steps_of,
)
from resnet_viz.present.gradients.steps_figure import steps_figure
from resnet_viz.present.gradients.table import place_table, seed_table, step_table
from resnet_viz.present.gradients.text import view_note
from resnet_viz.runs import machine
from resnet_viz.theory.answers import Records
from resnet_viz.theory.gradient_cost import cost_s
from resnet_viz.theory.gradients import CURVE_STEPS, StepsQuestion
from resnet_viz.ui.gradients.bench import ask, show_places
from resnet_viz.ui.gradients.controls import BenchChoice
from resnet_viz.ui.widgets import chart, viewport
from resnet_viz.ui.widgets.data_table import show_table
from resnet_viz.ui.widgets.visitor import theme_mode


def show(choice: BenchChoice, view: View) -> None:
    """Shows a gradient of nets in training by block and step, and what becomes of it in words and numbers."""
    question = question_of(choice)
    cost = cost_s(question, machine.known())
    ask(question, lambda records, is_whole: _draw(choice, view, records, is_whole), cost=cost)


def question_of(choice: BenchChoice) -> StepsQuestion:
    """Returns the question to the instrument."""
    return StepsQuestion(
        nets=tuple(net.spec for net in choice.nets), init=choice.init, seeds=choice.seeds, steps=CURVE_STEPS
    )


def _draw(choice: BenchChoice, view: View, records: Records, is_whole: bool) -> None:
    """Draws the steps that have come; the numbers and messages when all have."""
    nets = steps_of(choice.nets, records, view)
    if not nets:
        return
    messages = _messages(nets, view)
    figure = steps_figure(nets, view, theme_mode(), is_narrow=viewport.is_narrow())
    chart.show(figure, "steps_chart", alt=" ".join(messages), file_name=f"gradients_{view}_by_step")
    if is_whole:
        st.markdown("\n".join(f"- {message}" for message in messages))
    st.caption(view_note(view))
    st.caption(_("Trained with the recipe `degradation` in single precision, as nets are; each step has one batch."))
    if is_whole:
        show_table(step_table(nets), name="gradient_ratios_by_step", all_rows=seed_table(choice.nets, records))
        show_places(lambda: place_table(choice.nets, records))


def _messages(nets: tuple[NetSteps, ...], view: View) -> list[str]:
    courses = [(net.net, course_of(*named_steps(net))) for net in nets]
    found = [
        " ".join(filter(None, (course_message(net.net, course, view), seeds_message(net, course))))
        for net, (_of, course) in zip(nets, courses, strict=True)
    ]
    return [*found, *filter(None, [paper_message(courses)])]
