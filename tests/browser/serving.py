"""The app as `streamlit run app.py` starts it, on a free port, with a folder of runs of its own."""

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from resnet_viz.resources import ROOT
from tests.fakes.waiting import PATIENCE_S, until

BASE_PATH = "STREAMLIT_SERVER_BASE_URL_PATH"
LAST_LINES = 3_000  # characters of the server's log that a failure shows


class Server:
    """A running server.

    Attributes:
        url: its address, without the path of a page.
        home: where it keeps runs.
        process: the server, not the daemon that it starts.
    """

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self.home = folder / "home"
        self._log = folder / "server.log"
        port = free_port()
        base = variables.get(BASE_PATH, "")
        self.url = f"http://127.0.0.1:{port}{base and f'/{base}'}"
        flags = {"server.headless": "true", "server.address": "127.0.0.1", "server.port": str(port)}
        arguments = [text for name, value in flags.items() for text in (f"--{name}", value)]
        own = {name: value for name, value in os.environ.items() if not name.startswith(("RESNET_VIZ_", "STREAMLIT_"))}
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "app.py", *arguments],
                cwd=ROOT,
                env={**own, "RESNET_VIZ_CALIBRATE": "0", **variables, "RESNET_VIZ_HOME": str(self.home)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until(self._is_up, f"the server: {self.log()}")

    def log(self) -> str:
        """The end of what it said."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-LAST_LINES:]

    def others(self) -> list[psutil.Process]:
        """Every process that serves this folder of runs, but for the server: daemon, fork server, workers."""
        return [
            process for process in psutil.process_iter() if process.pid != self.process.pid and self._is_own(process)
        ]

    def stop(self) -> None:
        """Ends the server and waits for it, and for what it has started."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        until(lambda: not self.others(), "the end of the daemon")

    def _is_up(self) -> bool:
        assert self.process.poll() is None, self.log()
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _is_own(self, process: psutil.Process) -> bool:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            if process.environ().get("RESNET_VIZ_HOME") == str(self.home):
                return True
            return any(str(self.home) in argument for argument in process.cmdline())
        except psutil.Error:
            return False


@contextmanager
def serving(folder: Path, **variables: str) -> Iterator[Server]:
    """Runs a server inside `folder`, with these environment variables."""
    server = Server(folder, variables)
    try:
        yield server
    finally:
        server.stop()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
