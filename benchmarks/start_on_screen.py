"""From a click on Start to the first point of the default run on the screen, in a real Chromium: cold and warm.

Cold: the first run of a fresh server, whose daemon has yet to import torch. Warm: the runs after it. On the screen
means: the chart has moved to a step of the new run, its line says which, and two frames have been shown since.
"""

import re
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks import outcome
from benchmarks.server import PAINT, SETTLED
from tests.browser.chromium import FLAGS, executable
from tests.browser.serving import serving

SERVERS = 5
WARM_RUNS = 4  # on each
PATIENCE_MS = 120_000
RACE = "[data-testid=race]"
TRAINING = re.compile(r"^step [0-9,]+ of")


def start_s(page: Page) -> float:
    """Returns the seconds from the click to the first point, and stops the run then."""
    before = page.locator(RACE).get_attribute("data-step")
    begun = time.perf_counter()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_test_id("stProgress")).to_contain_text(TRAINING)
    expect(page.locator(RACE)).not_to_have_attribute("data-step", before or "")
    page.evaluate(PAINT)
    taken = time.perf_counter() - begun
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_have_count(0)
    return taken


def visit(browser: Browser, url: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(f"{url}/training")
    page.wait_for_selector(SETTLED)
    page.wait_for_selector(f"{RACE}[data-step]")
    return page


def main() -> None:
    before = outcome.machine()
    expect.set_options(timeout=PATIENCE_MS)
    taken: dict[str, list[float]] = {"cold_s": [], "warm_s": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        for _ in range(SERVERS):
            with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
                for number in range(1 + WARM_RUNS):
                    page = visit(browser, server.url)
                    taken["warm_s" if number else "cold_s"].append(start_s(page))
                    page.context.close()
        browser.close()
    measured: dict[str, Any] = {name: outcome.spread(values) for name, values in taken.items()}
    print("| Start to first point on screen | median (quartiles), s | most | times |")
    print("|---|---:|---:|---:|")
    for name, spread in measured.items():
        median, low, high, most = (f"{spread[key]:.2f}" for key in ("median", "q1", "q3", "max"))
        print(f"| {name} | {median} ({low} to {high}) | {most} | {spread['n']} |")
    outcome.write("start_on_screen", measured, load_before=before)


if __name__ == "__main__":
    main()
