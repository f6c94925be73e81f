"""Runs as values: whole, as lines of a list, as an export. Each function reads inside one consistent read."""

import json
import sqlite3
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from resnet_viz.runs.formats import json_export
from resnet_viz.runs.run import HoldReason, Run, RunNet, RunState, RunSummary
from resnet_viz.runs.sql import control
from resnet_viz.runs.sql.annotations import annotations_of
from resnet_viz.runs.sql.checkpoints import Checkpoint, of_attempt
from resnet_viz.runs.sql.steps import node_names, read_steps
from resnet_viz.training.recipe import Recipe, from_json
from resnet_viz.training.records import Ending


def read_run(db: sqlite3.Connection, run_id: str) -> Run | None:
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


def summaries(db: sqlite3.Connection, limit: int, *, is_pinned_first: bool = False) -> tuple[RunSummary, ...]:
    """Returns the newest runs, newest first; pinned ones before them where asked for."""
    rows = db.execute(
        "SELECT id, owner, name, state, labels, recipe, created, started, ended, error, hold FROM run"
        " LEFT JOIN control ON control.run = seq LEFT JOIN mark ON mark.run = seq"
        " ORDER BY ? AND coalesce(is_pinned, 0) DESC, seq DESC LIMIT ?",
        (is_pinned_first, limit),
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


def export(db: sqlite3.Connection, run_id: str) -> dict[str, Any] | None:
    """Returns a run with its note, its origin and all its records as strict JSON values; None where there is none.

    Raises:
        SpecError: its recipe is none that this version knows.
    """
    found = read_run(db, run_id)
    if found is None:
        return None
    exported = json_export.export(found, read_steps(db, run_id))
    noted = annotations_of(db, [run_id])[run_id]
    exported["run"] |= {"note": noted.note, "origin": noted.origin}
    return exported


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
