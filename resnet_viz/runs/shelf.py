"""Shelf: what the runs page and the command line do with the runs that are kept. Opens the file for each call."""

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from resnet_viz.errors import QueueError
from resnet_viz.i18n import _
from resnet_viz.runs.formats import json_import
from resnet_viz.runs.run import RunSummary, checked_id
from resnet_viz.runs.sql import annotations as marks
from resnet_viz.runs.sql import checkpoints, summaries, writing
from resnet_viz.runs.sql import retention as room
from resnet_viz.runs.sql.annotations import Annotation, RetiredRun
from resnet_viz.runs.sql.schema import newer_version, read_from, writing_to
from resnet_viz.runs.sql.writing import RetentionLimits, retention_limits

T = TypeVar("T")
MOST_LISTED: Final = 2_000
_MOST_TOLD: Final = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class StorageUsage:
    """How much room runs take, and how much they may.

    Attributes:
        used_bytes: of the store's file.
        checkpoint_bytes: of the checkpoints beside it.
        limits: beyond which the oldest runs that have ended and are not pinned are deleted.
        forgotten: runs that were deleted to make room, newest deletion first.
    """

    used_bytes: int
    checkpoint_bytes: int
    limits: RetentionLimits
    forgotten: tuple[RetiredRun, ...]


class Shelf:
    """The runs in one file as something to look through, name, tidy and take along.

    Attributes:
        path: the file, which need not exist.
    """

    def __init__(
        self, path: Path, *, clock: Callable[[], float] = time.time, limits: RetentionLimits | None = None
    ) -> None:
        self.path = path
        self._clock = clock
        self._limits = limits or retention_limits(os.environ)

    def is_newer(self) -> bool:
        """Whether a newer version of this program wrote the store, so that this one only reads it."""
        with _told():
            return newer_version(self.path) is not None

    def runs(self) -> tuple[RunSummary, ...]:
        """Returns all runs: pinned ones first, newest first among equals.

        Raises:
            QueueError: the store cannot be read.
        """

        def ask(db: sqlite3.Connection) -> tuple[RunSummary, ...]:
            pinned = marks.pinned_ids(db)
            return tuple(sorted(summaries.summaries(db, MOST_LISTED), key=lambda run: run.id not in pinned))

        return self._read(ask, ())

    def pinned_ids(self) -> frozenset[str]:
        """Returns the ids of all runs that are pinned."""
        return self._read(marks.pinned_ids, frozenset())

    def marks(self, ids: Sequence[str]) -> dict[str, Annotation]:
        """Returns pin, note, origin and size of each of these runs that exists."""
        for run_id in ids:
            checked_id(run_id)
        return self._read(lambda db: marks.annotations_of(db, ids), {})

    def usage(self) -> StorageUsage:
        """Returns how much room the runs take."""
        nothing: tuple[int, int, tuple[RetiredRun, ...]] = (0, 0, ())

        def read(db: sqlite3.Connection) -> tuple[int, int, tuple[RetiredRun, ...]]:
            return writing.used_bytes(db), checkpoints.num_bytes(db), marks.retired_runs(db, _MOST_TOLD)

        used, kept, told = self._read(read, nothing)
        return StorageUsage(used_bytes=used, checkpoint_bytes=kept, limits=self._limits, forgotten=told)

    def pin(self, run_id: str, *, is_pinned: bool) -> None:
        """Pins a run, so that it is never deleted to make room, or lets it go.

        Raises:
            QueueError: there is no such run, or the store cannot be written.
        """
        checked_id(run_id)
        with writing_to(self.path) as db:
            marks.pin(db, run_id, is_pinned=is_pinned)

    def rename(self, run_id: str, *, name: str, note: str) -> None:
        """Gives a run a name and a note; empty texts take them away.

        Raises:
            QueueError: there is no such run, or the store cannot be written.
        """
        checked_id(run_id)
        with writing_to(self.path) as db:
            marks.rename(db, run_id, name=name, note=note)

    def delete(self, ids: Sequence[str]) -> None:
        """Deletes runs that have ended, with all that they recorded.

        Raises:
            QueueError: one waits or trains, and stays, or the store cannot be written.
        """
        for run_id in ids:
            checked_id(run_id)
        with writing_to(self.path) as db:
            for run_id in ids:
                writing.delete(db, run_id)
            self._tidy(db)

    def adopt(self, content: bytes, *, owner: str) -> str:
        """Adds the run of an exported JSON file under a new id, which it returns.

        Raises:
            DataError: the file is no whole exported run; nothing has changed then.
            QueueError: the store cannot be written.
        """
        imported = json_import.parse(content)
        with writing_to(self.path) as db:
            run_id = marks.import_run(db, imported, owner=owner, now=self._clock())
            self._tidy(db)
        return run_id

    def export(self, run_id: str) -> dict[str, Any] | None:
        """Returns the run, what was noted about it and all its records as JSON values; None where there is none.

        Raises:
            QueueError: the id is none.
            SpecError: its recipe is none that this version knows.
        """
        checked_id(run_id)

        def ask(db: sqlite3.Connection) -> dict[str, Any] | None:
            exported = summaries.exported(db, run_id)
            if exported is not None:
                mark = marks.annotations_of(db, [run_id])[run_id]
                exported["run"] |= {"note": mark.note, "origin": mark.origin}
            return exported

        return self._read(ask, None)

    def _tidy(self, db: sqlite3.Connection) -> None:
        """Makes room where no daemon does; a writer that is in the way leaves it for the next time."""
        with contextlib.suppress(sqlite3.OperationalError):
            while writing.sweep(db) or room.retire(db, self._limits, now=self._clock()):
                pass

    def _read(self, ask: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        with _told():
            return read_from(self.path, ask, otherwise)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise QueueError(
            _("The saved runs cannot be read: the file is busy, damaged, or of a version this program does not know.")
        ) from error
