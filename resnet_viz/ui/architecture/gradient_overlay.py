"""Gradient norms of a run as colours of the layer graph, at its first or last step."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import streamlit as st

from resnet_viz.analysis.report import Analysis
from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.training import recipe as recipes
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import Step
from resnet_viz.ui.frame import page_path
from resnet_viz.ui.widgets import run_library, url_state

_NEWEST: Final = 24
_FIRST, _LAST = "first", "last"

Norms = Mapping[str, float]


class _Source(NamedTuple):
    """A run that may have trained a drawn net."""

    id: str
    name: str
    recipe: Recipe


def pick_gradient_norms(analyses: Sequence[Analysis]) -> tuple[Norms, ...]:
    """Shows the choice of a run and of its first or last step; returns each net's norms by layer and block.

    Only runs that trained one of the drawn nets are offered.
    """
    specs = [analysis.plan.spec for analysis in analyses]
    sources = [source for source in _sources() if any(spec in source.recipe.nets for spec in specs)]
    if not sources:
        st.info(
            _("No run has trained this network. Train it in the lab to colour the graph by gradient norm."),
            icon=":material/search_off:",
        )
        st.page_link(page_path("training"), label=_("Training lab"), icon=":material/arrow_forward:")
        return ()
    names = {source.id: source.name for source in sources}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = url_state.select(_("Run"), "run", list(names), sources[0].id, names.__getitem__, width=420)
        when = {_FIRST: _("first step"), _LAST: _("last step")}
        step = url_state.segments(_("Gradient at"), "at", list(when), _FIRST, when.__getitem__)
    (source,) = (source for source in sources if source.id == chosen)
    probes = _probes(source.id, is_first=step == _FIRST)
    return tuple(_norms(spec, source.recipe, probes) for spec in specs)


def _sources() -> Iterable[_Source]:
    library = run_library.library()
    for run in (*library.shipped(), *library.stored(_NEWEST)):
        try:
            recipe = recipes.from_json(run.recipe_fields)
        except Refusal:  # of a version that knew other fields
            continue
        name = " · ".join(run.net_titles) if run.summary else _("recorded: {title}").format(title=run.title)
        yield _Source(run.id, name, recipe)


def _probes(run_id: str, *, is_first: bool) -> Iterable[Step]:
    return run_library.library().probe(run_id, is_first=is_first)


def _norms(spec: object, recipe: Recipe, probes: Iterable[Step]) -> Norms:
    labels = [label for net, label in zip(recipe.nets, recipe.labels, strict=True) if net == spec]
    for step in probes:
        if step.net in labels:
            return {**step.grad_norm, **step.block_grad_norm}
    return {}
