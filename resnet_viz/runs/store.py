"""RunStore: the runs in one file, for pages and the command line. Opens the file for each call and closes it again."""

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Concatenate, Final, ParamSpec, TypeVar

from resnet_viz.errors import QueueError
from resnet_viz.i18n import _
from resnet_viz.runs.formats import json_import
from resnet_viz.runs.run import Run, RunSummary, checked_id
from resnet_viz.runs.sql import annotations, queue, retention, seeds, summaries
from resnet_viz.runs.sql.annotations import Annotation
from resnet_viz.runs.sql.control import Command, Verb
from resnet_viz.runs.sql.queue import QueueLimits
from resnet_viz.runs.sql.retention import RetentionLimits, StorageUsage, retention_limits
from resnet_viz.runs.sql.schema import newer_version, read_from, writing_to
from resnet_viz.runs.sql.seeds import SeedRun
from resnet_viz.runs.sql.steps import read_curves, read_probe, read_steps
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.recipe_values import check_lr

P = ParamSpec("P")
T = TypeVar("T")
MOST_LISTED: Final = 2_000


def _reads(
    read: Callable[Concatenate[sqlite3.Connection, str, P], T], otherwise: T
) -> Callable[Concatenate["RunStore", str, P], T]:
    """Returns the method of RunStore that reads one run as `read` does; `otherwise` is for a store without a file."""

    def method(self: "RunStore", run_id: str, /, *args: P.args, **kwargs: P.kwargs) -> T:
        checked_id(run_id)
        return self._read(lambda db: read(db, run_id, *args, **kwargs), otherwise)

    method.__name__, method.__doc__ = read.__name__, read.__doc__
    return method


