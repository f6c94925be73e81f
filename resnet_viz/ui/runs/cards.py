"""Cards of runs, each with the scores of its nets."""

import time
from collections.abc import Sequence
from typing import Final

import streamlit as st

from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.present.runs.comparison import ago_text, score_chart, scores
from resnet_viz.present.training.net_styles import style_nets
from resnet_viz.present.training.recipe import recipe_summary
from resnet_viz.present.units import bytes_text, seconds_text
from resnet_viz.runs.library import SHIPPED, RunEntry
from resnet_viz.runs.run import RunState
from resnet_viz.runs.sql.annotations import Annotation
from resnet_viz.ui.frame import page_path
from resnet_viz.ui.runs import actions, comparison, selection
from resnet_viz.ui.widgets import run_library
from resnet_viz.ui.widgets.messages import escape_markdown
from resnet_viz.ui.widgets.run_library import may_be_changed, state_name
from resnet_viz.ui.widgets.visitor import theme_mode

_COLORS: Final = {
    SHIPPED: "violet",
    RunState.QUEUED.value: "gray",
    RunState.RUNNING.value: "blue",
    RunState.DONE.value: "green",
    RunState.FAILED.value: "red",
    RunState.CANCELLED.value: "orange",
}


def show(entries: Sequence[RunEntry], picked: Sequence[str]) -> None:
    """Shows a card for each run, ticked where it is compared."""
    found = run_library.library().store.annotations([entry.id for entry in entries if entry.summary is not None])
    for entry in entries:
        with st.container(border=True, key=f"card-{entry.id}", gap="xxsmall"):
            mark = found.get(entry.id, Annotation())
            _head(entry, mark, is_picked=entry.id in picked)
            st.caption(escape_markdown(_facts(entry, mark)))
            if mark.note:
                st.markdown(escape_markdown(mark.note))
            if entry.summary is not None and entry.summary.error:
                st.caption(escape_markdown(entry.summary.error))
            _bars(entry)


def _head(entry: RunEntry, mark: Annotation, *, is_picked: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False):
        selection.tick(entry, is_picked=is_picked)
        with st.container(width="stretch"):
            st.page_link(
                page_path("training"),
                label=f"**{escape_markdown(entry.title)}**",
                query_params={"run": entry.id},
            )
        st.badge(state_name(entry.state), color=_COLORS.get(entry.state, "gray"))  # type: ignore[arg-type]
        if may_be_changed(entry):
            actions.pin_button(entry, is_pinned=mark.is_pinned)
        actions.more_button(entry, mark)


def _facts(entry: RunEntry, mark: Annotation) -> str:
    facts = [recipe_summary(entry.recipe_fields)]
    run = entry.summary
    if run is not None:
        facts.append(ago_text(time.time() - run.created))
        if run.started is not None and run.ended is not None:
            facts.append(_("took {time}").format(time=seconds_text(run.ended - run.started)))
        facts.append(bytes_text(mark.num_bytes))
    if mark.origin:
        facts.append(_("imported"))
    return " · ".join(facts)


def _bars(entry: RunEntry) -> None:
    try:
        run = comparison.compared(entry)
    except Refusal as refusal:  # of a version that knew other fields
        st.caption(escape_markdown(str(refusal)))
        return
    if not run.curves:
        return
    options, height_px = score_chart(scores(entry.labels, run.curves), style_nets(run.nets, theme_mode()))
    st.echarts_chart(
        options,
        height=height_px,
        key=f"bars:{entry.id}",
        alt=_("test accuracy and training loss of each net; a star marks the best net"),
    )
