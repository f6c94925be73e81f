"""A process that stays and answers questions one after the other, with torch imported once.

    python -m resnet_viz.jobs.queries.worker MODULE:FUNCTION MEMORY_MIB NICENESS

The function gets the JSON object of a question and a `tick`, which it calls often with the share that is done and
which raises `Cancelled` once nobody waits any more; it returns the bytes of the answer. In come
{"ask": number, "question": {...}} and {"cancel": number}; out go {"ready": true}, {"at": number, "share": share} and
at last {"done": number} with the answer's bytes, or with a "sentence" that says why there are none.
Whoever asks holds standard input: when that ends, so does the process.
"""

import importlib
import json
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from typing import IO, Any, Final

from resnet_viz.attribution.methods import Cancelled
from resnet_viz.errors import Refusal
from resnet_viz.jobs import limits, messages
from resnet_viz.jobs.queries import frames

Answerer = Callable[[Mapping[str, Any], Callable[[float], None]], bytes]

_EVERY_S: Final = 0.1  # between two words about the share that is done


class Desk:
    """Where questions come in and answers go out. One is worked on at a time."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self._asked: queue.Queue[tuple[int, Mapping[str, Any]]] = queue.Queue()
        self._cancelled: set[int] = set()
        self._told_s = 0.0

    def listen(self, source: IO[bytes]) -> None:
        """Takes in what is said until whoever says it is gone; then ends the process."""
        for line in source:
            message = json.loads(line)
            if "cancel" in message:
                self._cancelled.add(message["cancel"])
            else:
                self._asked.put((message["ask"], message["question"]))
        os._exit(0)

    def serve(self, answerer: Answerer) -> None:
        """Answers one question after the other; never returns."""
        frames.send(self._out, {"ready": True})
        while True:
            number, question = self._asked.get()
            content, sentence = b"", ""
            try:
                content = answerer(question, lambda share, number=number: self._tick(number, share))  # type: ignore[misc]
            except Cancelled:
                sentence = "cancelled"  # nobody reads it
            except Refusal as refusal:
                sentence = str(refusal)
            except Exception as error:
                traceback.print_exc()
                is_memory = limits.is_out_of_memory(error)
                sentence = messages.UNANSWERED_MEMORY if is_memory else messages.UNANSWERED
            self._cancelled.discard(number)
            frames.send(self._out, {"done": number, "sentence": sentence}, content)

    def _tick(self, number: int, share: float) -> None:
        if number in self._cancelled:
            raise Cancelled
        now = time.monotonic()
        if now - self._told_s >= _EVERY_S:
            self._told_s = now
            frames.send(self._out, {"at": number, "share": min(1.0, max(0.0, float(share)))})


def main(arguments: list[str]) -> None:
    """Answers until nobody is left who could ask; never returns."""
    answerer, memory_mib, niceness = arguments
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints belongs into the server's log, not among the answers
    desk = Desk(out)
    threading.Thread(target=desk.listen, args=(sys.stdin.buffer,), name="stdin", daemon=True).start()
    limits.lower_priority(int(niceness))
    limits.cap_memory(int(memory_mib))
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a pool of threads counts as memory
    module, _colon, name = answerer.partition(":")
    desk.serve(getattr(importlib.import_module(module), name))


if __name__ == "__main__":
    main(sys.argv[1:])
