"""Daemon: trains the runs of one store in processes of its own.

    python -m resnet_viz.jobs.training.daemon STORE [--slots=1 ...]

A program of its own, for Streamlit puts its script where multiprocessing looks for the main module. Whoever starts it
holds its standard input; when that ends, the daemon and all it started end. A lasting one, which the command line
starts, ends when it has nothing to do. Exit status 3: another daemon serves this store. Workers import this file, so it
imports little.
"""

import logging
import os
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from resnet_viz.jobs.training import lock
from resnet_viz.jobs.training.local_executor import LocalExecutor
from resnet_viz.jobs.training.options import Options, parse
from resnet_viz.jobs.training.scheduler import Scheduler
from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.sql import checkpoints

ALREADY_SERVED: Final = 3
_LOCK_PATIENCE_S: Final = 0.5
_LOG_BYTES: Final = 1_000_000

_log = logging.getLogger("resnet_viz.jobs")


def main(arguments: list[str]) -> int:
    """Serves a store until standard input ends; returns an exit status if it cannot, or need not any more."""
    path, options = parse(arguments, os.environ)
    _log_to(path.with_name(path.name + ".log"))
    has_served = False
    while True:
        held = lock.hold(path, patience_s=_LOCK_PATIENCE_S)
        if held is None:
            return 0 if has_served else ALREADY_SERVED
        with held:
            _serve(path, options)
        has_served = True
        with DaemonStore(path) as store:  # a client may have seen the lock held and started no other daemon
            if not store.has_waiting():
                return 0


def _serve(path: Path, options: Options) -> None:
    with DaemonStore(path) as store:
        is_recent = lock.age_s(path) < options.recent_s
        executor = LocalExecutor(options, folder=checkpoints.folder(path))
        scheduler = Scheduler(store, options, executor, path=path, is_recent=is_recent)
        if not options.lasting:
            threading.Thread(target=_end_with_stdin, args=(scheduler,), name="stdin", daemon=True).start()
        _log.info("serving, process %d", os.getpid())
        scheduler.serve()


def _end_with_stdin(scheduler: Scheduler) -> None:
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass
    scheduler.kill_all()
    os._exit(0)  # the fork server ends with this process


def _log_to(path: Path) -> None:
    handler = RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    _log.propagate = False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
