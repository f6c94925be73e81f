"""Downloads, from a server on this machine: all or nothing, and a sentence when it is nothing."""

import dataclasses
import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from resnet_viz.data import cifar10, datasets, fashion_mnist
from resnet_viz.data.datasets import DataName
from resnet_viz.data.download import download, download_cifar10, download_fashion_mnist, download_mnist
from resnet_viz.data.idx import IdxFile
from resnet_viz.errors import DataError

CONTENTS = {f"part{number}": bytes([number]) * 100_000 for number in range(3)}


def described(name: str, content: bytes) -> IdxFile:
    checksum = hashlib.sha256(content).hexdigest()
    return IdxFile(name=name, shape=(1,), sha256="", gz_sha256=checksum, gz_bytes=len(content))


FILES = [described(name, content) for name, content in CONTENTS.items()]


class Handler(http.server.BaseHTTPRequestHandler):
    fault = ""

    def do_GET(self) -> None:
        content = CONTENTS.get(self.path.removeprefix("/").removesuffix(".gz"))
        if content is None or self.fault == "absent":
            self.send_error(404)
            return
        sent = content * 3 if self.fault == "endless" else content
        self.send_response(200)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        is_second = self.path.startswith("/part1")
        if self.fault == "broken" and is_second:
            self.wfile.write(sent[:50_000])
            self.close_connection = True
        elif self.fault == "altered" and is_second:
            self.wfile.write(b"!" + sent[1:])
        else:
            self.wfile.write(sent)

    def log_message(self, *_arguments: object) -> None:
        """Stays silent."""


@pytest.fixture
def server() -> Iterator[str]:
    Handler.fault = ""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()
        thread.join()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_all_files_come_and_progress_never_goes_back(server: str, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    folder = download_fashion_mnist(lambda *both: told.append(both), folder=tmp_path, base_url=server, files=FILES)
    assert {path.stem: path.read_bytes() for path in folder.iterdir()} == CONTENTS
    counts = [done for done, _ in told]
    assert counts == sorted(counts)
    assert told[-1] == (300_000, 300_000)


def test_what_is_there_is_not_fetched_again(server: str, tmp_path: Path) -> None:
    download_fashion_mnist(lambda *_: None, folder=tmp_path, base_url=server, files=FILES)
    Handler.fault = "absent"
    download_fashion_mnist(lambda *_: None, folder=tmp_path, base_url=server, files=FILES)


@pytest.mark.parametrize(
    ("fault", "says", "left"),
    [
        ("altered", "part1.gz from .* checksum differs. It was thrown away", ["part0.gz"]),
        ("broken", "part1.gz could not be downloaded", ["part0.gz"]),
        ("absent", "part0.gz could not be downloaded .*404", []),
        ("endless", "sends more than 100,000 bytes for part0.gz", []),
    ],
)
def test_a_failed_download_leaves_nothing_half_written(
    server: str, tmp_path: Path, fault: str, says: str, left: list[str]
) -> None:
    Handler.fault = fault
    with pytest.raises(DataError, match=says):
        download_fashion_mnist(lambda *_: None, folder=tmp_path, base_url=server, files=FILES)
    assert names(tmp_path) == left


def test_no_server_gives_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Try again, or train on the shipped images"):
        download_fashion_mnist(lambda *_: None, folder=tmp_path, base_url="http://127.0.0.1:9/", files=FILES)
    assert names(tmp_path) == []


def test_a_half_written_file_of_another_time_is_replaced(server: str, tmp_path: Path) -> None:
    (tmp_path / "part0.gz").write_bytes(b"cut")
    download_fashion_mnist(lambda *_: None, folder=tmp_path, base_url=server, files=FILES)
    assert (tmp_path / "part0.gz").read_bytes() == CONTENTS["part0"]


def test_progress_may_stop_a_download(server: str, tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    def stop(_done: int, _total: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        download_fashion_mnist(stop, folder=tmp_path, base_url=server, files=FILES)
    assert names(tmp_path) == []


def test_the_original_files_are_described_by_checksums_of_both_forms() -> None:
    for file in fashion_mnist.FILES:
        fields = dataclasses.asdict(file)
        assert len(fields["sha256"]) == len(fields["gz_sha256"]) == 64
    assert sum(file.gz_bytes for file in fashion_mnist.FILES) == 30_878_645  # 29.4 MiB


def test_the_archive_of_cifar10_comes_whole_or_not_at_all(server: str, tmp_path: Path) -> None:
    content = CONTENTS["part1"]
    archive = dataclasses.replace(
        cifar10.BINARY, name="part1.gz", num_bytes=len(content), sha256=hashlib.sha256(content).hexdigest()
    )
    told: list[tuple[int, int]] = []
    download_cifar10(lambda *both: told.append(both), folder=tmp_path / "whole", base_url=server, archive=archive)
    assert names(tmp_path / "whole") == ["part1.gz"]
    assert told[-1] == (100_000, 100_000)
    Handler.fault = "altered"
    with pytest.raises(DataError, match=r"part1\.gz from .* is not CIFAR-10's file: its checksum differs"):
        download_cifar10(lambda *_: None, folder=tmp_path / "altered", base_url=server, archive=archive)
    assert names(tmp_path / "altered") == []


def test_mnist_comes_whole_or_not_at_all(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [dataclasses.replace(file, of="MNIST") for file in FILES]
    monkeypatch.setenv(datasets.CACHE_VARIABLE, str(tmp_path))
    told: list[tuple[int, int]] = []
    folder = download_mnist(lambda *both: told.append(both), base_url=server, files=files)
    assert folder == datasets.cache_folder(DataName.MNIST)
    assert names(folder) == ["part0.gz", "part1.gz", "part2.gz"]
    assert told[-1] == (300_000, 300_000)
    Handler.fault = "altered"
    with pytest.raises(DataError, match=r"part1\.gz from .* is not MNIST's file: its checksum differs"):
        download_mnist(lambda *_: None, folder=tmp_path / "altered", base_url=server, files=files)
    assert names(tmp_path / "altered") == ["part0.gz"]


@pytest.mark.parametrize("name", [DataName.FASHION_MNIST_SUBSET, DataName.GRATINGS])
def test_what_is_shipped_or_computed_is_not_downloaded(name: DataName) -> None:
    with pytest.raises(DataError, match=f"Nothing has to be downloaded for {name}"):
        download(name, lambda *_: None)


def test_sizes_of_downloads_are_those_of_the_files() -> None:
    assert datasets.SIZES[DataName.FASHION_MNIST].download_bytes == sum(file.gz_bytes for file in fashion_mnist.FILES)
