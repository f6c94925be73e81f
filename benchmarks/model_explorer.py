"""The same click in Model Explorer: a ResNet exported from our module, the stage's layer opened, its blocks drawn.

It draws with WebGL into a canvas, so that nothing in the page says what is drawn where. Pictures are told by WebGL's
calls: the new one begins with the first after the layout has come back from the worker, and it is complete with
the last one, since it moves to its place over some hundred milliseconds. Chromium renders in software (SwiftShader),
here as on the side that it is compared with. Where to click was read off the screen once, for this version and screen.
"""

import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from playwright.sync_api import Browser, Page

from benchmarks.watched_page import FORGET, SCREEN
from resnet_viz.resources import ROOT
from tests.fakes.waiting import until

VARIABLE: Final = "MODEL_EXPLORER"  # names the Python of its environment
WEBGL_FLAGS: Final = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist")
OPEN_NET: Final = (406, 474)  # the sign left of a layer's name that opens it
OPEN_STAGE3: Final = (334, 546)  # after the net has been opened
QUIET_MS: Final = 1_000
PATIENCE_MS: Final = 180_000.0
LAID_OUT: Final = 3  # the worker's answer to opening or closing a layer
EXPORT: Final = """
import sys, time, torch
from resnet_viz.nets.build import build
from resnet_viz.spec.presets import preset
spec = preset(sys.argv[1])
net, image = build(spec).eval(), torch.zeros(1, spec.in_channels, *spec.image_sides)
begun = time.perf_counter()
torch.export.save(torch.export.export(net, (image,)), sys.argv[2])
print(time.perf_counter() - begun)
"""
HOOKS: Final = """(() => {
    const seen = (window.__seen = { draws: [], messages: [], clicks: [] });
    for (const name of ["drawElements", "drawArrays", "drawElementsInstanced", "drawArraysInstanced"]) {
        const plain = WebGL2RenderingContext.prototype[name];
        WebGL2RenderingContext.prototype[name] = function (...given) {
            seen.draws.push(performance.now());
            return plain.apply(this, given);
        };
    }
    const Plain = window.Worker;
    window.Worker = class extends Plain {
        constructor(...given) {
            super(...given);
            this.addEventListener("message", (e) => seen.messages.push([performance.now(), e.data?.eventType]));
        }
    };
    window.addEventListener("click", (event) => seen.clicks.push(event.timeStamp), true);
})()"""
IS_QUIET: Final = """(quiet) => __seen.draws.length > 0 && performance.now() - __seen.draws.at(-1) > quiet"""


def why_not() -> str | None:
    """Returns why it cannot be measured, None if it can."""
    named = os.environ.get(VARIABLE)
    if not named:
        return f"{VARIABLE} names no Python; see benchmarks/requirements-model-explorer.txt"
    ask = [named, "-c", "import model_explorer, torch"]
    return None if subprocess.run(ask, capture_output=True, check=False).returncode == 0 else f"{named} has it not"


def measure(browser: Browser, net: str, *, loads: int, clicks: int) -> dict[str, list[float]]:
    """Returns milliseconds, one by one. Every click has a load of its own, since there is no way back."""
    measured: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{net}.pt2"
        measured["export_ms"] = [_export_s(net, path) * 1e3]
        measured["file_bytes"] = [float(path.stat().st_size)]
        with _serving(path) as url:
            _once(browser, url, with_click=False)  # the first visitor of a fresh server
            for number in range(max(loads, clicks)):
                for name, value in _once(browser, url, with_click=number < clicks).items():
                    measured.setdefault(name, []).append(value)
    return measured


def _once(browser: Browser, url: str, *, with_click: bool) -> dict[str, float]:
    page = browser.new_context(viewport=SCREEN).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE_MS)
    page.add_init_script(HOOKS)
    here = url.partition("?")[0]
    page.route("**/*", lambda route: route.continue_() if route.request.url.startswith(here) else route.abort())
    page.goto(url, wait_until="commit")
    seen = _quiet(page)
    found = {"first_drawn_ms": seen["draws"][0], "first_complete_ms": seen["draws"][-1]}
    if with_click:
        _click(page, OPEN_NET)
        found |= _click(page, OPEN_STAGE3)
    page.context.close()
    return found


def _click(page: Page, place: tuple[int, int]) -> dict[str, float]:
    page.mouse.move(*place)
    page.wait_for_timeout(QUIET_MS)  # what lights up under the pointer is no picture
    page.evaluate(FORGET)
    page.mouse.click(*place)
    seen = _quiet(page)
    begun = seen["clicks"][0]
    laid_out = next((at for at, kind in seen["messages"] if kind == LAID_OUT and at > begun), None)
    assert laid_out is not None, "nothing was opened: has Model Explorer moved its signs?"
    drawn = next(at for at in seen["draws"] if at > laid_out)
    return {
        "laid_out_ms": laid_out - begun,
        "drawn_ms": drawn - begun,
        "complete_ms": seen["draws"][-1] - begun,
    }


def _quiet(page: Page) -> dict[str, Any]:
    page.wait_for_function(IS_QUIET, arg=QUIET_MS)
    seen: dict[str, Any] = page.evaluate("() => window.__seen")
    return seen


def _export_s(net: str, path: Path) -> float:
    command = [os.environ[VARIABLE], "-c", EXPORT, net, str(path)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return float(told.split()[-1])


@contextmanager
def _serving(path: Path) -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    arguments = ["--no_open_in_browser", "--skip_health_check", "--host", "127.0.0.1", "--port", str(port), str(path)]
    code = "from model_explorer.cmdline import main; main()"
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen([os.environ[VARIABLE], "-c", code, *arguments], stdout=log, stderr=log)
        try:
            until(lambda: _is_listening(port), "Model Explorer's server")
            time.sleep(1)
            yield f"http://127.0.0.1:{port}/?data={quote(json.dumps({'models': [{'url': str(path)}]}))}"
        finally:
            process.terminate()
            process.wait()


def _is_listening(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0
