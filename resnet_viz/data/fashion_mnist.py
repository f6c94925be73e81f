"""Fashion-MNIST (Xiao, Rasul and Vollgraf 2017, arXiv 1708.07747; MIT licence): its idx files and their checksums.

The checksums of the gzip files are those of the original release. Debian's package ships the same files without name
and time in their gzip headers: with these restored, they have the release's MD5 sums.

Shape suffixes: N images, H and W pixels.
"""

from typing import Final

from resnet_viz.data.idx import Sums, mnist_files

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

FILES: Final = mnist_files(
    TITLE,
    train_x=Sums(
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        26_421_880,
    ),
    train_y=Sums(
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        29_515,
    ),
    test_x=Sums(
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        4_422_102,
    ),
    test_y=Sums(
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        5_148,
    ),
)
