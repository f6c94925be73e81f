"""Reads of the store. Every function gets a connection inside one consistent read and returns frozen values."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from resnet_viz.runs import control
from resnet_viz.runs.export import export
from resnet_viz.runs.queue import waiting_ids
from resnet_viz.runs.run import Curve, Hold, Run, RunNet, RunState, RunSummary
from resnet_viz.runs.schema import unpack
from resnet_viz.training.recipe import Recipe, from_json
from resnet_viz.training.records import Ending, Step

After = int | Mapping[str, int]
"""Where to go on reading: after this step, or after the step given for each net's label (-1 for those not named).

Nets of one run need not be equally far, so a reader that keeps what it has names the last step of each net.
"""

_AFTER = "WHERE run = ? AND attempt = ? AND net = ? AND step > ?"
_SIGNALS = "LEFT JOIN signal USING (run, attempt, net, step)"
_ALL_STEPS = f"SELECT * FROM step_with_norms {_SIGNALS} {_AFTER}"  # noqa: S608 - constants only
_PROBED_STEPS = f"SELECT * FROM probed_step {_SIGNALS} {_AFTER}"  # noqa: S608 - constants only
_PROBED_AT = (
    f"SELECT * FROM probed_step {_SIGNALS} WHERE run = ? AND attempt = ? AND net = ? AND step ="  # noqa: S608
    " (SELECT max(step) FROM probe WHERE run = ? AND attempt = ? AND net = ? AND step <= ?)"
)
_LAST_STEP = 2**62  # beyond any


@dataclass(frozen=True, kw_only=True, slots=True)
class _Net:
    seq: int
    attempt: int
    position: int
    label: str
    convs: tuple[str, ...]
    blocks: tuple[str, ...]

    @property
    def key(self) -> tuple[int, int, int]:
        return self.seq, self.attempt, self.position


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
        control=control.control(db, seq, attempt),
    )


def checkpoints(db: sqlite3.Connection, run_id: str) -> tuple[control.Checkpoint, ...]:
    """Returns the checkpoints of a run's newest attempt, first step first."""
    found = db.execute("SELECT seq, attempt FROM run WHERE id = ?", (run_id,)).fetchone()
    return tuple(reversed(control.checkpoints(db, *found))) if found else ()


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
            hold=Hold(hold) if hold else None,
        )
        for run_id, owner, name, state, labels, recipe, created, started, ended, error, hold in rows
    )


def steps(db: sqlite3.Connection, run_id: str, *, after: After, is_probed: bool = False) -> tuple[Step, ...]:
    """Returns the newest attempt's steps (or the probed ones), by step and then in the order of the nets."""
    question = _PROBED_STEPS if is_probed else _ALL_STEPS
    found = [
        (row[3], net.position, _step(net, row))
        for net in _nets(db, run_id)
        for row in db.execute(question, (*net.key, _after(after, net.label)))
    ]
    return tuple(step for _number, _position, step in sorted(found, key=lambda entry: entry[:2]))


def exported(db: sqlite3.Connection, run_id: str) -> dict[str, Any] | None:
    """Returns a run with all its records as strict JSON values (see `export`), or None where there is none."""
    found = run(db, run_id)
    return None if found is None else export(found, steps(db, run_id, after=-1))


def probe(db: sqlite3.Connection, run_id: str, *, step: int | None) -> tuple[Step, ...]:
    """Returns each net's newest step with norms, at `step` or before it, in the order of the nets."""
    newest = _LAST_STEP if step is None else step
    return tuple(
        _step(net, row) for net in _nets(db, run_id) for row in db.execute(_PROBED_AT, (*net.key, *net.key, newest))
    )


