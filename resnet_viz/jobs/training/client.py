"""Submits, commands and cancels runs, and keeps a daemon alive for each store. No torch.

The handle of a daemon lives in this module, not in a cache of Streamlit's, which any visitor can clear.
"""

import atexit
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from resnet_viz.jobs.training import lock
from resnet_viz.jobs.training.options import Options, to_arguments
from resnet_viz.resources import IMPORT_ROOT
from resnet_viz.runs.paths import store_path
from resnet_viz.runs.sql.control import Verb
from resnet_viz.runs.store import RunStore
from resnet_viz.training.recipe import Recipe

LASTING: Final = Options(lasting=1)
_RESTART_S: Final = 1.0  # shortest time between two starts, in case one ends at once

_daemons: dict[Path, subprocess.Popen[bytes]] = {}
_started: dict[Path, float] = {}
_lock = threading.Lock()


def store() -> RunStore:
    """Returns the store of this machine's user.

    Raises:
        QueueError: its folder cannot be made.
    """
    return RunStore(store_path())


# The next four call the method of RunStore, then start a daemon if none is alive. `options` are for that daemon;
# LASTING is for one that outlives this process.


def submit(
    recipe: Recipe, *, owner: str, name: str = "", options: Options | None = None, is_shared: bool = False
) -> str:
    """Submits a run and returns its id; see `RunStore.submit_all`."""
    return submit_all([recipe], owner=owner, name=name, options=options, is_shared=is_shared)[0]


def submit_all(
    recipes: Sequence[Recipe],
    *,
    owner: str,
    name: str = "",
    options: Options | None = None,
    is_shared: bool = False,
) -> tuple[str, ...]:
    """Submits runs, all or none of them, and returns their ids; see `RunStore.submit_all`."""
    runs = store()
    ids = runs.submit_all(recipes, owner=owner, name=name, is_shared=is_shared)
    ensure_daemon(runs.path, options)
    return ids


def branch(parent: str, recipe: Recipe, sources: Sequence[int], *, owner: str) -> str:
    """Submits a run that goes on from another's newest checkpoint, and returns its id; see `RunStore.branch`."""
    runs = store()
    run_id = runs.branch(parent, recipe, sources, owner=owner)
    ensure_daemon(runs.path)
    return run_id


def post_command(run_id: str, verb: Verb, value: float = 0.0, *, options: Options | None = None) -> None:
    """Posts a command to a run; see `RunStore.post_command`."""
    runs = store()
    runs.post_command(run_id, verb, value)
    ensure_daemon(runs.path, options)


def cancel(run_id: str) -> None:
    """Cancels a run; see `RunStore.cancel`. A running one has its daemon already."""
    store().cancel(run_id)


def ensure_daemon(path: Path, options: Options | None = None) -> None:
    """Starts a daemon for a store if none is alive. Costs microseconds if one is: call it whenever runs are looked at.

    Args:
        path: the store's file.
        options: for a daemon that has to be started; None for the environment's.
    """
    with _lock:
        daemon = _daemons.get(path)
        if daemon is not None and daemon.poll() is None and daemon.stdin is not None:
            return  # a lasting one may be about to end: the lock alone says whether it still serves
        is_soon = path in _started and time.monotonic() - _started[path] < _RESTART_S
        if is_soon or lock.is_held(path):  # held: another server's daemon serves this store
            return
        _close(path)
        _daemons[path] = _start(path, options)
        _started[path] = time.monotonic()


def close() -> None:
    """Ends the daemons that this process started, and waits until they are gone. Runs go on with the next daemon.

    A lasting daemon stays: others may have given it runs.
    """
    with _lock:
        for path in tuple(_daemons):
            _close(path)
        _started.clear()


def _start(path: Path, options: Options | None) -> subprocess.Popen[bytes]:
    options = options or Options()
    paths = (str(IMPORT_ROOT), os.environ.get("PYTHONPATH", ""))
    return subprocess.Popen(
        [sys.executable, "-m", "resnet_viz.jobs.training.daemon", str(path), *to_arguments(options)],
        stdin=subprocess.DEVNULL if options.lasting else subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if options.lasting else None,  # who reads ours waits until all have closed it
        cwd=IMPORT_ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        start_new_session=True,  # Ctrl-C is for the server; the daemon notices that it is gone
    )


def _close(path: Path) -> None:
    daemon = _daemons.pop(path, None)
    if daemon is None:
        return
    if daemon.stdin is None:
        daemon.returncode = daemon.poll() or 0  # a lasting one is let go of, without Python's warning that it runs
        return
    daemon.stdin.close()
    try:
        daemon.wait(timeout=5.0)
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.wait()


atexit.register(close)
