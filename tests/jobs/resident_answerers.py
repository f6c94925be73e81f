"""Stand-ins for what a resident process is asked: each does what its question says."""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from resnet_viz.errors import SpecError


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
        case "refuse":
            raise SpecError("So many layers are not to be had.")
        case "fail":
            raise RuntimeError("the password is hunter2")
        case "eat":
            return bytes(bytearray(question["mib"] * 2**20))
        case "die":
            os._exit(1)
        case "talk":
            return b"x" * int(question["bytes"])
        case _:
            pass
    return json.dumps({"heard": dict(question), "pid": os.getpid()}).encode()
