"""A page with a layer graph in a real Chromium, with its clock inside: when it was clicked, sent, received and drew.

The contract with the page: an element GRAPH, in a shadow root or not, whose attribute COUNTER grows with every picture,
with one node per stage inside. All times are taken in the page, so that Playwright's own are no part of them.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Locator, Page

GRAPH: Final = '[data-testid="layer-graph"]'
NODES: Final = "g.node"
STAGE: Final = 'g.node[data-id="stage3"]'
COUNTER: Final = "data-drawn"
SETTLED: Final = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"

SCREEN: Final = {"width": 1440, "height": 900}
PATIENCE_MS: Final = 60_000.0
QUIET_MS: Final = 500  # without a picture or a message: a click has had all its effects
SCRIPT: Final = Path(__file__).with_suffix(".js")
FORGET: Final = "() => { for (const list of Object.values(window.__seen)) list.length = 0; }"
IS_QUIET: Final = """(quiet) => {
    const { drawn, sent, received } = window.__seen;
    const messages = [...sent, ...received].map(([at]) => at);
    const last = Math.max(...messages, ...drawn.map((picture) => picture.painted ?? Infinity));
    return drawn.length > 0 && performance.now() - last > quiet;
}"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """What is opened and clicked.

    Attributes:
        url: the address of the page.
        graph: selects the element with the counter.
        nodes: selects every node in a picture, to be counted.
        stage: selects the node that is clicked.
        counter: the attribute that grows.
        settled: selects something that is there when the page has nothing to do; empty if it says nothing of the kind.
    """

    url: str
    graph: str = GRAPH
    nodes: str = NODES
    stage: str = STAGE
    counter: str = COUNTER
    settled: str = SETTLED


class WatchedPage:
    """A target, opened by a new visitor with an empty cache."""

    def __init__(self, browser: Browser, target: Target) -> None:
        self.target = target
        self.page: Page = browser.new_context(viewport=SCREEN).new_page()  # type: ignore[arg-type]
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.add_init_script(_script(target))
        self.open()

    def open(self) -> None:
        """Opens the address, perhaps again, and waits until it has drawn and is quiet."""
        self.page.goto(self.target.url, wait_until="commit")
        self.wait()

    def first_picture(self) -> dict[str, float]:
        """Returns milliseconds since navigation, and what came over the websocket up to that picture."""
        seen = self._seen()
        picture = seen["drawn"][0]
        received = [size for at, size in seen["received"] if at <= picture["at"]]
        return {"drawn_ms": picture["at"], "painted_ms": picture["painted"], "received_bytes": float(sum(received))}

    def click(self) -> dict[str, float]:
        """Clicks the stage and returns when its picture was there and what that took."""
        return self.act(self._stage().click)

    def act(self, do: Callable[[], None]) -> dict[str, float]:
        """Does something that clicks or presses a key once, and returns when its picture was there."""
        self.page.evaluate(FORGET)
        do()
        self.wait()
        return _of_click(self._seen())

    def go_back(self) -> None:
        """Returns to the picture that was clicked: by the browser's own button where the click changed the address."""
        if self.page.url != self.target.url:
            self.page.evaluate(FORGET)
            self.page.go_back(wait_until="commit")
            self.wait()
        if self.page.url != self.target.url or not self._stage().is_visible():
            self.open()

    def wait(self) -> None:
        """Waits for a picture since the page was last told to forget, and then for quiet."""
        self.page.wait_for_function(IS_QUIET, arg=QUIET_MS)
        if self.target.settled:
            self.page.wait_for_selector(self.target.settled)

    def close(self) -> None:
        self.page.context.close()

    def _stage(self) -> Locator:
        return self.page.locator(f"{self.target.graph} {self.target.stage}").first

    def _seen(self) -> dict[str, Any]:
        seen: dict[str, Any] = self.page.evaluate("() => window.__seen")
        return seen


def _of_click(seen: dict[str, Any]) -> dict[str, float]:
    """Returns the figures of a click from the page's notes since just before it."""
    begun = seen["clicks"][0]
    pictures = [one for one in seen["drawn"] if one["at"] >= begun]
    first, last = pictures[0], pictures[-1]
    sent = [(at, size) for at, size in seen["sent"] if at >= begun]
    received = [(at, size) for at, size in seen["received"] if at >= begun]
    # what the server had a part in: from the question to the last answer before the picture
    asked = [at for at, _ in sent if at <= first["at"]]
    answers = [at for at, _ in received if asked and asked[0] <= at <= first["at"]]
    return {
        "drawn_ms": first["at"] - begun,
        "painted_ms": first["painted"] - begun,
        "last_drawn_ms": last["at"] - begun,
        "pictures": float(len(pictures)),
        "nodes": float(last["nodes"]),
        "server_and_socket_ms": answers[-1] - asked[0] if answers else 0.0,
        "sent_bytes": float(sum(size for _, size in sent)),
        "received_bytes": float(sum(size for _, size in received)),
        "answered_ms": received[-1][0] - begun if received else 0.0,
    }


def _script(target: Target) -> str:
    script = SCRIPT.read_text(encoding="utf-8")
    for mark, value in (("GRAPH", target.graph), ("NODES", target.nodes), ("COUNTER", target.counter)):
        script = script.replace(f'"%{mark}%"', json.dumps(value))
    return script


def server_cpu_s(pid: int) -> float:
    """Returns the CPU seconds of a process, threads that have ended included; Linux only, finer than psutil's 10 ms."""
    return time.clock_gettime((~pid << 3) | 2)  # clock_getcpuclockid(3)
