"""The checkpoints of a run as files to look into: which steps were kept, and where. No torch."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from resnet_viz.runs import control
from resnet_viz.runs.control import Checkpoint
from resnet_viz.runs.run import checked_id
from resnet_viz.runs.schema import read_from


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """One kept step of a run's newest attempt.

    Attributes:
        step: the next one to be trained; 0 is the untrained net.
        path: the file of `training.snapshots`.
        sources: for each net of the run, which net of the file it is; None: the same.
    """

    step: int
    path: Path
    sources: tuple[int, ...] | None = None

    def place_of(self, index: int) -> int:
        """Returns which net of the file is net `index` of the run."""
        return index if self.sources is None else self.sources[index]


def kept(store: Path, run_id: str) -> tuple[Kept, ...]:
    """Returns the kept steps of a run, rising; none where there is no such run or nothing was kept.

    Raises:
        QueueError: the id is none.
    """
    checked_id(run_id)
    nothing: tuple[Checkpoint, ...] = ()

    def ask(db: sqlite3.Connection) -> tuple[Checkpoint, ...]:
        row = db.execute("SELECT seq, attempt FROM run WHERE id = ?", (run_id,)).fetchone()
        return nothing if row is None else control.checkpoints(db, row[0], row[1])

    found = read_from(store, ask, nothing)
    folder = control.folder(store)
    by_step: Mapping[int, Kept] = {
        checkpoint.step: Kept(step=checkpoint.step, path=folder / checkpoint.file, sources=checkpoint.sources)
        for checkpoint in reversed(found)
    }
    return tuple(by_step.values())
