"""Data sets: names, sizes, and the files on this machine. numpy is imported when images are read.

Fashion-MNIST is searched in this order: the folder argument, the folder in RESNET_VIZ_DATA, Debian's package
dataset-fashion-mnist, this program's download cache. CIFAR-10: the folder argument, the folder in RESNET_VIZ_CIFAR10,
the download cache. MNIST likewise, with RESNET_VIZ_MNIST; its files have the names of Fashion-MNIST's, so that it has a
folder of its own in every cache. A folder that was named is the only one searched, and refusals name it. Gratings are
computed.

Shape suffixes: N images, C channels, H and W pixels.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, assert_never

from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.spec.net import NetSpec

if TYPE_CHECKING:
    from resnet_viz.data.idx import ByteArray, IdxFile
from enum import StrEnum


class DataName(StrEnum):
    """Data sets to train on; the values are part of addresses and saved runs."""

    FASHION_MNIST_SUBSET = "fashion_mnist_subset"  # 10,000 + 2,000 images, shipped
    FASHION_MNIST = "fashion_mnist"  # 60,000 + 10,000 images
    GRATINGS = "gratings"  # 8,000 + 1,600 images, computed
    CIFAR10 = "cifar10"  # 50,000 + 10,000 images in colour
    MNIST = "mnist"  # 60,000 + 10,000 images


DATA_VARIABLE: Final = "RESNET_VIZ_DATA"
CIFAR10_VARIABLE: Final = "RESNET_VIZ_CIFAR10"
MNIST_VARIABLE: Final = "RESNET_VIZ_MNIST"
CACHE_VARIABLE: Final = "RESNET_VIZ_CACHE"
DEBIAN: Final = Path("/usr/share/datasets/fashion-mnist")
_CACHE_FOLDERS: Final[Mapping[DataName, str]] = {DataName.CIFAR10: "cifar-10", DataName.MNIST: "mnist"}


@dataclass(frozen=True, kw_only=True, slots=True)
class DatasetSize:
    """Size of a data set.

    Attributes:
        train: training images.
        test: test images.
        classes: number of classes.
        side: of an original image in pixels.
        channels: of an image: 1 for grey, 3 for colour.
        download_bytes: size of the download; 0 if there is none.
    """

    train: int
    test: int
    classes: int
    side: int
    channels: int = 1
    download_bytes: int = 0


SIZES: Final[Mapping[DataName, DatasetSize]] = {
    DataName.FASHION_MNIST_SUBSET: DatasetSize(train=10_000, test=2_000, classes=10, side=28),
    DataName.FASHION_MNIST: DatasetSize(train=60_000, test=10_000, classes=10, side=28, download_bytes=30_878_645),
    DataName.GRATINGS: DatasetSize(train=8_000, test=1_600, classes=8, side=12),
    DataName.CIFAR10: DatasetSize(
        train=50_000, test=10_000, classes=10, side=32, channels=3, download_bytes=170_052_171
    ),
    DataName.MNIST: DatasetSize(train=60_000, test=10_000, classes=10, side=28, download_bytes=11_594_722),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class DatasetStatus:
    """Availability of a data set.

    Attributes:
        name: the data set.
        place: file or folder to read; None if it is unavailable or computed.
        reason: message why it is unavailable; empty if it is available.
    """

    name: DataName
    place: Path | None
    reason: str = ""

    @property
    def is_available(self) -> bool:
        """True if it can be read now."""
        return not self.reason


@dataclass(frozen=True, kw_only=True, slots=True)
class RawImages:
    """Images from 0 to 255 and their labels, as in the files; grey images have one channel."""

    train_x_NCHW: "ByteArray"
    train_y_N: "ByteArray"
    test_x_NCHW: "ByteArray"
    test_y_N: "ByteArray"


def cache_folder(name: DataName = DataName.FASHION_MNIST) -> Path:
    """Returns the download folder of a data set: RESNET_VIZ_CACHE (MNIST: below it), or one in the user's cache."""
    own = _CACHE_FOLDERS.get(name, "fashion-mnist")
    if named := os.environ.get(CACHE_VARIABLE):
        return Path(named) / own if name is DataName.MNIST else Path(named)
    from pooch.utils import os_cache  # noqa: PLC0415 - only for the path of the user's cache

    return Path(os_cache("resnet_viz")) / own


