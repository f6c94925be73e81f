"""The query service: one query after the other, followed, cancelled, limited, and answered anew after a crash."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import psutil
import pytest

from resnet_viz.errors import QueueError
from resnet_viz.jobs import messages
from resnet_viz.jobs.queries.kinds import ATTRIBUTION, SPEED_TEST, TORCHINFO, QueryKind
from resnet_viz.jobs.queries.queue import QueryState, QueryStatus, Request
from resnet_viz.jobs.queries.service import QueryService
from tests.fakes.waiting import are_gone, over, until

Open = Callable[..., QueryService]

KIND = replace(ATTRIBUTION, answerer="tests.fakes.answerers:answer")
ONE_SHOT = {"idle_s": 0.0, "cancel_s": 0.0}  # as torchinfo and the speed test


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens services with the stand-in and changed limits, and closes them in the end."""
    services: list[QueryService] = []

    def open_service(**changes: Any) -> QueryService:
        parse = lambda _request, content: json.loads(content) if content[:1] == b"{" else len(content)  # noqa: E731
        services.append(QueryService(replace(KIND, **changes), parse=parse))
        return services[-1]

    yield open_service
    for service in services:
        service.close()


def query(**fields: Any) -> Request:
    return Request(json.dumps(fields, sort_keys=True), fields)


WORK = query(do="work", seconds=600)
HANG = query(do="hang", seconds=600)


def ended(service: QueryService, request: Request, owner: str = "me") -> QueryStatus:
    return over(lambda: service.status(request, owner=owner))


def result(service: QueryService, request: Request, owner: str = "me") -> Any:
    service.ask(request, owner=owner)
    return ended(service, request, owner).result


def until_running(service: QueryService, request: Request, owner: str = "me") -> None:
    def has_begun() -> bool:
        status = service.status(request, owner=owner)
        return status is not None and status.state is QueryState.RUNNING and status.share > 0

    until(has_begun, "a share that is done")


def process_of(service: QueryService) -> psutil.Process:
    process = service._process
    assert process is not None
    return psutil.Process(process.popen.pid)


def is_gone(process: psutil.Process) -> bool:
    return are_gone([process])


def until_gone(process: psutil.Process) -> None:
    until(lambda: is_gone(process), "the end of the process")


@pytest.mark.parametrize("kind", [ATTRIBUTION, TORCHINFO, SPEED_TEST], ids=lambda kind: kind.name)
def test_the_limits_of_every_kind_are_limits(kind: QueryKind) -> None:
    assert 0 < kind.wall_s <= 300
    assert 0 <= kind.cancel_s <= 2
    assert 0 < kind.niceness <= 19
    assert kind.max_queued > 0 < kind.max_results
    assert 0 < kind.max_result_bytes <= 40_000_000


def test_queries_are_answered_by_one_process_that_stays(opened: Open) -> None:
    service = opened()
    pids = {result(service, query(n=number))["pid"] for number in range(3)}
    assert len(pids) == 1
    assert pids != {psutil.Process().pid}
    later = service.status(query(n=0), owner="someone else")
    assert later is not None
    assert later.result["heard"] == {"n": 0}


def test_a_process_without_idle_time_ends_after_its_query(opened: Open) -> None:
    service = opened(**ONE_SHOT)
    pids = set()
    for number in range(2):
        service.ask(query(n=number), owner="me")
        process = process_of(service)
        pids.add(ended(service, query(n=number)).result["pid"])
        until_gone(process)
    assert len(pids) == 2


def test_it_can_be_started_before_anyone_asks(opened: Open) -> None:
    service = opened()
    service.warm_up()
    pid = process_of(service).pid
    assert result(service, query(n=1))["pid"] == pid


def test_the_same_query_is_computed_once(opened: Open) -> None:
    service = opened()
    service.ask(WORK, owner="me")
    service.ask(WORK, owner="you")
    until_running(service, WORK)
    service.cancel(WORK, owner="me")
    assert service.status(WORK, owner="me") is None
    status = service.status(WORK, owner="you")
    assert status is not None
    assert status.state is QueryState.RUNNING


