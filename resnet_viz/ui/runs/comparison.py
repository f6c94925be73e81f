"""Comparison of the ticked runs on common axes."""

from collections.abc import Sequence
from string import ascii_uppercase
from typing import Final

import streamlit as st

from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.present.runs import comparison
from resnet_viz.present.runs.comparison import ComparedRun
from resnet_viz.present.training.results import degradation
from resnet_viz.runs.library import RunEntry
from resnet_viz.training import recipe as recipes
from resnet_viz.ui.widgets import chart, run_library, url_state
from resnet_viz.ui.widgets.data_table import show_table
from resnet_viz.ui.widgets.messages import escape_markdown, show_warning
from resnet_viz.ui.widgets.visitor import theme_mode

_CHART_PX: Final = 380
_FIRST, _LAST = "first", "last"


def show(entries: Sequence[RunEntry]) -> None:
    """Shows loss, test error and gradient norms of runs as charts and as a table."""
    runs = _compared(entries)
    if not any(run.curves for run in runs):
        st.info(_("Tick runs to compare their curves."), icon=":material/check_box:")
        return
    if len(runs) > 1:
        st.markdown(" · ".join(f"**{run.letter}** {escape_markdown(run.name)}" for run in runs))
    else:
        for sentence in degradation(runs[0].nets, runs[0].curves, data=runs[0].data):
            st.markdown(f"**{escape_markdown(sentence)}**")
    charts = {
        "loss": (comparison.loss_chart(runs, theme_mode()), _("training loss against step")),
        "error": (comparison.error_chart(runs, theme_mode()), _("test error against step")),
    }
    for column, (key, (options, alt)) in zip(st.columns(2), charts.items(), strict=True):
        with column.container(border=True):
            chart.show_options(options, height=_CHART_PX, key=f"compared:{key}", alt=alt)
    with st.container(border=True):
        names = {_FIRST: _("first probe"), _LAST: _("last probe")}
        probe = url_state.segments(_("Weight-gradient norms at"), "at", [_FIRST, _LAST], _FIRST, names.__getitem__)
        options = comparison.gradient_chart(runs, theme_mode(), is_first=probe == _FIRST)
        chart.show_options(
            options, height=_CHART_PX, key="compared:gradient", alt=_("weight-gradient norm against depth")
        )
    show_table(comparison.compared_table(runs), name="compared")


def compared(entry: RunEntry, letter: str = "") -> ComparedRun:
    """Returns a run to compare, under a letter.

    Raises:
        SpecError: its recipe is none that this version knows.
    """
    recipe = recipes.from_json(entry.recipe_fields)
    curves, first, last = run_library.snapshot(entry.id, entry.state)
    return ComparedRun(
        name=entry.title,
        letter=letter,
        nets=recipe.nets,
        steps=recipe.steps,
        curves=tuple(curve for curve in curves if curve.steps),
        first=first,
        last=last,
        data=recipe.data,
    )


def _compared(entries: Sequence[RunEntry]) -> list[ComparedRun]:
    runs = []
    for entry, letter in zip(entries, ascii_uppercase, strict=False):
        try:
            runs.append(compared(entry, letter))
        except Refusal as refusal:
            show_warning(str(refusal))
    return runs
