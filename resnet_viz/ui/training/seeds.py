"""Seeds of a run: links to the runs that differ in the seed alone, a band over them, and their results."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.jobs.training import client
from resnet_viz.present.training import race_data
from resnet_viz.present.training import seeds as over_seeds
from resnet_viz.present.training.race_data import SentUpTo
from resnet_viz.runs.run import Curve, Run, RunState
from resnet_viz.runs.sql.seeds import SeedRun
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import Step
from resnet_viz.ui.frame import page_path
from resnet_viz.ui.training.race_component import SeedReader
from resnet_viz.ui.widgets import url_state
from resnet_viz.ui.widgets.data_table import show_table
from resnet_viz.ui.widgets.messages import escape_markdown
from resnet_viz.ui.widgets.run_library import state_name
from resnet_viz.ui.widgets.shared_cache import shared_cache

_MAX_POINTS: Final = 1_000  # per curve
_FRESH_S: Final = 0.9
_KEPT_S: Final = 600.0  # curves of a run that has ended


def of_run(run: Run) -> tuple[SeedRun, ...]:
    """Returns a run and those that differ from it in the seed alone, read once a second for all sessions."""
    return shared_cache.get(("seeds", run.id, run.state), lambda: client.store().seeds(run), fresh_s=_FRESH_S)


def are_over(seeds: tuple[SeedRun, ...]) -> bool:
    """Returns whether all of these runs have ended."""
    return all(each.state.is_final for each in seeds)


def pick_band(run: Run, seeds: tuple[SeedRun, ...]) -> bool:
    """Shows the seeds as links and the switch of the band, if there are several; returns whether the band is on."""
    if len(seeds) < over_seeds.MIN_SEEDS:
        return False
    others = {name: value for name, value in st.query_params.to_dict().items() if name != "run"}
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="seeds_of_run"):
        st.markdown(_("**{n} seeds:**").format(n=len(seeds)), width="content")
        for each in seeds:
            st.page_link(
                page_path("training"),
                label=_label(each),
                query_params=others | {"run": each.id},
                disabled=each.id == run.id,
                width="content",
            )
        return url_state.switch(_("Band over seeds"), "band", default=True)


def readers(run: Run, seeds: tuple[SeedRun, ...]) -> dict[str, SeedReader]:
    """Returns the readers of the other seeds' curves for the chart."""
    return {
        f"{each.id}:{each.attempt}": SeedReader(each.seed, _reader(each, run.recipe))
        for each in seeds
        if each.id != run.id and each.attempt
    }


def show_results(recipe: Recipe, seeds: tuple[SeedRun, ...]) -> None:
    """Shows the results over the seeds that have ended: sentences and a table of means."""
    by_seed = ended_curves(seeds)
    if len(by_seed) < over_seeds.MIN_SEEDS:
        return
    rows = over_seeds.table(recipe.titles, by_seed)
    if not rows:
        return
    for sentence in over_seeds.sentences(recipe.nets, by_seed, data=recipe.data):
        st.markdown(f"**{escape_markdown(sentence)}**")
    show_table(rows, name="seeds")


def ended_curves(seeds: tuple[SeedRun, ...]) -> dict[int, Sequence[Curve]]:
    """Returns the curves of the runs that have ended, by seed."""
    return {each.seed: _ended_curves(each.id, each.attempt) for each in seeds if each.state is RunState.DONE}


def _ended_curves(run_id: str, attempt: int) -> tuple[Curve, ...]:
    key = ("seed", run_id, attempt)
    return shared_cache.get(key, lambda: client.store().curves(run_id, at_most=_MAX_POINTS), fresh_s=_KEPT_S)


def _reader(seed: SeedRun, recipe: Recipe) -> Callable[[Mapping[str, SentUpTo]], tuple[list[Curve], list[Step]]]:
    def read(seen: Mapping[str, SentUpTo]) -> tuple[list[Curve], list[Step]]:
        after = {label: place.step for label, place in seen.items()}
        if seen and min(after.values()) >= recipe.steps - 1:
            return [], []
        curves = client.store().curves(seed.id, after=after, every=race_data.step_stride(recipe))
        return [curve for curve in curves if curve.attempt == seed.attempt], []

    return read


def _label(seed: SeedRun) -> str:
    return str(seed.seed) if seed.state is RunState.DONE else f"{seed.seed} ({state_name(seed.state)})"
