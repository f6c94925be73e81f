"""Weights that torchvision publishes: downloaded once, checked, and taken back where that fails."""

import hashlib
import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import torch

from resnet_viz.attribution.engine.load_net import open_net
from resnet_viz.attribution.engine.nets import torchvision_download
from resnet_viz.attribution.methods import Cancelled
from resnet_viz.attribution.sources import torchvision
from resnet_viz.attribution.sources.refs import NetKind, NetRef
from resnet_viz.attribution.sources.torchvision import TorchvisionWeights
from resnet_viz.errors import DataError
from tests.fakes.saved import saved

pytestmark = pytest.mark.torch


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder and prints nothing."""

    def log_message(self, *_args: object) -> None:
        """Says nothing."""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder served instead of the one that torchvision's weights lie in; torch's cache is empty."""
    folder = tmp_path / "site"
    folder.mkdir()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(torchvision, "BASE_URL", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "cache"))
    yield folder
    server.shutdown()
    server.server_close()


def publish(site: Path, content: bytes, monkeypatch: pytest.MonkeyPatch, *, digits: str = "") -> TorchvisionWeights:
    name = f"resnet18-{digits or hashlib.sha256(content).hexdigest()[:8]}.pth"
    (site / name).write_bytes(content)
    entry = TorchvisionWeights(name, len(content), 0.7)
    monkeypatch.setitem(torchvision.TORCHVISION_WEIGHTS, "resnet18", entry)
    return entry


def test_published_weights_come_once_with_progress_and_checked(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = publish(site, saved({"w": torch.ones(300_000)}), monkeypatch)
    shares: list[float] = []
    assert torchvision_download.fetch_weights("resnet18", shares.append)["w"].sum() == 300_000
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    (site / entry.file).unlink()
    assert torchvision_download.fetch_weights("resnet18")["w"].sum() == 300_000


def test_published_weights_of_another_checksum_are_thrown_away(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(site, saved({"w": torch.ones(3)}), monkeypatch, digits="0" * 8)
    with pytest.raises(DataError, match="checksum"):
        torchvision_download.fetch_weights("resnet18")
    assert not list(torchvision_download.weights_path("resnet18").parent.iterdir())
    torchvision_download.weights_path("resnet18").write_bytes(b"something else")
    with pytest.raises(DataError, match="checksum"):
        torchvision_download.fetch_weights("resnet18")
    assert not list(torchvision_download.weights_path("resnet18").parent.iterdir())


def test_a_download_can_be_taken_back(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(site, saved({"w": torch.ones(300_000)}), monkeypatch)

    def tick(_share: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        torchvision_download.fetch_weights("resnet18", tick)
    assert not list(torchvision_download.weights_path("resnet18").parent.iterdir())


def test_without_a_network_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(torchvision, "BASE_URL", "http://127.0.0.1:9/")  # where nobody listens
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(DataError, match="could not be downloaded"):
        open_net(NetRef(NetKind.TORCHVISION, "resnet18"))
