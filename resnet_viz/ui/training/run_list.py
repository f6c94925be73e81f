"""The newest runs as links."""

import time
from typing import Final

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.jobs.training import client
from resnet_viz.present.units import seconds_text
from resnet_viz.runs.run import RunSummary
from resnet_viz.ui.frame import page_path
from resnet_viz.ui.widgets.run_library import state_name

_NEWEST: Final = 12


def show() -> None:
    """Shows links to the newest runs of this machine, if there are any."""
    runs = client.store().list(_NEWEST)
    if not runs:
        return
    with st.expander(_("Earlier runs"), icon=":material/history:"):
        for run in runs:
            st.page_link(page_path("training"), label=_line(run), query_params={"run": run.id})


def _line(run: RunSummary) -> str:
    ago = seconds_text(time.time() - run.created)
    state = state_name(run.hold or run.state)
    return _("{nets}: {state}, started {ago} ago").format(nets=" · ".join(run.labels), state=state, ago=ago)
