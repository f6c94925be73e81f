"""View "Over training": one method's map at every kept step of a run, scrubbed in the browser."""

from typing import TYPE_CHECKING

import streamlit as st

from resnet_viz.attribution.query import Topic
from resnet_viz.attribution.result import TrainingResult
from resnet_viz.attribution.sources.refs import NetKind, NetRef
from resnet_viz.i18n import _
from resnet_viz.present.attribution.scrubber import scrubber_figure
from resnet_viz.present.attribution.small_multiples import scale_text, training_figure
from resnet_viz.runs.library import RunEntry
from resnet_viz.ui.attribution import method
from resnet_viz.ui.attribution.method import MethodChoice
from resnet_viz.ui.attribution.selection import PageSelection, selection_cost
from resnet_viz.ui.attribution.selection import page_selection as subject_of
from resnet_viz.ui.frame import page_path
from resnet_viz.ui.widgets import chart, query_panel, url_state
from resnet_viz.ui.widgets.messages import escape_markdown
from resnet_viz.ui.widgets.nets.menu import kept_steps, runs_with_steps
from resnet_viz.ui.widgets.viewport import is_narrow
from resnet_viz.ui.widgets.visitor import theme_mode

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


def show(selection: PageSelection, row: "DeltaGenerator") -> None:
    """Shows the maps over training of the selected nets if they are a run's, else of a run that is selected here."""
    choice = method.pick(selection, row)
    of_runs = [ref for ref in selection.nets if ref.kind is NetKind.RUN]
    nets_of_run = of_runs if len(of_runs) == len(selection.nets) else _of_a_run()
    if not nets_of_run:
        st.markdown(
            _(
                "No run has kept weights of several steps. Train one in the lab; afterwards its nets can be selected "
                "above."
            )
        )
        st.page_link(page_path("training"), label=_("Training lab"), icon=":material/arrow_forward:")
        return
    query = choice.query(Topic.OVER_TRAINING, nets_of_run, selection.image)
    about = subject_of(nets_of_run, selection.image, selection.data)
    num_steps = len(kept_steps(nets_of_run[0].name))
    query_panel.show(
        query,
        TrainingResult,
        lambda result: _draw(result, choice),
        slot="training",
        cost=selection_cost(query, about, num_steps=num_steps),
        is_dear=True,
    )


def _of_a_run() -> list[NetRef]:
    """Shows the runs with kept steps and returns the first two nets of the choice one."""
    entries = runs_with_steps()
    if not entries:
        return []
    titles = {entry.id: entry.title for entry in entries}
    run_id = url_state.select(_("Run"), "run", list(titles), next(iter(titles)), titles.__getitem__, width=360)
    entry = next(entry for entry in entries if entry.id == run_id)
    st.caption(escape_markdown(_("kept steps: {steps}").format(steps=", ".join(map(str, kept_steps(run_id))))))
    return [NetRef(NetKind.RUN, run_id, index) for index in _two(entry)]


def _two(entry: RunEntry) -> list[int]:
    return list(range(min(2, len(entry.labels))))


def _draw(result: TrainingResult, choice: MethodChoice) -> None:
    is_signed = choice.method.is_signed
    chart.show(
        scrubber_figure(result, theme_mode(), is_signed=is_signed, is_narrow=is_narrow()),
        "scrubber",
        alt=_("the map at one kept step; the slider below goes through all of them"),
        file_name="over-training",
    )
    st.markdown(scale_text(is_signed=is_signed))
    query_panel.show_net_notes(result)
    chart.show(
        training_figure(result, theme_mode(), is_signed=is_signed, is_narrow=is_narrow()),
        "steps",
        alt=_("the maps at all kept steps, with the probability of the class under each"),
        file_name="all-steps",
    )
