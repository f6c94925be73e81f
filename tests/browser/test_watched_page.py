"""The clock that benchmarks/graph_clicks.py puts into a page, on a page whose times and bytes are known."""

import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from websockets.sync.server import ServerConnection, serve

from benchmarks.watched_page import Target, WatchedPage

pytestmark = pytest.mark.browser

FIRST_MS, ANSWER_MS, QUESTION_BYTES, ANSWER_BYTES = 200, 80, 100, 5_000
PAGE = """
<!doctype html><title>mock</title><body><div id="host"></div><script>
const root = document.querySelector("#host").attachShadow({ mode: "open" });
root.innerHTML = '<div data-testid="layer-graph" data-drawn="0"><svg width="400" height="400"></svg></div>';
const graph = root.firstChild;
const draw = (ids) => {
  graph.firstChild.innerHTML = ids.map((id, at) =>
    `<g class="node" data-id="${id}"><rect x="10" y="${10 + 50 * at}" width="90" height="40"/></g>`).join("");
  graph.dataset.drawn = Number(graph.dataset.drawn) + 1;
};
const stages = ["stem", "stage1", "stage2", "stage3", "stage4", "head"];
const socket = new WebSocket("ws://127.0.0.1:%PORT%");
socket.binaryType = "arraybuffer";
socket.onmessage = () => { history.pushState({}, "", "?part=stage3"); draw(["block1", "block2"]); };
graph.onclick = () => socket.send(new Uint8Array(%QUESTION%));
window.onpopstate = () => draw(stages);
setTimeout(() => draw(stages), %FIRST%);
</script>
"""


@pytest.fixture(scope="module")
def mock_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page with the graph's contract in a shadow root, that draws after a known time with known messages."""

    def answer(connection: ServerConnection) -> None:
        for _ in connection:
            time.sleep(ANSWER_MS / 1e3)
            connection.send(bytes(ANSWER_BYTES))

    folder: Path = tmp_path_factory.mktemp("mock")
    with serve(answer, "127.0.0.1", 0) as sockets:
        port = sockets.socket.getsockname()[1]
        threading.Thread(target=sockets.serve_forever).start()
        page = PAGE.replace("%PORT%", str(port)).replace("%FIRST%", str(FIRST_MS))
        (folder / "index.html").write_text(page.replace("%QUESTION%", str(QUESTION_BYTES)), encoding="utf-8")
        with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=str(folder))) as files:
            threading.Thread(target=files.serve_forever).start()
            yield f"http://127.0.0.1:{files.server_port}/"
            files.shutdown()
        sockets.shutdown()


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def test_a_click_is_timed_inside_the_page_and_its_bytes_are_counted(chromium: Browser, mock_url: str) -> None:
    watched = WatchedPage(chromium, Target(url=mock_url, settled=""))
    first = watched.first_picture()
    assert FIRST_MS <= first["drawn_ms"] <= first["painted_ms"]
    for _ in range(2):  # and the way back leads to the same
        click = watched.click()
        assert ANSWER_MS <= click["server_and_socket_ms"] <= click["drawn_ms"] <= click["painted_ms"]
        assert (click["sent_bytes"], click["received_bytes"]) == (QUESTION_BYTES, ANSWER_BYTES)
        assert (click["pictures"], click["nodes"]) == (1, 2)
        watched.go_back()
        assert watched.page.url == mock_url
    watched.close()
