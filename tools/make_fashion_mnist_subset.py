"""Makes assets/data/fashion_mnist_subset.npz from the full Fashion-MNIST: always the same bytes.

    python tools/make_fashion_mnist_subset.py [FOLDER]

FOLDER holds the four idx files; without it they are looked for where the program looks. The checksum that is printed
and written beside the file must stand in resnet_viz/data/subset.py as well.
"""

import hashlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from resnet_viz.data import datasets, fashion_mnist_subset
from resnet_viz.data.datasets import DataName


def make(folder: Path | None) -> bytes:
    full = datasets.read(DataName.FASHION_MNIST, folder=folder)
    train = fashion_mnist_subset.first_of_each_class(full.train_y_N, fashion_mnist_subset.TRAIN_PER_CLASS)
    test = fashion_mnist_subset.first_of_each_class(full.test_y_N, fashion_mnist_subset.TEST_PER_CLASS)
    return fashion_mnist_subset.pack(
        (full.train_x_NCHW[train, 0], full.train_y_N[train], full.test_x_NCHW[test, 0], full.test_y_N[test])
    )


def main() -> None:
    content = make(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    checksum = hashlib.sha256(content).hexdigest()
    fashion_mnist_subset.PATH.parent.mkdir(parents=True, exist_ok=True)
    fashion_mnist_subset.PATH.write_bytes(content)
    fashion_mnist_subset.PATH.with_suffix(".npz.sha256").write_text(
        f"{checksum}  {fashion_mnist_subset.PATH.name}\n", encoding="ascii"
    )
    print(f"{fashion_mnist_subset.PATH.name}: {len(content):,} bytes, sha256 {checksum}")


if __name__ == "__main__":
    main()
