"""How long a run will probably wait for its turn."""

import json
import sqlite3
from functools import lru_cache

from resnet_viz.errors import Refusal
from resnet_viz.runs import machine
from resnet_viz.runs.sql.queue import waiting_ids
from resnet_viz.training import budget
from resnet_viz.training.recipe import from_json
from resnet_viz.training.speed import Machine


def wait_s(db: sqlite3.Connection, run_id: str) -> float | None:
    """Returns about how many seconds pass until a waiting run begins; None where it does not wait.

    As rough as `budget.estimate`, on which it rests.
    """
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
