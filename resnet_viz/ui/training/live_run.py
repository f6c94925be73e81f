"""One run on a page: live while it goes on, its numbers when it has ended. Any number of browsers may look."""

import time
from collections.abc import Hashable, Mapping
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from resnet_viz.i18n import _
from resnet_viz.jobs.training import client
from resnet_viz.present.training import race_data
from resnet_viz.present.training.race_data import SentUpTo
from resnet_viz.present.training.recipe import describe_recipe
from resnet_viz.present.training.results import degradation, result_table, without_gradient
from resnet_viz.present.training.status import history, made_with, state_line
from resnet_viz.runs import shipped as recorded
from resnet_viz.runs.run import Curve, Run, RunState
from resnet_viz.runs.shipped import RecordedRun
from resnet_viz.runs.sql.seeds import without_seed
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import Step
from resnet_viz.ui.training import next_steps, race_component, run_controls
from resnet_viz.ui.training import seeds as run_seeds
from resnet_viz.ui.widgets import auto_refresh, run_library
from resnet_viz.ui.widgets.data_table import show_table
from resnet_viz.ui.widgets.messages import escape_markdown, show_warning
from resnet_viz.ui.widgets.shared_cache import shared_cache

_EVERY_S: Final = 1.0
_SOON_S: Final = 0.25  # between two looks for a first step
_BEGINNING_S: Final = 8.0  # after that a run that has not begun is looked at as seldom as any
_FRESH_S: Final = 0.9
_MOMENT_S: Final = 0.25  # those who look within it see the same


def show(run_id: str) -> None:
    """Shows the run of this id, polling while it is queued or runs.

    Raises:
        QueueError: the id is none.
    """
    match run_library.library().read(run_id):
        case None:
            show_warning(_("There is no run {id} on this machine; it may have been deleted.").format(id=run_id))
        case RecordedRun() as recorded_run:
            _show_shipped(recorded_run)
        case Run() as run:
            _show_live(run)


def _show_live(run: Run) -> None:
    shared_cache.put(("run", run.id), run, fresh_s=_MOMENT_S)
    is_over = run.state.is_final and run_seeds.are_over(run_seeds.of_run(run))
    # Beside the part that polls: buttons would be most of what every browser gets every second.
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        with st.container():
            line = st.empty()
        run_controls.show(run)
    face = _appearance(run)

    def view() -> bool:
        return _view(run.id, line, face)

    every_s = _SOON_S if _is_beginning(run) else _EVERY_S
    auto_refresh.show(view, every_s=None if is_over else every_s)


def _is_beginning(run: Run) -> bool:
    """Whether a run's first step is to come any moment: who pressed Start looks for it."""
    has_begun = run.state.is_final or any(net.num_steps for net in run.nets)
    return not has_begun and time.time() - max(run.created, run.started or 0.0) < _BEGINNING_S


def _appearance(run: Run) -> Hashable:
    """Returns what is drawn beside the part that polls, and how often that does."""
    return run_controls.appearance(run), _is_beginning(run)


def show_before(recipe: Recipe | None) -> None:
    """Shows, until there is a run, the shipped one of this very recipe, or the default one where there is none."""
    same = (
        name for name in recorded.NAMES if recipe and without_seed(recorded.read(name).recipe) == without_seed(recipe)
    )
    found = next(same, None)
    shipped = recorded.read(found or recorded.NAMES[0])
    if found:
        st.markdown(_("Until you press Start: this very run, recorded when this version was made."))
    else:
        st.subheader(escape_markdown(_("Another run: {title}").format(title=shipped.title)), anchor=False)
        st.markdown(
            _(
                "Nothing is recorded of what is picked above: press Start to train it. Until then this run, which has "
                "other nets or settings, shows what the charts look like."
            )
        )
    _show_shipped(shipped)


def _show_shipped(shipped: RecordedRun) -> None:
    """Shows a run that is shipped with the app."""
    race_component.show(
        shipped.recipe, shipped.name, lambda seen: ([], []) if seen else (shipped.curves, shipped.probes)
    )
    for sentence in _sentences(shipped.recipe, shipped.curves, shipped.first, shipped.last):
        st.markdown(sentence)
    _numbers(shipped.recipe, shipped.curves, shipped.first, shipped.last)
    if shipped.thinned:
        st.caption(escape_markdown(f"{shipped.title}. {shipped.thinned}"))
    next_steps.graphs(shipped.recipe, shipped.name)


