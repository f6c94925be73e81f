"""Stand-ins for what a process is asked: each does what its question says."""

import os
import sys
import time
from collections.abc import Mapping
from typing import Any

from resnet_viz.errors import SpecError


def answer(question: Mapping[str, Any]) -> Any:
    """Echoes, waits, prints, refuses, fails, eats memory or dies."""
    match question.get("do"):
        case "wait":
            time.sleep(question["seconds"])
        case "print":
            print('{"answer": "a lie"}')
            sys.stdout.flush()
        case "eat":
            return len(bytearray(question["mib"] * 2**20))
        case "talk":
            return "x" * question["bytes"]
        case _:
            misbehave(question)
    return {"heard": dict(question), "pid": os.getpid()}


def misbehave(question: Mapping[str, Any]) -> None:
    """Refuses, fails or dies where the question says so."""
    match question.get("do"):
        case "refuse":
            raise SpecError("So many layers are not to be had.")
        case "fail":
            raise RuntimeError("the password is hunter2")
        case "die":
            os._exit(1)
        case _:
            pass
