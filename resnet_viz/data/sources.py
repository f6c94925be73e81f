"""Where the images of each data set come from on this machine. Free of torch; numpy is loaded when images are read.

Fashion-MNIST is looked for in this order: a folder given as an argument, the one that RESNET_VIZ_DATA names,
Debian's package dataset-fashion-mnist, this program's download cache. A folder that was named is the only one tried:
whoever names one is told what is wrong with it.

Shape suffixes: N images, H and W pixels.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from resnet_viz.data.names import DataName
from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.spec.net import NetSpec

if TYPE_CHECKING:
    from resnet_viz.data.idx import Bytes

DATA_VARIABLE: Final = "RESNET_VIZ_DATA"
CACHE_VARIABLE: Final = "RESNET_VIZ_CACHE"
DEBIAN: Final = Path("/usr/share/datasets/fashion-mnist")


@dataclass(frozen=True, kw_only=True, slots=True)
class Size:
    """How large a data set is.

    Attributes:
        train: training images.
        test: test images.
        classes: number of classes.
    """

    train: int
    test: int
    classes: int


SIZES: Final[Mapping[DataName, Size]] = {
    DataName.FASHION_MNIST_SUBSET: Size(train=10_000, test=2_000, classes=10),
    DataName.FASHION_MNIST: Size(train=60_000, test=10_000, classes=10),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Whether a data set can be used now.

    Attributes:
        name: the data set.
        place: file or folder it is read from; None where it cannot be used.
        reason: a sentence that says why it cannot; empty where it can.
    """

    name: DataName
    place: Path | None
    reason: str = ""

    @property
    def is_available(self) -> bool:
        """Whether it can be used now."""
        return self.place is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class RawImages:
    """Grey pictures from 0 to 255 and the numbers of their classes, as they lie in the files."""

    train_x_NHW: "Bytes"
    train_y_N: "Bytes"
    test_x_NHW: "Bytes"
    test_y_N: "Bytes"


def cache_folder() -> Path:
    """Returns the folder that downloads go to: RESNET_VIZ_CACHE, or the user's cache."""
    if named := os.environ.get(CACHE_VARIABLE):
        return Path(named)
    from pooch.utils import os_cache  # noqa: PLC0415 - only for the place of the user's cache

    return Path(os_cache("resnet_viz")) / "fashion-mnist"


def available(*, folder: Path | None = None) -> tuple[Source, ...]:
    """Returns for each data set whether it can be used now; looks at names only, nothing is read."""
    return tuple(_source(name, folder) for name in DataName)


def read(name: DataName, *, folder: Path | None = None) -> RawImages:
    """Returns the images of a data set, checked against their checksums.

    Raises:
        DataError: not on this machine, or not what it should be; the sentence names file and remedy.
    """
    from resnet_viz.data import fashion_mnist, idx, subset  # noqa: PLC0415 - numpy

    if name is DataName.FASHION_MNIST_SUBSET:
        train_x, train_y, test_x, test_y = subset.read()
    else:
        source = _source(name, folder)
        if source.place is None:
            raise DataError(source.reason)
        place = source.place
        train_x, train_y, test_x, test_y = (idx.read(place, file) for file in fashion_mnist.FILES)
    return RawImages(train_x_NHW=train_x, train_y_N=train_y, test_x_NHW=test_x, test_y_N=test_y)


def check_fits(spec: NetSpec, name: DataName) -> None:
    """Refuses a net that has fewer outputs than the data set has classes.

    Raises:
        DataError: too few classes. Any number of input channels is fine: grey pictures are repeated.
    """
    classes = SIZES[name].classes
    if spec.num_classes < classes:
        raise DataError(
            _("{data} has {classes} classes, so num_classes is at least {classes}; this net has {got}.").format(
                data=name, classes=classes, got=spec.num_classes
            )
        )


def _source(name: DataName, folder: Path | None) -> Source:
    from resnet_viz.data import subset  # noqa: PLC0415 - numpy

    if name is DataName.FASHION_MNIST_SUBSET:
        if subset.PATH.is_file():
            return Source(name=name, place=subset.PATH)
        return Source(
            name=name,
            place=None,
            reason=_("The shipped images are missing: {path}. Install the program again.").format(path=subset.PATH),
        )
    named = folder or (Path(text) if (text := os.environ.get(DATA_VARIABLE)) else None)
    missing = {}
    for place in (named,) if named else (DEBIAN, cache_folder()):
        missing[place] = _missing(place)
        if not missing[place]:
            return Source(name=name, place=place)
    return Source(name=name, place=None, reason=_why_not(named, missing))


def _missing(place: Path) -> list[str]:
    from resnet_viz.data import fashion_mnist, idx  # noqa: PLC0415 - numpy

    return [file.name for file in fashion_mnist.FILES if idx.find(place, file) is None]


def _why_not(named: Path | None, missing: Mapping[Path, list[str]]) -> str:
    if named:
        return _("{folder} lacks {files} of Fashion-MNIST (each may end in .gz).").format(
            folder=named, files=", ".join(missing[named])
        )
    return _(
        "The full Fashion-MNIST is not on this machine. Download it, install Debian's dataset-fashion-mnist, "
        "or name a folder with its four files in {variable}."
    ).format(variable=DATA_VARIABLE)