def _view(run_id: str, line: DeltaGenerator, face: Hashable) -> bool:
    """Draws the run as it is now; returns whether the whole page has to be drawn anew.

    Args:
        run_id: the run.
        line: where it says how far it is.
        face: of the controls that are drawn above.
    """
    store = client.store()
    run = shared_cache.get(("run", run_id), lambda: store.run(run_id), fresh_s=_MOMENT_S)
    if run is None:
        show_warning(_("This run has been deleted."))
        return False
    if _appearance(run) != face:
        return True  # before anything is drawn: of two updates that come at once a browser gets the second alone
    seeds = run_seeds.of_run(run)
    is_over = run.state.is_final and run_seeds.are_over(seeds)
    if not is_over:
        client.ensure_daemon(store.path)
    curves, first, last = run_library.snapshot(run_id, run.state)
    _status(run, curves, line)
    for sentence in filter(None, [run.error, *(net.sentence for net in run.nets)]):
        show_warning(sentence)
    has_band = run_seeds.pick_band(run, seeds)
    if curves or not run.state.is_final:
        _charts(run, run_seeds.readers(run, seeds) if has_band else {})
    said = ("sentences", run_id, run.state, st.context.locale)
    for sentence in shared_cache.get(said, lambda: _sentences(run.recipe, curves, first, last), fresh_s=_FRESH_S):
        st.markdown(sentence)
    run_seeds.show_results(run.recipe, seeds)
    if is_over:  # before that it would be most of what every browser gets every second
        _numbers(run.recipe, curves, first, last)
        if run.versions:
            st.caption(escape_markdown(made_with(run.versions)))
        if last:
            next_steps.graphs(run.recipe, run_id)
        next_steps.show(run)
    return is_over


def _status(run: Run, curves: tuple[Curve, ...], line: DeltaGenerator) -> None:
    total = run.recipe.steps * len(run.recipe.nets)
    done = sum(net.num_steps for net in run.nets)
    line.progress(min(1.0, done / total), _line(run, curves))
    for sentence in history(run):
        st.caption(escape_markdown(sentence))


def _line(run: Run, curves: tuple[Curve, ...]) -> str:
    if run.state is not RunState.QUEUED:  # only who waits has a place, and asking for it reads the store
        return state_line(run, curves, place=0)
    store = client.store()
    return state_line(run, curves, place=store.position(run.id) or 1, wait_s=store.wait_s(run.id))


def _charts(run: Run, others: Mapping[str, race_component.SeedReader]) -> None:
    # Who looks in the same moment sees the run up to the same step, and so needs the same at the next look.
    until = {net.label: net.num_steps - 1 for net in run.nets}

    def read(seen: Mapping[str, SentUpTo]) -> tuple[list[Curve], list[Step]]:
        store, recipe = client.store(), run.recipe
        after = {label: place.step for label, place in seen.items()}
        curves = store.curves(run.id, after=after, until=until, every=race_data.step_stride(recipe))
        measured = {label: place.moment for label, place in seen.items()}
        probes = race_data.thin_probes(recipe, store.steps(run.id, after=measured, until=until, is_probed=True))
        # A new attempt that began meanwhile has its turn at the next look, under its own word.
        is_same = all(curve.attempt == run.attempt for curve in curves)
        return (list(curves), probes) if is_same else ([], [])

    race_component.show(run.recipe, f"{run.id}:{run.attempt}", read, others, edge=tuple(until.items()))


def _sentences(recipe: Recipe, curves: tuple[Curve, ...], first: tuple[Step, ...], last: tuple[Step, ...]) -> list[str]:
    """Returns what came out so far, as Markdown."""
    strong = [
        f"**{escape_markdown(sentence)}**" for sentence in degradation(recipe.nets, curves, first=first, last=last)
    ]
    return [*strong, *(escape_markdown(sentence) for sentence in without_gradient(last))]


def _numbers(recipe: Recipe, curves: tuple[Curve, ...], first: tuple[Step, ...], last: tuple[Step, ...]) -> None:
    rows = result_table(curves, {step.net: step for step in first}, {step.net: step for step in last})
    if not rows:
        return
    st.markdown(escape_markdown(describe_recipe(recipe)))
    show_table(rows, name="results")
