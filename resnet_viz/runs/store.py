"""RunStore: what pages and the command line may do with runs. Opens the file for each call and closes it again."""

import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from resnet_viz.runs.run import Curve, Run, RunSummary, checked_id
from resnet_viz.runs.sql import queue, seeds, summaries, writing
from resnet_viz.runs.sql import steps as measured
from resnet_viz.runs.sql.checkpoints import Checkpoint
from resnet_viz.runs.sql.control import Command, Verb
from resnet_viz.runs.sql.queue import QueueLimits
from resnet_viz.runs.sql.schema import read_from, writing_to
from resnet_viz.runs.sql.seeds import SeedRun
from resnet_viz.runs.sql.steps import LAST_STEP, StepBound
from resnet_viz.training.recipe import Recipe, check_lr
from resnet_viz.training.records import Step

T = TypeVar("T")


class RunStore:
    """The runs in one file: queue, states and records. Any number of threads and processes may use it.

    A store that does not exist yet is empty. Only the daemon's Ledger writes records.

    Attributes:
        path: the file.
    """

    def __init__(
        self, path: Path, *, clock: Callable[[], float] = time.time, limits: QueueLimits | None = None
    ) -> None:
        self.path = path
        self._clock = clock
        self._limits = limits or QueueLimits()

    def submit(self, recipe: Recipe, *, owner: str, name: str = "", is_shared: bool = False) -> str:
        """Puts a run at the end of the queue and returns its id, as `submit_all` does."""
        return self.submit_all([recipe], owner=owner, name=name, is_shared=is_shared)[0]

    def submit_all(
        self, recipes: Sequence[Recipe], *, owner: str, name: str = "", is_shared: bool = False
    ) -> tuple[str, ...]:
        """Puts runs at the end of the queue, all or none of them, and returns their ids.

        Args:
            recipes: what is trained and how.
            owner: whose run it is; one owner has a limited number at a time.
            name: what the owner calls it.
            is_shared: whether a run of the same recipe that waits or trains will do, whoever owns it.

        Raises:
            QueueError: the queue is full, the owner has too many runs, or the store cannot be written.
        """
        with writing_to(self.path) as db:
            return queue.submit(
                db, recipes, owner=owner, name=name, limits=self._limits, now=self._clock(), is_shared=is_shared
            )

    def tell(self, run_id: str, verb: Verb, value: float = 0.0) -> None:
        """Tells a run to pause, continue, take one step, rewind, or learn at another rate; an ended one stays as it is.

        Raises:
            QueueError: the id is none, the owner has too many runs that go on, or the store cannot be written.
            SpecError: a rate out of its range.
        """
        checked_id(run_id)
        if verb is Verb.RATE:
            check_lr(value)
        if self.path.exists():
            with writing_to(self.path) as db:
                queue.post_command(
                    db, Command(run_id=run_id, verb=verb, value=value), limits=self._limits, now=self._clock()
                )

    def branch(self, parent: str, recipe: Recipe, sources: Sequence[int], *, owner: str) -> str:
        """Puts a run into the queue that goes on from another's newest checkpoint, and returns its id.

        Args:
            parent: the other, which stays as it is.
            recipe: what is trained and how; its first step is the checkpoint's.
            sources: for each of its nets, which of the other's nets it goes on from.
            owner: whose run it is.

        Raises:
            QueueError: no checkpoint, no room, or the store cannot be written.
        """
        checked_id(parent)
        with writing_to(self.path) as db:
            return queue.branch(db, parent, recipe, sources, owner=owner, limits=self._limits, now=self._clock())

    def cancel(self, run_id: str) -> None:
        """Ends a waiting run at once and asks a running one to stop; one that has ended stays as it is.

        Raises:
            QueueError: the id is none, or the store cannot be written.
        """
        checked_id(run_id)
        if self.path.exists():
            with writing_to(self.path) as db:
                queue.cancel(db, run_id, now=self._clock())

    def delete(self, run_id: str) -> None:
        """Deletes a run that has ended.

        Raises:
            QueueError: the id is none, the run has not ended, or the store cannot be written.
        """
        checked_id(run_id)
        if self.path.exists():
            with writing_to(self.path) as db:
                writing.delete(db, run_id)

    def position(self, run_id: str) -> int | None:
        """Returns the run's place in the queue, 1 for the next; None where it does not wait."""
        checked_id(run_id)
        return self._read(lambda db: summaries.position(db, run_id), None)

    def wait_s(self, run_id: str) -> float | None:
        """Returns about how many seconds a run has to wait for its turn; None where it does not wait."""
        checked_id(run_id)
        return self._read(lambda db: queue.wait_s(db, run_id), None)

    def run(self, run_id: str) -> Run | None:
        """Returns a run with its nets, or None where there is none of this id.

        Raises:
            QueueError: the id is none.
            SpecError: its recipe is none that this version knows.
        """
        checked_id(run_id)
        return self._read(lambda db: summaries.run(db, run_id), None)

    def checkpoints(self, run_id: str) -> tuple[Checkpoint, ...]:
        """Returns the checkpoints of the run's newest attempt, first step first; they lie in `checkpoints.folder`."""
        checked_id(run_id)
        return self._read(lambda db: summaries.checkpoints(db, run_id), ())

    def seeds(self, run: Run) -> tuple[SeedRun, ...]:
        """Returns a run and those that differ from it in the seed alone, by seed."""
        return self._read(lambda db: seeds.runs_by_seed(db, run.id, run.recipe), ())

    def list(self, limit: int = 50) -> tuple[RunSummary, ...]:
        """Returns the newest runs of all owners, newest first."""
        return self._read(lambda db: summaries.summaries(db, limit), ())

    def steps(
        self, run_id: str, *, after: StepBound = -1, until: StepBound = LAST_STEP, is_probed: bool = False
    ) -> tuple[Step, ...]:
        """Returns the newest attempt's steps with their norms, by step and then in the order of the nets.

        Args:
            run_id: the run; an unknown one has no steps.
            after: go on after this step, or after the step given for each net's label.
            until: stop after this step, or after the step given for each net's label; those not named have none.
            is_probed: only the steps whose norms were measured.
        """
        checked_id(run_id)
        return self._read(lambda db: measured.steps(db, run_id, after=after, until=until, is_probed=is_probed), ())

    def curves(
        self,
        run_id: str,
        *,
        after: StepBound = -1,
        until: StepBound = LAST_STEP,
        at_most: int | None = None,
        every: int | None = None,
    ) -> tuple[Curve, ...]:
        """Returns the newest attempt's losses and accuracies, without norms: light enough to poll each second.

        Args:
            run_id: the run; an unknown one has no curves.
            after: go on after this step, or after the step given for each net's label.
            until: stop after this step, or after the step given for each net's label; those not named have none.
            at_most: thins each curve evenly to about this many steps, keeping its last and all that were tested.
            every: keeps the multiples of this step and all that were tested, the same ones at every call.
        """
        checked_id(run_id)
        return self._read(
            lambda db: measured.curves(db, run_id, after=after, until=until, at_most=at_most, every=every), ()
        )

    def probe(self, run_id: str, *, step: int | None = None) -> tuple[Step, ...]:
        """Returns each net's newest step with norms, at `step` or before it where given."""
        checked_id(run_id)
        return self._read(lambda db: measured.probe(db, run_id, step=step), ())

    def export(self, run_id: str) -> dict[str, Any] | None:
        """Returns the run and all its records as strict JSON values (see `export`), or None where there is none.

        Raises:
            QueueError: the id is none.
            SpecError: its recipe is none that this version knows.
        """
        checked_id(run_id)
        return self._read(lambda db: summaries.exported(db, run_id), None)

    def _read(self, ask: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        return read_from(self.path, ask, otherwise)
