"""app: which server is started, and where. The server itself is started by tests/contract/test_wheel.py."""

import os
import socket
import sys
from pathlib import Path

import pytest

from resnet_viz.cli import app
from resnet_viz.cli.main import main
from resnet_viz.errors import Refusal
from resnet_viz.resources import ROOT


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines of the servers that would have taken this process's place."""
    lines: list[list[str]] = []
    monkeypatch.setattr(app, "_become", lines.append)
    return lines


@pytest.mark.parametrize("arguments", [[], ["app"]])
def test_without_a_command_the_pages_are_served(
    arguments: list[str], started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "has_browser", lambda: True)
    assert main(arguments) == 0
    (line,) = started
    assert line[:5] == [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py")]
    assert line[line.index("--server.headless") + 1] == "false"  # Streamlit opens a browser
    assert line[line.index("--server.address") + 1] == "localhost"


def test_the_first_free_port_is_taken() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = int(other.getsockname()[1])
        with pytest.raises(Refusal, match=f"Port {taken} is in use"):
            app.free_port("127.0.0.1", taken)
        assert app.free_port("127.0.0.1") >= app.FIRST_PORT


@pytest.mark.parametrize(("arguments", "is_told"), [([], True), (["--no-browser"], False)])
def test_a_machine_without_a_browser_is_given_the_address(
    arguments: list[str],
    is_told: bool,
    started: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(app, "has_browser", lambda: False)
    main(["app", *arguments])
    (line,) = started
    port = line[line.index("--server.port") + 1]
    assert line[line.index("--server.headless") + 1] == "true"
    assert (f"http://localhost:{port}" in capsys.readouterr().out) == is_told


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a screen")
def test_a_browser_needs_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert not app.has_browser()


def test_a_folder_that_cannot_be_written_is_said_and_the_pages_are_served(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("RESNET_VIZ_HOME", str(file / "runs"))
    main(["app", "--no-browser"])
    assert "RESNET_VIZ_HOME" in capsys.readouterr().err
    assert len(started) == 1


def test_a_folder_of_runs_that_is_read_only_is_said(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RESNET_VIZ_HOME", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # what a user without the right would be told
    main(["app", "--no-browser"])
    assert "RESNET_VIZ_HOME" in capsys.readouterr().err
    assert len(started) == 1


def test_an_installation_without_its_pages_is_refused(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(app, "ROOT", tmp_path)
    assert main(["app"]) == 2
    assert str(tmp_path / "app.py") in capsys.readouterr().err
    assert started == []
