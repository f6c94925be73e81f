"""The shipped images: what they are, and that nothing else is taken for them."""

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest

from resnet_viz.data import datasets, fashion_mnist_subset
from resnet_viz.data.datasets import DataName
from resnet_viz.errors import DataError

HAS_DEBIAN = datasets.DEBIAN.is_dir()


def test_the_checksum_in_the_code_is_the_one_beside_the_file() -> None:
    beside = fashion_mnist_subset.PATH.with_suffix(".npz.sha256").read_text(encoding="ascii")
    assert beside == f"{fashion_mnist_subset.SHA256}  {fashion_mnist_subset.PATH.name}\n"
    assert hashlib.sha256(fashion_mnist_subset.PATH.read_bytes()).hexdigest() == fashion_mnist_subset.SHA256


def test_the_file_is_at_most_six_megabytes_and_has_its_licence_beside_it() -> None:
    assert fashion_mnist_subset.PATH.stat().st_size <= 6_000_000
    assert "Zalando SE" in (fashion_mnist_subset.PATH.parent / "LICENSE-fashion-mnist.txt").read_text(encoding="utf-8")


def test_every_class_has_1000_training_and_200_test_images() -> None:
    train_x, train_y, test_x, test_y = fashion_mnist_subset.read()
    assert train_x.shape == (10_000, 28, 28)
    assert test_x.shape == (2_000, 28, 28)
    assert train_x.dtype == test_x.dtype == np.uint8
    assert np.bincount(train_y).tolist() == [1_000] * 10
    assert np.bincount(test_y).tolist() == [200] * 10


def test_any_first_ten_times_k_test_images_hold_k_of_each_class() -> None:
    *_, test_y = fashion_mnist_subset.read()
    assert test_y[:30].tolist() == [*range(10)] * 3


def test_packing_gives_the_same_bytes_each_time() -> None:
    arrays = fashion_mnist_subset.read()
    few = (arrays[0][:50], arrays[1][:50], arrays[2][:50], arrays[3][:50])
    assert fashion_mnist_subset.pack(few) == fashion_mnist_subset.pack(few)


@pytest.mark.skipif(not HAS_DEBIAN, reason="needs Debian's dataset-fashion-mnist")
def test_the_subset_is_the_first_of_each_class_of_the_full_set() -> None:
    full = datasets.read(DataName.FASHION_MNIST, folder=datasets.DEBIAN)
    train_x, train_y, test_x, test_y = fashion_mnist_subset.read()
    train, test = (
        fashion_mnist_subset.first_of_each_class(labels, most)
        for labels, most in (
            (full.train_y_N, fashion_mnist_subset.TRAIN_PER_CLASS),
            (full.test_y_N, fashion_mnist_subset.TEST_PER_CLASS),
        )
    )
    assert np.array_equal(full.train_x_NCHW[train, 0], train_x)
    assert np.array_equal(full.train_y_N[train], train_y)
    assert np.array_equal(full.test_x_NCHW[test, 0], test_x)
    assert np.array_equal(full.test_y_N[test], test_y)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"missing: .*gone\.npz"):
        fashion_mnist_subset.read(tmp_path / "gone.npz")


@pytest.mark.parametrize("kind", ["truncated", "altered", "empty", "lfs pointer"])
def test_what_is_not_the_file_is_refused_by_its_checksum(tmp_path: Path, kind: str) -> None:
    content = bytearray(fashion_mnist_subset.PATH.read_bytes())
    if kind == "altered":
        content[1_000_000] ^= 1
    wrong = {
        "truncated": bytes(content[:-1]),
        "altered": bytes(content),
        "empty": b"",
        "lfs pointer": b"version https://git-lfs",
    }
    path = tmp_path / "images.npz"
    path.write_bytes(wrong[kind])
    with pytest.raises(DataError, match=re.escape(str(path))):
        fashion_mnist_subset.read(path)
