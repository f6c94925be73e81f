"""Runs that are kept, wherever they come from: those of this machine and those that are shipped, as one list."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from resnet_viz.errors import QueueError
from resnet_viz.i18n import _
from resnet_viz.jobs.training import client
from resnet_viz.present.runs.comparison import ComparedRun
from resnet_viz.runs import shipped
from resnet_viz.runs.paths import store_path
from resnet_viz.runs.run import Curve, HoldReason, RunState, RunSummary
from resnet_viz.runs.shelf import Shelf
from resnet_viz.training import recipe as recipes
from resnet_viz.training.records import Step
from resnet_viz.ui.widgets.visitor import may_change

SHIPPED: Final = "recorded"  # stands beside the states of runs in addresses
_MOST_POINTS: Final = 400
_FRESH_S: Final = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class RunEntry:
    """One run of the list.

    Attributes:
        id: 12 digits, or the name of a shipped run.
        title: what it is called: its name, or its nets.
        labels: its nets.
        recipe_fields: its recipe as it was saved.
        summary: what the store tells about it; None for a shipped one.
    """

    id: str
    title: str
    labels: tuple[str, ...]
    recipe_fields: Mapping[str, Any]
    summary: RunSummary | None

    @property
    def state(self) -> str:
        """The run's state, or SHIPPED."""
        return SHIPPED if self.summary is None else self.summary.state.value

    @property
    def may_be_changed(self) -> bool:
        """Whether this visitor may rename, pin and delete it: on a public server only who started it may."""
        return self.summary is not None and may_change(self.summary.owner)


def shelf() -> Shelf:
    """Returns the runs of this machine's user.

    Raises:
        QueueError: their folder cannot be made.
    """
    return Shelf(store_path())


def entries() -> tuple[RunEntry, ...]:
    """Returns this machine's runs, pinned ones first and newest first among equals, then the shipped ones.

    Raises:
        QueueError: the store cannot be read.
    """
    own = [
        RunEntry(
            id=run.id,
            title=run.name or " · ".join(run.labels),
            labels=run.labels,
            recipe_fields=run.recipe_fields,
            summary=run,
        )
        for run in shelf().runs()
    ]
    return (*own, *shipped_entries())


def shipped_entries() -> tuple[RunEntry, ...]:
    """Returns the shipped runs."""
    found = []
    for name in shipped.NAMES:
        run = shipped.read(name)
        fields = recipes.to_json(run.recipe)
        found.append(RunEntry(id=name, title=run.title, labels=run.recipe.labels, recipe_fields=fields, summary=None))
    return tuple(found)


def compared(entry: RunEntry, letter: str = "") -> ComparedRun:
    """Returns what is compared of a run, under a letter.

    Raises:
        SpecError: its recipe is none that this version knows.
    """
    recipe = recipes.from_json(entry.recipe_fields)
    curves, first, last = _snapshot(entry.id, entry.state)
    curves = tuple(curve for curve in curves if curve.steps)
    return ComparedRun(
        name=entry.title,
        letter=letter,
        nets=recipe.nets,
        steps=recipe.steps,
        curves=curves,
        first=first,
        last=last,
    )


def exported(run_id: str) -> dict[str, Any]:
    """Returns a run with all its records as JSON values.

    Raises:
        QueueError: there is none of this id.
    """
    found = shipped.export(run_id) if run_id in shipped.NAMES else shelf().export(run_id)
    if found is None:
        raise QueueError(_("This run has been deleted."))
    return found


def matching(
    found: Sequence[RunEntry], *, text: str, states: Sequence[str], pinned: frozenset[str] | None
) -> list[RunEntry]:
    """Returns the runs with all words of a text in title, nets or id, in one of the states, pinned where asked for."""
    words = text.lower().split()

    def fits(entry: RunEntry) -> bool:
        said = " ".join([entry.title, *entry.labels, entry.id, str(entry.recipe_fields.get("data", ""))]).lower()
        return (
            all(word in said for word in words)
            and (not states or entry.state in states)
            and (pinned is None or entry.id in pinned)
        )

    return [entry for entry in found if fits(entry)]


def state_name(state: str) -> str:
    """Returns what a state, or why a run is held, is called."""
    return {
        SHIPPED: _("recorded"),
        RunState.QUEUED.value: _("waiting"),
        RunState.RUNNING.value: _("running"),
        RunState.DONE.value: _("done"),
        RunState.FAILED.value: _("failed"),
        RunState.CANCELLED.value: _("stopped"),
        HoldReason.PAUSED.value: _("paused"),
        HoldReason.INTERRUPTED.value: _("interrupted"),
    }.get(state, state)


def _snapshot(run_id: str, state: str) -> tuple[tuple[Curve, ...], tuple[Step, ...], tuple[Step, ...]]:
    if state == SHIPPED:
        run = shipped.read(run_id)
        return run.curves, run.first, run.last
    return _stored(run_id, state, int(time.time() // _FRESH_S) if state == RunState.RUNNING else 0)


@st.cache_data(max_entries=64, ttl=600, show_spinner=False)
def _stored(run_id: str, state: str, _moment: int) -> tuple[tuple[Curve, ...], tuple[Step, ...], tuple[Step, ...]]:
    """Returns curves, first and newest probes. A run that has ended never changes; one that trains does."""
    store = client.store()
    return store.curves(run_id, at_most=_MOST_POINTS), store.probe(run_id, step=0), store.probe(run_id)
