"""The process of a query service, and the messages between the two: JSON, the bytes of a result behind it."""

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, Final

from resnet_viz.jobs.queries.kinds import QueryKind
from resnet_viz.jobs.queries.queue import QueuedQuery
from resnet_viz.resources import IMPORT_ROOT

_MAX_MESSAGE_BYTES: Final = 100_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """Compute a query, after those asked before; `number` names it from now on."""

    number: int
    fields: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cancel:
    """Stop computing a query."""

    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """Share of a query that is done, 0 to 1."""

    number: int
    share: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """Part of a result that can be drawn before the rest is there."""

    number: int
    content: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """Result of a query, or a message that gives the reason why there is none."""

    number: int
    message: str
    content: bytes


Message = Ask | Cancel | Progress | Piece | Finished
_TYPES: Final[Mapping[str, type[Message]]] = {kind.__name__: kind for kind in (Ask, Cancel, Progress, Piece, Finished)}
_WITH_CONTENT: Final = (Piece.__name__, Finished.__name__)


def send(connection: Connection, message: Message) -> None:
    """Sends a message.

    Raises:
        OSError: the other side has gone.
    """
    fields = asdict(message)
    content = fields.pop("content", None)
    connection.send_bytes(json.dumps([type(message).__name__, fields]).encode())
    if content is not None:
        connection.send_bytes(content)


def receive(connection: Connection, *, max_bytes: int = 0) -> Message:
    """Returns the next message; waits for it.

    Args:
        connection: to the other side.
        max_bytes: longest result.

    Raises:
        EOFError: the other side has gone.
        OSError: it sends too much, or broke off.
        ValueError: this is no message.
    """
    try:
        name, fields = json.loads(connection.recv_bytes(_MAX_MESSAGE_BYTES))
        if name in _WITH_CONTENT:
            fields["content"] = connection.recv_bytes(max_bytes)
        return _TYPES[name](**fields)
    except (KeyError, TypeError) as error:
        raise ValueError("no message") from error


class QueryProcess:
    """A process that computes queries of one kind.

    Attributes:
        popen: the process.
        connection: for messages in both directions.
        query: the query it works on; None while it has none.
        timer: its deadline: of its query, or of its idle time.
        message: reason for which it was killed, for the owner of its query.
    """

    def __init__(self, kind: QueryKind) -> None:
        """Starts it.

        Raises:
            OSError: the system refuses.
        """
        self.connection, theirs = Pipe()
        paths = (str(IMPORT_ROOT), os.environ.get("PYTHONPATH", ""))
        arguments = (kind.answerer, str(kind.memory_mib), str(kind.niceness), str(theirs.fileno()))
        with theirs:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", "resnet_viz.jobs.queries.worker", *arguments],
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                cwd=IMPORT_ROOT,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
                start_new_session=True,  # Ctrl-C is for the server; the process notices that it is gone
            )
        self.query: QueuedQuery | None = None
        self.timer: threading.Timer | None = None
        self.message = ""

    def send(self, message: Message) -> None:
        """Sends a message; if the process has gone, that is noticed where its own messages end."""
        with contextlib.suppress(OSError):
            send(self.connection, message)

    def set_timer(self, timer: threading.Timer | None) -> None:
        """Starts a timer in place of the one before."""
        if self.timer is not None:
            self.timer.cancel()
        self.timer = timer
        if timer is not None:
            timer.daemon = True  # no reason for a server to stay
            timer.start()