def available(*, folder: Path | None = None) -> tuple[DatasetStatus, ...]:
    """Returns the availability of each data set by the names of files; nothing is read."""
    return tuple(_status(name, folder) for name in DataName)


def read(name: DataName, *, folder: Path | None = None) -> RawImages:
    """Returns the images of a data set, checked against their checksums.

    Raises:
        DataError: not on this machine, or damaged; the message names file and remedy.
    """
    from resnet_viz.data import cifar10, fashion_mnist_subset, gratings, idx  # noqa: PLC0415 - numpy

    match name:
        case DataName.FASHION_MNIST_SUBSET:
            train_x, train_y, test_x, test_y = fashion_mnist_subset.read()
        case DataName.FASHION_MNIST | DataName.MNIST:
            place = _place(name, folder)
            train_x, train_y, test_x, test_y = (idx.read(place, file) for file in _idx_files(name))
        case DataName.GRATINGS:
            train_x, train_y, test_x, test_y = gratings.read()
        case DataName.CIFAR10:
            train_x, train_y, test_x, test_y = cifar10.read(_place(name, folder), cifar10.BINARY)
        case _:
            assert_never(name)
    if SIZES[name].channels == 1:
        train_x, test_x = train_x[:, None], test_x[:, None]
    return RawImages(train_x_NCHW=train_x, train_y_N=train_y, test_x_NCHW=test_x, test_y_N=test_y)


def class_names(name: DataName) -> tuple[str, ...]:
    """Returns the names of a data set's classes by label."""
    from resnet_viz.data import cifar10, fashion_mnist, gratings, mnist  # noqa: PLC0415 - numpy

    match name:
        case DataName.FASHION_MNIST_SUBSET | DataName.FASHION_MNIST:
            return fashion_mnist.CLASS_NAMES
        case DataName.GRATINGS:
            return gratings.CLASS_NAMES
        case DataName.CIFAR10:
            return cifar10.CLASS_NAMES
        case DataName.MNIST:
            return mnist.CLASS_NAMES
        case _:
            assert_never(name)


def check_fits(spec: NetSpec, name: DataName) -> None:
    """Refuses a net with fewer outputs than the data set has classes, or with other channels.

    Raises:
        DataError: too few classes, or another number of channels; grey images are repeated and fit any.
    """
    classes, channels = SIZES[name].classes, SIZES[name].channels
    if channels not in (1, spec.in_channels):
        raise DataError(
            _("{data} has {channels} channels, so in_channels is {channels}; this net has {got}.").format(
                data=name, channels=channels, got=spec.in_channels
            )
        )
    if spec.num_classes < classes:
        raise DataError(
            _("{data} has {classes} classes, so num_classes is at least {classes}; this net has {got}.").format(
                data=name, classes=classes, got=spec.num_classes
            )
        )


def _status(name: DataName, folder: Path | None) -> DatasetStatus:
    match name:
        case DataName.FASHION_MNIST_SUBSET:
            return _shipped()
        case DataName.FASHION_MNIST:
            return _fashion_mnist(_named(DATA_VARIABLE, folder))
        case DataName.GRATINGS:
            return DatasetStatus(name=name, place=None)
        case DataName.CIFAR10:
            return _cifar10(_named(CIFAR10_VARIABLE, folder))
        case DataName.MNIST:
            return _mnist(_named(MNIST_VARIABLE, folder))
        case _:
            assert_never(name)


