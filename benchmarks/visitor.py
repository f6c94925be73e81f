"""A visitor without a browser: speaks Streamlit's websocket protocol and polls live fragments as the browser does."""

import asyncio
import time

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

FRAGMENT_DONE = ForwardMsg.ScriptFinishedStatus.Value("FINISHED_FRAGMENT_RUN_SUCCESSFULLY")


class Visitor:
    """One session.

    Attributes:
        updates: for each answered poll when it was sent, and seconds until the server had finished it.
        num_bytes: received in all.
        errors: exceptions and warnings that the server has shown.
    """

    def __init__(self, url: str, page: str, query: str) -> None:
        self._url = url.replace("http", "ws", 1) + "/_stcore/stream"
        self._page, self._query, self._hash = page, query, ""
        self._polls: dict[str, asyncio.Task[None]] = {}
        self._sent: dict[str, float] = {}
        self._has_page = asyncio.Event()
        self.updates: list[tuple[float, float]] = []
        self.num_bytes = 0
        self.errors: list[str] = []

    async def open(self) -> None:
        """Opens the page and waits until it is there."""
        self._socket = await websockets.connect(
            self._url, subprotocols=[websockets.Subprotocol("streamlit")], max_size=None
        )
        self._listener = asyncio.create_task(self._listen())
        await self._socket.send(self._ask())
        await asyncio.wait_for(self._has_page.wait(), timeout=60)

    async def close(self) -> None:
        """Leaves."""
        for task in (*self._polls.values(), self._listener):
            task.cancel()
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
            message = ForwardMsg.FromString(raw)
            match message.WhichOneof("type"):
                case "new_session":
                    self._hash = message.new_session.page_script_hash
                case "auto_rerun":
                    self._start_polling(message.auto_rerun.fragment_id, message.auto_rerun.interval)
                case "delta":
                    self._look(message)
                case "script_finished":
                    self._finished(message.script_finished)
                case _:
                    pass

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

    def _finished(self, status: int) -> None:
        self._has_page.set()
        if status == FRAGMENT_DONE and self._sent:
            _, begun = self._sent.popitem()
            self.updates.append((begun, time.perf_counter() - begun))
