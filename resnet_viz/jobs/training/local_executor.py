"""The executor of this machine: one process per run, forked from a server that has imported torch."""

import logging
import multiprocessing
import queue
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Final

from resnet_viz.jobs import limits
from resnet_viz.jobs.training import worker
from resnet_viz.jobs.training.control import encode
from resnet_viz.jobs.training.executor import Event, Worker, WorkerExited
from resnet_viz.jobs.training.options import Options
from resnet_viz.runs.run import Claim
from resnet_viz.runs.sql.control import Verb
from resnet_viz.training import budget

_COALESCE_S: Final = 0.02  # events that come within it are handed over together
_MOST_EVENTS: Final = 2_000  # of one call; beyond them workers wait
_BOUND: Final = "resnet_viz.jobs.training.bound"

_log = logging.getLogger("resnet_viz.jobs")


class LocalWorker:
    """A worker process and the pipe for its commands."""

    def __init__(self, process: ForkServerProcess, control: Connection) -> None:
        self._process, self._control = process, control
        self._is_gone = False

    @property
    def pid(self) -> int | None:
        """Id of the worker's process."""
        return self._process.pid

    def send(self, verb: Verb | None, value: float = 0.0) -> None:
        """Sends a command to the run; None is to stop."""
        try:
            self._control.send_bytes(encode(verb, value))
        except OSError:
            self.kill()

    def kill(self) -> None:
        """Kills the process; its end is noticed when its pipe ends."""
        if not self._is_gone:
            self._process.kill()

    def clean_up(self) -> None:
        """Waits until the process has ended, which it is about to, and closes its pipe."""
        self._is_gone = True
        self._process.join(timeout=1.0)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._control.close()


class LocalExecutor:
    """Workers of one fork server, at most `slots` at a time."""

    def __init__(self, options: Options, *, folder: Path) -> None:
        """Starts the fork server; call it from the thread that lives longest.

        Args:
            options: of the daemon.
            folder: for checkpoints.
        """
        self._options, self._folder = options, folder
        self._slots = options.slots or budget.runs_at_once()
        self._context = _fork_server(options)
        self._inbox: queue.Queue[tuple[LocalWorker, Event]] = queue.Queue(maxsize=_MOST_EVENTS)
        self._workers: set[LocalWorker] = set()
        self._is_warm = threading.Event()
        threading.Thread(target=self._warm_up, name="warm-up", daemon=True).start()

    def submit(self, claim: Claim) -> LocalWorker:
        """Starts a worker.

        Raises:
            OSError: the fork server is gone and cannot be started again.
            EOFError: it ended while it was asked.
        """
        results, out = self._context.Pipe(duplex=False)
        commands, control = self._context.Pipe(duplex=False)
        arguments = (claim, self._folder, out, commands, self._options)
        process = self._context.Process(target=worker.run, args=arguments, daemon=True)
        try:
            process.start()
        except BaseException:
            results.close()
            control.close()
            raise
        finally:
            out.close()
            commands.close()
        started = LocalWorker(process, control)
        self._workers.add(started)
        # A thread of its own, for a worker that is stopped in the middle of a message would hold up all the others.
        threading.Thread(target=_forward, args=(started, results, self._inbox), name="results", daemon=True).start()
        return started

    def cancel(self, worker: Worker, *, is_urgent: bool = False) -> None:
        """Asks a worker to stop, or kills it."""
        assert isinstance(worker, LocalWorker)
        if is_urgent:
            worker.kill()
        else:
            worker.send(None)

    def events(self, *, timeout_s: float) -> Iterator[tuple[LocalWorker, Event]]:
        """Yields the events of the workers; waits for the first."""
        wait_s = timeout_s
        for _number in range(_MOST_EVENTS):
            try:
                sender, event = self._inbox.get(timeout=wait_s) if wait_s else self._inbox.get_nowait()
            except queue.Empty:
                return
            if wait_s:
                time.sleep(_COALESCE_S)
                wait_s = 0.0
            if isinstance(event, WorkerExited):
                sender.clean_up()
                self._workers.discard(sender)
            yield sender, event

    def capacity(self) -> int:
        """Returns how many slots are free; 0 until the fork server has imported torch."""
        return max(0, self._slots - len(self._workers)) if self._is_warm.is_set() else 0

    def _warm_up(self) -> None:
        """Waits in a thread until the fork server answers: queued runs can be cancelled meanwhile."""
        try:
            first = self._context.Process(target=worker.nothing, daemon=True)
            first.start()
            first.join()
        except (OSError, EOFError):
            _log.exception("the fork server did not start")
        self._is_warm.set()


def _forward(sender: LocalWorker, results: Connection, inbox: "queue.Queue[tuple[LocalWorker, Event]]") -> None:
    with results:
        try:
            while True:
                inbox.put((sender, results.recv()))
        except (EOFError, OSError):
            inbox.put((sender, WorkerExited()))


def _fork_server(options: Options) -> ForkServerContext:
    from multiprocessing import forkserver  # noqa: PLC0415 - not on Windows

    limits.bind_children()
    context = multiprocessing.get_context("forkserver")
    trainer = options.executor.partition(":")[0]
    context.set_forkserver_preload(
        [name for name in (_BOUND, options.preload, "resnet_viz.jobs.training.local_executor", trainer) if name]
    )
    forkserver.ensure_running()
    return context
