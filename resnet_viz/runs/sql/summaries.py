"""Reads of the store. Every function gets a connection inside one consistent read and returns frozen values."""

import json
import sqlite3
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from resnet_viz.runs.formats.json_export import export
from resnet_viz.runs.run import HoldReason, Run, RunNet, RunState, RunSummary
from resnet_viz.runs.sql import control
from resnet_viz.runs.sql.checkpoints import Checkpoint, of_attempt
from resnet_viz.runs.sql.queue import waiting_ids
from resnet_viz.runs.sql.steps import node_names, steps
from resnet_viz.training.recipe import Recipe, from_json
from resnet_viz.training.records import Ending


def position(db: sqlite3.Connection, run_id: str) -> int | None:
    """Returns the run's place in the queue, 1 for the next; None where it does not wait."""
    waiting = waiting_ids(db)
    return waiting.index(run_id) + 1 if run_id in waiting else None


def run(db: sqlite3.Connection, run_id: str) -> Run | None:
    """Returns a run with its nets, or None where there is none of this id.

    Raises:
        SpecError: its recipe is none that this version knows.
    """
    found = db.execute(
        "SELECT seq, owner, name, state, recipe, created, started, ended, attempt, cancel, error, pid"
        " FROM run WHERE id = ?",
        (run_id,),
    ).fetchone()
    if found is None:
        return None
    seq, owner, name, state, recipe, created, started, ended, attempt, is_cancelling, error, pid = found
    return Run(
        id=run_id,
        owner=owner,
        name=name,
        state=RunState(state),
        recipe=_recipe(recipe),
        created=created,
        started=started,
        ended=ended,
        attempt=attempt,
        is_cancelling=bool(is_cancelling),
        error=error,
        pid=pid,
        nets=_run_nets(db, seq, attempt),
        control=control.run_control(db, seq, attempt),
        versions=_versions(db, seq, attempt),
    )


def checkpoints(db: sqlite3.Connection, run_id: str) -> tuple[Checkpoint, ...]:
    """Returns the checkpoints of a run's newest attempt, first step first."""
    found = db.execute("SELECT seq, attempt FROM run WHERE id = ?", (run_id,)).fetchone()
    return tuple(reversed(of_attempt(db, *found))) if found else ()


def summaries(db: sqlite3.Connection, limit: int) -> tuple[RunSummary, ...]:
    """Returns the newest runs, newest first."""
    rows = db.execute(
        "SELECT id, owner, name, state, labels, recipe, created, started, ended, error, hold"
        " FROM run LEFT JOIN control ON control.run = seq ORDER BY seq DESC LIMIT ?",
        (limit,),
    )
    return tuple(
        RunSummary(
            id=run_id,
            owner=owner,
            name=name,
            state=RunState(state),
            labels=tuple(json.loads(labels)),
            recipe_fields=json.loads(recipe),
            created=created,
            started=started,
            ended=ended,
            error=error,
            hold=HoldReason(hold) if hold else None,
        )
        for run_id, owner, name, state, labels, recipe, created, started, ended, error, hold in rows
    )


def exported(db: sqlite3.Connection, run_id: str) -> dict[str, Any] | None:
    """Returns a run with all its records as strict JSON values (see `export`), or None where there is none."""
    found = run(db, run_id)
    return None if found is None else export(found, steps(db, run_id, after=-1))


def _run_nets(db: sqlite3.Connection, seq: int, attempt: int) -> tuple[RunNet, ...]:
    rows = db.execute(
        "SELECT label, params, macs, device, convs, blocks, ending, sentence,"
        " (SELECT max(step) FROM step s WHERE s.run = n.run AND s.attempt = n.attempt AND s.net = n.position)"
        " FROM net n WHERE run = ? AND attempt = ? ORDER BY position",
        (seq, attempt),
    )
    return tuple(
        RunNet(
            label=label,
            params=params,
            macs=macs,
            device=device,
            convs=node_names(convs),
            blocks=node_names(blocks),
            num_steps=0 if last is None else last + 1,
            ending=None if ending is None else Ending(ending),
            sentence=sentence,
        )
        for label, params, macs, device, convs, blocks, ending, sentence, last in rows
    )


def _versions(db: sqlite3.Connection, seq: int, attempt: int) -> Mapping[str, str]:
    found = db.execute("SELECT versions FROM made_with WHERE run = ? AND attempt = ?", (seq, attempt)).fetchone()
    return {} if found is None else {str(name): str(text) for name, text in json.loads(found[0]).items()}


@lru_cache(maxsize=256)
def _recipe(text: str) -> Recipe:
    return from_json(json.loads(text))
