"""The queue: who may submit, who is next, how runs end. Every function is one transaction on an open connection.

queued --claim--> running --finish--> done | failed | cancelled
  |  ^               |
  |  +----retry------+         (at most MAX_ATTEMPTS times without a new checkpoint, then failed)
  +--cancel--> cancelled

A run that is paused for long, or whose daemon died long ago, is queued and held: it is not claimed (see `control`).
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from resnet_viz.errors import QueueError
from resnet_viz.i18n import _, ngettext
from resnet_viz.runs import control
from resnet_viz.runs.control import Checkpoint, Order, Verb
from resnet_viz.runs.run import Claim, Hold, RunState, new_id
from resnet_viz.runs.schema import transaction
from resnet_viz.training.pace import Start
from resnet_viz.training.recipe import Recipe, to_json

MAX_ATTEMPTS: Final = 3
LONGEST_NAME: Final = 120  # characters
LONGEST_OWNER: Final = 120

_IS_HELD: Final = "EXISTS (SELECT 1 FROM control c WHERE c.run = run.seq AND c.hold <> '')"
_WAITING: Final = f"SELECT id, owner FROM run WHERE state = 'queued' AND NOT {_IS_HELD} ORDER BY seq"  # noqa: S608 - constants
_IS_LIVE: Final = f"state IN ('queued', 'running') AND cancel = 0 AND NOT {_IS_HELD}"
_LIVE_OF_OWNER: Final = f"SELECT count(*) FROM run WHERE owner = ? AND {_IS_LIVE}"  # noqa: S608 - constants only


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueLimits:
    """How much the queue takes.

    Attributes:
        waiting: runs of all owners that may wait.
        live_per_owner: runs of one owner that may wait or train; those already told to stop do not count.
    """

    waiting: int = 20
    live_per_owner: int = 2


def submit(
    db: sqlite3.Connection,
    recipe: Recipe,
    *,
    owner: str,
    name: str,
    limits: QueueLimits,
    now: float,
    is_shared: bool = False,
) -> str:
    """Puts a run at the end of the queue and returns its id.

    Where it may be shared and one of the same recipe, hence of the same seed, waits or trains, returns that one's.

    Raises:
        QueueError: the queue is full, or the owner has as many runs as one may have.
    """
    owner, name = owner[:LONGEST_OWNER], " ".join(name.split())[:LONGEST_NAME]
    text = json.dumps(to_json(recipe), separators=(",", ":"))
    labels = json.dumps(recipe.labels)
    with transaction(db):
        if is_shared and (found := _alike(db, text)):
            return found
        _check_room(db, owner, limits)
        run_id = new_id()
        db.execute(
            "INSERT INTO run(id, owner, name, recipe, labels, state, created) VALUES (?, ?, ?, ?, ?, 'queued', ?)",
            (run_id, owner, name, text, labels, now),
        )
    return run_id


def branch(
    db: sqlite3.Connection,
    parent: str,
    recipe: Recipe,
    sources: Sequence[int],
    *,
    owner: str,
    limits: QueueLimits,
    now: float,
) -> str:
    """Puts a run into the queue that goes on from another's newest checkpoint, and returns its id.

    Args:
        db: the connection.
        parent: id of the other.
        recipe: what is trained and how.
        sources: for each of its nets, which of the other's nets it goes on from.
        owner: whose run it is.
        limits: of the queue.
        now: the time.

    Raises:
        QueueError: no checkpoint, a full queue, or too many runs of this owner.
    """
    owner = owner[:LONGEST_OWNER]
    text = json.dumps(to_json(recipe), separators=(",", ":"))
    with transaction(db):
        found = db.execute("SELECT seq, attempt FROM run WHERE id = ?", (parent,)).fetchone()
        kept = control.checkpoints(db, *found) if found else ()
        if not kept or kept[0].step >= recipe.steps:
            raise QueueError(_("This run has no checkpoint to go on from. Pause it first."))
        _check_room(db, owner, limits)
        run_id, step = new_id(), kept[0].step
        db.execute(
            "INSERT INTO run(id, owner, name, recipe, labels, state, created) VALUES (?, ?, '', ?, ?, 'queued', ?)",
            (run_id, owner, text, json.dumps(recipe.labels), now),
        )
        seq = db.execute("SELECT seq FROM run WHERE id = ?", (run_id,)).fetchone()[0]
        through = tuple(kept[0].sources[place] if kept[0].sources else place for place in sources)
        control.note_parent(db, seq, parent, step)
        control.add_checkpoint(db, seq, 1, Checkpoint(step=step, file=kept[0].file, sources=through), 0)
    return run_id


def tell(db: sqlite3.Connection, order: Order, *, limits: QueueLimits, now: float) -> None:
    """Leaves an order for a run; one that has ended stays as it is.

    Raises:
        QueueError: it would go on beside too many others.
    """
    with transaction(db):
        found = db.execute(
            "SELECT seq, state, owner FROM run WHERE id = ? AND state IN ('queued', 'running') AND cancel = 0",
            (order.run_id,),
        ).fetchone()
        if found is None:
            return
        held = control.control(db, found[0], 0).hold
        if held is not None and order.verb is not Verb.PAUSE:
            _check_room(db, found[2], limits)
        control.order(db, found[0], found[1], order, now=now)


def _check_room(db: sqlite3.Connection, owner: str, limits: QueueLimits) -> None:
    if db.execute(_LIVE_OF_OWNER, (owner,)).fetchone()[0] >= limits.live_per_owner:
        raise QueueError(_owner_sentence(limits.live_per_owner))
    if len(db.execute(_WAITING).fetchall()) >= limits.waiting:
        raise QueueError(
            _("The queue is full: {count} runs are waiting. Try again in a few minutes.").format(count=limits.waiting)
        )


def _alike(db: sqlite3.Connection, recipe: str) -> str | None:
    """Returns the oldest run that waits or trains, was begun with this very recipe and was left alone since."""
    found = db.execute(
        "SELECT id FROM run WHERE recipe = ? AND state IN ('queued', 'running') AND cancel = 0"
        " AND NOT EXISTS (SELECT 1 FROM rate WHERE rate.run = run.seq)"
        " AND NOT EXISTS (SELECT 1 FROM command WHERE command.run = run.seq)"
        " AND NOT EXISTS (SELECT 1 FROM control c WHERE c.run = run.seq AND (c.paused OR c.hold <> '' OR c.parent"
        " IS NOT NULL)) ORDER BY seq LIMIT 1",
        (recipe,),
    ).fetchone()
    return None if found is None else str(found[0])


def cancel(db: sqlite3.Connection, run_id: str, *, now: float) -> None:
    """Ends a waiting run at once and asks a running one to stop; one that has ended stays as it is."""
    with transaction(db):
        db.execute(
            "UPDATE run SET cancel = 1, state = 'cancelled', ended = ? WHERE id = ? AND state = 'queued'",
            (now, run_id),
        )
        db.execute("UPDATE run SET cancel = 1 WHERE id = ? AND state = 'running'", (run_id,))
        ended = db.execute("SELECT seq FROM run WHERE id = ? AND state = 'cancelled'", (run_id,)).fetchone()
        if ended is not None:
            control.let_go(db, ended[0])


def waiting_ids(db: sqlite3.Connection) -> tuple[str, ...]:
    """Returns the waiting runs in the order in which they would be claimed if nothing else happened."""
    waiting = db.execute(_WAITING).fetchall()
    running = dict(db.execute("SELECT owner, count(*) FROM run WHERE state = 'running' GROUP BY owner").fetchall())
    return fair_order(waiting, running)


def fair_order(waiting: Iterable[tuple[str, str]], running: Mapping[str, int]) -> tuple[str, ...]:
    """Returns ids in fair order: next is the oldest run of an owner who has the fewest running.

    Args:
        waiting: (id, owner), oldest first.
        running: runs that train now, by owner.
    """
    rest, taken, order = list(waiting), Counter(running), []
    while rest:
        chosen = min(rest, key=lambda entry: taken[entry[1]])  # the first, hence oldest, of equals
        rest.remove(chosen)
        taken[chosen[1]] += 1
        order.append(chosen[0])
    return tuple(order)


def claim_next(db: sqlite3.Connection, *, folder: Path, now: float) -> Claim | None:
    """Takes the next run from the queue. None where nothing waits.

    One that has a checkpoint goes on from there, with the attempt that it is in; of others a new attempt begins.

    Args:
        db: the connection.
        folder: where checkpoints lie.
        now: the time.
    """
    with transaction(db):
        order = waiting_ids(db)
        if not order:
            return None
        seq, attempt = db.execute("SELECT seq, attempt FROM run WHERE id = ?", (order[0],)).fetchone()
        found = [c for c in control.checkpoints(db, seq, attempt) if c.step > 0 or c.sources]
        if not found:
            attempt += 1
        db.execute(
            "UPDATE run SET state = 'running', attempt = ?, started = ?, pid = NULL WHERE id = ?",
            (attempt, now, order[0]),
        )
        return _claim(db, order[0], seq, attempt, folder)


def reclaim(db: sqlite3.Connection, claim: Claim, *, folder: Path) -> Claim | None:
    """Begins a new attempt of a run that its worker has rewound; None where it is not running any more."""
    with transaction(db):
        seq = running(db, claim.id, claim.attempt)
        if seq is None:
            return None
        control.rewind(db, seq, claim.attempt)
        db.execute("UPDATE run SET attempt = attempt + 1 WHERE seq = ?", (seq,))
        return _claim(db, claim.id, seq, claim.attempt + 1, folder)


def running(db: sqlite3.Connection, run_id: str, attempt: int) -> int | None:
    """Returns the row of a run if this attempt of it is running."""
    found = db.execute(
        "SELECT seq FROM run WHERE id = ? AND attempt = ? AND state = 'running'", (run_id, attempt)
    ).fetchone()
    return None if found is None else int(found[0])


def park(db: sqlite3.Connection, run_id: str, attempt: int, *, now: float) -> None:
    """Takes a paused run's slot back: it is held until it is told to go on, or ends if it was cancelled meanwhile."""
    with transaction(db):
        seq = running(db, run_id, attempt)
        if seq is None:
            return
        cancelled = db.execute(
            "UPDATE run SET state = 'cancelled', ended = ?, pid = NULL WHERE seq = ? AND cancel = 1", (now, seq)
        )
        if cancelled.rowcount:
            control.let_go(db, seq)
        else:
            db.execute("UPDATE run SET state = 'queued', pid = NULL WHERE seq = ?", (seq,))
            if control.is_paused(db, seq):  # if not, it was told to go on a moment ago
                control.hold(db, seq, Hold.PAUSED)


