"""Stand-ins for what a process is asked to compute: each does what its query says."""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
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
