"""What a server spends on 1, 10 and 50 browsers that watch one run, and how soon and in how many bytes it tells them.

Four nets, shown step by step, gain twenty steps and two measurements a second, as the default run does on two cores.
The browsers are websocket clients in this process that poll as the page tells a browser to; bytes are those on the
wire. CPU time is the server process's own. Prints a table in Markdown.
"""

import asyncio
import statistics
import tempfile
import time
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil

from benchmarks import outcome
from benchmarks.fragment import growing
from benchmarks.visitor import Visitor
from resnet_viz.runs.store import RunStore
from tests.browser.serving import Server, serving

WATCHERS = (1, 10, 50)
WINDOWS = 6
WINDOW_S = 4.0
SETTLE_S = 3.0
OPENING_S = 3.0  # in which the browsers come, so that they poll at different moments
STEPS = 1_000  # as many as are shown one by one; the run does not get so far


async def watch(server: Server, run_id: str, num_watchers: int, stored: dict[int, float]) -> dict[str, Any]:
    """Returns what the server spends, and what each browser gets, while so many look on."""
    process = psutil.Process(server.process.pid)
    visitors = [Visitor(server.url, "training", f"run={run_id}") for _ in range(num_watchers)]
    for visitor in visitors:
        await visitor.open()
        await asyncio.sleep(OPENING_S / num_watchers)
    await asyncio.sleep(SETTLE_S)
    for visitor in visitors:
        visitor.updates.clear()
        visitor.pieces.clear()
    shares = []
    for _ in range(WINDOWS):
        cpu_s, begun = _cpu_s(process), time.perf_counter()
        await asyncio.sleep(WINDOW_S)
        shares.append((_cpu_s(process) - cpu_s) / (time.perf_counter() - begun) * 100)
    updates = [update for visitor in visitors for update in visitor.updates[1:]]  # the first may be half of one
    lags = _lags_ms(visitors, stored)
    errors = [error for visitor in visitors for error in visitor.errors]
    for visitor in visitors:
        await visitor.close()
    assert not errors, errors[:3]
    return {
        "cpu_percent_of_a_core": outcome.spread(shares),
        "updates_per_s": len(updates) / (WINDOWS * WINDOW_S),
        "answer_ms": outcome.spread([update.seconds * 1e3 for update in updates]),
        "messages_per_update": statistics.median(update.num_messages for update in updates),
        "bytes_per_update": outcome.spread([update.num_bytes for update in updates]),
        "stored_to_received_ms": outcome.spread(lags),
        "rss_mib": process.memory_info().rss / 2**20,
    }


def _lags_ms(visitors: list[Visitor], stored: dict[int, float]) -> list[float]:
    """Returns how old each step was when a browser got it, the wait for the next poll included."""
    lags = []
    for visitor in visitors:
        for piece in visitor.pieces:
            if piece.after is not None and piece.until is not None:
                steps = range(piece.after + 1, piece.until + 1)
                lags += [(piece.at - stored[step]) * 1e3 for step in steps if step in stored]
    return lags


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _cell(spread: dict[str, float], digits: int) -> str:
    median, low, high = (f"{spread[name]:,.{digits}f}" for name in ("median", "q1", "q3"))
    return f"{median} ({low} to {high})"


def main() -> None:
    before = {**outcome.machine(), "streamlit": metadata.version("streamlit")}
    measured = {}
    print("| browsers | server, % of a core | answer ms | bytes per update, most | stored to received ms | updates/s |")
    print("|---:|---:|---:|---:|---:|---:|")
    for num_watchers in WATCHERS:
        stored: dict[int, float] = {}
        with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
            server.home.mkdir(exist_ok=True)
            with growing(RunStore(server.home / "runs.sqlite"), first=20, total=STEPS, stored=stored) as run_id:
                case = asyncio.run(watch(server, run_id, num_watchers, stored))
        measured[str(num_watchers)] = case
        print(
            f"| {num_watchers} | {_cell(case['cpu_percent_of_a_core'], 1)} | {_cell(case['answer_ms'], 0)} "
            f"| {_cell(case['bytes_per_update'], 0)}, {case['bytes_per_update']['max']:,.0f} "
            f"| {_cell(case['stored_to_received_ms'], 0)} | {case['updates_per_s']:.1f} |",
            flush=True,
        )
    outcome.write("watchers", measured, load_before=before)


if __name__ == "__main__":
    main()
