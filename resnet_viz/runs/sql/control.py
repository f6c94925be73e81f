"""Control of runs: commands, holds, pauses, learning rates. Functions expect to be called inside a transaction.

A page or the command line posts a command; the daemon passes it to the run's worker and writes the effect. A run that
is held keeps the state "queued" and is not claimed before a command continues it.
"""

import sqlite3
from dataclasses import dataclass
from enum import StrEnum

from resnet_viz.runs.run import HoldReason, RunControl
from resnet_viz.runs.sql import checkpoints
from resnet_viz.runs.sql.schema import transaction
from resnet_viz.training.step_gate import RateChange


class Verb(StrEnum):
    """Verbs of commands to a run."""

    PAUSE = "pause"
    CONTINUE = "continue"
    STEP = "step"
    REWIND = "rewind"
    RATE = "rate"


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A command to a run; `value` is the learning rate, 0 for other verbs."""

    run_id: str
    verb: Verb
    value: float = 0.0


def add_command(db: sqlite3.Connection, seq: int, state: str, command: Command, *, now: float) -> None:
    """Adds a command to a queued, held or running run; `pause` and `continue` outlast its worker."""
    _row(db, seq)
    held = db.execute("SELECT hold FROM control WHERE run = ?", (seq,)).fetchone()[0]
    match command.verb:
        case Verb.PAUSE:
            hold = held or HoldReason.PAUSED.value if state == "queued" else ""
            db.execute("UPDATE control SET paused = 1, hold = ? WHERE run = ?", (hold, seq))
        case Verb.CONTINUE:
            db.execute("UPDATE control SET paused = 0, hold = '', losses = 0 WHERE run = ?", (seq,))
        case Verb.STEP | Verb.REWIND | Verb.RATE if held:
            db.execute("UPDATE control SET paused = 1, hold = '', losses = 0 WHERE run = ?", (seq,))
        case Verb.STEP:
            db.execute("UPDATE control SET paused = 1 WHERE run = ?", (seq,))
        case Verb.RATE | Verb.REWIND:
            pass
    if state == "running" or command.verb not in (Verb.PAUSE, Verb.CONTINUE):
        db.execute(
            "INSERT INTO command(run, verb, value, created) VALUES (?, ?, ?, ?)",
            (seq, command.verb.value, command.value, now),
        )


def take_commands(db: sqlite3.Connection) -> tuple[Command, ...]:
    """Takes the commands to running runs, oldest first; a transaction of its own."""
    query = "SELECT c.seq, r.id, c.verb, c.value FROM command c JOIN run r ON r.seq = c.run"
    if not db.execute("SELECT EXISTS (SELECT 1 FROM command)").fetchone()[0]:
        return ()
    with transaction(db):
        found = db.execute(f"{query} WHERE r.state = 'running' ORDER BY c.seq").fetchall()
        db.executemany("DELETE FROM command WHERE seq = ?", [(row[0],) for row in found])
    return tuple(Command(run_id=run_id, verb=Verb(verb), value=value) for _seq, run_id, verb, value in found)


def set_standing(db: sqlite3.Connection, seq: int, step: int | None) -> None:
    """Records the step before which a run's worker is paused; None where it goes on."""
    _row(db, seq)
    db.execute("UPDATE control SET standing = ? WHERE run = ?", (step, seq))


def hold(db: sqlite3.Connection, seq: int, why: HoldReason) -> None:
    """Holds a run, so that it is not claimed."""
    _row(db, seq)
    db.execute("UPDATE control SET hold = ?, standing = NULL WHERE run = ?", (why.value, seq))


def count_loss(db: sqlite3.Connection, seq: int, attempt: int) -> int:
    """Counts the loss of a run's worker; returns the losses since its newest checkpoint."""
    _row(db, seq)
    last = db.execute("SELECT max(step) FROM step WHERE run = ? AND attempt = ?", (seq, attempt)).fetchone()[0]
    db.execute(
        "UPDATE control SET losses = losses + 1, standing = NULL, interrupted = ? WHERE run = ?",
        (0 if last is None else last + 1, seq),
    )
    return int(db.execute("SELECT losses FROM control WHERE run = ?", (seq,)).fetchone()[0])


