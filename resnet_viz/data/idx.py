"""Files in idx format, in which MNIST and its successors come: one array of unsigned bytes behind a short header.

Files are read whole, gzipped or not, and refused if damaged.
"""

import gzip
import hashlib
import struct
import zlib
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resnet_viz.errors import DataError
from resnet_viz.i18n import _

ByteArray = NDArray[np.uint8]

UBYTE: Final = 0x08  # idx's code of unsigned bytes, the third byte of a magic number
NUM_TRAIN: Final = 60_000
NUM_TEST: Final = 10_000
SIDE: Final = 28  # pixels


@dataclass(frozen=True, kw_only=True, slots=True)
class IdxFile:
    """One file of a data set, with its checksums.

    Attributes:
        name: without ".gz".
        shape: of the array inside.
        sha256: of the uncompressed file, so that recompressed copies (Debian's) are accepted like the original.
        gz_sha256: of the original gzip file.
        gz_bytes: size of the original gzip file.
        of: title of its data set, for messages.
    """

    name: str
    shape: tuple[int, ...]
    sha256: str
    gz_sha256: str
    gz_bytes: int
    of: str = "the data set"

    @property
    def gz_name(self) -> str:
        """Name of the gzipped file."""
        return f"{self.name}.gz"

    @property
    def header(self) -> bytes:
        """Bytes before the array: magic number, then the sides, big-endian."""
        return struct.pack(f">{1 + len(self.shape)}I", UBYTE << 8 | len(self.shape), *self.shape)

    @property
    def num_bytes(self) -> int:
        """Bytes of the uncompressed file."""
        return len(self.header) + prod(self.shape)


class Sums(NamedTuple):
    """Checksums of one file, and the size of its original gzip file. Fields as in `IdxFile`."""

    sha256: str
    gz_sha256: str
    gz_bytes: int


class IdxFiles(NamedTuple):
    """The four files of MNIST or of a successor."""

    train_x: IdxFile
    train_y: IdxFile
    test_x: IdxFile
    test_y: IdxFile


def mnist_files(title: str, *, train_x: Sums, train_y: Sums, test_x: Sums, test_y: Sums) -> IdxFiles:
    """Returns the files of MNIST, or of a successor with the same names and shapes."""

    def file(name: str, shape: tuple[int, ...], sums: Sums) -> IdxFile:
        return IdxFile(
            of=title, name=name, shape=shape, sha256=sums.sha256, gz_sha256=sums.gz_sha256, gz_bytes=sums.gz_bytes
        )

    return IdxFiles(
        file("train-images-idx3-ubyte", (NUM_TRAIN, SIDE, SIDE), train_x),
        file("train-labels-idx1-ubyte", (NUM_TRAIN,), train_y),
        file("t10k-images-idx3-ubyte", (NUM_TEST, SIDE, SIDE), test_x),
        file("t10k-labels-idx1-ubyte", (NUM_TEST,), test_y),
    )


def find(folder: Path, file: IdxFile) -> Path | None:
    """Returns the path of `file` in `folder`, the uncompressed one first; None if neither exists."""
    paths = (folder / file.name, folder / file.gz_name)
    return next((path for path in paths if path.is_file()), None)


def read(folder: Path, file: IdxFile) -> ByteArray:
    """Returns the array in `file` of `folder`, as unsigned bytes of `file.shape`.

    Raises:
        DataError: the file is missing, truncated, of another shape, or altered.
    """
    path = find(folder, file)
    if path is None:
        raise DataError(
            _("{file} is missing in {folder}: the folder holds {file} or {file}.gz.").format(
                file=file.name, folder=folder
            )
        )
    content = _content(path, file)
    _check(path, content, file)
    return np.frombuffer(content, np.uint8, offset=len(file.header)).reshape(file.shape)


def _content(path: Path, file: IdxFile) -> bytes:
    most = file.num_bytes + 1  # one more than expected suffices to detect a wrong file
    try:
        if path.suffix != ".gz":
            with path.open("rb") as plain:
                return plain.read(most)
        with gzip.open(path) as unpacked:
            return unpacked.read(most)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            _("{path} cannot be read, it seems truncated ({error}); expected is {size:,} bytes once unpacked.").format(
                path=path, error=error, size=file.num_bytes
            )
        ) from error


def _check(path: Path, content: bytes, file: IdxFile) -> None:
    start = len(file.header)
    if len(content) >= start and content[:start] != file.header:
        raise DataError(
            _("{path} does not begin like an idx file of {shape} unsigned bytes (magic number and sizes).").format(
                path=path, shape=" × ".join(map(str, file.shape))
            )
        )
    if len(content) != file.num_bytes:
        got = _("more") if len(content) > file.num_bytes else f"{len(content):,}"
        raise DataError(
            _("{path} holds {got} bytes where {size:,} are expected: truncated, or another file.").format(
                path=path, got=got, size=file.num_bytes
            )
        )
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise DataError(
            _("{path} has the right size but is not {data}'s file: its checksum differs.").format(
                path=path, data=file.of
            )
        )