def _claim(db: sqlite3.Connection, run_id: str, seq: int, attempt: int, folder: Path) -> Claim:
    found = control.checkpoints(db, seq, attempt)
    origin = control.origin(found)
    newest = [c for c in found if c.step > 0 and c.sources is None]
    start = None
    if newest:
        start = Start(files=tuple(folder / c.file for c in newest))
    elif origin is not None:
        start = _start(origin, folder)
    control.note_resumed(db, seq, newest[0].step if newest else None)
    return Claim(
        id=run_id,
        attempt=attempt,
        recipe_json=db.execute("SELECT recipe FROM run WHERE seq = ?", (seq,)).fetchone()[0],
        start=start,
        origin=None if origin is None else _start(origin, folder),
        rates=control.rates(db, seq, attempt),
        is_paused=control.is_paused(db, seq),
    )


def _start(origin: Checkpoint, folder: Path) -> Start:
    return Start(files=(folder / origin.file,), sources=origin.sources)


def finish(db: sqlite3.Connection, run_id: str, attempt: int, *, state: RunState, error: str, now: float) -> bool:
    """Brings a running attempt to its final state; returns False where it is not running any more."""
    if not state.is_final:
        raise ValueError(f"{state} is not final")
    with transaction(db):
        changed = db.execute(
            "UPDATE run SET state = ?, error = ?, ended = ?, pid = NULL"
            " WHERE id = ? AND attempt = ? AND state = 'running'",
            (state.value, error, now, run_id, attempt),
        )
        if changed.rowcount == 1:
            control.let_go(db, db.execute("SELECT seq FROM run WHERE id = ?", (run_id,)).fetchone()[0])
        return changed.rowcount == 1


