"""From `resnet-viz`, installed from its wheel, to the page in a browser, with an empty Streamlit app as a peer.

Each repetition starts both servers anew, one after the other, from a folder that is not the checkout, and opens them as
the first visitor. The peer is one `st.title`: what Streamlit itself takes. Chromium is running before; painted means
that the heading is visible and two frames have been shown since.
"""

import signal
import subprocess
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks import outcome
from benchmarks.server import visit_s
from tests.browser.chromium import FLAGS, executable
from tests.browser.serving import free_port
from tests.fakes.installed import build_wheel, environment, install
from tests.fakes.waiting import until

REPEATS = 5
HEADING = "h1"


def start_s(browser: Browser, command: list[str], port: int, folder: Path) -> dict[str, float]:
    """Returns seconds from the command to a server that answers, and to its heading on the screen."""
    begun = time.perf_counter()
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=folder, env=environment(folder / "home"), stdout=log, stderr=log)
    try:
        until(lambda: f":{port}" in (folder / "log").read_text(), "the address")
        up_s = time.perf_counter() - begun
        painted_s = up_s + visit_s(browser, f"http://localhost:{port}/", HEADING)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()
    return {"server_up_s": up_s, "page_painted_s": painted_s}


def main() -> None:
    before = outcome.machine()
    rows: dict[str, list[dict[str, float]]] = {"resnet_viz": [], "empty_streamlit_app": []}
    with tempfile.TemporaryDirectory() as text, sync_playwright() as playwright:
        folder = Path(text)
        wheel = build_wheel(folder)
        programs = install(wheel, folder / "environment")
        size_mb = wheel.stat().st_size / 1e6
        empty = folder / "empty.py"
        empty.write_text('import streamlit\n\nstreamlit.title("Nothing")\n')
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        for _ in range(REPEATS):
            port = str(free_port())
            own = [str(programs / "resnet-viz"), "app", "--no-browser", "--port", port]
            flags = ["--server.port", port, "--server.headless", "true", "--browser.gatherUsageStats", "false"]
            peer = [str(programs / "python"), "-m", "streamlit", "run", str(empty), *flags]
            rows["resnet_viz"].append(start_s(browser, own, int(port), folder))
            rows["empty_streamlit_app"].append(start_s(browser, peer, int(port), folder))
        browser.close()
    measured = {
        name: {key: outcome.spread([row[key] for row in each]) for key in each[0]} for name, each in rows.items()
    }
    for name, each in measured.items():
        print(f"{name}: up {each['server_up_s']['median']:.2f} s, painted {each['page_painted_s']['median']:.2f} s")
    print(f"wheel: {size_mb:.1f} MB")
    outcome.write("installed_start", {"wheel_mb": size_mb, **measured}, load_before=before)


if __name__ == "__main__":
    main()
