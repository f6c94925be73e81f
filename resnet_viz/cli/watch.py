"""Progress of a run in the terminal: one changing line, or a line every few seconds without a terminal."""

import shutil
import sys
import time
from collections.abc import Sequence
from typing import Any, Final

from resnet_viz.errors import QueueError
from resnet_viz.i18n import _
from resnet_viz.jobs.training import client
from resnet_viz.present.tables import in_columns
from resnet_viz.present.training import seeds
from resnet_viz.present.training.gradient_notes import gradient_notes
from resnet_viz.present.training.results import degradation, result_table
from resnet_viz.present.training.status import state_line
from resnet_viz.runs.run import Curve, Run, RunState
from resnet_viz.runs.store import RunStore

ENDED_BADLY: Final = 1
_POLL_EVERY_S: Final = 0.2
_LINE_EVERY_S: Final = 5.0  # if standard error is not a terminal


def print_message(text: str) -> None:
    """Prints a message on standard error; standard output is for results."""
    print(text, file=sys.stderr, flush=True)


def watch_run(run_id: str) -> int:
    """Shows a run until it has ended, and returns the exit status. Ctrl-C stops the run, a second one exits at once.

    Raises:
        QueueError: the run was deleted.
    """
    store, line = client.store(), _ProgressLine()
    try:
        run = _follow(store, run_id, line)
    except KeyboardInterrupt:
        client.cancel(run_id)
        line.end()
        print_message(_("Stopping run {id}; its records are kept.").format(id=run_id))
        run = _follow(store, run_id, line)
    line.end()
    _print_results(store, run)
    return 0 if run.state is RunState.DONE else ENDED_BADLY


def watch_runs(ids: Sequence[str]) -> int:
    """Shows runs of several seeds one after another, then their results; returns the exit status.

    Ctrl-C stops the run that is shown and those after it.

    Raises:
        QueueError: one of them was deleted.
    """
    statuses: list[int] = []
    for run_id in ids:
        if any(statuses):
            client.cancel(run_id)
        statuses.append(watch_run(run_id))
    if len(ids) > 1:
        _print_seed_results(client.store(), ids)
    return max(statuses)


def _follow(store: RunStore, run_id: str, line: "_ProgressLine") -> Run:
    while True:
        run = store.run(run_id)
        if run is None:
            line.end()
            raise QueueError(_("Run {id} has been deleted.").format(id=run_id))
        last = store.curves(run_id, after={net.label: net.num_steps - 2 for net in run.nets})
        is_final = run.state.is_final
        line.show(_text(store, run, last), is_last=is_final)
        if is_final:
            return run
        client.ensure_daemon(store.path, client.LASTING)  # the daemon may have exited
        time.sleep(_POLL_EVERY_S)


def _text(store: RunStore, run: Run, last: tuple[Curve, ...]) -> str:
    waits = run.state is RunState.QUEUED
    line = state_line(run, last, place=(store.position(run.id) or 1) if waits else 0)
    titles = run.recipe.titles
    losses = [f"{titles[curve.net]} {curve.loss[-1]:.3f}" for curve in last if curve.loss]
    return " · ".join([line, *losses])


class _ProgressLine:
    """Progress line on standard error."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._shown = ""
        self._shown_at = 0.0

    def show(self, text: str, *, is_last: bool) -> None:
        """Replaces the line by `text`; without a terminal prints it every few seconds."""
        if self._is_terminal:
            most = max(1, shutil.get_terminal_size().columns - 1)
            text = text if len(text) <= most else text[: most - 1] + "…"
            print("\r" + text.ljust(len(self._shown)), end="", file=sys.stderr, flush=True)
            self._shown = text
            return
        now = time.monotonic()
        if text != self._shown and (is_last or now - self._shown_at >= _LINE_EVERY_S):
            print_message(text)
            self._shown, self._shown_at = text, now

    def end(self) -> None:
        """Ends the line."""
        if self._is_terminal and self._shown:
            print(file=sys.stderr, flush=True)
            self._shown = ""


def _print_results(store: RunStore, run: Run) -> None:
    """Prints why a run failed on standard error, and its results on standard output."""
    for sentence in filter(None, [_(run.error) if run.error else "", *(net.sentence for net in run.nets)]):
        print_message(sentence)
    curves = store.curves(run.id)
    first, last = ({step.net: step for step in store.probe(run.id, step=number)} for number in (0, None))
    titles = run.recipe.titles
    rows = result_table(titles, curves, first, last)
    if rows:
        print(in_columns([list(rows[0]), *(list(map(_cell, row.values())) for row in rows)]))
    probes = {"first": tuple(first.values()), "last": tuple(last.values())}
    found = degradation(run.recipe.nets, curves, data=run.recipe.data, **probes)
    for sentence in (*found, *gradient_notes(titles, probes["last"])):
        print(sentence)


def _print_seed_results(store: RunStore, ids: Sequence[str]) -> None:
    """Prints the means over the finished seeds."""
    runs = [run for run in map(store.run, ids) if run and run.state is RunState.DONE]
    by_seed = {run.recipe.seed: store.curves(run.id) for run in runs}
    if runs and (rows := seeds.table(runs[0].recipe.titles, by_seed)):
        print(in_columns([list(rows[0]), *(list(map(_cell, row.values())) for row in rows)]))
        for sentence in seeds.sentences(runs[0].recipe.nets, by_seed, data=runs[0].recipe.data):
            print(sentence)


def _cell(value: Any) -> str:
    return "" if value is None else str(value)
