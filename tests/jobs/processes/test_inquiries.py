"""Questions to a process of its own: answered once for all who ask, one after the other, ended when nobody waits."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from resnet_viz.errors import QueueError
from resnet_viz.jobs import messages
from resnet_viz.jobs.queries.inquiries import Bounds, Inquiries, QueryState, QueryStatus
from tests.fakes.waiting import over, until

Open = Callable[..., Inquiries]


@pytest.fixture
def line() -> Iterator[Open]:
    """Opens lines to the stand-in, and closes them in the end."""
    opened: list[Inquiries] = []

    def start(**bounds: Any) -> Inquiries:
        opened.append(Inquiries("tests.fakes.answerers:answer", Bounds(**bounds)))
        return opened[-1]

    yield start
    for inquiries in opened:
        inquiries.close()


def question(**fields: Any) -> str:
    return json.dumps(fields, sort_keys=True)


WAIT = question(do="wait", seconds=60)


def ended(inquiries: Inquiries, asked: str, owner: str = "me") -> QueryStatus:
    return over(lambda: inquiries.look(asked, owner=owner))


def children() -> list[psutil.Process]:
    mine = psutil.Process().children()
    return [child for child in mine if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]


def at_work(inquiries: Inquiries, asked: str, owner: str = "me") -> psutil.Process:
    def ask() -> psutil.Process | None:
        known = inquiries._known.get(asked)
        return psutil.Process(known.process.pid) if known and known.process else None

    process = until(ask, "a process")
    assert process is not None
    return process


def test_an_answer_comes_from_another_process_and_stays_for_everyone(line: Open) -> None:
    inquiries = line()
    asked = question(n=1)
    inquiries.ask(asked, owner="me")
    standing = ended(inquiries, asked)
    assert standing.stage is QueryState.ANSWERED
    assert standing.answer["heard"] == {"n": 1}
    assert standing.answer["pid"] != psutil.Process().pid
    later = inquiries.look(asked, owner="someone else")
    assert later is not None
    assert later.answer == standing.answer


def test_the_same_question_costs_one_process(line: Open) -> None:
    inquiries = line()
    inquiries.ask(WAIT, owner="me")
    inquiries.ask(WAIT, owner="you")
    process = at_work(inquiries, WAIT)
    inquiries.leave(WAIT, owner="me")
    assert process.is_running()
    assert inquiries.look(WAIT, owner="me") is None
    inquiries.leave(WAIT, owner="you")
    until(lambda: process not in children(), "the end of a process that nobody waits for")


def test_others_stand_in_line_and_move_up(line: Open) -> None:
    inquiries = line()
    inquiries.ask(WAIT, owner="me")
    asked = question(n=2)
    inquiries.ask(asked, owner="you")
    standing = inquiries.look(asked, owner="you")
    assert standing is not None
    assert (standing.stage, standing.place) == (QueryState.WAITING, 1)
    inquiries.leave(WAIT, owner="me")
    assert ended(inquiries, asked, "you").stage is QueryState.ANSWERED


def test_of_one_owner_only_the_newest_question_counts(line: Open) -> None:
    inquiries = line()
    inquiries.ask(WAIT, owner="me")
    asked = question(n=3)
    inquiries.ask(asked, owner="me")
    assert inquiries.look(WAIT, owner="me") is None
    assert ended(inquiries, asked).stage is QueryState.ANSWERED


def test_a_full_line_refuses_in_a_sentence(line: Open) -> None:
    inquiries = line(most_waiting=1)
    inquiries.ask(WAIT, owner="me")
    inquiries.ask(question(n=1), owner="you")
    with pytest.raises(QueueError, match="1 question is waiting already"):
        inquiries.ask(question(n=2), owner="she")


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (question(do="refuse"), "So many layers are not to be had."),
        (question(do="fail"), messages.UNANSWERED),
        (question(do="die"), messages.UNANSWERED),
        (question(do="eat", mib=4_000), messages.UNANSWERED_MEMORY),
        (question(do="wait", seconds=60), messages.UNANSWERED_TOO_LONG),
        (question(do="talk", bytes=2_000), messages.UNANSWERED),
    ],
)
def test_what_goes_wrong_is_told_in_a_sentence_to_who_asked(line: Open, asked: str, sentence: str) -> None:
    inquiries = line(wall_s=3.0, memory_mib=500, answer_bytes=1_000)
    inquiries.ask(asked, owner="me")
    standing = ended(inquiries, asked)
    assert (standing.stage, standing.sentence, standing.answer) == (QueryState.FAILED, sentence, None)
    assert inquiries.look(asked, owner="someone else") is None


def test_what_failed_can_be_asked_again(line: Open) -> None:
    inquiries = line()
    asked = question(do="die")
    for _attempt in range(2):
        inquiries.ask(asked, owner="me")
        assert ended(inquiries, asked).stage is QueryState.FAILED


def test_what_is_printed_on_the_way_is_no_answer(line: Open) -> None:
    inquiries = line()
    asked = question(do="print")
    inquiries.ask(asked, owner="me")
    assert ended(inquiries, asked).answer["heard"] == {"do": "print"}


def test_of_many_answers_the_oldest_go(line: Open) -> None:
    inquiries = line(most_kept=2)
    asked = [question(n=number) for number in range(3)]
    for one in asked:
        inquiries.ask(one, owner=one)
    ended(inquiries, asked[-1], asked[-1])
    assert [inquiries.look(one, owner="someone else") is None for one in asked] == [True, False, False]


def test_closing_ends_the_process(line: Open) -> None:
    inquiries = line()
    inquiries.ask(WAIT, owner="me")
    process = at_work(inquiries, WAIT)
    inquiries.close()
    until(lambda: process not in children(), "the end of the process")


def test_when_who_asked_is_killed_the_process_ends() -> None:
    code = """
import sys, time
from resnet_viz.jobs.queries.inquiries import Inquiries
inquiries = Inquiries("tests.fakes.answerers:answer")
inquiries.ask(sys.argv[1], owner="me")
while not inquiries._known[sys.argv[1]].process:
    time.sleep(0.01)
print(inquiries._known[sys.argv[1]].process.pid, flush=True)
time.sleep(60)
"""
    asker = subprocess.Popen([sys.executable, "-c", code, WAIT], stdout=subprocess.PIPE, text=True)
    assert asker.stdout is not None
    process = psutil.Process(int(asker.stdout.readline()))
    asker.kill()
    asker.wait()
    asker.stdout.close()
    until(lambda: not psutil.pid_exists(process.pid) or process.status() == psutil.STATUS_ZOMBIE, "its end")
