"""The queue: who may submit, who is next, how runs end. Every function is one transaction on an open connection.

queued --claim--> running --finish--> done | failed | cancelled
  |  ^               |
  |  +----retry------+         (at most MAX_ATTEMPTS times, then failed)
  +--cancel--> cancelled
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from resnet_viz.errors import QueueError
from resnet_viz.i18n import _, ngettext
from resnet_viz.runs.run import Claim, RunState, new_id
from resnet_viz.runs.schema import transaction
from resnet_viz.training.recipe import Recipe, to_json

MAX_ATTEMPTS: Final = 3
LONGEST_NAME: Final = 120  # characters
LONGEST_OWNER: Final = 120


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueLimits:
    """How much the queue takes.

    Attributes:
        waiting: runs of all owners that may wait.
        live_per_owner: runs of one owner that may wait or train; those already told to stop do not count.
    """

    waiting: int = 20
    live_per_owner: int = 2


def submit(db: sqlite3.Connection, recipe: Recipe, *, owner: str, name: str, limits: QueueLimits, now: float) -> str:
    """Puts a run at the end of the queue and returns its id.

    Raises:
        QueueError: the queue is full, or the owner has as many runs as one may have.
    """
    owner, name = owner[:LONGEST_OWNER], " ".join(name.split())[:LONGEST_NAME]
    text = json.dumps(to_json(recipe), separators=(",", ":"))
    labels = json.dumps(recipe.labels)
    with transaction(db):
        live = "SELECT count(*) FROM run WHERE state IN ('queued', 'running') AND cancel = 0 AND owner = ?"
        if db.execute(live, (owner,)).fetchone()[0] >= limits.live_per_owner:
            raise QueueError(_owner_sentence(limits.live_per_owner))
        if db.execute("SELECT count(*) FROM run WHERE state = 'queued'").fetchone()[0] >= limits.waiting:
            raise QueueError(
                _("The queue is full: {count} runs are waiting. Try again in a few minutes.").format(
                    count=limits.waiting
                )
            )
        run_id = new_id()
        db.execute(
            "INSERT INTO run(id, owner, name, recipe, labels, state, created) VALUES (?, ?, ?, ?, ?, 'queued', ?)",
            (run_id, owner, name, text, labels, now),
        )
    return run_id


def cancel(db: sqlite3.Connection, run_id: str, *, now: float) -> None:
    """Ends a waiting run at once and asks a running one to stop; one that has ended stays as it is."""
    with transaction(db):
        db.execute(
            "UPDATE run SET cancel = 1, state = 'cancelled', ended = ? WHERE id = ? AND state = 'queued'",
            (now, run_id),
        )
        db.execute("UPDATE run SET cancel = 1 WHERE id = ? AND state = 'running'", (run_id,))


def waiting_ids(db: sqlite3.Connection) -> tuple[str, ...]:
    """Returns the waiting runs in the order in which they would be claimed if nothing else happened."""
    waiting = db.execute("SELECT id, owner FROM run WHERE state = 'queued' ORDER BY seq").fetchall()
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


def claim_next(db: sqlite3.Connection, *, now: float) -> Claim | None:
    """Takes the next run from the queue; its new attempt begins now. None where nothing waits."""
    with transaction(db):
        order = waiting_ids(db)
        if not order:
            return None
        db.execute(
            "UPDATE run SET state = 'running', attempt = attempt + 1, started = ?, pid = NULL WHERE id = ?",
            (now, order[0]),
        )
        attempt, recipe = db.execute("SELECT attempt, recipe FROM run WHERE id = ?", (order[0],)).fetchone()
    return Claim(id=order[0], attempt=attempt, recipe_json=recipe)


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
        return changed.rowcount == 1


def retry(db: sqlite3.Connection, run_id: str, attempt: int, *, error: str, now: float) -> None:
    """Gives a running attempt up: back to the queue, or cancelled where asked for, or failed with `error`."""
    with transaction(db):
        _give_up(db, run_id, attempt, error=error, now=now)


def recover(db: sqlite3.Connection, *, error: str, now: float) -> None:
    """Gives up all running attempts: a new daemon knows that whoever trained them is gone."""
    with transaction(db):
        for run_id, attempt in db.execute("SELECT id, attempt FROM run WHERE state = 'running'").fetchall():
            _give_up(db, run_id, attempt, error=error, now=now)


def _give_up(db: sqlite3.Connection, run_id: str, attempt: int, *, error: str, now: float) -> None:
    found = db.execute(
        "SELECT cancel FROM run WHERE id = ? AND attempt = ? AND state = 'running'", (run_id, attempt)
    ).fetchone()
    if found is None:
        return
    if not found[0] and attempt < MAX_ATTEMPTS:
        db.execute("UPDATE run SET state = 'queued', started = NULL, pid = NULL WHERE id = ?", (run_id,))
        return
    state, sentence = (RunState.CANCELLED, "") if found[0] else (RunState.FAILED, error)
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
