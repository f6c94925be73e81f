"""Stand-ins for what a process is asked to compute: each does what its query says."""

import json
import os
import sys
import time
from collections.abc import Callable, Generator, Mapping
from typing import Any

from resnet_viz.errors import SpecError


def answer(query: Mapping[str, Any], tick: Callable[[float], None]) -> bytes:
    """Echoes, works with many ticks, waits without one, prints, refuses, fails, eats memory or dies."""
    match query.get("do"):
        case "work":
            for step in range(steps := round(query["seconds"] / 0.01)):
                time.sleep(0.01)
                tick(step / steps)
        case "hang":
            time.sleep(query["seconds"])
        case "print":
            print('["Finished", {"number": 1, "message": "a lie"}]')
            sys.stdout.flush()
        case "eat":
            return bytes(bytearray(query["mib"] * 2**20))
        case "talk":
            return b"x" * int(query["bytes"])
        case "refuse":
            raise SpecError("So many layers are not to be had.")
        case "fail":
            raise RuntimeError("the password is hunter2")
        case "die":
            os._exit(1)
        case _:
            pass
    return json.dumps({"heard": dict(query), "pid": os.getpid()}).encode()


def answer_in_pieces(query: Mapping[str, Any], tick: Callable[[float], None]) -> Generator[bytes, None, bytes]:
    """Yields so many pieces, then ends, or does what `answer` would do after them, between two or in the whole."""
    for number in range(query["pieces"]):
        yield json.dumps({"piece": number}).encode()
    if "then" in query:
        answer(query["then"], tick)
    return answer(query.get("whole", query), tick)


def pieces_without_ticks(query: Mapping[str, Any], _tick: Callable[[float], None]) -> Generator[bytes, None, bytes]:
    """Yields pieces for as long as somebody waits."""
    number = 0
    while True:
        time.sleep(0.01)
        yield json.dumps({"piece": number}).encode()
        number += 1
        if number > query["most"]:
            return b"{}"
