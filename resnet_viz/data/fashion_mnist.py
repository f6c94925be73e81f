"""Fashion-MNIST (Xiao, Rasul and Vollgraf 2017, arXiv 1708.07747; MIT licence): its idx files and their checksums.

The checksums of the gzip files are those of the original release. Debian's package ships the same files without name
and time in their gzip headers: with these restored, they have the release's MD5 sums.

Shape suffixes: N images, H and W pixels.
"""

from typing import Final

from resnet_viz.data.idx import ByteArray, IdxFile, find, read

__all__ = ["CLASS_NAMES", "FILES", "SIDE", "TITLE", "URL", "ByteArray", "IdxFile", "find", "read"]

TITLE: Final = "Fashion-MNIST"
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
    of=TITLE,
    name="train-images-idx3-ubyte",
    shape=(60_000, SIDE, SIDE),
    sha256="c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    gz_sha256="3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    gz_bytes=26_421_880,
)
TRAIN_Y: Final = IdxFile(
    of=TITLE,
    name="train-labels-idx1-ubyte",
    shape=(60_000,),
    sha256="bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    gz_sha256="a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    gz_bytes=29_515,
)
TEST_X: Final = IdxFile(
    of=TITLE,
    name="t10k-images-idx3-ubyte",
    shape=(10_000, SIDE, SIDE),
    sha256="5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    gz_sha256="346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    gz_bytes=4_422_102,
)
TEST_Y: Final = IdxFile(
    of=TITLE,
    name="t10k-labels-idx1-ubyte",
    shape=(10_000,),
    sha256="0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    gz_sha256="67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    gz_bytes=5_148,
)
FILES: Final = (TRAIN_X, TRAIN_Y, TEST_X, TEST_Y)
