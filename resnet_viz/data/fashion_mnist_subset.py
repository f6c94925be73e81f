"""The shipped part of Fashion-MNIST: the first 1,000 training and 200 test images of each class, in one .npz file.

The classes of the test images alternate (0 to 9, 0 to 9, ...), so that the first few are balanced.
"""

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from resnet_viz.data.idx import ByteArray
from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.resources import ASSETS

PATH: Final = ASSETS / "data" / "fashion_mnist_subset.npz"
SHA256: Final = "80d16bee406e7583ef34a0ad9b62a546b227063ed4e7f8d35e774c74555bee30"
TRAIN_PER_CLASS: Final = 1_000
TEST_PER_CLASS: Final = 200
ARRAYS: Final = ("train_x", "train_y", "test_x", "test_y")


def first_of_each_class(labels_N: ByteArray, per_class: int | None = None) -> NDArray[np.int64]:
    """Returns indices of the first `per_class` images of every class (all if None), the classes alternating."""
    turn_N = np.empty(len(labels_N), np.int64)
    for label in np.unique(labels_N):
        own = np.flatnonzero(labels_N == label)
        turn_N[own] = np.arange(len(own))
    order_N = np.lexsort((labels_N, turn_N))
    return order_N if per_class is None else order_N[turn_N[order_N] < per_class]


def pack(arrays: tuple[ByteArray, ByteArray, ByteArray, ByteArray]) -> bytes:
    """Returns the .npz file of `ARRAYS`: always the same bytes with the same zlib."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, array in zip(ARRAYS, arrays, strict=True):
            one = io.BytesIO()
            np.lib.format.write_array(one, np.ascontiguousarray(array), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            # LZMA would save 0.7 of 5.2 MB and take 0.25 s instead of 0.03 s to read.
            archive.writestr(entry, one.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=9)
    return packed.getvalue()


def read(path: Path = PATH) -> tuple[ByteArray, ByteArray, ByteArray, ByteArray]:
    """Returns training images (10000, 28, 28) and labels (10000,), test images (2000, 28, 28) and labels (2000,).

    Raises:
        DataError: the file is missing, truncated or altered.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(
            _("The shipped images are missing: {path} cannot be read. Install the program again.").format(path=path)
        ) from error
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise DataError(
            _(
                "The shipped images in {path} are truncated or altered: {size:,} bytes whose checksum is not the "
                "expected one. Install the program again; a Git LFS pointer is not the file itself."
            ).format(path=path, size=len(content))
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        train_x, train_y, test_x, test_y = (arrays[name] for name in ARRAYS)
    return train_x, train_y, test_x, test_y
