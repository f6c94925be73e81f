"""From a cold start to the first page in a browser: seconds, memory of the server, and whether torch got into it.

Each repetition starts a fresh server, opens one address as its very first visitor and once more as the next visitor,
each with an empty browser cache. Painted means: the heading, or the drawing of the net, is visible and two frames have
been shown since. Software rendering; Chromium itself is running before.
"""

import re
import tempfile
import time
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, sync_playwright

from benchmarks import outcome
from tests.browser.chromium import FLAGS, executable
from tests.browser.serving import serving

REPEATS = 5
PAGES = {"start": ("/", "h1"), "architecture": ("/architecture", "[data-testid=stGraphVizChart] svg")}
SETTLED = "[data-testid=stApp][data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"
PAINT = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def visit_s(browser: Browser, url: str, what: str) -> float:
    """Returns seconds from asking for an address until `what` is on the screen."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    begun = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.wait_for_selector(what, state="visible")
    page.evaluate(PAINT)
    taken = time.perf_counter() - begun
    page.wait_for_selector(SETTLED)
    page.context.close()
    return taken


def loaded_libraries(pid: int) -> set[str]:
    """Returns the file names of the shared libraries in a process; Linux only."""
    try:
        maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    except OSError:
        return set()
    return set(re.findall(r"/([^/\n]+\.so[.0-9]*)$", maps, flags=re.MULTILINE))


def start_once(browser: Browser, path: str, what: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        with serving(Path(folder)) as server:
            up_s = time.perf_counter() - begun
            process = psutil.Process(server.process.pid)
            idle_mib = process.memory_info().rss / 2**20
            first_s = visit_s(browser, server.url + path, what)
            used_mib = process.memory_info().rss / 2**20
            next_s = visit_s(browser, server.url + path, what)
            libraries = loaded_libraries(server.process.pid)
    return {
        "server_up_s": up_s,
        "first_visitor_s": first_s,
        "from_nothing_s": up_s + first_s,
        "next_visitor_s": next_s,
        "rss_idle_mib": idle_mib,
        "rss_after_first_mib": used_mib,
        "torch_in_server": any(name.startswith("libtorch") for name in libraries),
        "num_libraries": len(libraries),
    }


def main() -> None:
    versions = {name: metadata.version(name) for name in ("streamlit", "playwright")}
    measured: dict[str, Any] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        before = {**outcome.machine(), **versions, "chromium": browser.version}
        print("page            server up s   first visitor s   next visitor s   RSS MiB idle, used   torch in server")
        for name, (path, what) in PAGES.items():
            times = [start_once(browser, path, what) for _ in range(REPEATS)]
            has_torch = any(one.pop("torch_in_server") for one in times)
            case = {key: outcome.spread([one[key] for one in times]) for key in times[0]}
            measured[name] = {**case, "torch_in_server": has_torch}
            print(
                f"{name:<16}{case['server_up_s']['median']:>11.2f}{case['first_visitor_s']['median']:>18.2f}"
                f"{case['next_visitor_s']['median']:>17.2f}{case['rss_idle_mib']['median']:>15.0f},"
                f"{case['rss_after_first_mib']['median']:>5.0f}   {'YES' if has_torch else 'no'}",
                flush=True,
            )
        browser.close()
    outcome.write("server", measured, load_before=before)


if __name__ == "__main__":
    main()
