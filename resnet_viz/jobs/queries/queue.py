"""The queue of queries: states, positions, and the rules by which they wait and their results are kept.

`QueryService` holds the lock and owns the process.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from resnet_viz.errors import QueueError
from resnet_viz.i18n import ngettext


class QueryState(StrEnum):
    """How far a query has come."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Request(NamedTuple):
    """A query as a service takes it.

    Attributes:
        key: the same for equal queries.
        fields: JSON values for the function that answers.
    """

    key: str
    fields: Mapping[str, Any]


class QueryStatus(NamedTuple):
    """A query as its owner finds it.

    Attributes:
        state: how far it has come.
        position: in the queue, from 1; 0 out of it.
        seconds: since its start; 0.0 before.
        share: done, 0 to 1; 0.0 where its function reports none.
        result: of a query that is done.
        message: reason of a failure, for the person at the screen; untranslated.
        pieces: parts of the result that have come before the whole; () where its function yields none.
    """

    state: QueryState
    position: int = 0
    seconds: float = 0.0
    share: float = 0.0
    result: Any = None
    message: str = ""
    pieces: tuple[Any, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether it is done or has failed."""
        return self.state in (QueryState.DONE, QueryState.FAILED)


@dataclass(kw_only=True, slots=True, eq=False)
class QueuedQuery:
    """A query that a service has taken; fields as in `QueryStatus`.

    Attributes:
        request: the query.
        number: its name in messages to the process.
        owners: sessions that wait for it.
        began: start, in seconds of the monotonic clock; 0.0 before.
    """

    request: Request
    number: int
    owners: set[str]
    state: QueryState = QueryState.QUEUED
    began: float = 0.0
    share: float = 0.0
    result: Any = None
    message: str = ""
    pieces: tuple[Any, ...] = ()

    def begin(self) -> None:
        """Marks it as running from now on."""
        self.state, self.began = QueryState.RUNNING, time.monotonic()

    def end(self, result: Any, message: str) -> None:
        """Notes its result, or the reason why there is none."""
        self.result, self.message, self.pieces = result, message, ()
        self.share = 0.0 if message else 1.0
        self.state = QueryState.FAILED if message else QueryState.DONE


def waiting(queries: Iterable[QueuedQuery]) -> list[QueuedQuery]:
    """Returns the queries in the queue, in their order."""
    return [query for query in queries if query.state is QueryState.QUEUED]


def outdated(queries: Iterable[QueuedQuery], max_results: int) -> list[QueuedQuery]:
    """Returns the oldest of the queries that are over, beyond the `max_results` newest."""
    return [query for query in queries if query.state in (QueryState.DONE, QueryState.FAILED)][:-max_results]


def status_of(queries: Mapping[str, QueuedQuery], key: str, *, owner: str) -> QueryStatus | None:
    """Returns the status of a query; None where this owner has not asked it and there is no result."""
    query = queries.get(key)
    if query is None or (query.state is not QueryState.DONE and owner not in query.owners):
        return None
    queue = waiting(queries.values())
    return QueryStatus(
        state=query.state,
        position=queue.index(query) + 1 if query in queue else 0,
        seconds=time.monotonic() - query.began if query.began else 0.0,
        share=query.share,
        result=query.result,
        message=query.message,
        pieces=query.pieces,
    )


def check_room(queries: Iterable[QueuedQuery], max_queued: int) -> None:
    """Raises QueueError where the queue is full."""
    if len(waiting(queries)) >= max_queued:
        raise QueueError(
            ngettext(
                "{n} query is already queued. Try again in a minute.",
                "{n} queries are already queued. Try again in a minute.",
                max_queued,
            ).format(n=max_queued)
        )
