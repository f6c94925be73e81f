"""The queue: submission, commands, order and waiting time. Every writer is one transaction on an open connection.

queued --claim--> running --finish--> done | failed | cancelled
  |  ^               |
  |  +----retry------+         (see `attempts`)
  +--cancel--> cancelled

A run that is paused for long, or whose daemon died long ago, is queued and held: it is not claimed (see `control`).
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from resnet_viz.errors import QueueError, QueueFull, Refusal
from resnet_viz.i18n import _, ngettext
from resnet_viz.runs import machine
from resnet_viz.runs.run import new_id
from resnet_viz.runs.sql import checkpoints, control, seeds
from resnet_viz.runs.sql.checkpoints import Checkpoint
from resnet_viz.runs.sql.control import Command, Verb
from resnet_viz.runs.sql.schema import transaction
from resnet_viz.training import budget
from resnet_viz.training.machine_speed import Machine
from resnet_viz.training.recipe import Recipe, from_json, to_json

LONGEST_NAME: Final = 120  # characters
LONGEST_OWNER: Final = 120

_IS_HELD: Final = "EXISTS (SELECT 1 FROM control c WHERE c.run = run.seq AND c.hold <> '')"
_WAITING: Final = f"SELECT id, owner FROM run WHERE state = 'queued' AND NOT {_IS_HELD} ORDER BY seq"  # noqa: S608 - constants
_IS_LIVE: Final = f"state IN ('queued', 'running') AND cancel = 0 AND NOT {_IS_HELD}"
_LIVE_OF_OWNER: Final = f"SELECT recipe FROM run WHERE owner = ? AND {_IS_LIVE}"  # noqa: S608 - constants only
_HELD_OF_OWNER: Final = f"SELECT count(*) FROM run WHERE owner = ? AND state = 'queued' AND {_IS_HELD}"  # noqa: S608


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueLimits:
    """Limits of the queue.

    Attributes:
        waiting: queued runs of all owners.
        live_per_owner: queued and running runs of one owner; those already asked to stop do not count, and up to
            MAX_SEEDS seeds of one recipe count as one.
        held_per_owner: paused and interrupted runs of one owner beside which another may begin.
    """

    waiting: int = 20
    live_per_owner: int = 2
    held_per_owner: int = 8


def submit(
    db: sqlite3.Connection,
    recipes: Sequence[Recipe],
    *,
    owner: str,
    name: str,
    limits: QueueLimits,
    now: float,
    is_shared: bool = False,
) -> tuple[str, ...]:
    """Appends runs to the queue within the limits and returns their ids; see `RunStore.submit_all`."""
    owner, name = owner[:LONGEST_OWNER], " ".join(name.split())[:LONGEST_NAME]
    texts = [_text(recipe) for recipe in recipes]
    with transaction(db):
        ids = [_same_recipe(db, text) if is_shared else None for text in texts]
        new = [text for text, found in zip(texts, ids, strict=True) if found is None]
        if new:
            _check_held(db, owner, limits)
            _check_room(db, owner, limits, new)
        return tuple(
            found or _insert(db, recipe, text, owner=owner, name=name, now=now)[0]
            for recipe, text, found in zip(recipes, texts, ids, strict=True)
        )


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
    """Appends a run that goes on from its parent's newest checkpoint; see `RunStore.branch`."""
    owner = owner[:LONGEST_OWNER]
    with transaction(db):
        found = db.execute("SELECT seq, attempt FROM run WHERE id = ?", (parent,)).fetchone()
        kept = checkpoints.of_attempt(db, *found) if found else ()
        if not kept or kept[0].step >= recipe.steps:
            raise QueueError(_("This run has no checkpoint to go on from. Pause it first."))
        text = _text(recipe)
        _check_held(db, owner, limits)
        _check_room(db, owner, limits, [text])
        run_id, seq = _insert(db, recipe, text, owner=owner, name="", now=now)
        step = kept[0].step
        through = tuple(kept[0].sources[place] if kept[0].sources else place for place in sources)
        control.note_parent(db, seq, parent, step)
        checkpoints.add(db, seq, 1, Checkpoint(step=step, file=kept[0].file, sources=through), 0)
    return run_id


def post_command(db: sqlite3.Connection, command: Command, *, limits: QueueLimits, now: float) -> None:
    """Posts a command to a run, which may let it go on within the limits; see `RunStore.post_command`."""
    with transaction(db):
        found = db.execute(
            "SELECT seq, state, owner, recipe FROM run WHERE id = ? AND state IN ('queued', 'running') AND cancel = 0",
            (command.run_id,),
        ).fetchone()
        if found is None:
            return
        held = control.run_control(db, found[0], 0).hold
        if held is not None and command.verb is not Verb.PAUSE:
            _check_room(db, found[2], limits, [found[3]])
        control.add_command(db, found[0], found[1], command, now=now)


def _text(recipe: Recipe) -> str:
    return json.dumps(to_json(recipe), separators=(",", ":"))


