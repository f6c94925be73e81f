"""Stand-ins for what a resident process is asked: each does what its question says."""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes.answerers import misbehave


def answer(question: Mapping[str, Any], tick: Callable[[float], None]) -> bytes:
    """Echoes, works with many ticks, waits without one, prints, refuses, fails, eats memory or dies."""
    match question.get("do"):
        case "work":
            for step in range(steps := round(question["seconds"] / 0.01)):
                time.sleep(0.01)
                tick(step / steps)
        case "hang":
            time.sleep(question["seconds"])
        case "print":
            print('{"done": 1}')
            sys.stdout.flush()
        case "eat":
            return bytes(bytearray(question["mib"] * 2**20))
        case "talk":
            return b"x" * int(question["bytes"])
        case _:
            misbehave(question)
    return json.dumps({"heard": dict(question), "pid": os.getpid()}).encode()
