"""What a class of phones costs the server: all come and guess within ten seconds, wait, and follow to the next scene.

The phones are websocket clients in this process that poll as the page tells a browser to. No guess may be lost, else it
fails. CPU time is the server process's own; bytes are those on the wire. Prints a table in Markdown.
"""

import asyncio
import json
import secrets
import tempfile
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks import outcome
from benchmarks.visitor import Visitor
from resnet_viz.scenes.rooms import RoomStore
from tests.browser.serving import Server, serving

PHONES = (10, 50)
COMING_S = 10.0  # in which all phones open the link and guess
WAITING_S = 10.0
PATIENCE_S = 60.0
OWNER = "lecturer"
FIRST, NEXT = "degradation", "overfitting"
COMPONENT = "resnet_viz_browser"


class Phone(Visitor):
    """A visitor that sends its browser's name and taps answers.

    Attributes:
        questions: when a question came.
    """

    def __init__(self, url: str, code: str) -> None:
        super().__init__(url, "vote", f"room={code}")
        self._name, self._component, self._tapped = secrets.token_hex(16), "", ""
        self._buttons: list[str] = []  # that can be tapped, from the first answer to the last
        self._is_counted = False
        self.questions: list[float] = []

    async def guess(self, place: int) -> float:
        """Opens the page, taps an answer and returns the seconds until it is drawn as chosen."""
        await self.open()
        await _until(lambda: bool(self._component))
        await self._socket.send(self._ask())
        await _until(lambda: len(self._buttons) > place)
        self._tapped = self._buttons[place]
        begun = time.perf_counter()
        await self._socket.send(self._ask())
        self._tapped = ""
        await _until(lambda: self._is_counted)
        return time.perf_counter() - begun

    def _ask(self, fragment: str = "") -> bytes:
        message = BackMsg.FromString(super()._ask(fragment))
        widgets = message.rerun_script.widget_states.widgets
        if self._component:
            widgets.add(id=self._component, json_value=json.dumps({"name": self._name}))
        if self._tapped and not fragment:
            widgets.add(id=self._tapped, trigger_value=True)
        return bytes(message.SerializeToString())

    def _look(self, message: ForwardMsg) -> None:
        super()._look(message)
        element = message.delta.new_element
        if element.bidi_component.component_name == COMPONENT:
            self._component = element.bidi_component.id
        if element.HasField("button") and not element.button.disabled:
            self._buttons.append(element.button.id)
            self._is_counted |= element.button.type == "primary"
        if element.HasField("heading"):
            self.questions.append(time.perf_counter())


async def lecture(server: Server, num_phones: int) -> dict[str, Any]:
    """Returns the costs of one question with so many phones, and of going on to the next."""
    process = psutil.Process(server.process.pid)
    store = RoomStore(server.home / "rooms.sqlite")
    code = store.open(FIRST, owner=OWNER)
    phones = [Phone(server.url, code) for _number in range(num_phones)]

    async def come(number: int) -> float:
        await asyncio.sleep(COMING_S * number / num_phones)
        return await phones[number].guess(number % 2)

    cpu_s, begun = _cpu_s(process), time.perf_counter()
    votes_s = await asyncio.gather(*(come(number) for number in range(num_phones)))
    coming_s = time.perf_counter() - begun
    coming_cpu_s = _cpu_s(process) - cpu_s
    counted = sum(store.votes(code))
    assert counted == num_phones, f"{num_phones - counted} guesses are lost"
    for phone in phones:
        phone.updates.clear()
    cpu_s, begun = _cpu_s(process), time.perf_counter()
    await asyncio.sleep(WAITING_S)
    share = (_cpu_s(process) - cpu_s) / (time.perf_counter() - begun) * 100
    polls = [update for phone in phones for update in phone.updates]
    lags_s = await _follow(phones, store, code)
    errors = [error for phone in phones for error in phone.errors]
    for phone in phones:
        await phone.close()
    assert not errors, errors[:3]
    return {
        "all_guessed_after_s": coming_s,
        "cpu_ms_per_guess": coming_cpu_s / num_phones * 1e3,
        "guess_ms": outcome.spread([seconds * 1e3 for seconds in votes_s]),
        "waiting_cpu_percent_of_a_core": share,
        "polls_per_s": len(polls) / WAITING_S,
        "poll_ms": outcome.spread([poll.seconds * 1e3 for poll in polls]),
        "bytes_per_poll": outcome.spread([poll.num_bytes for poll in polls]),
        "followed_ms": outcome.spread([seconds * 1e3 for seconds in lags_s]),
        "rss_mib": process.memory_info().rss / 2**20,
    }


async def _follow(phones: list[Phone], store: RoomStore, code: str) -> list[float]:
    """Moves the room and returns the seconds until each phone has the next question."""
    for phone in phones:
        phone.questions.clear()
    moved = time.perf_counter()
    store.move(code, owner=OWNER, scene=NEXT)
    await _until(lambda: all(phone.questions for phone in phones))
    return [phone.questions[0] - moved for phone in phones]


async def _until(is_so: Callable[[], bool]) -> None:
    begun = time.perf_counter()
    while not is_so():
        assert time.perf_counter() - begun < PATIENCE_S, "a phone got no answer"
        await asyncio.sleep(0.005)


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _cell(spread: dict[str, float]) -> str:
    return f"{spread['median']:,.0f}, {spread['max']:,.0f}"


def main() -> None:
    before = {**outcome.machine(), "streamlit": metadata.version("streamlit")}
    measured = {}
    print(
        "| phones | all in s | guess ms | server ms per guess | waiting, % of a core | bytes per poll | followed ms |"
    )
    print("|---|---|---|---|---|---|---|")
    for num_phones in PHONES:
        with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
            server.home.mkdir(parents=True, exist_ok=True)
            case = asyncio.run(lecture(server, num_phones))
        measured[str(num_phones)] = case
        print(
            f"| {num_phones} | {case['all_guessed_after_s']:.1f} | {_cell(case['guess_ms'])} "
            f"| {case['cpu_ms_per_guess']:.0f} | {case['waiting_cpu_percent_of_a_core']:.1f} "
            f"| {_cell(case['bytes_per_poll'])} | {_cell(case['followed_ms'])} |",
            flush=True,
        )
    outcome.write("votes", measured, load_before=before)


if __name__ == "__main__":
    main()
