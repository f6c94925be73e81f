"""The blocks page: from a click to the picture of one block and of five, and from a key to the next step of the walk.

The control of the shape is clicked, which draws every block anew; then the arrow keys go through the walk, there and
back. The peer is a page of Streamlit's own elements that shows the same (plain_blocks.py). Times are taken inside the
page, as in watched_page.py: `drawn` is when the new picture was there, `painted` two frames later.

    python -m benchmarks.block_page            both sides, for the record
    python -m benchmarks.block_page --quick    few turns; kept in the system's temporary folder
"""

import argparse
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from benchmarks import outcome
from benchmarks.graph_clicks import FLAGS, TRIALS
from benchmarks.watched_page import Target, WatchedPage
from resnet_viz.resources import ROOT
from tests.browser.chromium import executable
from tests.browser.serving import free_port, serving
from tests.fakes.waiting import until

FIVE = "a_original,b_bn_after_add,c_relu_before_add,d_relu_only_preact,e_full_preact"
TURNS, QUICK_TURNS = 24, 4  # there and back of either
FIGURES = ("drawn_ms", "painted_ms", "server_and_socket_ms", "received_bytes")
PLAIN = Path(__file__).with_name("plain_blocks.py")

Values = dict[str, list[float]]


def pictures(browser: Browser, url: str, turns: int) -> Values:
    """Returns the figures of clicks on the control of the shape, there and back."""
    watched = WatchedPage(browser, Target(url=url, graph=".room", nodes="g.layer"))
    options = [watched.page.get_by_text(name, exact=True).first for name in ("halves", "stays")]
    acts: list[Callable[[], None]] = [option.click for option in options]
    return _measured(watched, acts, turns)


def steps(browser: Browser, url: str, graph: str, turns: int) -> Values:
    """Returns the figures of steps of the walk, by the arrow keys, there and back."""
    watched = WatchedPage(browser, Target(url=url, graph=graph, nodes="td"))
    watched.page.locator(graph).scroll_into_view_if_needed()
    keys = ["ArrowRight"] * 6 + ["ArrowLeft"] * 6
    acts: list[Callable[[], None]] = [partial(watched.page.keyboard.press, key) for key in keys]
    return _measured(watched, acts, turns)


def _measured(watched: WatchedPage, acts: list[Callable[[], None]], turns: int) -> Values:
    values: Values = {name: [] for name in FIGURES}
    for turn in range(-len(acts), turns):  # the first round finds nothing in any cache
        figures = watched.act(acts[turn % len(acts)])
        if turn >= 0:
            for name in FIGURES:
                values[name].append(figures[name])
    watched.close()
    return values


@contextmanager
def serving_plain() -> Iterator[str]:
    """Serves the peer's page."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    flags = ["--server.headless", "true", "--server.address", "127.0.0.1", "--server.port", str(port)]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(PLAIN), *flags],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
    )

    def is_up() -> bool:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    try:
        until(is_up, "the peer's server")
        yield url
    finally:
        process.terminate()
        process.wait()


def ours(browser: Browser, turns: int) -> dict[str, Values]:
    """Returns the figures of our page."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        page = f"{server.url}/blocks"
        return {
            "one_block": pictures(browser, page, turns),
            "five_blocks": pictures(browser, f"{page}?block={FIVE}", turns),
            "step": steps(browser, f"{page}?step=0", "[data-testid=walk]", turns),
        }


def peer(browser: Browser, turns: int) -> dict[str, Values]:
    """Returns the figures of the page of Streamlit's own elements."""
    with serving_plain() as url:
        return {
            "one_block": pictures(browser, f"{url}/?block=a_original", turns),
            "five_blocks": pictures(browser, f"{url}/?block={FIVE}", turns),
            "step": steps(browser, url, ".walk", turns),
        }


def show(side: str, found: dict[str, Values]) -> None:
    for what, values in found.items():
        for name in FIGURES:
            case = outcome.spread(values[name])
            print(f"{side:<6}{what:<14}{name:<24}{case['median']:>10,.1f}   ({case['q1']:,.1f} to {case['q3']:,.1f})")


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="From a click to the picture of blocks, and from a key to a step.")
    parser.add_argument("--quick", action="store_true", help="few turns, not for the record")
    chosen = parser.parse_args(words or [])
    turns = QUICK_TURNS if chosen.quick else TURNS
    measured: dict[str, Any] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        versions = {name: metadata.version(name) for name in ("streamlit", "playwright")}
        before = {**outcome.machine(), **versions, "chromium": browser.version}
        for side, measure in (("ours", ours), ("peer", peer)):
            found = measure(browser, turns)
            show(side, found)
            measured[side] = {
                what: {name: outcome.spread(one) | {"values": one} for name, one in values.items()}
                for what, values in found.items()
            }
        browser.close()
    outcome.write("block_page", measured, load_before=before, folder=TRIALS if chosen.quick else outcome.RESULTS)


if __name__ == "__main__":
    main(sys.argv[1:])
