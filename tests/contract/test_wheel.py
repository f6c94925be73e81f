"""The wheel: built, installed into an environment of its own and used from another folder, as a person would."""

import json
import signal
import socket
import subprocess
import urllib.request
import zipfile
from pathlib import Path

import pytest

from resnet_viz.resources import ROOT
from tests.fakes.installed import build_wheel, environment, install
from tests.fakes.waiting import until

pytestmark = pytest.mark.slow

COMMANDS = {"resnet-viz", "resnet_viz"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a fresh environment that holds the wheel."""
    return install(wheel, tmp_path_factory.mktemp("environment"))


def run(program: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, *arguments], cwd=folder, env=environment(folder / "home"), capture_output=True, text=True, check=False
    )


def test_the_wheel_holds_pages_assets_and_what_the_browser_is_served(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name.removeprefix("resnet_viz/_site/") for name in archive.namelist()}
        metadata = next(archive.read(name).decode() for name in archive.namelist() if name.endswith("/METADATA"))
    tracked = subprocess.run(
        ["git", "ls-files", "app.py", "pages", "static", "assets", ".streamlit", "resnet_viz"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    ).stdout.split()  # fmt: skip
    assert set(tracked) <= held
    assert "resnet_viz/py.typed" in held
    assert "Requires-Dist: streamlit==" in metadata
    assert not [name for name in held if name.startswith(("tests", "benchmarks"))]


def test_the_commands_find_their_recipes_runs_and_nets(installed: Path, tmp_path: Path) -> None:
    for program in COMMANDS:
        described = run(installed / program, "describe", "resnet50", "--json", folder=tmp_path)
        assert json.loads(described.stdout)["params"] == 25_557_032  # He et al. 2016's net as torchvision counts it
    assert "degradation" in run(installed / "resnet-viz", "train", "--list", folder=tmp_path).stdout
    assert "He et al. 2016, table 2" in run(installed / "resnet-viz", "published", "orders", folder=tmp_path).stdout
    exported = run(installed / "resnet-viz", "runs", "export", "degradation", "--format", "json", folder=tmp_path)
    assert json.loads(exported.stdout)["run"]["recipe"]
    replay = run(installed / "resnet-viz", "runs", "export", "degradation", "--format", "html", folder=tmp_path)
    assert replay.stdout.startswith("<!doctype html>")
    code = run(installed / "python", "-c", "import resnet_viz; print(resnet_viz.__file__)", folder=tmp_path)
    assert str(installed.parent) in code.stdout


@pytest.mark.torch
def test_a_run_is_trained_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    arguments = ("train", "quick", "--set", "steps=2", "--set", "depth=8", "--device", "cpu")
    trained = run(installed / "resnet-viz", *arguments, folder=tmp_path)
    assert trained.returncode == 0, trained.stderr
    listed = json.loads(run(installed / "resnet-viz", "runs", "list", "--json", folder=tmp_path).stdout)
    assert [(each["name"], each["state"]) for each in listed if each["name"] == "quick"] == [("quick", "done")]


def test_without_a_command_the_pages_are_served_from_another_folder(installed: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [installed / "resnet-viz"], cwd=tmp_path, env=environment(tmp_path / "home"), stdout=output, stderr=output
        )
    try:
        until(lambda: "http://localhost:" in log.read_text(), "the address")
        address = "http://localhost:" + log.read_text().split("http://localhost:")[1].split()[0]
        assert "No browser was found on this machine." in log.read_text()
        until(lambda: answers(f"{address}/_stcore/health"), f"the server: {log.read_text()}")
        assert answers(f"{address}/app/static/race/main.js")
        assert answers(f"{address}/app/static/fonts/inter-latin-wght-normal.woff2")
        server.send_signal(signal.SIGINT)
        server.wait(60)
    finally:
        server.kill()
        server.wait()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--port", "0"], "a whole number from 1 to 65,535"),
        (["--port", "web"], "a whole number from 1 to 65,535"),
        (["--address", "nowhere.invalid"], "no address of this machine"),
        (["--address", "192.0.2.1"], "no address of this machine"),  # RFC 5737: an address for examples
    ],
)
def test_an_address_that_cannot_be_served_is_refused(
    installed: Path, tmp_path: Path, arguments: list[str], told: str
) -> None:
    refused = run(installed / "resnet-viz", "app", "--no-browser", *arguments, folder=tmp_path)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert told in refused.stderr


def test_a_port_in_use_is_refused_by_its_number(installed: Path, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        refused = run(installed / "resnet-viz", "app", "--address", "127.0.0.1", "--port", port, folder=tmp_path)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert f"Port {port} is in use." in refused.stderr


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