def retry(db: sqlite3.Connection, run_id: str, attempt: int, *, error: str, now: float) -> None:
    """Gives a running attempt up: back to the queue, or cancelled where asked for, or failed with `error`."""
    with transaction(db):
        _give_up(db, run_id, attempt, error=error, now=now)


def recover(db: sqlite3.Connection, *, is_recent: bool, now: float) -> None:
    """Gives up all running attempts: a new daemon knows that whoever trained them is gone.

    They go on by themselves where that was a moment ago, and not again and again; else they are marked interrupted.
    """
    with transaction(db):
        for run_id, attempt in db.execute("SELECT id, attempt FROM run WHERE state = 'running'").fetchall():
            _give_up(db, run_id, attempt, error=None, is_recent=is_recent, now=now)


def _give_up(
    db: sqlite3.Connection, run_id: str, attempt: int, *, error: str | None, now: float, is_recent: bool = True
) -> None:
    found = db.execute(
        "SELECT cancel, seq FROM run WHERE id = ? AND attempt = ? AND state = 'running'", (run_id, attempt)
    ).fetchone()
    if found is None:
        return
    seq = found[1]
    may_retry = control.lose(db, seq, attempt) < MAX_ATTEMPTS and is_recent
    if not found[0] and (may_retry or error is None):
        db.execute("UPDATE run SET state = 'queued', started = NULL, pid = NULL WHERE id = ?", (run_id,))
        if control.is_paused(db, seq):
            control.hold(db, seq, Hold.PAUSED)
        elif not may_retry:
            control.hold(db, seq, Hold.INTERRUPTED)
        return
    control.let_go(db, seq)
    state, sentence = (RunState.CANCELLED, "") if found[0] else (RunState.FAILED, error or "")
    db.execute(
        "UPDATE run SET state = ?, error = ?, ended = ?, pid = NULL WHERE id = ?",
        (state.value, sentence, now, run_id),
    )


def _owner_sentence(limit: int) -> str:
    return ngettext(
        "You already have a run that waits or trains. Stop it or wait until it has ended.",
        "You already have {count} runs that wait or train. Stop one or wait until one has ended.",
        limit,
    ).format(count=limit)
