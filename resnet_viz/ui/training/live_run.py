"""One run on a page: live while it trains, with its results when it has ended, for any number of sessions."""

import time
from collections.abc import Hashable, Mapping, Sequence
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from resnet_viz.i18n import _
from resnet_viz.jobs.training import client
from resnet_viz.present.training import race_data
from resnet_viz.present.training.gradient_notes import gradient_notes
from resnet_viz.present.training.race_data import SentUpTo
from resnet_viz.present.training.recipe import describe_recipe
from resnet_viz.present.training.results import degradation, result_table
from resnet_viz.present.training.status import history, made_with, state_line
from resnet_viz.runs import shipped
from resnet_viz.runs.library import Snapshot
from resnet_viz.runs.run import Curve, Run, RunState
from resnet_viz.runs.shipped import RecordedRun
from resnet_viz.runs.sql.seeds import without_seed
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import Step
from resnet_viz.ui.training import depth_picture, live_curves, next_steps, race_component, run_controls, seeds
from resnet_viz.ui.widgets import auto_refresh, run_library
from resnet_viz.ui.widgets.data_table import show_table
from resnet_viz.ui.widgets.lecture import way
from resnet_viz.ui.widgets.messages import escape_markdown, show_warning
from resnet_viz.ui.widgets.shared_cache import shared_cache

_EVERY_S: Final = 1.0
_SOON_S: Final = 0.25  # between two polls before the first step
_BEGINNING_S: Final = 8.0  # of such polls
_FRESH_S: Final = 0.9
_MOMENT_S: Final = 0.25  # sessions that poll within it get the same state


def show(run_id: str) -> None:
    """Shows the run of this id, polling while it is queued or runs.

    Raises:
        QueueError: the id is none.
    """
    match run_library.library().read(run_id):
        case None:
            show_warning(_("There is no run {id} on this machine; it may have been deleted.").format(id=run_id))
        case RecordedRun() as recorded:
            _show_recorded(recorded)
        case Run() as run:
            _show_live(run)


def _show_live(run: Run) -> None:
    shared_cache.put(("run", run.id), run, fresh_s=_MOMENT_S)
    is_over = run.state.is_final and seeds.are_over(seeds.of_run(run))
    # Outside the part that polls: buttons would be most of the data of each poll.
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        with st.container():
            bar = st.empty()
        run_controls.show(run)
    appearance = _appearance(run)

    def draw() -> bool:
        return _draw(run.id, bar, appearance)

    every_s = _SOON_S if _is_beginning(run) else _EVERY_S
    auto_refresh.show(draw, every_s=None if is_over else every_s)


def _is_beginning(run: Run) -> bool:
    """Returns whether a run's first step is expected at any moment."""
    has_begun = run.state.is_final or any(net.num_steps for net in run.nets)
    return not has_begun and time.time() - max(run.created, run.started or 0.0) < _BEGINNING_S


def _appearance(run: Run) -> Hashable:
    """Returns a value that changes when the page outside the polling part must be drawn again."""
    return run_controls.appearance(run), _is_beginning(run)


def show_before(recipe: Recipe | None) -> None:
    """Shows, before a run is started, the shipped run of this recipe, or another shipped run as an example.

    Nothing in a scene: the class waits for a run of its own.
    """
    if way.is_opened():
        return
    runs = map(shipped.read, shipped.NAMES)
    same = next((run for run in runs if recipe and without_seed(run.recipe) == without_seed(recipe)), None)
    if same:
        st.markdown(_("Precomputed run with these settings. Press Start to train it on this machine."))
        _show_recorded(same)
        return
    example = shipped.read(shipped.NAMES[0])
    st.markdown(_("No run with these settings yet. Press Start to train. Below: an example with other settings."))
    st.subheader(escape_markdown(_("Example: {title}").format(title=example.title)), anchor=False)
    _show_recorded(example)


def _show_recorded(run: RecordedRun) -> None:
    race_component.show(run.recipe, run.name, lambda seen: ([], []) if seen else (run.curves, run.probes))
    with depth_picture.show(run.recipe, {run.recipe.seed: run.curves}):
        _show_sentences(run.recipe, _sentences(run.recipe, run.curves, run.first, run.last))
    _show_numbers(run.recipe, run.curves, run.first, run.last)
    if run.thinned:
        st.caption(escape_markdown(f"{run.title}. {run.thinned}"))
    next_steps.show_graph_links(run.recipe, run.name)


