"""How soon a run starts, is seen, stops, and is gone with its server. Real training but for what is seen.

Everything is asked for through the store, by a process that polls it every two milliseconds, as a page would find it.
A server is a process of its own that keeps a daemon alive and is killed with SIGKILL. Prints a table in Markdown.
"""

import dataclasses
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import psutil

from benchmarks import outcome
from resnet_viz.jobs.training import client
from resnet_viz.runs.run import RunState
from resnet_viz.runs.store import RunStore
from resnet_viz.spec.presets import residual_preset
from resnet_viz.training import recipe_files
from resnet_viz.training.recipe import Recipe

T = TypeVar("T")

REPEATS = 20
COLD_REPEATS = 5
POLL_S = 0.002
PATIENCE_S = 60.0
SEEN_STEPS = 500
VARIABLES = {"executor": "RESNET_VIZ_JOBS_EXECUTOR", "preload": "RESNET_VIZ_JOBS_PRELOAD"}
SERVER = """
import sys, time
from pathlib import Path
from resnet_viz.jobs.training import client
while True:
    client.ensure_daemon(Path(sys.argv[1]))
    time.sleep(0.05)
"""


def until(ask: Callable[[], T]) -> T:
    """Returns the first answer that is true."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if answer := ask():
            return answer
        time.sleep(POLL_S)
    raise TimeoutError


def default_recipe() -> Recipe:
    return recipe_files.make("degradation", {})


def pid_of(runs: RunStore, run_id: str) -> int | None:
    run = runs.run(run_id)
    return run.pid if run is not None and run.state is RunState.RUNNING else None


def first_point_s(runs: RunStore, recipe: Recipe) -> tuple[float, str]:
    """Returns the seconds from Start to the first step that can be read, and the run."""
    begun = time.perf_counter()
    run_id = client.submit(recipe, owner="benchmark")
    until(lambda: any(curve.steps for curve in runs.curves(run_id)))
    return time.perf_counter() - begun, run_id


def stop_s(runs: RunStore, run_id: str) -> float:
    """Returns the seconds from a cancellation until the run has ended and its process is gone."""
    worker = psutil.Process(until(lambda: pid_of(runs, run_id)))
    begun = time.perf_counter()
    client.cancel(run_id)
    until(lambda: _is_gone(worker) and _state(runs, run_id) is RunState.CANCELLED)
    return time.perf_counter() - begun


def start_and_stop() -> dict[str, list[float]]:
    """Returns how long runs of the default recipe take to start, cold and warm, and to stop."""
    found: dict[str, list[float]] = {"start_cold_s": [], "start_warm_s": [], "stop_s": []}
    for name, repeats in (("start_cold_s", COLD_REPEATS), ("start_warm_s", REPEATS)):
        for _ in range(repeats):
            if name == "start_cold_s":
                client.close()
            seconds, run_id = first_point_s(client.store(), default_recipe())
            found[name].append(seconds)
            found["stop_s"].append(stop_s(client.store(), run_id))
    client.close()
    return found


def seen_s() -> list[float]:
    """Returns, step by step, the seconds from when it was computed until it could be read."""
    os.environ |= {VARIABLES["executor"]: "benchmarks.clocked:race", VARIABLES["preload"]: ""}
    runs = client.store()
    recipe = Recipe(nets=(residual_preset("cifar_plain20"),), steps=SEEN_STEPS)
    run_id = client.submit(recipe, owner="benchmark")
    lags: list[float] = []
    last = -1
    while last < SEEN_STEPS - 1:
        for curve in runs.curves(run_id, after=last):
            now = time.monotonic()
            lags += [now - computed for computed in curve.seconds]
            last = max(last, *curve.steps) if curve.steps else last
        time.sleep(POLL_S)
    client.close()
    for name in VARIABLES.values():
        del os.environ[name]
    return lags


def gone_s(folder: Path) -> float:
    """Returns the seconds from a server's SIGKILL until its daemon, fork server and worker are gone."""
    runs = RunStore(folder / "runs.sqlite")
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(runs.path)])
    recipe = dataclasses.replace(default_recipe(), steps=10_000)
    run_id = runs.submit(recipe, owner="benchmark")
    until(lambda: pid_of(runs, run_id) and any(curve.steps for curve in runs.curves(run_id)))
    family = psutil.Process(server.pid).children(recursive=True)
    begun = time.perf_counter()
    server.kill()
    server.wait()
    until(lambda: all(map(_is_gone, family)))
    return time.perf_counter() - begun


def _is_gone(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    return True


def _state(runs: RunStore, run_id: str) -> RunState | None:
    run = runs.run(run_id)
    return None if run is None else run.state


def main() -> None:
    before = outcome.machine()
    taken: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as home:
        os.environ["RESNET_VIZ_HOME"] = home
        taken |= start_and_stop()
        taken["computed_to_readable_s"] = seen_s()
        del os.environ["RESNET_VIZ_HOME"]
    taken["server_killed_to_gone_s"] = []
    for _ in range(REPEATS):
        with tempfile.TemporaryDirectory() as folder:
            taken["server_killed_to_gone_s"].append(gone_s(Path(folder)))
    measured: dict[str, Any] = {name: outcome.spread(values) for name, values in taken.items()}
    print("| what | median (quartiles), ms | most, ms | times |")
    print("|---|---:|---:|---:|")
    for name, spread in measured.items():
        median, low, high, most = (spread[key] * 1e3 for key in ("median", "q1", "q3", "max"))
        print(f"| {name} | {median:,.0f} ({low:,.0f} to {high:,.0f}) | {most:,.0f} | {spread['n']} |")
    outcome.write("jobs", measured, load_before=before)


if __name__ == "__main__":
    main()
