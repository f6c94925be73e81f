"""The process of one contestant: python -m benchmarks.player DESCRIPTOR PACKAGE DEVICE, as turns.py starts it.

It answers the name of a net with the milliseconds that building it took, and None with a Turn.
"""

import gc
import sys
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.peers import OURS, OURS_COLD, WARMING_NET, Act, Contestant, caches, prepare
from benchmarks.turns import Failure, Turn

CALLS = {OURS: 25, OURS_COLD: 25}  # in a turn: one call is too short for the clock
WHY_LENGTH = 240


def play(contestant: Contestant, connection: "Connection[Any, Any]") -> None:
    act = _answer(partial(prepare, contestant, WARMING_NET))
    if not isinstance(act, Failure):
        _answer(partial(timed, contestant, act[0]))
    while True:
        try:
            net = connection.recv()
        except EOFError:
            return
        if net is None:
            connection.send(_answer(partial(timed, contestant, act)))
            continue
        gc.unfreeze()
        act = None  # so that there are never two modules
        answer = _answer(partial(prepare, contestant, net))
        if not isinstance(answer, Failure):
            act, answer = answer
        gc.collect()
        gc.freeze()  # torch and the module are not the garbage of a call
        connection.send(answer)


def timed(contestant: Contestant, act: Act) -> Turn:
    """Takes one turn; what empties the caches is not part of it."""
    gc.collect()
    emptied = caches() if contestant.package == OURS_COLD else []
    calls = CALLS.get(contestant.package, 1)
    cpu_s = wall_s = 0.0
    for _ in range(calls):
        for cache in emptied:
            cache.cache_clear()
        wall, cpu = time.perf_counter(), time.process_time()
        act()
        cpu_s += time.process_time() - cpu
        wall_s += time.perf_counter() - wall
    return Turn(cpu_s / calls * 1e3, wall_s / calls * 1e3)


def _answer(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except Exception as error:  # whatever a peer raises is its result
        return Failure(f"{type(error).__name__}: {' '.join(str(error).split())}"[:WHY_LENGTH])


if __name__ == "__main__":
    play(Contestant(package=sys.argv[2], device=sys.argv[3]), Connection(int(sys.argv[1])))
