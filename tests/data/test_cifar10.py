"""CIFAR-10 from six files or from the archive: read by name, size and checksum, never unpickled, never extracted."""

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from resnet_viz.data import cifar10, datasets
from resnet_viz.data.datasets import DataName
from resnet_viz.errors import DataError
from resnet_viz.spec.presets import residual_preset
from tests.fakes.tiny_cifar import CONTENTS, RECORDS, TINY, pack


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine where CIFAR-10 is tiny and not there; returns an empty folder."""
    monkeypatch.setattr(cifar10, "BINARY", TINY)
    monkeypatch.delenv(datasets.CIFAR10_VARIABLE, raising=False)
    monkeypatch.setenv(datasets.CACHE_VARIABLE, str(tmp_path / "cache"))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def write_files(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name, content in CONTENTS.items():
        (folder / name).write_bytes(content)


def source(folder: Path | None = None) -> datasets.DatasetStatus:
    return next(one for one in datasets.available(folder=folder) if one.name is DataName.CIFAR10)


@pytest.mark.parametrize("form", ["files", "unpacked archive", "archive"])
def test_images_come_in_three_channels_with_the_label_in_front(tiny: Path, form: str) -> None:
    if form == "archive":
        pack(tiny / TINY.name)
    else:
        write_files(tiny if form == "files" else tiny / TINY.folder)
    raw = datasets.read(DataName.CIFAR10, folder=tiny)
    assert raw.train_x_NCHW.shape == (5 * RECORDS, 3, 32, 32)
    assert raw.test_x_NCHW.shape == (RECORDS, 3, 32, 32)
    assert raw.train_y_N.tolist() == [(number + image) % 10 for number in range(5) for image in range(RECORDS)]
    assert np.array_equal(raw.train_x_NCHW[1, :, 3, 4], [10, 20, 25])  # label 1: what `tiny_cifar` paints
    assert np.array_equal(raw.test_x_NCHW[0, :, 31, 31], [50, 100, 125])  # label 5


def test_the_published_file_has_ten_thousand_images_in_each_part() -> None:
    assert cifar10.RECORD_BYTES == 3_073  # https://www.cs.toronto.edu/~kriz/cifar.html, "Binary version"
    assert cifar10.BINARY.records * (len(cifar10.BINARY.members) - 1) == 50_000
    assert all(len(checksum) == 64 for checksum in (cifar10.BINARY.sha256, *cifar10.BINARY.members.values()))
    assert datasets.SIZES[DataName.CIFAR10].download_bytes == cifar10.BINARY.num_bytes


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (CONTENTS["data_batch_2.bin"][:-1], r"data_batch_2\.bin in .* holds 9,218 bytes where 9,219 are expected"),
        (CONTENTS["data_batch_2.bin"] + b"!", r"data_batch_2\.bin in .* holds more bytes where 9,219 are expected"),
        (CONTENTS["data_batch_3.bin"], r"data_batch_2\.bin in .* is not CIFAR-10's file: its checksum differs"),
    ],
    ids=["truncated", "too long", "altered"],
)
def test_a_wrong_file_is_refused_by_name(tiny: Path, content: bytes, says: str) -> None:
    write_files(tiny)
    (tiny / "data_batch_2.bin").write_bytes(content)
    with pytest.raises(DataError, match=says):
        datasets.read(DataName.CIFAR10, folder=tiny)


def test_an_archive_with_a_wrong_member_is_refused(tiny: Path) -> None:
    pack(tiny / TINY.name, {**CONTENTS, "test_batch.bin": b"short"})
    with pytest.raises(DataError, match=r"holds no test_batch\.bin of 9,219 bytes"):
        datasets.read(DataName.CIFAR10, folder=tiny)
    pack(tiny / TINY.name, {**CONTENTS, "test_batch.bin": CONTENTS["data_batch_1.bin"]})
    with pytest.raises(DataError, match=r"test_batch\.bin in .* its checksum differs"):
        datasets.read(DataName.CIFAR10, folder=tiny)


@pytest.mark.parametrize("kind", ["truncated", "no gzip", "empty"])
def test_a_damaged_archive_is_refused(tiny: Path, kind: str) -> None:
    whole = pack(tiny / TINY.name)
    content = {"truncated": whole[: len(whole) // 3], "no gzip": b"not an archive" * 9, "empty": b""}[kind]
    (tiny / TINY.name).write_bytes(content)
    with pytest.raises(DataError, match=r"cannot be read, it seems truncated|holds no data_batch_1\.bin"):
        datasets.read(DataName.CIFAR10, folder=tiny)


def test_nothing_of_an_archive_is_written_anywhere(tiny: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name in ("../escaped.bin", f"{TINY.folder}/../../escaped.bin", "/tmp/escaped.bin"):
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())
        link = tarfile.TarInfo(f"{TINY.folder}/data_batch_1.bin")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    (tiny / TINY.name).write_bytes(packed.getvalue())
    with pytest.raises(DataError, match=r"holds no data_batch_1\.bin"):
        datasets.read(DataName.CIFAR10, folder=tiny)
    assert [path.name for path in tiny.parent.rglob("*") if path.is_file()] == [TINY.name]


def test_without_it_the_sentence_says_how_to_get_it(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Download it, or name a folder with cifar-10-binary.tar.gz" in source().reason
    monkeypatch.setenv(datasets.CIFAR10_VARIABLE, str(tiny))
    assert f"{tiny} holds neither cifar-10-binary.tar.gz nor its six files" in source().reason
    write_files(tiny)
    assert source().place == tiny


def test_it_is_found_in_the_download_cache(tiny: Path) -> None:
    pack(tiny / TINY.name)
    tiny.rename(datasets.cache_folder(DataName.CIFAR10))
    assert source().is_available


def test_a_grey_net_does_not_fit() -> None:
    with pytest.raises(DataError, match="cifar10 has 3 channels, so in_channels is 3; this net has 1"):
        datasets.check_fits(residual_preset("cifar_resnet20", in_channels=1), DataName.CIFAR10)
