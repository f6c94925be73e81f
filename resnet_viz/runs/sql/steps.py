"""What a run's nets measured, step by step: reads of the store, each within one consistent read."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from resnet_viz.runs.run import Curve
from resnet_viz.runs.sql.schema import unpack
from resnet_viz.training.records import Step

StepBound = int | Mapping[str, int]
"""Where to go on reading: after this step, or after the step given for each net's label (-1 for those not named).

Nets of one run need not be equally far, so a reader that keeps what it has names the last step of each net.
"""

LAST_STEP: Final = 2**62  # beyond any
_AFTER = "WHERE run = ? AND attempt = ? AND net = ? AND step > ? AND step <= ?"
_SIGNALS = "LEFT JOIN signal USING (run, attempt, net, step)"
_ALL_STEPS = f"SELECT * FROM step_with_norms {_SIGNALS} {_AFTER}"  # noqa: S608 - constants only
_PROBED_STEPS = f"SELECT * FROM probed_step {_SIGNALS} {_AFTER}"  # noqa: S608 - constants only
_PROBED_AT = (
    f"SELECT * FROM probed_step {_SIGNALS} WHERE run = ? AND attempt = ? AND net = ? AND step ="  # noqa: S608
    " (SELECT max(step) FROM probe WHERE run = ? AND attempt = ? AND net = ? AND step <= ?)"
)


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


def steps(
    db: sqlite3.Connection, run_id: str, *, after: StepBound, until: StepBound = LAST_STEP, is_probed: bool = False
) -> tuple[Step, ...]:
    """Returns the newest attempt's steps (or the probed ones), by step and then in the order of the nets."""
    question = _PROBED_STEPS if is_probed else _ALL_STEPS
    found = [
        (row[3], net.position, _step(net, row))
        for net in _nets(db, run_id)
        for row in db.execute(question, (*net.key, _after(after, net.label), _after(until, net.label)))
    ]
    return tuple(step for _number, _position, step in sorted(found, key=lambda entry: entry[:2]))


def probe(db: sqlite3.Connection, run_id: str, *, step: int | None) -> tuple[Step, ...]:
    """Returns each net's newest step with norms, at `step` or before it, in the order of the nets."""
    newest = LAST_STEP if step is None else step
    return tuple(
        _step(net, row) for net in _nets(db, run_id) for row in db.execute(_PROBED_AT, (*net.key, *net.key, newest))
    )


def curves(
    db: sqlite3.Connection,
    run_id: str,
    *,
    after: StepBound,
    until: StepBound = LAST_STEP,
    at_most: int | None = None,
    every: int | None = None,
) -> tuple[Curve, ...]:
    """Returns the newest attempt's losses and accuracies without norms, one curve for each net that has started.

    `at_most` thins each curve evenly to about this many steps, keeping its last and all that were tested; `every`
    keeps the steps that are multiples of it and those that were tested.
    """
    return tuple(
        _curve(db, net, (_after(after, net.label), _after(until, net.label)), at_most, every)
        for net in _nets(db, run_id)
    )


def _curve(
    db: sqlite3.Connection, net: _Net, between: tuple[int, int], at_most: int | None, every: int | None
) -> Curve:
    after, until = between
    last = db.execute("SELECT max(step) FROM step WHERE run = ? AND attempt = ? AND net = ?", net.key).fetchone()[0]
    span = 0 if last is None else last - after
    stride = every or (1 if at_most is None else max(1, -(-span // max(1, at_most))))
    last = None if every else last
    rows = db.execute(
        "SELECT step, loss, accuracy, seconds, test_loss, test_accuracy, images_per_s FROM step"
        " WHERE run = ? AND attempt = ? AND net = ? AND step > ? AND step <= ?"
        " AND (step % ? = 0 OR step = ? OR test_accuracy IS NOT NULL) ORDER BY step",
        (*net.key, after, until, stride, last),
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
        _Net(seq=seq, attempt=attempt, position=place, label=label, convs=node_names(convs), blocks=node_names(blocks))
        for seq, attempt, place, label, convs, blocks in rows
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


def _after(after: StepBound, label: str) -> int:
    return after if isinstance(after, int) else after.get(label, -1)


@lru_cache(maxsize=64)
def node_names(text: str) -> tuple[str, ...]:
    """Returns the names of nodes as a row holds them."""
    return tuple(json.loads(text))
