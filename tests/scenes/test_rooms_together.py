"""Rooms from many threads and processes at once: nothing is lost, nothing counts twice."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from resnet_viz.resources import ROOT
from resnet_viz.scenes.rooms import RoomStore
from tests.fakes.waiting import PATIENCE_S

NUM_PHONES = 50
NUM_SEATS = 30
VOTE = """
import sys
from pathlib import Path
from resnet_viz.scenes.rooms import RoomStore
store, code, first = RoomStore(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
opened = store.open("identity", owner="process")
sys.stdin.readline()
for number in range(first, first + 20):
    store.vote(code, f"phone{number}", number % 3, num_answers=3)
print(store.take_seat(code, f"process{first}").seed, opened)
"""


def test_fifty_phones_at_once_are_all_counted(tmp_path: Path) -> None:
    store = RoomStore(tmp_path / "rooms.sqlite")
    code = store.open("degradation", owner="lecturer")

    def vote(number: int) -> None:
        for answer in (4, number % 5):  # each changes its mind
            RoomStore(store.path).vote(code, f"phone{number}", answer, num_answers=5)

    with ThreadPoolExecutor(NUM_PHONES) as phones:
        list(phones.map(vote, range(NUM_PHONES)))
    assert store.votes(code) == (10, 10, 10, 10, 10)


def test_thirty_seats_at_once_have_thirty_seeds(tmp_path: Path) -> None:
    store = RoomStore(tmp_path / "rooms.sqlite")
    code = store.open("degradation", owner="lecturer", is_class=True)
    with ThreadPoolExecutor(NUM_SEATS) as browsers:
        seeds = list(browsers.map(lambda number: store.take_seat(code, f"b{number % NUM_SEATS}").seed, range(2 * 30)))
    assert sorted(seeds[:NUM_SEATS]) == list(range(NUM_SEATS))
    assert seeds[NUM_SEATS:] == seeds[:NUM_SEATS]


def test_a_class_that_opens_its_run_at_once_is_in_one_room(tmp_path: Path) -> None:
    store = RoomStore(tmp_path / "rooms.sqlite")  # which nobody has created yet
    with ThreadPoolExecutor(12) as browsers:
        codes = set(browsers.map(lambda owner: store.open("degradation", owner=str(owner), is_class=True), range(12)))
    assert len(codes) == 1


def test_processes_share_the_rooms(tmp_path: Path) -> None:
    path = tmp_path / "rooms.sqlite"
    code = RoomStore(path).open("degradation", owner="lecturer")
    servers = [
        subprocess.Popen(
            [sys.executable, "-c", VOTE, str(path), code, str(first)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for first in (0, 20, 40)
    ]
    said = []
    for server in servers:
        assert server.stdin
        server.stdin.write("go\n")
        server.stdin.flush()
    for server in servers:
        out, _nothing = server.communicate(timeout=PATIENCE_S)
        assert server.returncode == 0
        said.append(out.split())
    assert RoomStore(path).votes(code) == (20, 20, 20)
    assert sorted(seed for seed, _opened in said) == ["0", "1", "2"]
    assert len({opened for _seed, opened in said}) == 3
