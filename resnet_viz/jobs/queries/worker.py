"""A process that computes queries of one kind, one after the other, with torch imported once.

    python -m resnet_viz.jobs.queries.worker MODULE:FUNCTION MEMORY_MIB NICENESS FILE_DESCRIPTOR

The function takes the JSON values of a query and a `tick`, which it calls often with the share that is done and which
raises `Cancelled` once nobody waits; it returns the bytes of the result. A generator function yields the bytes of parts
that can be drawn before the rest is there, and returns those of the whole. The file descriptor is a connection to the
server: when it ends, so does the process.
"""

import importlib
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Generator, Mapping
from multiprocessing.connection import Connection
from typing import Any, Final

from resnet_viz.errors import Cancelled, Refusal
from resnet_viz.jobs import limits, messages
from resnet_viz.jobs.queries.process import Ask, Cancel, Finished, Piece, Progress, receive, send

Answerer = Callable[[Mapping[str, Any], Callable[[float], None]], bytes | Generator[bytes, None, bytes]]

_PROGRESS_EVERY_S: Final = 0.1


class QueryWorker:
    """Receives queries, computes one at a time, and sends results."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._asked: queue.Queue[Ask] = queue.Queue()
        self._cancelled: set[int] = set()
        self._reported_s = 0.0

    def listen(self) -> None:
        """Receives queries and cancellations until the server has gone; then ends the process."""
        try:
            while True:
                message = receive(self._connection)
                if isinstance(message, Cancel):
                    self._cancelled.add(message.number)
                elif isinstance(message, Ask):
                    self._asked.put(message)
        finally:
            os._exit(0)

    def serve(self, answerer: Answerer) -> None:
        """Computes one query after the other; never returns."""
        while True:
            query = self._asked.get()
            content, message = self._compute(answerer, query)
            self._cancelled.discard(query.number)
            send(self._connection, Finished(number=query.number, message=message, content=content))

    def _compute(self, answerer: Answerer, query: Ask) -> tuple[bytes, str]:
        """Returns the result of a query, or the reason why there is none."""
        try:
            found = answerer(query.fields, lambda share: self._tick(query.number, share))
            return (found if isinstance(found, bytes) else self._send_pieces(query.number, found)), ""
        except Cancelled:
            return b"", "cancelled"  # nobody reads it
        except Refusal as refusal:
            return b"", str(refusal)
        except Exception as error:
            traceback.print_exc()
            return b"", messages.UNANSWERED_MEMORY if limits.is_out_of_memory(error) else messages.UNANSWERED

    def _send_pieces(self, number: int, pieces: Generator[bytes, None, bytes]) -> bytes:
        """Sends the parts of a result as they come, and returns the whole."""
        while True:
            try:
                content = next(pieces)
            except StopIteration as end:
                return bytes(end.value)
            self._check(number)
            send(self._connection, Piece(number=number, content=content))

    def _check(self, number: int) -> None:
        if number in self._cancelled:
            raise Cancelled

    def _tick(self, number: int, share: float) -> None:
        self._check(number)
        now = time.monotonic()
        if now - self._reported_s >= _PROGRESS_EVERY_S:
            self._reported_s = now
            send(self._connection, Progress(number=number, share=min(1.0, max(0.0, float(share)))))


def main(arguments: list[str]) -> None:
    """Computes queries until the server has gone; never returns."""
    answerer, memory_mib, niceness, file_descriptor = arguments
    os.dup2(2, 1)  # what a library prints belongs into the server's log
    worker = QueryWorker(Connection(int(file_descriptor)))
    threading.Thread(target=worker.listen, name="server", daemon=True).start()
    limits.lower_priority(int(niceness))
    limits.cap_memory(int(memory_mib))
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a pool of threads counts as memory
    module, _colon, name = answerer.partition(":")
    worker.serve(getattr(importlib.import_module(module), name))


if __name__ == "__main__":
    main(sys.argv[1:])