def curves(
    db: sqlite3.Connection, run_id: str, *, after: After, at_most: int | None = None, every: int | None = None
) -> tuple[Curve, ...]:
    """Returns the newest attempt's losses and accuracies without norms, one curve for each net that has started.

    `at_most` thins each curve evenly to about this many steps, keeping its last and all that were tested; `every`
    keeps the steps that are multiples of it and those that were tested.
    """
    return tuple(_curve(db, net, _after(after, net.label), at_most, every) for net in _nets(db, run_id))


def _curve(db: sqlite3.Connection, net: _Net, after: int, at_most: int | None, every: int | None) -> Curve:
    last = db.execute("SELECT max(step) FROM step WHERE run = ? AND attempt = ? AND net = ?", net.key).fetchone()[0]
    span = 0 if last is None else last - after
    stride = every or (1 if at_most is None else max(1, -(-span // max(1, at_most))))
    last = None if every else last
    rows = db.execute(
        "SELECT step, loss, accuracy, seconds, test_loss, test_accuracy, images_per_s FROM step"
        " WHERE run = ? AND attempt = ? AND net = ? AND step > ?"
        " AND (step % ? = 0 OR step = ? OR test_accuracy IS NOT NULL) ORDER BY step",
        (*net.key, after, stride, last),
    ).fetchall()
    tested = [row for row in rows if row[4] is not None and row[5] is not None]
    return Curve(
        net=net.label,
        attempt=net.attempt,
        steps=tuple(row[0] for row in rows),
        loss=tuple(float(row[1]) for row in rows),
        accuracy=tuple(float(row[2]) for row in rows),
        seconds=tuple(float(row[3]) for row in rows),
        test_steps=tuple(row[0] for row in tested),
        test_loss=tuple(float(row[4]) for row in tested),
        test_accuracy=tuple(float(row[5]) for row in tested),
        images_per_s=float(rows[-1][6]) if rows else None,
    )


def _nets(db: sqlite3.Connection, run_id: str) -> tuple[_Net, ...]:
    rows = db.execute(
        "SELECT n.run, n.attempt, n.position, n.label, n.convs, n.blocks"
        " FROM run r JOIN net n ON n.run = r.seq AND n.attempt = r.attempt WHERE r.id = ? ORDER BY n.position",
        (run_id,),
    )
    return tuple(
        _Net(seq=seq, attempt=attempt, position=place, label=label, convs=_names(convs), blocks=_names(blocks))
        for seq, attempt, place, label, convs, blocks in rows
    )


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
            convs=_names(convs),
            blocks=_names(blocks),
            num_steps=0 if last is None else last + 1,
            ending=None if ending is None else Ending(ending),
            sentence=sentence,
        )
        for label, params, macs, device, convs, blocks, ending, sentence, last in rows
    )


def _step(net: _Net, row: tuple[Any, ...]) -> Step:
    number, loss, accuracy, lr, images_per_s, seconds, test_loss, test_accuracy = row[3:11]
    grads, block_grads, updates, deviations, shares = row[11:]
    return Step(
        net=net.label,
        step=number,
        loss=float(loss),
        accuracy=float(accuracy),
        lr=float(lr),
        images_per_s=float(images_per_s),
        seconds=float(seconds),
        grad_norm=_norms(net.convs, grads),
        block_grad_norm=_norms(net.blocks, block_grads),
        update_ratio=_norms(net.convs, updates),
        activation_std=_norms(net.blocks, deviations),
        branch_share=_norms(net.blocks, shares),
        test_loss=None if test_loss is None else float(test_loss),
        test_accuracy=None if test_accuracy is None else float(test_accuracy),
    )


def _norms(names: tuple[str, ...], blob: bytes | None) -> Mapping[str, float]:
    return {} if blob is None else dict(zip(names, unpack(blob), strict=True))


def _after(after: After, label: str) -> int:
    return after if isinstance(after, int) else after.get(label, -1)


@lru_cache(maxsize=256)
def _recipe(text: str) -> Recipe:
    return from_json(json.loads(text))


@lru_cache(maxsize=64)
def _names(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))