class RunStore:
    """The runs in one file: queue, states, records and annotations. Any number of threads and processes may use it.

    A store whose file does not exist is empty. Only the daemon's DaemonStore writes records. Every method raises
    QueueError for an id that is none and for a file that cannot be read or written.

    Attributes:
        path: the file.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], float] = time.time,
        limits: QueueLimits | None = None,
        retention: RetentionLimits | None = None,
    ) -> None:
        self.path = path
        self._clock = clock
        self._limits = limits or QueueLimits()
        self._retention = retention or retention_limits(os.environ)

    # Reads of one run; see the functions for arguments and values.
    run = _reads(summaries.read_run, None)
    export = _reads(summaries.export, None)
    position = _reads(queue.position, None)
    wait_s = _reads(queue.wait_s, None)
    checkpoints = _reads(summaries.checkpoints, ())
    steps = _reads(read_steps, ())
    curves = _reads(read_curves, ())
    probe = _reads(read_probe, ())

    def list(self, limit: int = 50, *, is_pinned_first: bool = False) -> tuple[RunSummary, ...]:
        """Returns the newest runs of all owners, newest first; pinned ones before them where asked for."""
        return self._read(lambda db: summaries.summaries(db, limit, is_pinned_first=is_pinned_first), ())

    def seeds(self, run: Run) -> tuple[SeedRun, ...]:
        """Returns a run and those that differ from it in the seed alone, by seed."""
        return self._read(lambda db: seeds.runs_by_seed(db, run.id, run.recipe), ())

    def seed_runs(self, ids: Sequence[str]) -> dict[str, SeedRun]:
        """Returns seed and state of those of these runs that exist, by id: light enough to poll for a whole class."""
        for run_id in ids:
            checked_id(run_id)
        return self._read(lambda db: seeds.seed_runs(db, ids), {})

    def waiting_ids(self) -> tuple[str, ...]:
        """Returns the queued runs of all owners in the order in which they are claimed; none that is held."""
        return self._read(queue.waiting_ids, ())

    def pinned_ids(self) -> frozenset[str]:
        """Returns the ids of all pinned runs."""
        return self._read(annotations.pinned_ids, frozenset())

    def annotations(self, ids: Sequence[str]) -> dict[str, Annotation]:
        """Returns pin, note, origin and size of each of these runs that exists."""
        for run_id in ids:
            checked_id(run_id)
        return self._read(lambda db: annotations.annotations_of(db, ids), {})

    def usage(self) -> StorageUsage:
        """Returns the disk space of the runs and its limits."""
        limits = self._retention
        nothing = StorageUsage(used_bytes=0, checkpoint_bytes=0, limits=limits, retired=())
        return self._read(lambda db: retention.usage(db, limits), nothing)

    def is_newer(self) -> bool:
        """Whether a newer version of this program wrote the store, so that this one only reads it."""
        with _refusing():
            return newer_version(self.path) is not None

    def submit(self, recipe: Recipe, *, owner: str, name: str = "", is_shared: bool = False) -> str:
        """Appends a run to the queue and returns its id; see `submit_all`."""
        return self.submit_all([recipe], owner=owner, name=name, is_shared=is_shared)[0]

    def submit_all(
        self, recipes: Sequence[Recipe], *, owner: str, name: str = "", is_shared: bool = False
    ) -> tuple[str, ...]:
        """Appends runs to the queue, all or none of them, and returns their ids.

        Args:
            recipes: what is trained and how.
            owner: whose runs they are; one owner has a limited number at a time.
            name: what the owner calls them.
            is_shared: whether a queued or running run of the same recipe, hence of the same seed, takes the place of
                a new one, whoever owns it.

        Raises:
            QueueError: the queue is full or the owner has too many runs.
        """
        with writing_to(self.path) as db:
            return queue.submit(
                db, recipes, owner=owner, name=name, limits=self._limits, now=self._clock(), is_shared=is_shared
            )

    def branch(self, parent: str, recipe: Recipe, sources: Sequence[int], *, owner: str) -> str:
        """Appends a run to the queue that goes on from another's newest checkpoint, and returns its id.

        Args:
            parent: the other run, which stays as it is.
            recipe: what is trained and how; its first step is the checkpoint's.
            sources: for each of its nets, the place of the parent's net that it goes on from.
            owner: whose run it is.

        Raises:
            QueueError: there is no checkpoint, the queue is full, or the owner has too many runs.
        """
        checked_id(parent)
        with writing_to(self.path) as db:
            return queue.branch(db, parent, recipe, sources, owner=owner, limits=self._limits, now=self._clock())

    def post_command(self, run_id: str, verb: Verb, value: float = 0.0) -> None:
        """Posts a command to a run: pause, continue, one step, rewind, or another learning rate, the `value`.

        A run that has ended stays as it is.

        Raises:
            QueueError: the owner has too many runs that go on.
            SpecError: a learning rate out of its range.
        """
        checked_id(run_id)
        if verb is Verb.RATE:
            check_lr(value)
        if self.path.exists():
            command = Command(run_id=run_id, verb=verb, value=value)
            with writing_to(self.path) as db:
                queue.post_command(db, command, limits=self._limits, now=self._clock())

    def cancel(self, run_id: str) -> None:
        """Ends a queued run at once and asks a running one to stop; one that has ended stays as it is."""
        checked_id(run_id)
        if self.path.exists():
            with writing_to(self.path) as db:
                queue.cancel(db, run_id, now=self._clock())

    def delete(self, *ids: str) -> None:
        """Deletes runs that have ended, with all their records.

        Raises:
            QueueError: one is queued or running; it stays, and so do those after it.
        """
        for run_id in ids:
            checked_id(run_id)
        if self.path.exists():
            with writing_to(self.path) as db:
                for run_id in ids:
                    retention.delete(db, run_id)
                self._tidy(db)

    def pin(self, run_id: str, *, is_pinned: bool) -> None:
        """Pins a run, so that retention never deletes it, or unpins it.

        Raises:
            QueueError: there is no such run.
        """
        checked_id(run_id)
        with writing_to(self.path) as db:
            annotations.pin(db, run_id, is_pinned=is_pinned)

    def rename(self, run_id: str, *, name: str, note: str) -> None:
        """Sets the name and the note of a run; an empty text removes one.

        Raises:
            QueueError: there is no such run.
        """
        checked_id(run_id)
        with writing_to(self.path) as db:
            annotations.rename(db, run_id, name=name, note=note)

    def import_run(self, content: bytes, *, owner: str) -> str:
        """Adds the run of an exported JSON file and returns its new id.

        Raises:
            DataError: the file is no whole exported run; the store has not changed.
        """
        imported = json_import.parse(content)
        with writing_to(self.path) as db:
            run_id = annotations.import_run(db, imported, owner=owner, now=self._clock())
            self._tidy(db)
        return run_id

    def _tidy(self, db: sqlite3.Connection) -> None:
        """Applies retention where no daemon does; a writer that is in the way leaves it for the next time."""
        with contextlib.suppress(sqlite3.OperationalError):
            while retention.sweep(db) or retention.retire(db, self._retention, now=self._clock()):
                pass

    def _read(self, read: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        with _refusing():
            return read_from(self.path, read, otherwise)


@contextlib.contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise QueueError(
            _("The saved runs cannot be read: the file is busy, damaged, or of a version this program does not know.")
        ) from error
