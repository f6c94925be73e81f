"""Where images come from, and what is said when they do not come."""

import dataclasses
import gzip
import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from resnet_viz.data import datasets, fashion_mnist, idx
from resnet_viz.data.datasets import DataName
from resnet_viz.errors import DataError
from resnet_viz.spec.presets import residual_preset

FULL = DataName.FASHION_MNIST
SMALL = idx.IdxFile(name="small-idx3-ubyte", shape=(3, 2, 2), sha256="", gz_sha256="", gz_bytes=0)
CONTENT = b"\x00\x00\x08\x03" + b"\x00\x00\x00\x03" + b"\x00\x00\x00\x02" * 2 + bytes(range(12))
SMALL = dataclasses.replace(SMALL, sha256=hashlib.sha256(CONTENT).hexdigest())


def source(name: DataName, folder: Path | None = None) -> datasets.DatasetStatus:
    return next(one for one in datasets.available(folder=folder) if one.name is name)


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without the full set; returns an empty folder."""
    monkeypatch.delenv(datasets.DATA_VARIABLE, raising=False)
    monkeypatch.setenv(datasets.CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(datasets, "DEBIAN", tmp_path / "debian")
    return tmp_path


@pytest.mark.parametrize("is_packed", [True, False], ids=["gzip", "plain"])
def test_an_idx_file_is_read_gzipped_or_not(tmp_path: Path, *, is_packed: bool) -> None:
    path = tmp_path / (SMALL.gz_name if is_packed else SMALL.name)
    path.write_bytes(gzip.compress(CONTENT) if is_packed else CONTENT)
    assert np.array_equal(idx.read(tmp_path, SMALL), np.arange(12).reshape(3, 2, 2))


def test_the_header_of_fashion_mnist_is_that_of_idx() -> None:
    assert fashion_mnist.FILES.train_x.header.hex() == "00000803" + "0000ea60" + "0000001c" * 2  # 60,000 of 28x28
    assert fashion_mnist.FILES.test_y.header.hex() == "00000801" + "00002710"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (CONTENT[:-3], "holds 25 bytes where 28 are expected"),
        (CONTENT[:7], "holds 7 bytes where 28 are expected"),
        (CONTENT + b"\x00" * 40, "holds more bytes where 28 are expected"),
        (b"\x00\x00\x08\x01" + CONTENT[4:], "does not begin like an idx file of 3 × 2 × 2"),
        (CONTENT[:-1] + b"\xff", "its checksum differs"),
    ],
    ids=["truncated", "almost empty", "too long", "wrong magic number", "altered"],
)
@pytest.mark.parametrize("is_packed", [True, False], ids=["gzip", "plain"])
def test_a_wrong_file_is_refused_by_name(tmp_path: Path, content: bytes, says: str, *, is_packed: bool) -> None:
    path = tmp_path / (SMALL.gz_name if is_packed else SMALL.name)
    path.write_bytes(gzip.compress(content) if is_packed else content)
    with pytest.raises(DataError, match=says) as refusal:
        idx.read(tmp_path, SMALL)
    assert str(path) in str(refusal.value)


@pytest.mark.parametrize("length", [0, 5, 30])
def test_a_truncated_gzip_file_is_refused_by_name(tmp_path: Path, length: int) -> None:
    path = tmp_path / SMALL.gz_name
    path.write_bytes(gzip.compress(CONTENT)[:length])
    with pytest.raises(DataError, match=r"truncated|where 28 are expected") as refusal:
        idx.read(tmp_path, SMALL)
    assert str(path) in str(refusal.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="small-idx3-ubyte is missing"):
        idx.read(tmp_path, SMALL)


def test_the_subset_can_be_used_everywhere(nowhere: Path) -> None:
    assert source(DataName.FASHION_MNIST_SUBSET).is_available
    assert len(datasets.read(DataName.FASHION_MNIST_SUBSET).train_y_N) == 10_000


def test_without_the_full_set_the_sentence_says_how_to_get_it(nowhere: Path) -> None:
    assert not source(FULL).is_available
    with pytest.raises(DataError, match="Download it, install Debian's dataset-fashion-mnist, or name a folder"):
        datasets.read(FULL)


def test_a_named_folder_is_the_only_one_tried(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = nowhere / "named"
    named.mkdir()
    (named / "train-images-idx3-ubyte.gz").touch()
    monkeypatch.setenv(datasets.DATA_VARIABLE, str(named))
    reason = source(FULL).reason
    assert str(named) in reason
    assert "lacks train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte" in reason


def test_the_full_set_is_found_in_the_download_cache(nowhere: Path) -> None:
    cache = nowhere / "cache"
    cache.mkdir()
    for file in fashion_mnist.FILES:
        (cache / file.gz_name).write_bytes(b"cut")
    assert source(FULL).place == cache
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte\.gz cannot be read, it seems truncated"):
        datasets.read(FULL)


@pytest.mark.skipif(not datasets.DEBIAN.is_dir(), reason="needs Debian's dataset-fashion-mnist")
def test_debians_package_holds_the_full_set() -> None:
    full = datasets.read(FULL, folder=datasets.DEBIAN)
    assert full.train_x_NCHW.shape == (60_000, 1, 28, 28)
    assert np.bincount(full.train_y_N).tolist() == [6_000] * 10
    assert np.bincount(full.test_y_N).tolist() == [1_000] * 10


def test_a_net_with_too_few_outputs_does_not_fit() -> None:
    with pytest.raises(DataError, match="num_classes is at least 10; this net has 9"):
        datasets.check_fits(residual_preset("cifar_resnet20", num_classes=9), FULL)


def test_asking_what_is_there_loads_no_torch() -> None:
    code = "import sys; from resnet_viz.data import datasets; datasets.available(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
