"""MNIST (LeCun, Cortes and Burges 1998): its idx files and their checksums.

The SHA-256 sums and sizes of the gzip files are those that TensorFlow Datasets has on record
(`url_checksums/mnist.txt`), the MD5 sums those of torchvision (`datasets/mnist.py`), whose mirror is used. Only the
SHA-256 sums are checked: MD5 tells a damaged file, not a forged one. The sums of the uncompressed files are those that
public programs keep beside the gzip files' (such as `sha256sum` lists in their documentation); they were never computed
here, where no copy of MNIST was at hand.

The mean and standard deviation of all training pixels are those that PyTorch's example `mnist/main.py` normalises with.
"""

from pathlib import Path
from typing import Final

from resnet_viz.data import idx
from resnet_viz.data.idx import Sums, mnist_files

TITLE: Final = "MNIST"
URL: Final = "https://ossci-datasets.s3.amazonaws.com/mnist/"  # torchvision's first mirror
CLASS_NAMES: Final = tuple(map(str, range(10)))
MEAN: Final = (0.1307,)  # of the training pixels at 28 px, from 0 to 1
STD: Final = (0.3081,)

FILES: Final = mnist_files(
    TITLE,
    train_x=Sums(
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        9_912_422,
    ),
    train_y=Sums(
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        28_881,
    ),
    test_x=Sums(
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        1_648_877,
    ),
    test_y=Sums(
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        4_542,
    ),
)
_TORCHVISION: Final = Path("MNIST") / "raw"  # below the folder that torchvision is given


def find(folder: Path) -> Path:
    """Returns the folder of the files: `folder`, or the one below it where torchvision keeps them, if it has any."""
    below = folder / _TORCHVISION
    return below if any(idx.find(below, file) for file in FILES) else folder
