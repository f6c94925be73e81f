"""Chaos: daemons and workers are killed, hung, runs paused, stepped, stopped and rewound, all at random.

    python -m tests.jobs.processes.chaos --seconds 60 --seed 0      (or `make chaos`)

Whoever looks on notes every step that was shown. In the end every run has ended in exactly one state, no step that was
shown is missing or changed, the file is whole, and no process is left.
"""

import argparse
import json
import os
import random
import signal
import sqlite3
import tempfile
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from resnet_viz.errors import QueueError
from resnet_viz.jobs.training import client, lock
from resnet_viz.runs.run import Run, RunState
from resnet_viz.runs.sql.control import Verb
from resnet_viz.runs.store import RunStore
from tests.fakes import racers
from tests.fakes.racers import Act, recipe
from tests.fakes.waiting import PATIENCE_S

ACTS = (Act.QUICK, Act.SLOW, Act.SLOW, Act.SLOW, Act.SEGFAULT, Act.EXIT, Act.REFUSE, Act.RAISE, Act.HANG)
OWNERS = "abcdef"
ENOUGH = 200  # steps that have to be shown before the end of a chaos

Key = tuple[str, int]  # run and attempt


@dataclass(kw_only=True)
class Report:
    """What was done, and what was wrong with the outcome."""

    did: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    shown: int = 0
    faults: list[str] = field(default_factory=list)


