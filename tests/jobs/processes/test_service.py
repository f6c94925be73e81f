"""Questions to a process that stays: one after the other, followed, taken back, and answered anew after a crash."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from resnet_viz.errors import QueueError
from resnet_viz.jobs import messages
from resnet_viz.jobs.queries.inquiries import QueryState
from resnet_viz.jobs.queries.service import Asked, Bounds, QueryService, QueryStatus
from tests.fakes.waiting import over, until

Open = Callable[..., QueryService]


@pytest.fixture
def line() -> Iterator[Open]:
    """Opens lines to the stand-in, and closes them in the end."""
    opened: list[QueryService] = []

    def start(**bounds: Any) -> QueryService:
        read = lambda _asked, content: json.loads(content) if content[:1] == b"{" else len(content)  # noqa: E731
        opened.append(QueryService("tests.fakes.resident_answerers:answer", Bounds(**bounds), read=read))
        return opened[-1]

    yield start
    for resident in opened:
        resident.close()


def question(**fields: Any) -> Asked:
    return Asked(json.dumps(fields, sort_keys=True), fields)


WORK = question(do="work", seconds=60)
HANG = question(do="hang", seconds=60)


def ended(resident: QueryService, asked: Asked, owner: str = "me") -> QueryStatus:
    return over(lambda: resident.look(asked, owner=owner))


def answer(resident: QueryService, asked: Asked, owner: str = "me") -> Any:
    resident.ask(asked, owner=owner)
    return ended(resident, asked, owner).answer


def at_work(resident: QueryService, asked: Asked, owner: str = "me") -> None:
    def is_begun() -> bool:
        standing = resident.look(asked, owner=owner)
        return standing is not None and standing.stage is QueryState.AT_WORK and standing.share > 0

    until(is_begun, "a share that is done")


def process_of(resident: QueryService) -> psutil.Process:
    process = resident._process
    assert process is not None
    return psutil.Process(process.popen.pid)


def is_gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_questions_are_answered_by_one_process_that_stays(line: Open) -> None:
    resident = line()
    pids = {answer(resident, question(n=number))["pid"] for number in range(3)}
    assert len(pids) == 1
    assert pids != {psutil.Process().pid}
    later = resident.look(question(n=0), owner="someone else")
    assert later is not None
    assert later.answer["heard"] == {"n": 0}


def test_it_can_be_started_before_anyone_asks(line: Open) -> None:
    resident = line()
    resident.warm_up()
    pid = process_of(resident).pid
    assert answer(resident, question(n=1))["pid"] == pid


def test_the_same_question_is_worked_on_once(line: Open) -> None:
    resident = line()
    resident.ask(WORK, owner="me")
    resident.ask(WORK, owner="you")
    at_work(resident, WORK)
    resident.leave(WORK, owner="me")
    assert resident.look(WORK, owner="me") is None
    standing = resident.look(WORK, owner="you")
    assert standing is not None
    assert standing.stage is QueryState.AT_WORK


def test_who_asks_sees_how_much_is_done(line: Open) -> None:
    resident = line()
    asked = question(do="work", seconds=1.0)
    resident.ask(asked, owner="me")
    shares = []
    while (standing := resident.look(asked, owner="me")) and standing.stage is not QueryState.ANSWERED:
        shares.append(standing.share)
        time.sleep(0.05)
    assert shares == sorted(shares)
    assert len(set(shares)) > 3
    assert standing is not None
    assert standing.share == 1.0


def test_others_stand_in_line_and_move_up(line: Open) -> None:
    resident = line()
    resident.ask(WORK, owner="me")
    asked = [question(n=number) for number in range(2)]
    for number, one in enumerate(asked):
        resident.ask(one, owner=f"you {number}")
    places = [resident.look(one, owner=f"you {number}") for number, one in enumerate(asked)]
    assert [standing and (standing.stage, standing.place) for standing in places] == [
        (QueryState.WAITING, 1),
        (QueryState.WAITING, 2),
    ]
    resident.leave(WORK, owner="me")
    assert ended(resident, asked[1], "you 1").stage is QueryState.ANSWERED


def test_of_one_owner_only_the_newest_question_counts(line: Open) -> None:
    resident = line()
    resident.ask(WORK, owner="me")
    at_work(resident, WORK)
    asked = question(n=3)
    resident.ask(asked, owner="me")
    assert resident.look(WORK, owner="me") is None
    assert ended(resident, asked).stage is QueryState.ANSWERED


def test_work_that_nobody_waits_for_ends_and_the_process_stays(line: Open) -> None:
    resident = line()
    pid = answer(resident, question(n=0))["pid"]
    resident.ask(WORK, owner="me")
    at_work(resident, WORK)
    resident.leave(WORK, owner="me")
    assert answer(resident, question(n=1))["pid"] == pid


def test_work_that_hears_nothing_is_killed_and_the_next_question_is_answered(line: Open) -> None:
    resident = line(cancel_s=0.3)
    resident.warm_up()
    process = process_of(resident)
    resident.ask(HANG, owner="me")
    resident.ask(question(n=1), owner="you")
    resident.leave(HANG, owner="me")
    assert ended(resident, question(n=1), "you").answer["pid"] != process.pid
    assert is_gone(process)


@pytest.mark.parametrize(
    ("asked", "sentence", "stays"),
    [
        (question(do="refuse"), "So many layers are not to be had.", True),
        (question(do="fail"), messages.UNANSWERED, True),
        (question(do="eat", mib=4_000), messages.UNANSWERED_MEMORY, True),
        (question(do="die"), messages.UNANSWERED, False),
        (question(do="hang", seconds=60), messages.UNANSWERED_TOO_LONG, False),
        (question(do="talk", bytes=2_000), messages.UNANSWERED, False),
    ],
)
def test_what_goes_wrong_is_told_in_a_sentence_and_the_next_question_is_answered(
    line: Open, asked: Asked, sentence: str, stays: bool
) -> None:
    resident = line(wall_s=4.0, memory_mib=500, answer_bytes=1_000)
    pid = answer(resident, question(n=0))["pid"]
    resident.ask(asked, owner="me")
    standing = ended(resident, asked)
    assert (standing.stage, standing.sentence, standing.answer) == (QueryState.FAILED, sentence, None)
    assert resident.look(asked, owner="someone else") is None
    assert (answer(resident, question(n=1))["pid"] == pid) is stays


def test_a_process_that_is_killed_from_outside_is_replaced(line: Open) -> None:
    resident = line()
    resident.ask(WORK, owner="me")
    at_work(resident, WORK)
    resident.ask(question(n=1), owner="you")
    process = process_of(resident)
    process.kill()
    assert ended(resident, WORK).sentence == messages.UNANSWERED
    assert ended(resident, question(n=1), "you").answer["pid"] != process.pid


def test_what_failed_can_be_asked_again(line: Open) -> None:
    resident = line()
    for _attempt in range(2):
        resident.ask(question(do="die"), owner="me")
        assert ended(resident, question(do="die")).stage is QueryState.FAILED


def test_what_is_printed_on_the_way_is_no_answer(line: Open) -> None:
    assert answer(line(), question(do="print"))["heard"] == {"do": "print"}


def test_long_answers_come_whole(line: Open) -> None:
    assert answer(line(), question(do="talk", bytes=5_000_000)) == 5_000_000


def test_a_full_line_refuses_in_a_sentence(line: Open) -> None:
    resident = line(most_waiting=1)
    resident.ask(WORK, owner="me")
    resident.ask(question(n=1), owner="you")
    with pytest.raises(QueueError, match="1 question is waiting already"):
        resident.ask(question(n=2), owner="she")


def test_an_answer_that_is_known_needs_no_process(line: Open) -> None:
    resident = line()
    resident.ask(question(n=1), owner="me", answer="known")
    standing = resident.look(question(n=1), owner="someone else")
    assert standing is not None
    assert standing.answer == "known"
    assert resident._process is None


def test_of_many_answers_the_oldest_go(line: Open) -> None:
    resident = line(most_kept=2)
    asked = [question(n=number) for number in range(3)]
    for one in asked:
        answer(resident, one, owner=one.key)
    assert [resident.look(one, owner="someone else") is None for one in asked] == [True, False, False]


def test_a_process_with_nothing_to_do_ends_and_the_next_question_starts_another(line: Open) -> None:
    resident = line(idle_s=0.3)
    pid = answer(resident, question(n=0))["pid"]
    until(lambda: resident._process is None, "the end of a process with nothing to do")
    until(lambda: not psutil.pid_exists(pid), "its end")
    assert answer(resident, question(n=1))["pid"] != pid


def test_closing_ends_the_process(line: Open) -> None:
    resident = line()
    resident.ask(WORK, owner="me")
    at_work(resident, WORK)
    process = process_of(resident)
    resident.close()
    assert is_gone(process)


def test_when_who_asked_is_killed_the_process_ends() -> None:
    code = """
import time
from resnet_viz.jobs.queries.service import Asked, Resident
resident = Resident("tests.fakes.resident_answerers:answer")
resident.ask(Asked("hang", {"do": "hang", "seconds": 60}), owner="me")
print(resident._process.popen.pid, flush=True)
time.sleep(60)
"""
    asker = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert asker.stdout is not None
    process = psutil.Process(int(asker.stdout.readline()))
    asker.kill()
    asker.wait()
    asker.stdout.close()
    until(lambda: is_gone(process), "its end")
