"""A visitor without a browser: speaks Streamlit's websocket protocol and polls live fragments as the browser does."""

import asyncio
import json
import time
from typing import Any, NamedTuple

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection

FRAGMENT_DONE = ForwardMsg.ScriptFinishedStatus.Value("FINISHED_FRAGMENT_RUN_SUCCESSFULLY")


RACE = "resnet_viz_race"


class Update(NamedTuple):
    """An answered poll.

    Attributes:
        begun: when it was sent.
        seconds: until the server had finished it.
        num_messages: that came since the script last finished.
        num_bytes: that came since then, as they went over the wire.
    """

    begun: float
    seconds: float
    num_messages: int
    num_bytes: int


class Piece(NamedTuple):
    """What the race component got at once.

    Attributes:
        after: the least step after which it goes on, of all nets that it has something of; None where it has nothing.
        until: the least last step that the browser has then, of all nets; None where it has nothing at all.
        at: when it came.
    """

    after: int | None
    until: int | None
    at: float


class CountingConnection(ClientConnection):
    """A connection that knows how many bytes came over the wire."""

    num_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Counts before anything is unpacked."""
        self.num_bytes += len(data)
        super().data_received(data)


class Visitor:
    """One session.

    Attributes:
        updates: answered polls.
        pieces: what the race component got, in its order.
        num_bytes: received in all, unpacked.
        errors: exceptions and warnings that the server has shown.
    """

    def __init__(self, url: str, page: str, query: str) -> None:
        self._url = url.replace("http", "ws", 1) + "/_stcore/stream"
        self._page, self._query, self._hash = page, query, ""
        self._polls: dict[str, asyncio.Task[None]] = {}
        self._sent: dict[str, float] = {}
        self._has_page = asyncio.Event()
        self.updates: list[Update] = []
        self.pieces: list[Piece] = []
        self._counted = self._messages = 0
        self.num_bytes = 0
        self.errors: list[str] = []

    async def open(self) -> None:
        """Opens the page and waits until it is there."""
        self._socket = await websockets.connect(
            self._url,
            subprotocols=[websockets.Subprotocol("streamlit")],
            max_size=None,
            create_connection=CountingConnection,
        )
        self._listener = asyncio.create_task(self._listen())
        await self._socket.send(self._ask())
        await asyncio.wait_for(self._has_page.wait(), timeout=60)

    async def close(self) -> None:
        """Leaves."""
        tasks = (*self._polls.values(), self._listener)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._socket.close()

    def _ask(self, fragment: str = "") -> bytes:
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_script_hash, state.page_name = self._query, self._hash, self._page
        if fragment:
            state.fragment_id, state.is_auto_rerun = fragment, True
        return bytes(message.SerializeToString())

    async def _listen(self) -> None:
        async for raw in self._socket:
            assert isinstance(raw, bytes)
            self.num_bytes += len(raw)
            self._messages += 1
            message = ForwardMsg.FromString(raw)
            match message.WhichOneof("type"):
                case "navigation":  # the whole page is drawn anew
                    self._hash = message.navigation.page_script_hash
                    self._stop_polling()
                case "auto_rerun":
                    self._start_polling(message.auto_rerun.fragment_id, message.auto_rerun.interval)
                case "delta":
                    self._look(message)
                case "script_finished":
                    self._finished(message.script_finished)
                case _:
                    pass

    def _stop_polling(self) -> None:
        for task in self._polls.values():
            task.cancel()
        self._polls.clear()
        self._sent.clear()

    def _start_polling(self, fragment: str, interval_s: float) -> None:
        if fragment in self._polls:
            self._polls[fragment].cancel()
        self._polls[fragment] = asyncio.create_task(self._poll(fragment, interval_s))

    async def _poll(self, fragment: str, interval_s: float) -> None:
        while True:
            await asyncio.sleep(interval_s)
            self._sent.setdefault(fragment, time.perf_counter())  # of polls that pile up, the first waits longest
            await self._socket.send(self._ask(fragment))

    def _look(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        if element.HasField("exception"):
            self.errors.append(element.exception.message)
        if element.HasField("alert"):
            self.errors.append(element.alert.body)
        if element.bidi_component.component_name == RACE:
            self._note_race(json.loads(element.bidi_component.json or element.bidi_component.mixed.json))

    def _note_race(self, data: dict[str, Any]) -> None:
        after = [net["after"] for net in data["nets"]]
        until = [step for step, _moment in data["until"].values()]
        self.pieces.append(
            Piece(after=min(after, default=None), until=min(until, default=None), at=time.perf_counter())
        )

    def _finished(self, status: int) -> None:
        self._has_page.set()
        assert isinstance(self._socket, CountingConnection)
        came, self._counted = self._socket.num_bytes - self._counted, self._socket.num_bytes
        if status == FRAGMENT_DONE and self._sent:
            _, begun = self._sent.popitem()
            self.updates.append(Update(begun, time.perf_counter() - begun, self._messages, came))
        self._messages = 0