class Chaos:
    """One store under fire."""

    def __init__(self, runs: RunStore, rng: random.Random) -> None:
        self._runs, self._rng = runs, rng
        self._shown: dict[Key, dict[int, tuple[float, float]]] = {}
        self._final: dict[str, tuple[RunState, float | None, str]] = {}
        self._children: dict[int, psutil.Process] = {}
        self.report = Report()

    def go_on_for(self, seconds: float) -> None:
        """Does one thing after the other, and looks in between; longer where little has been shown yet."""
        until = time.monotonic() + seconds
        deeds = {
            self._submit: 10, self._cancel: 3, self._tell: 12, self._kill_worker: 6, self._kill_daemon: 3,
            self._stop_worker: 1, self._leave_for_long: 1,
        }  # fmt: skip
        while time.monotonic() < until or self._num_shown() < ENOUGH:
            client.ensure_daemon(self._runs.path)
            deed = self._rng.choices(list(deeds), weights=list(deeds.values()))[0]
            with suppress(QueueError, psutil.Error):
                deed()
                self.report.did[deed.__name__.strip("_")] += 1
            self.look()
            time.sleep(self._rng.uniform(0.0, 0.1))

    def settle(self) -> None:
        """Lets every run come to its end."""
        deadline = time.monotonic() + PATIENCE_S
        while live := [run for run in self._all() if not run.state.is_final]:
            if time.monotonic() > deadline:
                self.report.faults += [f"{run.id} never ended: {run.state}, {run.control}" for run in live]
                return
            client.ensure_daemon(self._runs.path)
            for run in live:
                with suppress(QueueError):
                    if run.control.is_pausing or run.control.hold is not None:
                        self._runs.post_command(run.id, Verb.CONTINUE)
            self.look()
            time.sleep(0.05)

    def judge(self) -> Report:
        """Ends the daemon and says what is wrong."""
        self.look()
        client.close()
        deadline = time.monotonic() + PATIENCE_S
        while (left := self._left()) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.report.faults += [f"process {process} is left" for process in left]
        with closing(sqlite3.connect(self._runs.path)) as db:
            (word,) = db.execute("PRAGMA integrity_check").fetchone()
            if word != "ok":
                self.report.faults.append(f"integrity: {word}")
            self._judge_steps(db)
        for run in self._all():
            self.report.ended[run.state.value] += 1
            self._judge_run(run)
        self.report.shown = self._num_shown()
        return self.report

    def look(self) -> None:
        """Notes what is shown now, and that what was final is as it was."""
        for process in self._family():
            self._children[process.pid] = process
        for run in self._all():
            if run.state.is_final:
                now = (run.state, run.ended, run.error)
                if self._final.setdefault(run.id, now) != now:
                    self.report.faults.append(f"{run.id} changed after its end: {self._final[run.id]} -> {now}")
            if not run.state.is_final or not self._is_noted(run):
                seen = self._shown.setdefault((run.id, run.attempt), {})
                after = max(seen, default=-1)
                steps = self._runs.steps(run.id, after=after)
                latest = self._runs.run(run.id)
                if latest is not None and latest.attempt == run.attempt:  # else they may be those of the next
                    seen.update({step.step: (step.loss, step.seconds) for step in steps})

    def _num_shown(self) -> int:
        return sum(map(len, self._shown.values()))

    def _is_noted(self, run: Run) -> bool:
        return len(self._shown.get((run.id, run.attempt), {})) == max((net.num_steps for net in run.nets), default=0)

    def _judge_steps(self, db: sqlite3.Connection) -> None:
        rows = db.execute("SELECT r.id, s.attempt, s.step, s.loss, s.seconds FROM step s JOIN run r ON r.seq = s.run")
        kept: dict[Key, dict[int, tuple[float, float]]] = {}
        for run_id, attempt, step, loss, seconds in rows:
            kept.setdefault((run_id, attempt), {})[step] = (loss, seconds)
        for key, seen in self._shown.items():
            lost = [step for step, shown in seen.items() if kept.get(key, {}).get(step) != shown]
            if lost:
                self.report.faults.append(f"{key}: steps {lost[:5]} were shown and are lost or changed")

    def _judge_run(self, run: Run) -> None:
        steps = self._runs.steps(run.id)
        if [step.step for step in steps] != list(range(len(steps))):
            self.report.faults.append(f"{run.id} has gaps")
        if run.state is RunState.DONE and len(steps) != run.recipe.steps:
            self.report.faults.append(f"{run.id} is done after {len(steps)} of {run.recipe.steps} steps")
        if any(step != racers.step(step.net, step.step) for step in steps):
            self.report.faults.append(f"{run.id} has a step that is none of its")

    def _all(self) -> list[Run]:
        found = [self._runs.run(summary.id) for summary in self._runs.list(10_000)]
        return [run for run in found if run is not None]

    def _some(self) -> str:
        live = [run.id for run in self._all() if not run.state.is_final]
        return self._rng.choice(live) if live else self._runs.submit(recipe(Act.QUICK), owner="z")

    def _submit(self) -> None:
        what = recipe(self._rng.choice(ACTS), steps=self._rng.choice((20, 60, 120)))
        self._runs.submit(what, owner=self._rng.choice(OWNERS))

    def _cancel(self) -> None:
        self._runs.cancel(self._some())

    def _tell(self) -> None:
        verbs = (Verb.PAUSE, Verb.CONTINUE, Verb.CONTINUE, Verb.STEP, Verb.REWIND, Verb.RATE)
        self._runs.post_command(self._some(), self._rng.choice(verbs), 0.05)

    def _kill_worker(self) -> None:
        self._worker().kill()

    def _stop_worker(self) -> None:
        self._worker().send_signal(signal.SIGSTOP)

    def _kill_daemon(self) -> None:
        client._daemons[self._runs.path].kill()
        client._started.clear()

    def _leave_for_long(self) -> None:
        self._kill_daemon()
        with suppress(FileNotFoundError):
            os.utime(lock.lock_path(self._runs.path), (0, 0))

    def _worker(self) -> psutil.Process:
        pids = [run.pid for run in self._all() if run.pid]
        if not pids:
            raise psutil.NoSuchProcess(0)
        return psutil.Process(self._rng.choice(pids))

    def _family(self) -> list[psutil.Process]:
        daemon = client._daemons.get(self._runs.path)
        with suppress(psutil.Error):
            if daemon is not None:
                own = psutil.Process(daemon.pid)
                return [own, *own.children(recursive=True)]
        return []

    def _left(self) -> list[psutil.Process]:
        left = []
        for process in self._children.values():
            with suppress(psutil.Error):
                if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                    left.append(process)
        return left


def wreak(runs: RunStore, *, seconds: float, seed: int) -> Report:
    """Does its worst to a store for some seconds and returns what became of it."""
    chaos = Chaos(runs, random.Random(seed))
    chaos.go_on_for(seconds)
    chaos.settle()
    return chaos.judge()


def environment(home: Path) -> dict[str, str]:
    """What the daemons of a chaos are started with: stand-ins, and little patience."""
    options = {
        "EXECUTOR": "tests.fakes.racers:race", "PRELOAD": "", "SLOTS": "2",
        "STALL_S": "1.5", "CANCEL_S": "0.5", "PAUSE_S": "0.5",
    }  # fmt: skip
    return {"RESNET_VIZ_HOME": str(home), **{f"RESNET_VIZ_JOBS_{name}": value for name, value in options.items()}}


def main() -> int:
    """Prints a report; status 1 where something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.jobs.processes.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(environment(Path(folder)))
        report = wreak(client.store(), seconds=chosen.seconds, seed=chosen.seed)
    print(json.dumps({"did": report.did, "ended": report.ended, "shown": report.shown, "faults": report.faults}))
    return bool(report.faults)


if __name__ == "__main__":
    raise SystemExit(main())