def _place(name: DataName, folder: Path | None) -> Path:
    source = _status(name, folder)
    if source.place is None:
        raise DataError(source.reason)
    return source.place


def _named(variable: str, folder: Path | None) -> Path | None:
    return folder or (Path(text) if (text := os.environ.get(variable)) else None)


def _shipped() -> DatasetStatus:
    from resnet_viz.data import fashion_mnist_subset  # noqa: PLC0415 - numpy

    if fashion_mnist_subset.PATH.is_file():
        return DatasetStatus(name=DataName.FASHION_MNIST_SUBSET, place=fashion_mnist_subset.PATH)
    return DatasetStatus(
        name=DataName.FASHION_MNIST_SUBSET,
        place=None,
        reason=_("The shipped images are missing: {path}. Install the program again.").format(
            path=fashion_mnist_subset.PATH
        ),
    )


def _fashion_mnist(named: Path | None) -> DatasetStatus:
    missing = {}
    for place in (named,) if named else (DEBIAN, cache_folder()):
        missing[place] = _missing(DataName.FASHION_MNIST, place)
        if not missing[place]:
            return DatasetStatus(name=DataName.FASHION_MNIST, place=place)
    return DatasetStatus(name=DataName.FASHION_MNIST, place=None, reason=_why_not(named, missing))


def _cifar10(named: Path | None) -> DatasetStatus:
    from resnet_viz.data import cifar10  # noqa: PLC0415 - numpy

    place = cifar10.find(named or cache_folder(DataName.CIFAR10), cifar10.BINARY)
    if place is not None:
        return DatasetStatus(name=DataName.CIFAR10, place=place)
    archive = cifar10.BINARY
    if named:
        sentence = _("{folder} holds neither {archive} nor its six files ({first}, ...).")
        reason = sentence.format(folder=named, archive=archive.name, first=next(iter(archive.members)))
    else:
        sentence = _(
            "CIFAR-10 is not on this machine. Download it, or name a folder with {archive} or its six files in "
            "{variable}."
        )
        reason = sentence.format(archive=archive.name, variable=CIFAR10_VARIABLE)
    return DatasetStatus(name=DataName.CIFAR10, place=None, reason=reason)


def _mnist(named: Path | None) -> DatasetStatus:
    from resnet_viz.data import mnist  # noqa: PLC0415 - numpy

    place = mnist.find(named or cache_folder(DataName.MNIST))
    missing = _missing(DataName.MNIST, place)
    if not missing:
        return DatasetStatus(name=DataName.MNIST, place=place)
    if named:
        reason = _lacks(named, missing, "MNIST")
    else:
        reason = _(
            "MNIST is not on this machine. Download it in the training lab, or name a folder with its four files in "
            "{variable}."
        ).format(variable=MNIST_VARIABLE)
    return DatasetStatus(name=DataName.MNIST, place=None, reason=reason)


def _idx_files(name: DataName) -> "Sequence[IdxFile]":
    from resnet_viz.data import fashion_mnist, mnist  # noqa: PLC0415 - numpy

    return mnist.FILES if name is DataName.MNIST else fashion_mnist.FILES


def _missing(name: DataName, place: Path) -> list[str]:
    from resnet_viz.data import idx  # noqa: PLC0415 - numpy

    return [file.name for file in _idx_files(name) if idx.find(place, file) is None]


def _why_not(named: Path | None, missing: Mapping[Path, list[str]]) -> str:
    if named:
        return _lacks(named, missing[named], "Fashion-MNIST")
    return _(
        "The full Fashion-MNIST is not on this machine. Download it, install Debian's dataset-fashion-mnist, "
        "or name a folder with its four files in {variable}."
    ).format(variable=DATA_VARIABLE)


def _lacks(folder: Path, missing: Sequence[str], data: str) -> str:
    return _("{folder} lacks {files} of {data} (each may end in .gz).").format(
        folder=folder, files=", ".join(missing), data=data
    )
