"""Records of a run: appended by the daemon, read back as steps and as curves, each in one consistent read."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, assert_never

from resnet_viz.runs.run import Curve
from resnet_viz.runs.sql.schema import number, pack, unpack
from resnet_viz.training.records import NetEnded, NetStarted, Record, Step

StepBound = int | Mapping[str, int]
"""A step, or a step for each net's label (-1 for those not named): nets of one run need not be equally far."""

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


def append(db: sqlite3.Connection, seq: int, attempt: int, records: Iterable[Record]) -> None:
    """Adds records of an attempt, inside the caller's transaction.

    A step that is there already stays as it is: a number once shown never changes.

    Raises:
        ValueError: a step of a net that has not started, or norms that are not those of the net's nodes.
    """
    _AttemptRows(db, seq, attempt).append(records)


def note_versions(db: sqlite3.Connection, seq: int, attempt: int, versions: Mapping[str, str]) -> None:
    """Records versions and hardware of an attempt, inside the caller's transaction; the last ones count."""
    if versions:
        db.execute("INSERT OR REPLACE INTO made_with VALUES (?, ?, ?)", (seq, attempt, json.dumps(dict(versions))))


class _AttemptRows:
    """The rows of one attempt while a batch of records is added to them."""

    def __init__(self, db: sqlite3.Connection, seq: int, attempt: int) -> None:
        self._db, self._key = db, (seq, attempt)
        self._nets: dict[str, tuple[int, list[str], list[str]]] = {  # label -> position, convs, blocks
            label: (position, json.loads(convs), json.loads(blocks))
            for label, position, convs, blocks in db.execute(
                "SELECT label, position, convs, blocks FROM net WHERE run = ? AND attempt = ?", self._key
            )
        }

    def append(self, records: Iterable[Record]) -> None:
        steps: list[tuple[object, ...]] = []
        probes: list[tuple[object, ...]] = []
        signals: list[tuple[object, ...]] = []
        for record in records:
            match record:
                case NetStarted():
                    self._start(record)
                case Step():
                    steps.append(self._step(record))
                    if record.grad_norm or record.block_grad_norm or record.update_ratio:
                        probes.append(self._probe(record))
                    if record.activation_std or record.branch_share:
                        signals.append(self._signal(record))
                case NetEnded():
                    self._end(record)
                case _:
                    assert_never(record)
        self._db.executemany("INSERT OR IGNORE INTO step VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", steps)
        self._db.executemany("INSERT OR IGNORE INTO probe VALUES (?, ?, ?, ?, ?, ?, ?)", probes)
        self._db.executemany("INSERT OR IGNORE INTO signal VALUES (?, ?, ?, ?, ?, ?)", signals)

    def _start(self, record: NetStarted) -> None:
        if record.net in self._nets:
            return
        position = len(self._nets)
        self._nets[record.net] = (position, list(record.convs), list(record.blocks))
        self._db.execute(
            "INSERT INTO net(run, attempt, position, label, params, macs, device, convs, blocks)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *self._key,
                position,
                record.net,
                record.params,
                record.macs,
                record.device,
                json.dumps(record.convs),
                json.dumps(record.blocks),
            ),
        )

    def _end(self, record: NetEnded) -> None:
        self._db.execute(
            "UPDATE net SET ending = ?, sentence = ? WHERE run = ? AND attempt = ? AND position = ? AND ending IS NULL",
            (record.ending.value, record.sentence, *self._key, self._net(record.net)[0]),
        )

    def _step(self, record: Step) -> tuple[object, ...]:
        tested = (None if v is None else number(v) for v in (record.test_loss, record.test_accuracy))
        trained = (record.loss, record.accuracy, record.lr, record.images_per_s, record.seconds)
        return (*self._key, self._net(record.net)[0], record.step, *map(number, trained), *tested)

    def _probe(self, record: Step) -> tuple[object, ...]:
        position, convs, blocks = self._net(record.net)
        norms = (
            _blob(record.grad_norm, convs),
            _blob(record.block_grad_norm, blocks),
            _blob(record.update_ratio, convs),
        )
        return (*self._key, position, record.step, *norms)

    def _signal(self, record: Step) -> tuple[object, ...]:
        position, _convs, blocks = self._net(record.net)
        found = (_blob(record.activation_std, blocks), _blob(record.branch_share, blocks))
        return (*self._key, position, record.step, *found)

    def _net(self, label: str) -> tuple[int, list[str], list[str]]:
        if label not in self._nets:
            raise ValueError(f"record of a net that has not started: {label!r}")
        return self._nets[label]


def _blob(norms: Mapping[str, float], names: list[str]) -> bytes | None:
    if not norms:
        return None
    if len(norms) != len(names) or any(name not in norms for name in names):
        raise ValueError("norms must have exactly one value for each of the net's nodes")
    return pack([norms[name] for name in names])


def read_steps(
    db: sqlite3.Connection,
    run_id: str,
    *,
    after: StepBound = -1,
    until: StepBound = LAST_STEP,
    is_probed: bool = False,
    attempt: int | None = None,
) -> tuple[Step, ...]:
    """Returns the newest attempt's steps with their norms, by step and then in the order of the nets.

    Args:
        db: the connection.
        run_id: the run; an unknown one has no steps.
        after: begin after this step, or after the step given for each net's label.
        until: stop after this step, or after the step given for each net's label; nets that are not named have none.
        is_probed: only the steps whose norms were measured.
        attempt: none if this is no longer the newest attempt.
    """
    query = _PROBED_STEPS if is_probed else _ALL_STEPS
    found = [
        (row[3], net.position, _step(net, row))
        for net in _nets(db, run_id)
        if attempt in (None, net.attempt)
        for row in db.execute(query, (*net.key, _bound(after, net.label), _bound(until, net.label)))
    ]
    return tuple(step for _number, _position, step in sorted(found, key=lambda entry: entry[:2]))


def read_probe(db: sqlite3.Connection, run_id: str, *, step: int | None = None) -> tuple[Step, ...]:
    """Returns each net's newest step with norms, at `step` or before it where given, in the order of the nets."""
    newest = LAST_STEP if step is None else step
    return tuple(
        _step(net, row) for net in _nets(db, run_id) for row in db.execute(_PROBED_AT, (*net.key, *net.key, newest))
    )


def read_curves(
    db: sqlite3.Connection,
    run_id: str,
    *,
    after: StepBound = -1,
    until: StepBound = LAST_STEP,
    at_most: int | None = None,
    every: int | None = None,
) -> tuple[Curve, ...]:
    """Returns the newest attempt's curves, without norms: light enough to poll each second.

    Args:
        db: the connection.
        run_id: the run; an unknown one has no curves.
        after: begin after this step, or after the step given for each net's label.
        until: stop after this step, or after the step given for each net's label; nets that are not named have none.
        at_most: thins each curve evenly to about this many steps, keeping its last and all that were tested.
        every: keeps the multiples of this step and all that were tested, the same ones at every call.
    """
    return tuple(
        _curve(db, net, (_bound(after, net.label), _bound(until, net.label)), at_most, every)
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


def _bound(bound: StepBound, label: str) -> int:
    return bound if isinstance(bound, int) else bound.get(label, -1)


@lru_cache(maxsize=64)
def node_names(text: str) -> tuple[str, ...]:
    """Returns the node names in a row."""
    return tuple(json.loads(text))
