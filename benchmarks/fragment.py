"""What it costs the server to keep a live run before the eyes of its visitors, with a collection per rerun and without.

The run has four nets with 400 steps each and grows by twenty steps and two measurements a second, as the default run
does on two cores; visitors poll once a second, as the page tells them to. Streamlit's runner.postScriptGC collects all
garbage after every run of a script or fragment; the app turns it off. CPU time is the server process's own, all
threads; the visitors are websocket clients in this process.
"""

import asyncio
import dataclasses
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil

from benchmarks import outcome
from benchmarks.visitor import Visitor
from resnet_viz.jobs.training import lock
from resnet_viz.runs import shipped
from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.run import Claim
from resnet_viz.runs.store import RunStore
from resnet_viz.training.records import NetStarted, Step
from tests.browser.serving import Server, serving

WATCHERS = (1, 10)
WINDOWS = 5
WINDOW_S = 8.0
SETTLE_S = 5.0
GROW_EVERY_S = 0.5
GROW_STEPS = 10
STEPS = 400
MOST_STEPS = 20_000  # so that the run does not end


def step_of(run: shipped.RecordedRun, net: int, number: int) -> Step:
    """A step of the recorded run, repeated where it has no more; norms at every tenth."""
    curve, probe, is_plain = run.curves[net], run.last[net], run.recipe.nets[net].is_plain
    place = number % len(curve.steps)
    is_probed = number % run.recipe.probe_every == 0
    return dataclasses.replace(
        probe,
        step=number,
        loss=curve.loss[place],
        accuracy=curve.accuracy[place],
        seconds=number / 100,
        grad_norm=probe.grad_norm if is_probed else {},
        block_grad_norm=probe.block_grad_norm if is_probed else {},
        update_ratio=probe.update_ratio if is_probed else {},
        activation_std=dict.fromkeys(probe.block_grad_norm, 1.5) if is_probed else {},
        branch_share=dict.fromkeys(probe.block_grad_norm, 0.25) if is_probed and not is_plain else {},
        test_loss=None,
        test_accuracy=None,
    )


@contextmanager
def growing(
    store: RunStore, *, first: int = STEPS, total: int = MOST_STEPS, stored: dict[int, float] | None = None
) -> Iterator[str]:
    """A run of which some steps are there and to which more are added; no daemon serves it.

    Args:
        store: an empty one.
        first: steps that are there.
        total: steps that it is to have; more than will be added.
        stored: gets the moment at which each later step of all nets was in the store.
    """
    run = shipped.read("degradation")
    run_id = store.submit(dataclasses.replace(run.recipe, steps=total), owner="benchmark")
    held = lock.hold(store.path, patience_s=0)
    assert held is not None
    nets = range(len(run.recipe.nets))
    is_over = threading.Event()

    def grow() -> None:
        with DaemonStore(store.path) as daemon_store:
            claim = daemon_store.claim_next()
            assert claim is not None
            begin(daemon_store, claim)
            is_there.set()
            number = first
            while not is_over.wait(GROW_EVERY_S):
                steps = range(number, number + GROW_STEPS)
                daemon_store.append(claim, [step_of(run, net, step) for step in steps for net in nets])
                if stored is not None:
                    stored.update(dict.fromkeys(steps, time.perf_counter()))
                number += GROW_STEPS

    def begin(daemon_store: DaemonStore, claim: Claim) -> None:
        for net, probe in enumerate(run.last):
            convs, blocks = tuple(probe.grad_norm), tuple(probe.block_grad_norm)
            start = NetStarted(net=probe.net, params=1, macs=1, convs=convs, blocks=blocks, device="cpu")
            daemon_store.append(claim, [start, *(step_of(run, net, number) for number in range(first))])

    is_there = threading.Event()
    thread = threading.Thread(target=grow)
    thread.start()
    try:
        assert is_there.wait(60)
        yield run_id
    finally:
        is_over.set()
        thread.join()
        held.close()


async def watch(server: Server, run_id: str, num_watchers: int) -> dict[str, Any]:
    """Returns what the server spends while so many look on."""
    process = psutil.Process(server.process.pid)
    visitors = [Visitor(server.url, "training", f"run={run_id}") for _ in range(num_watchers)]
    for visitor in visitors:
        await visitor.open()
        await asyncio.sleep(1.0 / num_watchers)  # they poll at different moments
    await asyncio.sleep(SETTLE_S)
    windows = [await _window(process, visitors) for _ in range(WINDOWS)]
    memory = process.memory_info().rss
    errors = [error for visitor in visitors for error in visitor.errors]
    for visitor in visitors:
        await visitor.close()
    assert not errors, errors[:3]
    answered = [took for window in windows for took in window["took_ms"]]
    with_updates = [window for window in windows if window["took_ms"]]
    return {
        "cpu_ms_per_update": outcome.spread([window["cpu_ms"] / len(window["took_ms"]) for window in with_updates]),
        "cpu_percent_of_a_core": outcome.spread([window["cpu_ms"] / window["s"] / 10 for window in windows]),
        "updates_per_s": outcome.spread([len(window["took_ms"]) / window["s"] for window in windows]),
        "updates_per_s_wanted": num_watchers,
        "answer_ms_p50": statistics.median(answered),
        "answer_ms_p95": statistics.quantiles(answered, n=20, method="inclusive")[-1],
        "kib_per_update": statistics.median(window["bytes"] / 1024 / len(window["took_ms"]) for window in with_updates),
        "rss_mib": memory / 2**20,
    }


async def _window(process: psutil.Process, visitors: list[Visitor]) -> dict[str, Any]:
    for visitor in visitors:
        visitor.updates.clear()
        visitor.num_bytes = 0
    cpu, begun = _cpu_s(process), time.perf_counter()
    await asyncio.sleep(WINDOW_S)
    spent = time.perf_counter() - begun
    return {
        "s": spent,
        "cpu_ms": (_cpu_s(process) - cpu) * 1e3,
        "took_ms": [update.seconds * 1e3 for visitor in visitors for update in visitor.updates],
        "bytes": sum(visitor.num_bytes for visitor in visitors),
    }


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def main() -> None:
    before = {**outcome.machine(), "streamlit": metadata.version("streamlit")}
    measured = {}
    print("collection  watchers   CPU ms/update   updates/s   answer ms p50, p95   KiB/update   % of a core   RSS MiB")
    for is_collecting in (False, True):
        for num_watchers in WATCHERS:
            with (
                tempfile.TemporaryDirectory() as folder,
                serving(Path(folder), STREAMLIT_RUNNER_POST_SCRIPT_GC=str(is_collecting).lower()) as server,
            ):
                server.home.mkdir(exist_ok=True)
                with growing(RunStore(server.home / "runs.sqlite")) as run_id:
                    case = asyncio.run(watch(server, run_id, num_watchers))
            word = "on" if is_collecting else "off"
            measured[f"collection-{word}-{num_watchers}"] = case
            print(
                f"{word:<12}{num_watchers:>8}{case['cpu_ms_per_update']['median']:>16.1f}"
                f"{case['updates_per_s']['median']:>12.2f}{case['answer_ms_p50']:>14.0f},{case['answer_ms_p95']:>6.0f}"
                f"{case['kib_per_update']:>13.1f}{case['cpu_percent_of_a_core']['median']:>14.0f}{case['rss_mib']:>10.0f}",
                flush=True,
            )
    outcome.write("fragment", measured, load_before=before)


if __name__ == "__main__":
    main()
