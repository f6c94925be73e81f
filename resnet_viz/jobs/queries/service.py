"""Queries that need torch, computed for the web server by other processes. No torch here.

Of each kind one query is computed at a time; the others are queued. The same query of several owners is computed once,
and its result is kept for later ones: here, not in a cache of Streamlit's, which any visitor can clear. The process of
a kind starts with its first query, or when one is likely to come, and ends after its idle time, or with this process.
"""

import atexit
import contextlib
import logging
import threading
from collections.abc import Callable
from typing import Any

from resnet_viz.errors import Refusal
from resnet_viz.jobs import messages
from resnet_viz.jobs.queries import queue
from resnet_viz.jobs.queries.kinds import QueryKind
from resnet_viz.jobs.queries.process import Ask, Cancel, Finished, Message, Piece, Progress, QueryProcess, receive
from resnet_viz.jobs.queries.queue import QueryState, QueryStatus, QueuedQuery, Request

_log = logging.getLogger(__name__)


class QueryService:
    """The queries of one kind: queue, process and results."""

    def __init__(
        self,
        kind: QueryKind,
        *,
        parse: Callable[[Request, bytes], Any] = lambda _request, content: content,
        recall: Callable[[Request], Any] = lambda _request: None,
        parse_piece: Callable[[Request, bytes], Any] = lambda _request, content: content,
    ) -> None:
        """Makes a service that has no process yet.

        Args:
            kind: function and limits.
            parse: turns the bytes of a new result into the value that is handed out.
            recall: returns the value of a result that was kept elsewhere; None where there is none.
            parse_piece: turns the bytes of a part of a result into the value that is handed out before the rest.
        """
        self.kind = kind
        self._parse, self._recall, self._parse_piece = parse, recall, parse_piece
        self._lock = threading.RLock()
        self._queries: dict[str, QueuedQuery] = {}  # in the order in which they were asked
        self._process: QueryProcess | None = None
        self._number = 0
        atexit.register(self.close)

    def ask(self, request: Request, *, owner: str) -> None:
        """Queues a query, unless its result is known. Of one owner only the newest query counts.

        Args:
            request: the query.
            owner: session that waits; a page that shows several queries at once has an owner for each.

        Raises:
            QueueError: the queue is full.
        """
        is_new = self.status(request, owner=owner) is None
        self._add(request, owner, self._recall(request) if is_new else None)

    def recall(self, request: Request, *, owner: str) -> bool:
        """Returns whether a query is asked already, or its result was kept, which is available from then on."""
        if self.status(request, owner=owner) is not None:
            return True
        result = self._recall(request)
        if result is not None:
            self._add(request, owner, result)
        return result is not None

    def status(self, request: Request, *, owner: str) -> QueryStatus | None:
        """Returns the status of a query; None where this owner has not asked it and there is no result."""
        with self._lock:
            return queue.status_of(self._queries, request.key, owner=owner)

    def cancel(self, request: Request, *, owner: str) -> None:
        """Withdraws an owner's query; its computation ends when it has no other owner."""
        with self._lock:
            query = self._queries.get(request.key)
            if query is not None:
                self._withdraw(query, owner)

    def warm_up(self) -> None:
        """Starts the process if there is none, for a query that is likely to come soon."""
        with self._lock:
            self._start()
            self._advance()

    def close(self) -> None:
        """Drops all queries and results and ends the process."""
        with self._lock:
            self._queries.clear()
            process = self._process
            if process is not None:
                self._kill(process)
        if process is not None:
            process.popen.wait()

    def _add(self, request: Request, owner: str, result: Any) -> None:
        with self._lock:
            for other in tuple(self._queries.values()):
                if other.request.key != request.key:
                    self._withdraw(other, owner)
            known = self._queries.get(request.key)
            if known is not None and known.state is not QueryState.FAILED:
                known.owners.add(owner)
                return
            if result is None:
                queue.check_room(self._queries.values(), self.kind.max_queued)
            self._number += 1
            self._queries.pop(request.key, None)
            query = self._queries[request.key] = QueuedQuery(request=request, number=self._number, owners={owner})
            if result is None:
                self._advance()
            else:
                self._end(query, result, "")

    def _withdraw(self, query: QueuedQuery, owner: str) -> None:
        query.owners.discard(owner)
        if query.owners or query.state is QueryState.DONE:
            return
        del self._queries[query.request.key]
        process = self._process
        if process is not None and process.query is query:
            process.send(Cancel(number=query.number))
            self._kill_after(process, self.kind.cancel_s)

    def _advance(self) -> None:
        """Gives the process the next query if it is free; where there is none, its idle time begins."""
        process, waiting = self._process, queue.waiting(self._queries.values())
        if process is not None and process.query is not None:
            return
        if not waiting:
            if process is not None:
                self._kill_after(process, self.kind.idle_s)
            return
        process = self._start()
        if process is None:
            for query in waiting:
                self._end(query, None, messages.UNANSWERED)
            return
        query = process.query = waiting[0]
        query.begin()
        self._kill_after(process, self.kind.wall_s, messages.UNANSWERED_TOO_LONG)
        process.send(Ask(number=query.number, fields=query.request.fields))

    def _start(self) -> QueryProcess | None:
        """Returns the process, starting it if there is none; None where the system refuses."""
        if self._process is None:
            with contextlib.suppress(OSError):
                self._process = QueryProcess(self.kind)
                threading.Thread(
                    target=self._listen, args=(self._process,), name=f"{self.kind.name} queries", daemon=True
                ).start()
        return self._process

    def _kill_after(self, process: QueryProcess, seconds: float, message: str = "") -> None:
        """Kills the process after some seconds, unless this is called again before."""

        def end() -> None:
            with self._lock:
                if process.timer is timer:
                    process.message = message
                    self._kill(process)

        timer = threading.Timer(seconds, end)
        process.set_timer(timer)

    def _kill(self, process: QueryProcess) -> None:
        """Kills a process; the next query gets another one."""
        process.popen.kill()
        if self._process is process:
            self._process = None

    def _listen(self, process: QueryProcess) -> None:
        """Handles the messages of a process until it has ended."""
        try:
            while True:
                self._handle(process, receive(process.connection, max_bytes=self.kind.max_result_bytes))
        except (EOFError, OSError):
            pass
        except Exception:
            _log.exception("%s: the process sent what cannot be read", self.kind.name)
        process.popen.kill()
        process.popen.wait()
        with self._lock:
            self._clean_up(process)

    def _handle(self, process: QueryProcess, message: Message) -> None:
        query = process.query
        if query is None or message.number != query.number:
            return
        if isinstance(message, Progress):
            query.share = message.share
        elif isinstance(message, Piece):
            query.pieces = (*query.pieces, self._parse_piece(query.request, message.content))
        elif isinstance(message, Finished):
            result, reason = self._parsed(query.request, message)
            with self._lock:
                process.query = None
                self._end(query, result, reason)
                self._advance()

    def _parsed(self, request: Request, finished: Finished) -> tuple[Any, str]:
        """Returns a result, or the reason why there is none. Without the lock: it may write to the disk."""
        try:
            return (None, finished.message) if finished.message else (self._parse(request, finished.content), "")
        except Refusal as refusal:
            return None, str(refusal)

    def _end(self, query: QueuedQuery, result: Any, message: str) -> None:
        query.end(result, message)
        for old in queue.outdated(self._queries.values(), self.kind.max_results):
            del self._queries[old.request.key]

    def _clean_up(self, process: QueryProcess) -> None:
        """Fails the query of a process that has ended, and starts anew if others wait."""
        query, process.query = process.query, None
        process.set_timer(None)
        process.connection.close()
        if self._process is process:
            self._process = None
        if query is not None and self._queries.get(query.request.key) is query:
            self._end(query, None, process.message or messages.UNANSWERED)
        self._advance()
