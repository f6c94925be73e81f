"""Results that come in pieces: each is there before the whole, and none outlives it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from resnet_viz.jobs import messages
from resnet_viz.jobs.queries.kinds import THEORY
from resnet_viz.jobs.queries.queue import QueryState, QueryStatus, Request
from resnet_viz.jobs.queries.service import QueryService
from tests.fakes.waiting import over, until

Open = Callable[..., QueryService]

ANSWERERS = "tests.fakes.answerers"
PIECES = [{"piece": 0}, {"piece": 1}, {"piece": 2}]


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens services of the theory's kind with a stand-in, and closes them in the end."""
    services: list[QueryService] = []

    def open_service(answerer: str = "answer_in_pieces", **changes: Any) -> QueryService:
        services.append(
            QueryService(
                replace(THEORY, answerer=f"{ANSWERERS}:{answerer}", **changes),
                parse=lambda _request, content: json.loads(content),
                parse_piece=lambda _request, content: json.loads(content),
            )
        )
        return services[-1]

    yield open_service
    for service in services:
        service.close()


def query(**fields: Any) -> Request:
    return Request(json.dumps(fields, sort_keys=True), fields)


def ended(service: QueryService, request: Request) -> QueryStatus:
    return over(lambda: service.status(request, owner="me"))


def until_pieces(service: QueryService, request: Request, number: int, owner: str = "me") -> QueryStatus:
    def status() -> QueryStatus | None:
        found = service.status(request, owner=owner)
        assert found is not None
        return found if len(found.pieces) >= number else None

    found = until(status, f"{number} pieces")
    assert found is not None
    return found


def test_pieces_are_there_before_the_whole_and_gone_with_it(opened: Open) -> None:
    service = opened()
    request = query(pieces=3, then={"do": "hang", "seconds": 0.5})
    service.ask(request, owner="me")
    status = until_pieces(service, request, 3)
    assert (status.state, list(status.pieces), status.result) == (QueryState.RUNNING, PIECES, None)
    status = ended(service, request)
    assert (status.state, status.pieces) == (QueryState.DONE, ())
    assert status.result["heard"]["pieces"] == 3


def test_who_asks_later_gets_the_pieces_that_have_come(opened: Open) -> None:
    service = opened()
    request = query(pieces=2, then={"do": "work", "seconds": 600})
    service.ask(request, owner="me")
    until_pieces(service, request, 2)
    service.ask(request, owner="you")
    status = service.status(request, owner="you")
    assert status is not None
    assert list(status.pieces) == PIECES[:2]


def test_a_query_is_cancelled_between_two_pieces_without_a_tick(opened: Open) -> None:
    service = opened("pieces_without_ticks", cancel_s=120.0)
    request = query(most=100_000)
    service.ask(request, owner="me")
    until_pieces(service, request, 1)
    process = service._process
    service.cancel(request, owner="me")
    assert service.status(request, owner="me") is None
    service.ask(query(most=1), owner="me")
    assert ended(service, query(most=1)).state is QueryState.DONE
    assert service._process is process


@pytest.mark.parametrize(
    ("do", "message"),
    [
        ("refuse", "So many layers are not to be had."),
        ("fail", messages.UNANSWERED),
        ("die", messages.UNANSWERED),
    ],
)
def test_a_failure_after_pieces_has_its_message_and_no_pieces(opened: Open, do: str, message: str) -> None:
    service = opened()
    request = query(pieces=2, then={"do": do})
    service.ask(request, owner="me")
    status = ended(service, request)
    assert (status.state, status.message, status.result, status.pieces) == (QueryState.FAILED, message, None, ())
    service.ask(query(pieces=1), owner="me")
    assert ended(service, query(pieces=1)).state is QueryState.DONE


def test_a_piece_that_is_too_long_fails_the_query(opened: Open) -> None:
    service = opened(max_result_bytes=5)
    service.ask(query(pieces=1), owner="me")
    status = ended(service, query(pieces=1))
    assert (status.state, status.message) == (QueryState.FAILED, messages.UNANSWERED)


def test_pieces_of_a_query_that_nobody_waits_for_reach_no_other(opened: Open) -> None:
    service = opened("pieces_without_ticks", cancel_s=120.0)
    service.ask(query(most=100_000), owner="me")
    until_pieces(service, query(most=100_000), 1)
    service.ask(query(most=3), owner="me")
    seen: list[Any] = []

    def is_over() -> bool:
        status = service.status(query(most=3), owner="me")
        assert status is not None
        seen.extend(piece for piece in status.pieces if piece not in seen)
        return status.is_over

    until(is_over, "the answer")
    assert [piece["piece"] for piece in seen] == list(range(len(seen)))
    assert len(seen) <= 4
