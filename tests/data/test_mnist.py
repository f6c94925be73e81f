"""MNIST: its files are found where people keep them, checked, and kept apart from Fashion-MNIST's of the same names."""

import dataclasses
import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from resnet_viz.data import datasets, fashion_mnist, idx, mnist
from resnet_viz.data.datasets import DataName
from resnet_viz.errors import DataError


def content_of(file: idx.IdxFile) -> bytes:
    size = file.num_bytes - len(file.header)
    return file.header + bytes(number % 10 for number in range(size))


def shortened(file: idx.IdxFile, count: int) -> idx.IdxFile:
    short = dataclasses.replace(file, shape=(count, *(4 for _side in file.shape[1:])))
    return dataclasses.replace(short, sha256=hashlib.sha256(content_of(short)).hexdigest())


SHORT = tuple(shortened(file, count) for file, count in zip(mnist.FILES, (30, 30, 20, 20), strict=True))


def write(folder: Path, *, is_packed: bool = False) -> None:
    folder.mkdir(parents=True)
    for file in SHORT:
        content = content_of(file)
        path = folder / (file.gz_name if is_packed else file.name)
        path.write_bytes(gzip.compress(content) if is_packed else content)


def status() -> datasets.DatasetStatus:
    return next(one for one in datasets.available() if one.name is DataName.MNIST)


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without MNIST, on which its files would be short; returns an empty folder."""
    monkeypatch.delenv(datasets.MNIST_VARIABLE, raising=False)
    monkeypatch.setenv(datasets.CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(mnist, "FILES", SHORT)
    return tmp_path


def test_without_the_files_the_sentence_says_how_to_get_them(nowhere: Path) -> None:
    with pytest.raises(DataError, match=r"MNIST is not on this machine\. Download it .* in RESNET_VIZ_MNIST"):
        datasets.read(DataName.MNIST)


@pytest.mark.parametrize("below", [".", "MNIST/raw"], ids=["files", "torchvision's folder"])
@pytest.mark.parametrize("is_packed", [True, False], ids=["gzip", "plain"])
def test_the_files_are_read_from_a_named_folder(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, below: str, *, is_packed: bool
) -> None:
    named = nowhere / "named"
    write(named / below, is_packed=is_packed)
    monkeypatch.setenv(datasets.MNIST_VARIABLE, str(named))
    assert status().is_available
    raw = datasets.read(DataName.MNIST)
    assert (raw.train_x_NCHW.shape, raw.test_x_NCHW.shape) == ((30, 1, 4, 4), (20, 1, 4, 4))
    assert np.array_equal(raw.train_y_N, np.arange(30) % 10)


def test_a_named_folder_is_the_only_one_tried(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(nowhere / "cache" / "mnist")
    named = nowhere / "named"
    named.mkdir()
    (named / "t10k-labels-idx1-ubyte.gz").touch()
    monkeypatch.setenv(datasets.MNIST_VARIABLE, str(named))
    reason = status().reason
    assert str(named) in reason
    assert "lacks train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte of MNIST" in reason


def test_an_altered_file_is_refused_as_not_mnists(nowhere: Path) -> None:
    folder = nowhere / "cache" / "mnist"
    write(folder)
    path = folder / SHORT[2].name
    path.write_bytes(path.read_bytes()[:-1] + b"\xff")
    with pytest.raises(DataError, match="is not MNIST's file: its checksum differs") as refusal:
        datasets.read(DataName.MNIST)
    assert str(path) in str(refusal.value)


def test_files_of_the_same_names_have_folders_of_their_own_in_every_cache(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [file.name for file in mnist.FILES] == [file.name for file in fashion_mnist.FILES]
    for setting in (str(nowhere / "cache"), ""):
        monkeypatch.setenv(datasets.CACHE_VARIABLE, setting)
        places = {datasets.cache_folder(name) for name in (DataName.MNIST, DataName.FASHION_MNIST)}
        assert len(places) == 2


def test_the_files_are_those_of_the_records() -> None:
    sums = {file.gz_name: (file.gz_bytes, file.gz_sha256) for file in mnist.FILES}
    assert sums == {  # TensorFlow Datasets, url_checksums/mnist.txt
        "train-images-idx3-ubyte.gz": (
            9_912_422,
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        ),
        "train-labels-idx1-ubyte.gz": (28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
        "t10k-images-idx3-ubyte.gz": (1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
        "t10k-labels-idx1-ubyte.gz": (4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    }
    assert datasets.SIZES[DataName.MNIST].download_bytes == sum(file.gz_bytes for file in mnist.FILES)
    assert mnist.FILES.train_x.num_bytes == 47_040_016
    assert all(len(file.sha256) == 64 for file in mnist.FILES)


def test_its_classes_are_the_digits() -> None:
    assert datasets.class_names(DataName.MNIST) == tuple("0123456789")