def _insert(db: sqlite3.Connection, recipe: Recipe, text: str, *, owner: str, name: str, now: float) -> tuple[str, int]:
    """Appends a queued run, and returns its id and its row."""
    run_id = new_id()
    row = db.execute(
        "INSERT INTO run(id, owner, name, recipe, labels, state, created) VALUES (?, ?, ?, ?, ?, 'queued', ?)",
        (run_id, owner, name, text, json.dumps(recipe.labels), now),
    )
    return run_id, int(row.lastrowid or 0)


def _check_room(db: sqlite3.Connection, owner: str, limits: QueueLimits, new: Sequence[str]) -> None:
    live = [row[0] for row in db.execute(_LIVE_OF_OWNER, (owner,))]
    if seeds.places_taken([*live, *new]) > limits.live_per_owner:
        raise QueueError(_owner_message(limits.live_per_owner))
    if len(db.execute(_WAITING).fetchall()) + len(new) > limits.waiting:
        raise QueueFull(_("The queue is full ({count} runs). Try again in a few minutes.").format(count=limits.waiting))


def _check_held(db: sqlite3.Connection, owner: str, limits: QueueLimits) -> None:
    """Refuses another run beside too many held ones, each of which keeps checkpoints on the disk."""
    if db.execute(_HELD_OF_OWNER, (owner,)).fetchone()[0] >= limits.held_per_owner:
        raise QueueError(
            _("You have {count} paused or interrupted runs. Continue or stop one of them first.").format(
                count=limits.held_per_owner
            )
        )


def _same_recipe(db: sqlite3.Connection, recipe: str) -> str | None:
    """Returns the oldest queued or running run with this very recipe that no command has changed."""
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
    """Ends a queued run at once and asks a running one to stop; see `RunStore.cancel`."""
    with transaction(db):
        db.execute(
            "UPDATE run SET cancel = 1, state = 'cancelled', ended = ? WHERE id = ? AND state = 'queued'",
            (now, run_id),
        )
        db.execute("UPDATE run SET cancel = 1 WHERE id = ? AND state = 'running'", (run_id,))
        ended = db.execute("SELECT seq FROM run WHERE id = ? AND state = 'cancelled'", (run_id,)).fetchone()
        if ended is not None:
            control.clear_commands(db, ended[0])


def waiting_ids(db: sqlite3.Connection) -> tuple[str, ...]:
    """Returns the queued runs in the order in which they would be claimed if nothing else happened."""
    waiting = db.execute(_WAITING).fetchall()
    running = dict(db.execute("SELECT owner, count(*) FROM run WHERE state = 'running' GROUP BY owner").fetchall())
    return fair_order(waiting, running)


def position(db: sqlite3.Connection, run_id: str) -> int | None:
    """Returns the run's position in the queue, 1 for the next; None where it is not queued."""
    waiting = waiting_ids(db)
    return waiting.index(run_id) + 1 if run_id in waiting else None


def fair_order(waiting: Iterable[tuple[str, str]], running: Mapping[str, int]) -> tuple[str, ...]:
    """Returns ids in fair order: next is the oldest run of an owner who has the fewest running.

    Args:
        waiting: (id, owner), oldest first.
        running: number of running runs by owner.
    """
    rest, taken, order = list(waiting), Counter(running), []
    while rest:
        chosen = min(rest, key=lambda entry: taken[entry[1]])  # the first, hence oldest, of equals
        rest.remove(chosen)
        taken[chosen[1]] += 1
        order.append(chosen[0])
    return tuple(order)


def _owner_message(limit: int) -> str:
    return ngettext(
        "You already have a run in the queue or in training. Stop it or wait for its end.",
        "You already have {count} runs in the queue or in training. Stop one or wait for its end.",
        limit,
    ).format(count=limit)


def wait_s(db: sqlite3.Connection, run_id: str) -> float | None:
    """Returns the estimated seconds until a queued run begins, by `budget.estimate`; None where it is not queued."""
    order = waiting_ids(db)
    if run_id not in order:
        return None
    here = machine.known()
    seconds = sum(
        _rest_s(db, here, *row) for row in db.execute("SELECT seq, attempt, recipe FROM run WHERE state = 'running'")
    )
    for ahead in order[: order.index(run_id)]:
        seconds += _estimate_s(db.execute("SELECT recipe FROM run WHERE id = ?", (ahead,)).fetchone()[0], here)
    return seconds / budget.runs_at_once()


def _rest_s(db: sqlite3.Connection, here: Machine, seq: int, attempt: int, recipe: str) -> float:
    last = db.execute("SELECT max(step) FROM step WHERE run = ? AND attempt = ?", (seq, attempt)).fetchone()[0]
    steps = json.loads(recipe).get("steps") or 1
    return _estimate_s(recipe, here) * max(0.0, 1 - ((last or 0) + 1) / steps)


@lru_cache(maxsize=256)
def _estimate_s(recipe: str, here: Machine) -> float:
    try:
        return budget.estimate(from_json(json.loads(recipe)), machine=here)
    except Refusal:  # of another version
        return 0.0