def test_its_owner_sees_how_much_is_done(opened: Open) -> None:
    service = opened()
    service.ask(WORK, owner="me")
    shares: list[float] = []

    def has_moved() -> bool:
        status = service.status(WORK, owner="me")
        assert status is not None
        shares.append(status.share)
        return len(set(shares)) > 3

    until(has_moved, "shares that are done")
    assert shares == sorted(shares)
    service.ask(query(n=0), owner="me")
    assert ended(service, query(n=0)).share == 1.0


def test_others_are_queued_and_move_up(opened: Open) -> None:
    service = opened()
    service.ask(WORK, owner="me")
    requests = [query(n=number) for number in range(2)]
    for number, request in enumerate(requests):
        service.ask(request, owner=f"you {number}")
    statuses = [service.status(request, owner=f"you {number}") for number, request in enumerate(requests)]
    assert [status and (status.state, status.position) for status in statuses] == [
        (QueryState.QUEUED, 1),
        (QueryState.QUEUED, 2),
    ]
    service.cancel(WORK, owner="me")
    assert ended(service, requests[1], "you 1").state is QueryState.DONE


@pytest.mark.parametrize("limits", [{}, ONE_SHOT], ids=["stays", "one-shot"])
def test_of_one_owner_only_the_newest_query_counts(opened: Open, limits: dict[str, float]) -> None:
    service = opened(**limits)
    service.ask(WORK, owner="me")
    until_running(service, WORK)
    request = query(n=3)
    service.ask(request, owner="me")
    assert service.status(WORK, owner="me") is None
    assert ended(service, request).state is QueryState.DONE


def test_a_cancelled_query_ends_and_the_process_stays(opened: Open) -> None:
    service = opened(cancel_s=120.0)
    pid = result(service, query(n=0))["pid"]
    service.ask(WORK, owner="me")
    until_running(service, WORK)
    service.cancel(WORK, owner="me")
    assert result(service, query(n=1))["pid"] == pid


@pytest.mark.parametrize("cancel_s", [0.0, 0.3])
def test_a_cancelled_query_that_hears_nothing_is_killed_and_the_next_is_answered(opened: Open, cancel_s: float) -> None:
    service = opened(cancel_s=cancel_s)
    service.ask(HANG, owner="me")
    process = process_of(service)
    service.ask(query(n=1), owner="you")
    service.cancel(HANG, owner="me")
    assert ended(service, query(n=1), "you").result["pid"] != process.pid
    assert is_gone(process)


@pytest.mark.parametrize(
    ("request_", "message", "stays"),
    [
        (query(do="refuse"), "So many layers are not to be had.", True),
        (query(do="fail"), messages.UNANSWERED, True),
        (query(do="eat", mib=4_000), messages.UNANSWERED_MEMORY, True),
        (query(do="die"), messages.UNANSWERED, False),
        (query(do="talk", bytes=2_000), messages.UNANSWERED, False),
    ],
    ids=["refuse", "fail", "eat", "die", "talk"],
)
def test_a_failure_has_a_message_and_the_next_query_is_answered(
    opened: Open, request_: Request, message: str, stays: bool
) -> None:
    service = opened(memory_mib=500, max_result_bytes=1_000)
    pid = result(service, query(n=0))["pid"]
    service.ask(request_, owner="me")
    status = ended(service, request_)
    assert (status.state, status.message, status.result) == (QueryState.FAILED, message, None)
    assert service.status(request_, owner="someone else") is None
    assert (result(service, query(n=1))["pid"] == pid) is stays


def test_a_query_that_takes_too_long_is_ended_with_that_message(opened: Open) -> None:
    service = opened(wall_s=0.5)
    service.ask(HANG, owner="me")
    status = ended(service, HANG)
    assert (status.state, status.message) == (QueryState.FAILED, messages.UNANSWERED_TOO_LONG)


