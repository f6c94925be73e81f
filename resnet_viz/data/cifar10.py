"""CIFAR-10 (Krizhevsky 2009) in its binary version: records of one label and 3 x 32 x 32 bytes. Nothing is unpickled.

It is read from the six files, or from the author's archive: its six members are read into memory by name, type and
size, and nothing is ever extracted.

Shape suffixes: N images, C channels (red, green, blue), H and W pixels.
"""

import hashlib
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from resnet_viz.data.idx import ByteArray
from resnet_viz.errors import DataError
from resnet_viz.i18n import _

URL: Final = "https://www.cs.toronto.edu/~kriz/"
SIDE: Final = 32  # pixels
CHANNELS: Final = 3
RECORD_BYTES: Final = 1 + CHANNELS * SIDE * SIDE  # 3,073
CLASS_NAMES: Final = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


@dataclass(frozen=True, kw_only=True, slots=True)
class Archive:
    """Archive of the binary version, with its checksums.

    Attributes:
        name: of the file.
        sha256: of the file.
        num_bytes: of the file.
        folder: inside, before the names of its members.
        records: images in each member.
        members: name -> SHA-256, training images first, in order; the last one holds the test images.
    """

    name: str
    sha256: str
    num_bytes: int
    folder: str
    records: int
    members: Mapping[str, str]


# The author's page gives the MD5 sum c32a1d4ab5d03f1284b67883e8d87530; the SHA-256 sums are those that TensorFlow
# Datasets (the archive) and torchvision for Ruby (the members) have on record for the same file.
BINARY: Final = Archive(
    name="cifar-10-binary.tar.gz",
    sha256="c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
    num_bytes=170_052_171,
    folder="cifar-10-batches-bin",
    records=10_000,
    members={
        "data_batch_1.bin": "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
        "data_batch_2.bin": "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
        "data_batch_3.bin": "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
        "data_batch_4.bin": "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
        "data_batch_5.bin": "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
        "test_batch.bin": "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
    },
)


def find(folder: Path, archive: Archive = BINARY) -> Path | None:
    """Returns the folder of the six files, or the archive, in `folder`; None if neither is there."""
    for place in (folder, folder / archive.folder):
        if all((place / name).is_file() for name in archive.members):
            return place
    packed = folder / archive.name
    return packed if packed.is_file() else None


def read(place: Path, archive: Archive = BINARY) -> tuple[ByteArray, ByteArray, ByteArray, ByteArray]:
    """Returns training images (N, 3, 32, 32) and labels (N,), test images and labels.

    Args:
        place: folder or archive, from `find`.
        archive: the expected files.

    Raises:
        DataError: a file is missing, truncated or altered.
    """
    contents = _unpacked(place, archive) if place.is_file() else _files(place, archive)
    for name, sha256 in archive.members.items():
        _check(place, name, contents[name], sha256, archive.records * RECORD_BYTES)
    records = np.frombuffer(b"".join(contents[name] for name in archive.members), np.uint8).reshape(-1, RECORD_BYTES)
    y_N = records[:, 0]
    x_NCHW = records[:, 1:].reshape(-1, CHANNELS, SIDE, SIDE)
    num_train = archive.records * (len(archive.members) - 1)
    return x_NCHW[:num_train], y_N[:num_train], x_NCHW[num_train:], y_N[num_train:]


def _files(folder: Path, archive: Archive) -> dict[str, bytes]:
    most = archive.records * RECORD_BYTES + 1  # one more than expected suffices to detect a wrong file
    contents = {}
    for name in archive.members:
        try:
            with (folder / name).open("rb") as file:
                contents[name] = file.read(most)
        except OSError as error:
            raise DataError(_("{path} cannot be read: {error}.").format(path=folder / name, error=error)) from error
    return contents


def _unpacked(path: Path, archive: Archive) -> dict[str, bytes]:
    """Returns the contents of the six members; other members, and those of another size, are skipped."""
    expected = archive.records * RECORD_BYTES
    wanted = {f"{archive.folder}/{name}": name for name in archive.members}
    contents: dict[str, bytes] = {}
    try:
        with tarfile.open(path, "r|gz") as packed:
            for member in packed:
                name = wanted.get(member.name)
                if name is None or not member.isreg() or member.size != expected:
                    continue
                file = packed.extractfile(member)
                assert file is not None  # it is a regular file
                contents[name] = file.read()
                if len(contents) == len(wanted):
                    break
    except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
        raise DataError(
            _("{path} cannot be read, it seems truncated ({error}). Delete it and download it again.").format(
                path=path, error=error
            )
        ) from error
    for name in archive.members:
        if name not in contents:
            raise DataError(
                _("{path} holds no {name} of {size:,} bytes: truncated, or another file.").format(
                    path=path, name=name, size=expected
                )
            )
    return contents


def _check(place: Path, name: str, content: bytes, sha256: str, expected: int) -> None:
    if len(content) != expected:
        got = _("more") if len(content) > expected else f"{len(content):,}"
        raise DataError(
            _("{name} in {place} holds {got} bytes where {size:,} are expected: truncated, or another file.").format(
                name=name, place=place, got=got, size=expected
            )
        )
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DataError(
            _("{name} in {place} has the right size but is not CIFAR-10's file: its checksum differs.").format(
                name=name, place=place
            )
        )
