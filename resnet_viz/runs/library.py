"""RunLibrary: the runs of this machine and those that ship with the program, listed, read and exported alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from resnet_viz.runs import shipped
from resnet_viz.runs.run import Curve, Run, RunSummary
from resnet_viz.runs.shipped import RecordedRun
from resnet_viz.runs.store import RunStore
from resnet_viz.training import recipe as recipes
from resnet_viz.training.records import Step

SHIPPED: Final = "recorded"  # in addresses, beside the states of runs
MOST_LISTED: Final = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class RunEntry:
    """A run in a list.

    Attributes:
        id: 12 digits, or the name of a shipped run.
        title: its name, or its nets.
        labels: keys of its nets' records.
        net_titles: titles of its nets, in the same order.
        recipe_fields: its recipe as it was saved; readable even where this version refuses it.
        summary: its line in the store; None for a shipped run.
    """

    id: str
    title: str
    labels: tuple[str, ...]
    net_titles: tuple[str, ...]
    recipe_fields: Mapping[str, Any]
    summary: RunSummary | None = None

    @property
    def state(self) -> str:
        """The run's state, or SHIPPED."""
        return SHIPPED if self.summary is None else self.summary.state.value


class Snapshot(NamedTuple):
    """The measurements of a run at one moment.

    Attributes:
        curves: losses and accuracies of each net.
        first: the first probed step of each net.
        last: the newest probed step of each net.
    """

    curves: tuple[Curve, ...]
    first: tuple[Step, ...]
    last: tuple[Step, ...]


class RunLibrary:
    """Reads runs by id, whether they lie in a store or ship with the program.

    Every method raises QueueError where the store cannot be read, and DataError where a shipped run is damaged.

    Attributes:
        store: the runs of this machine.
    """

    def __init__(self, store: RunStore) -> None:
        self.store = store

    def entries(self) -> tuple[RunEntry, ...]:
        """Returns all runs: those of the store, pinned ones first and newest first among equals, then shipped ones."""
        return (*self.stored(MOST_LISTED, is_pinned_first=True), *self.shipped())

    def stored(self, limit: int, *, is_pinned_first: bool = False) -> tuple[RunEntry, ...]:
        """Returns the newest runs of the store."""
        return tuple(
            RunEntry(
                id=run.id,
                title=run.title,
                labels=run.labels,
                net_titles=run.net_titles,
                recipe_fields=run.recipe_fields,
                summary=run,
            )
            for run in self.store.list(limit, is_pinned_first=is_pinned_first)
        )

    def shipped(self) -> tuple[RunEntry, ...]:
        """Returns the shipped runs."""
        runs = [shipped.read(name) for name in shipped.NAMES]
        return tuple(
            RunEntry(
                id=run.name,
                title=run.title,
                labels=run.recipe.labels,
                net_titles=tuple(run.recipe.titles.values()),
                recipe_fields=recipes.to_json(run.recipe),
            )
            for run in runs
        )

    def read(self, run_id: str) -> Run | RecordedRun | None:
        """Returns a run: one of the store, which may go on, or a shipped one, which never changes.

        Raises:
            QueueError: the id is none.
            SpecError: its recipe is none that this version knows.
        """
        return self._shipped(run_id) or self.store.run(run_id)

    def snapshot(self, run_id: str, *, at_most: int | None = None) -> Snapshot:
        """Returns the measurements of a run so far; an unknown run has none.

        Args:
            run_id: the run.
            at_most: thins each curve evenly to about this many steps; shipped ones are thin already.
        """
        match self._shipped(run_id):
            case None:
                curves = self.store.curves(run_id, at_most=at_most)
                return Snapshot(curves, self.store.probe(run_id, step=0), self.store.probe(run_id))
            case run:
                return Snapshot(run.curves, run.first, run.last)

    def probe(self, run_id: str, *, is_first: bool) -> tuple[Step, ...]:
        """Returns the first or the newest probed step of each net."""
        match self._shipped(run_id):
            case None:
                return self.store.probe(run_id, step=0 if is_first else None)
            case run:
                return run.first if is_first else run.last

    def export(self, run_id: str) -> dict[str, Any] | None:
        """Returns a run with all its records as JSON values (see `json_export`), or None where there is none.

        Raises:
            QueueError: the id is none.
            SpecError: its recipe is none that this version knows.
        """
        return shipped.export(run_id) if run_id in shipped.NAMES else self.store.export(run_id)

    def _shipped(self, run_id: str) -> RecordedRun | None:
        return shipped.read(run_id) if run_id in shipped.NAMES else None
