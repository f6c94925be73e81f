"""Several browsers watch one run by its link: all see all of it, in small pieces. They are websocket clients."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import pytest

from benchmarks.visitor import Visitor
from resnet_viz.jobs.training import lock
from resnet_viz.runs.run import Run
from resnet_viz.runs.store import RunStore
from tests.browser.serving import Server, serving
from tests.fakes.racers import Act, recipe
from tests.fakes.waiting import PATIENCE_S, run_of

pytestmark = [pytest.mark.torch, pytest.mark.slow]

WATCHERS = 5
STEPS = 500
MOST_BYTES = 5_000  # of an update


async def until_all(visitors: list[Visitor], is_so: Callable[[Visitor], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not all(map(is_so, visitors)):
        assert time.monotonic() < deadline, [(visitor.pieces[-2:], visitor.errors) for visitor in visitors]
        await asyncio.sleep(0.1)


async def watched(server: Server, run_id: str, held: IO[bytes]) -> list[Visitor]:
    """What each browser got until it had the whole run, which begins when all watch and the lock is released."""
    visitors = [Visitor(server.url, "training", f"run={run_id}") for _ in range(WATCHERS)]
    for visitor in visitors:
        await visitor.open()
        await asyncio.sleep(0.1)
    try:
        await until_all(visitors, lambda visitor: len(visitor.updates) > 1)
        held.close()
        await until_all(visitors, lambda visitor: visitor.pieces and visitor.pieces[-1].until == STEPS - 1)
    finally:
        for visitor in visitors:
            await visitor.close()
    return visitors


def test_all_who_watch_see_the_same_in_pieces_that_are_small_and_follow_one_another(tmp_path: Path) -> None:
    variables = {"RESNET_VIZ_JOBS_EXECUTOR": "tests.fakes.racers:race", "RESNET_VIZ_JOBS_PRELOAD": ""}
    with serving(tmp_path, **variables) as server:
        server.home.mkdir(exist_ok=True)
        runs = RunStore(server.home / "runs.sqlite")
        held = lock.hold(runs.path, patience_s=0)  # no daemon serves the run yet
        assert held is not None
        run_id = runs.submit(recipe(Act.SLOW, steps=STEPS), owner="somebody else")
        with ThreadPoolExecutor(1) as thread:  # Playwright, where its tests ran before, keeps a loop in this one
            visitors = thread.submit(lambda: asyncio.run(watched(server, run_id, held))).result()
        run: Run = run_of(runs, run_id)
    assert (run.attempt, run.nets[0].num_steps) == (1, STEPS)
    follows: list[bool] = []
    for visitor in visitors:
        assert visitor.errors == []
        assert len(visitor.updates) > 1
        pieces = [piece for piece in visitor.pieces if piece.after is not None]
        untils = [-1, *(piece.until for piece in pieces if piece.until is not None)]
        afters = [piece.after for piece in pieces if piece.after is not None]
        ends = list(zip(untils, afters, strict=False))
        assert all(until <= after for until, after in ends)  # nothing comes twice
        follows += [until == after for until, after in ends]
        assert max(update.num_bytes for update in visitor.updates[1:]) < MOST_BYTES  # the first brings the page too
    # Of two updates at once Streamlit sends the second alone, on a busy machine; the script requests a resync then.
    assert sum(follows) > len(follows) / 2