def test_a_process_that_is_killed_from_outside_is_replaced(opened: Open) -> None:
    service = opened()
    service.ask(WORK, owner="me")
    until_running(service, WORK)
    service.ask(query(n=1), owner="you")
    process = process_of(service)
    process.kill()
    assert ended(service, WORK).message == messages.UNANSWERED
    assert ended(service, query(n=1), "you").result["pid"] != process.pid


def test_what_failed_can_be_asked_again(opened: Open) -> None:
    service = opened()
    for _attempt in range(2):
        service.ask(query(do="die"), owner="me")
        assert ended(service, query(do="die")).state is QueryState.FAILED


def test_what_is_printed_on_the_way_is_no_result(opened: Open) -> None:
    assert result(opened(), query(do="print"))["heard"] == {"do": "print"}


def test_long_results_come_whole(opened: Open) -> None:
    assert result(opened(), query(do="talk", bytes=5_000_000)) == 5_000_000


def test_a_full_queue_refuses_in_a_message(opened: Open) -> None:
    service = opened(max_queued=1)
    service.ask(WORK, owner="me")
    service.ask(query(n=1), owner="you")
    with pytest.raises(QueueError, match="1 query"):
        service.ask(query(n=2), owner="she")


def test_a_result_that_was_kept_needs_no_process() -> None:
    service = QueryService(KIND, recall=lambda request: "known" if request == query(n=1) else None)
    assert not service.recall(query(n=2), owner="me")
    assert service.status(query(n=2), owner="me") is None
    assert service.recall(query(n=1), owner="me")
    service.ask(query(n=1), owner="me")
    status = service.status(query(n=1), owner="someone else")
    assert status is not None
    assert (status.state, status.result) == (QueryState.DONE, "known")
    assert service._process is None


def test_of_many_results_the_oldest_go(opened: Open) -> None:
    service = opened(max_results=2)
    requests = [query(n=number) for number in range(3)]
    for request in requests:
        result(service, request, owner=request.key)
    assert [service.status(request, owner="someone else") is None for request in requests] == [True, False, False]


def test_a_process_with_nothing_to_do_ends_and_the_next_query_starts_another(opened: Open) -> None:
    service = opened(idle_s=0.3)
    pid = result(service, query(n=0))["pid"]
    until(lambda: service._process is None, "the end of a process with nothing to do")
    until(lambda: not psutil.pid_exists(pid), "its end")
    assert result(service, query(n=1))["pid"] != pid


def test_a_system_that_starts_no_process_fails_what_is_queued(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise OSError("no more processes")

    service = opened()
    monkeypatch.setattr(subprocess, "Popen", refuse)
    service.ask(query(n=1), owner="me")
    status = service.status(query(n=1), owner="me")
    assert status is not None
    assert (status.state, status.message) == (QueryState.FAILED, messages.UNANSWERED)


def test_closing_ends_the_process(opened: Open) -> None:
    service = opened()
    service.ask(WORK, owner="me")
    until_running(service, WORK)
    process = process_of(service)
    service.close()
    assert is_gone(process)


def test_the_process_ends_when_its_server_is_killed() -> None:
    code = """
import time
from dataclasses import replace
from resnet_viz.jobs.queries.kinds import ATTRIBUTION
from resnet_viz.jobs.queries.queue import Request
from resnet_viz.jobs.queries.service import QueryService
service = QueryService(replace(ATTRIBUTION, answerer="tests.fakes.answerers:answer"))
service.ask(Request("hang", {"do": "hang", "seconds": 600}), owner="me")
print(service._process.popen.pid, flush=True)
time.sleep(600)
"""
    server = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    process = psutil.Process(int(server.stdout.readline()))
    server.kill()
    server.wait()
    server.stdout.close()
    until_gone(process)
