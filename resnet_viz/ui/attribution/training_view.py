"""The view "Over training": one method's map at every kept step of a run, scrubbed in the browser."""

from typing import TYPE_CHECKING

import streamlit as st

from resnet_viz.attribution.query import Topic
from resnet_viz.attribution.result import AttributionResult
from resnet_viz.attribution.sources.refs import NetKind, NetRef
from resnet_viz.i18n import _
from resnet_viz.present.attribution.correlations import training_figure
from resnet_viz.present.attribution.results import net_predictions
from resnet_viz.present.attribution.scrubber import scrubber_figure
from resnet_viz.present.attribution.small_multiples import scale_text
from resnet_viz.runs.library import RunEntry
from resnet_viz.ui.attribution import method, query
from resnet_viz.ui.attribution.map_view import chart_config
from resnet_viz.ui.attribution.method import MethodChoice
from resnet_viz.ui.attribution.nets import kept_steps, runs_with_steps
from resnet_viz.ui.attribution.selection import PageSelection, selection_cost
from resnet_viz.ui.attribution.selection import page_selection as subject_of
from resnet_viz.ui.frame import page_path
from resnet_viz.ui.widgets import url_state
from resnet_viz.ui.widgets.messages import escape_markdown
from resnet_viz.ui.widgets.viewport import is_narrow
from resnet_viz.ui.widgets.visitor import theme_mode

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


def show(subject: PageSelection, row: "DeltaGenerator") -> None:
    """Shows the maps over training of the chosen nets if they are a run's, else of a run that is chosen here."""
    chosen = method.pick(subject, row)
    of_runs = [ref for ref in subject.nets if ref.kind is NetKind.RUN]
    nets_of_run = of_runs if len(of_runs) == len(subject.nets) else _of_a_run()
    if not nets_of_run:
        st.markdown(
            _(
                "This needs a run that kept its weights at several steps. Train one in the lab; when it has ended, "
                "its nets can be chosen above and its maps be scrubbed here."
            )
        )
        st.page_link(page_path("training"), label=_("Training lab"), icon=":material/arrow_forward:")
        return
    question = chosen.question(Topic.OVER_TRAINING, nets_of_run, subject.picture)
    about = subject_of(nets_of_run, subject.picture, subject.data)
    num_steps = len(kept_steps(nets_of_run[0].name))
    query.show(
        question,
        lambda answer: _draw(answer, chosen),
        line="training",
        cost=selection_cost(question, about, num_steps=num_steps),
        is_dear=True,
    )


def _of_a_run() -> list[NetRef]:
    """Shows the runs with kept steps and returns the first two nets of the chosen one."""
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


def _draw(answer: AttributionResult, chosen: MethodChoice) -> None:
    seen = net_predictions(answer)
    is_signed = chosen.method.is_signed
    st.plotly_chart(
        scrubber_figure(answer, seen, theme_mode(), is_signed=is_signed, is_narrow=is_narrow()),
        theme=None,
        key="scrubber",
        config=chart_config("over-training"),
        alt=_("the map at one kept step; the slider below goes through all of them"),
    )
    st.markdown(scale_text(is_signed=is_signed))
    st.plotly_chart(
        training_figure(answer, seen, theme_mode(), is_signed=is_signed, is_narrow=is_narrow()),
        theme=None,
        key="steps",
        config=chart_config("all-steps"),
        alt=_("the maps at all kept steps, with the probability of the class under each"),
    )
