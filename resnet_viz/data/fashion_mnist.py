"""Fashion-MNIST (Xiao, Rasul and Vollgraf 2017, arXiv 1708.07747; MIT licence): its idx files and their checksums.

Files are read whole, gzipped or not, and refused if damaged. The checksums of the gzip files are those of the original
release. Debian's package ships the same files without name and time in their gzip headers: with these restored, they
have the release's MD5 sums.

Shape suffixes: N images, H and W pixels.
"""

import gzip
import hashlib
import struct
import zlib
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from resnet_viz.errors import DataError
from resnet_viz.i18n import _

ByteArray = NDArray[np.uint8]

UBYTE: Final = 0x08  # idx's code of unsigned bytes, the third byte of a magic number


@dataclass(frozen=True, kw_only=True, slots=True)
class IdxFile:
    """One of the four files, with its checksums.

    Attributes:
        name: without ".gz".
        shape: of the array inside.
        sha256: of the uncompressed file, so that recompressed copies (Debian's) are accepted like the original.
        gz_sha256: of the original gzip file.
        gz_bytes: size of the original gzip file.
    """

    name: str
    shape: tuple[int, ...]
    sha256: str
    gz_sha256: str
    gz_bytes: int

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
            _("{path} has the right size but is not Fashion-MNIST's file: its checksum differs.").format(path=path)
        )


URL: Final = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"  # the address in the authors' README

CLASS_NAMES: Final = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
SIDE: Final = 28  # pixels

TRAIN_X: Final = IdxFile(
    name="train-images-idx3-ubyte",
    shape=(60_000, SIDE, SIDE),
    sha256="c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    gz_sha256="3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    gz_bytes=26_421_880,
)
TRAIN_Y: Final = IdxFile(
    name="train-labels-idx1-ubyte",
    shape=(60_000,),
    sha256="bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    gz_sha256="a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    gz_bytes=29_515,
)
TEST_X: Final = IdxFile(
    name="t10k-images-idx3-ubyte",
    shape=(10_000, SIDE, SIDE),
    sha256="5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    gz_sha256="346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    gz_bytes=4_422_102,
)
TEST_Y: Final = IdxFile(
    name="t10k-labels-idx1-ubyte",
    shape=(10_000,),
    sha256="0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    gz_sha256="67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    gz_bytes=5_148,
)
FILES: Final = (TRAIN_X, TRAIN_Y, TEST_X, TEST_Y)