def is_paused(db: sqlite3.Connection, seq: int) -> bool:
    """Whether a run is to pause when it has a worker."""
    found = db.execute("SELECT paused FROM control WHERE run = ?", (seq,)).fetchone()
    return bool(found and found[0])


def clear_commands(db: sqlite3.Connection, seq: int) -> None:
    """Deletes the commands to a run that has ended."""
    db.execute("UPDATE control SET hold = '', paused = 0, standing = NULL WHERE run = ?", (seq,))
    db.execute("DELETE FROM command WHERE run = ?", (seq,))


def delete_rows(db: sqlite3.Connection, seq: int) -> None:
    """Deletes the control, commands, rates and checkpoints of a run; its files are swept later."""
    db.execute("DELETE FROM control WHERE run = ?", (seq,))
    db.execute("DELETE FROM command WHERE run = ?", (seq,))
    db.execute("DELETE FROM rate WHERE run = ?", (seq,))
    db.execute("DELETE FROM checkpoint WHERE run = ?", (seq,))


def set_rate(db: sqlite3.Connection, seq: int, attempt: int, rate: RateChange) -> None:
    """Records a learning rate that was set."""
    db.execute("INSERT OR REPLACE INTO rate VALUES (?, ?, ?, ?)", (seq, attempt, rate.step, rate.lr))


def rates(db: sqlite3.Connection, seq: int, attempt: int) -> tuple[RateChange, ...]:
    """Returns the learning rates that were set, rising by step."""
    rows = db.execute("SELECT step, lr FROM rate WHERE run = ? AND attempt = ? ORDER BY step", (seq, attempt))
    return tuple(RateChange(step=step, lr=lr) for step, lr in rows)


def rewind(db: sqlite3.Connection, seq: int, attempt: int) -> None:
    """Copies the checkpoint that a branch began with to its next attempt."""
    db.execute(
        "INSERT INTO checkpoint SELECT run, attempt + 1, step, bytes, file, sources FROM checkpoint"
        " WHERE run = ? AND attempt = ? AND sources IS NOT NULL",
        (seq, attempt),
    )
    db.execute("UPDATE control SET standing = NULL, interrupted = NULL, resumed = NULL WHERE run = ?", (seq,))


def note_resumed(db: sqlite3.Connection, seq: int, step: int | None) -> None:
    """Records the step from which a run's worker goes on."""
    _row(db, seq)
    db.execute("UPDATE control SET resumed = ?, standing = NULL WHERE run = ?", (step, seq))


def note_parent(db: sqlite3.Connection, seq: int, parent: str, step: int) -> None:
    """Records the parent of a branch and the step of its checkpoint."""
    _row(db, seq)
    db.execute("UPDATE control SET parent = ?, parent_step = ? WHERE run = ?", (parent, step, seq))


def run_control(db: sqlite3.Connection, seq: int, attempt: int) -> RunControl:
    """Returns pauses, interruptions, branching and learning rates of a run."""
    row = db.execute(
        "SELECT hold, paused, standing, interrupted, resumed, parent, parent_step FROM control WHERE run = ?", (seq,)
    ).fetchone()
    held, paused, standing, interrupted, resumed, parent, parent_step = row or ("", 0, None, None, None, None, None)
    return RunControl(
        hold=HoldReason(held) if held else None,
        is_pausing=bool(paused),
        standing=standing,
        interrupted=interrupted,
        resumed=resumed,
        parent=parent,
        parent_step=parent_step,
        rates=rates(db, seq, attempt),
        checkpoints=tuple(sorted(checkpoint.step for checkpoint in checkpoints.of_attempt(db, seq, attempt))),
    )


def _row(db: sqlite3.Connection, seq: int) -> None:
    db.execute("INSERT OR IGNORE INTO control(run) VALUES (?)", (seq,))
