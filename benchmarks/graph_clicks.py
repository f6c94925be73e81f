"""From a click on a stage to its picture, in our layer graph and in Model Explorer, in the same Chromium.

Ours: the Architecture page on a warm server, a new visitor for every first picture; then one visitor clicks stage 3
and goes back, again and again. Times are taken inside the page (watched_page.py says what it expects to find there);
bytes are those of the websocket, both ways, until the page is quiet again. The server's share is its process's CPU time
per click, and the wall time between question and last answer before the picture. Model Explorer: see model_explorer.py.

    MODEL_EXPLORER=~/explorer-venv/bin/python python -m benchmarks.graph_clicks    without it nothing is recorded
    python -m benchmarks.graph_clicks --quick        two loads, two clicks; kept in the system's temporary folder
    python -m benchmarks.graph_clicks --url URL      a page that is served already; kept there too
"""

import argparse
import sys
import tempfile
from contextlib import ExitStack
from importlib import metadata
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, TimeoutError, sync_playwright

from benchmarks import model_explorer, outcome
from benchmarks.watched_page import GRAPH, SETTLED, STAGE, Target, WatchedPage, server_cpu_s
from tests.browser.chromium import executable
from tests.browser.serving import serving

ADDRESS = "/architecture?net={net}"
NETS = ("resnet152", "cifar_resnet1202")
PEERS_NET = "resnet152"
LOADS, CLICKS = 5, 12
QUICK_LOADS, QUICK_CLICKS = 2, 2
FLAGS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]
TRIALS = Path(tempfile.gettempdir())  # where a run that is not for the record leaves its figures

Values = dict[str, list[float]]


def measure(browser: Browser, target: Target, pid: int | None, *, loads: int, clicks: int) -> Values:
    """Returns every figure of every load and click; `pid` is the server's."""
    WatchedPage(browser, target).close()  # the first visitor of a fresh server
    values: Values = {}

    def note(kind: str, figures: dict[str, float]) -> None:
        for name, value in figures.items():
            values.setdefault(f"{kind}_{name}", []).append(value)

    for _ in range(loads):
        watched = WatchedPage(browser, target)
        note("first", watched.first_picture())
        watched.close()
    watched = WatchedPage(browser, target)
    for number in range(clicks + 1):
        cpu_s = server_cpu_s(pid) if pid else 0.0
        figures = watched.click()
        if pid:
            figures["server_cpu_ms"] = (server_cpu_s(pid) - cpu_s) * 1e3
        if number:  # the first click finds nothing in the server's caches
            note("click", figures)
        watched.go_back()
    watched.close()
    return values


def ours(browser: Browser, chosen: argparse.Namespace, *, loads: int, clicks: int) -> dict[str, Values]:
    """Returns the figures of each net."""
    with ExitStack() as stack:
        if chosen.url:
            target = Target(url=chosen.url, graph=chosen.graph, stage=chosen.stage, settled=chosen.settled)
            return {chosen.url: measure(browser, target, None, loads=loads, clicks=clicks)}
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        server = stack.enter_context(serving(Path(folder)))
        found = {}
        for net in chosen.nets:
            url = server.url + ADDRESS.format(net=net)
            target = Target(url=url, graph=chosen.graph, stage=chosen.stage, settled=chosen.settled)
            found[net] = measure(browser, target, server.process.pid, loads=loads, clicks=clicks)
            show(f"ours, {net}", found[net])
        return found


def show(name: str, values: Values) -> None:
    print(name)
    for what, one_by_one in values.items():
        case = _spread(one_by_one)
        print(f"    {what:<28}{case['median']:>12,.1f}   ({case['min']:,.1f} to {case['max']:,.1f}, n = {case['n']})")


def _spread(values: list[float]) -> dict[str, float]:
    return outcome.spread(values if len(values) > 1 else values * 2) | {"n": len(values)}


def _kept(values: Values) -> dict[str, Any]:
    return {name: _spread(one_by_one) | {"values": one_by_one} for name, one_by_one in values.items()}


def arguments_of(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="From a click on a stage to its picture.")
    parser.add_argument("--quick", action="store_true", help="few loads and clicks, not for the record")
    parser.add_argument("--url", default="", help="a page that is served already, instead of the app")
    parser.add_argument("--nets", nargs="+", default=NETS)
    parser.add_argument("--graph", default=GRAPH, help="selects the element that counts its pictures")
    parser.add_argument("--stage", default=STAGE, help="selects the node to click inside it")
    parser.add_argument("--settled", default=SETTLED, help="selects what an idle page has; empty for no such thing")
    parser.add_argument("--without", choices=("ours", "peer"), help="leaves one side out, not for the record")
    return parser.parse_args(words)


def main(words: list[str] | None = None) -> None:
    chosen = arguments_of(words or [])
    is_record = not (chosen.quick or chosen.url or chosen.without or model_explorer.why_not())
    loads, clicks = (QUICK_LOADS, QUICK_CLICKS) if chosen.quick else (LOADS, CLICKS)
    measured: dict[str, Any] = {}
    with sync_playwright() as playwright:
        # both sides with the same flags: Model Explorer needs WebGL, which without a GPU is rendered in software
        browser = playwright.chromium.launch(executable_path=executable(), args=[*FLAGS, *model_explorer.WEBGL_FLAGS])
        versions = {name: metadata.version(name) for name in ("streamlit", "playwright")}
        before = {**outcome.machine(), **versions, "chromium": browser.version}
        if chosen.without != "ours":
            try:
                measured["ours"] = {
                    net: _kept(values) for net, values in ours(browser, chosen, loads=loads, clicks=clicks).items()
                }
            except TimeoutError as error:
                print(f"left out: no picture where one was expected ({chosen.graph}): {error.message.splitlines()[0]}")
                return
        if chosen.without != "peer" and not chosen.url:
            measured["model_explorer"] = peer(browser, loads=loads, clicks=clicks)
        browser.close()
    outcome.write("graph_clicks", measured, load_before=before, folder=outcome.RESULTS if is_record else TRIALS)


def peer(browser: Browser, *, loads: int, clicks: int) -> dict[str, Any]:
    """Returns Model Explorer's figures, or why there are none."""
    why = model_explorer.why_not()
    if why is not None:
        print(f"Model Explorer: not measured, {why}")
        return {"not_measured": why}
    values = model_explorer.measure(browser, PEERS_NET, loads=loads, clicks=clicks)
    show(f"Model Explorer, {PEERS_NET}", values)
    return {PEERS_NET: _kept(values)}


if __name__ == "__main__":
    main(sys.argv[1:])
