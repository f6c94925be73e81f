"""Links from a run: its nets' graphs and attribution maps, the lab with its settings, its records, earlier runs."""

import time
from typing import Final

import streamlit as st

from resnet_viz.attribution.sources.refs import NET_PARAMETERS, NO_NET, NetKind, NetRef
from resnet_viz.i18n import _
from resnet_viz.jobs.training import client
from resnet_viz.present.runs.downloads import RunFormat
from resnet_viz.present.units import seconds_text
from resnet_viz.runs.run import Run, RunSummary
from resnet_viz.spec.codec import to_query
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.recipe_text import texts_of
from resnet_viz.ui.frame import page_path
from resnet_viz.ui.widgets import run_library
from resnet_viz.ui.widgets.run_library import state_name

_NUM_NEWEST: Final = 12


def show_graph_links(recipe: Recipe, run_id: str) -> None:
    """Shows links to the graph of each net with the run's gradient norms as colours."""
    st.markdown(_("Layer graph coloured by gradient norm:"))
    with st.container(horizontal=True):
        for title, spec in zip(recipe.titles.values(), recipe.nets, strict=True):
            st.page_link(
                page_path("architecture"),
                label=title,
                icon=":material/account_tree:",
                query_params=to_query(spec) | {"level": "block", "fold": "false", "color": "gradient", "run": run_id},
            )


def show(run: Run) -> None:
    """Shows the links and the download of a run that has ended."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if run.control.checkpoints:
            st.page_link(
                page_path("attribution"),
                label=_("Attribution maps of these networks"),
                icon=":material/visibility:",
                query_params=_nets(run),
            )
        st.page_link(
            page_path("training"),
            label=_("Change settings and train again"),
            icon=":material/replay:",
            query_params=texts_of(run.recipe) | {"seed": str(run.recipe.seed)},
        )
        run_library.download_button(run.id, run.name, RunFormat.JSON, _("All records (JSON)"), kind="tertiary")


def _nets(run: Run) -> dict[str, str]:
    """Returns the address that compares the first two nets at the end of the run."""
    refs = [str(NetRef(NetKind.RUN, run.id, index)) for index in range(len(run.recipe.nets))]
    return dict(zip(NET_PARAMETERS, [*refs, NO_NET], strict=False))


def show_newest_runs() -> None:
    """Shows links to the newest runs of this machine, if there are any."""
    runs = client.store().list(_NUM_NEWEST)
    if not runs:
        return
    with st.expander(_("Earlier runs"), icon=":material/history:"):
        for run in runs:
            st.page_link(page_path("training"), label=_line(run), query_params={"run": run.id})


def _line(run: RunSummary) -> str:
    ago = seconds_text(time.time() - run.created)
    state = state_name(run.hold or run.state)
    return _("{nets}: {state}, started {ago} ago").format(nets=" · ".join(run.net_titles), state=state, ago=ago)