def _draw(run_id: str, bar: DeltaGenerator, appearance: Hashable) -> bool:
    """Draws the current state of a run; returns whether the whole page must be drawn again.

    Args:
        run_id: the run.
        bar: place of the progress bar.
        appearance: of the page when it was drawn.
    """
    store = client.store()
    run = shared_cache.get(("run", run_id), lambda: store.run(run_id), fresh_s=_MOMENT_S)
    if run is None:
        show_warning(_("This run has been deleted."))
        return False
    if _appearance(run) != appearance:
        return True  # before anything is drawn: of two updates at once a browser gets the second alone
    seed_runs = seeds.of_run(run)
    is_over = run.state.is_final and seeds.are_over(seed_runs)
    if not is_over:
        client.ensure_daemon(store.path)
    curves = live_curves.curves_of(run)
    measured = run_library.snapshot(run_id, run.state) if run.state.is_final else _measured_so_far(run, curves)
    _show_status(run, curves, bar)
    for sentence in filter(None, [run.error, *(net.sentence for net in run.nets)]):
        show_warning(sentence)
    has_band = seeds.pick_band(run, seed_runs)
    if curves or not run.state.is_final:
        _show_charts(run, curves, seeds.readers(run, seed_runs) if has_band else {})
    key = ("sentences", run_id, run.state, st.context.locale)
    sentences = shared_cache.get(key, lambda: _sentences(run.recipe, *measured), fresh_s=_FRESH_S)
    by_seed = seeds.ended_curves(seed_runs) if run.state is RunState.DONE else {run.recipe.seed: measured.curves}
    with depth_picture.show(run.recipe, by_seed):
        _show_sentences(run.recipe, sentences)
    seeds.show_results(run.recipe, seed_runs)
    if is_over:  # at each poll it would be most of the data
        _show_numbers(run.recipe, *measured)
        if run.versions:
            st.caption(escape_markdown(made_with(run.versions)))
        if measured.last:
            next_steps.show_graph_links(run.recipe, run_id)
        next_steps.show(run)
    return is_over


def _measured_so_far(run: Run, curves: tuple[Curve, ...]) -> Snapshot:
    """Returns a live run's curves with the first and the newest probe of each net, read once a second."""
    store = client.store()
    key = ("probes", run.id, run.attempt)
    first, last = shared_cache.get(key, lambda: (store.probe(run.id, step=0), store.probe(run.id)), fresh_s=_FRESH_S)
    return Snapshot(curves, first, last)


def _show_status(run: Run, curves: tuple[Curve, ...], bar: DeltaGenerator) -> None:
    total = run.recipe.steps * len(run.recipe.nets)
    done = sum(net.num_steps for net in run.nets)
    bar.progress(min(1.0, done / total), _status_text(run, curves))
    for event in history(run):
        st.caption(escape_markdown(event))


def _status_text(run: Run, curves: tuple[Curve, ...]) -> str:
    if run.state is not RunState.QUEUED:  # only a queued run has a position, which is read from the store
        return state_line(run, curves, place=0)
    store = client.store()
    return state_line(run, curves, place=store.position(run.id) or 1, wait_s=store.wait_s(run.id))


def _show_charts(run: Run, curves: tuple[Curve, ...], others: Mapping[str, race_component.SeedReader]) -> None:
    # Sessions that poll in the same moment get the run up to the same step, and so the same update at the next poll.
    until = live_curves.last_steps(run)

    def read(seen: Mapping[str, SentUpTo]) -> tuple[list[Curve], list[Step]]:
        measured = {label: sent.moment for label, sent in seen.items()}
        steps = client.store().steps(run.id, after=measured, until=until, is_probed=True, attempt=run.attempt)
        new = [
            live_curves.between(curve, seen.get(curve.net, SentUpTo()).step, until.get(curve.net, -1))
            for curve in curves
        ]
        return new, race_data.thin_probes(run.recipe, steps)

    race_component.show(run.recipe, f"{run.id}:{run.attempt}", read, others, edge=tuple(until.items()))


def _sentences(recipe: Recipe, curves: tuple[Curve, ...], first: tuple[Step, ...], last: tuple[Step, ...]) -> list[str]:
    """Returns the results so far as Markdown."""
    found = degradation(recipe.nets, curves, data=recipe.data, first=first, last=last)
    strong = [f"**{escape_markdown(sentence)}**" for sentence in found]
    return [*strong, *(escape_markdown(sentence) for sentence in gradient_notes(recipe.titles, last))]


def _show_sentences(recipe: Recipe, sentences: Sequence[str]) -> None:
    for sentence in sentences:
        st.markdown(sentence)
    depth_picture.show_reason(recipe)


def _show_numbers(recipe: Recipe, curves: tuple[Curve, ...], first: tuple[Step, ...], last: tuple[Step, ...]) -> None:
    probed = ({step.net: step for step in steps} for steps in (first, last))
    rows = result_table(recipe.titles, curves, *probed)
    if not rows:
        return
    st.markdown(escape_markdown(describe_recipe(recipe)))
    show_table(rows, name="results")
