"""Images on the device and the order in which they are seen."""

from itertools import islice

import pytest
import torch

from resnet_viz.data import datasets
from resnet_viz.data.datasets import DataName
from resnet_viz.training import recipe_epochs
from resnet_viz.training.engine.images import batches, load_images, with_channels

pytestmark = pytest.mark.torch

SUBSET = DataName.FASHION_MNIST_SUBSET


def test_training_pixels_have_mean_zero_and_variance_one() -> None:
    data = load_images(SUBSET, image_size=14)
    assert data.train_x_NCHW.shape == (10_000, 1, 14, 14)
    assert data.test_x_NCHW.shape == (2_000, 1, 14, 14)
    assert data.train_x_NCHW.mean().item() == pytest.approx(0.0, abs=1e-4)
    assert data.train_x_NCHW.var().item() == pytest.approx(1.0, abs=1e-3)
    assert data.image_size == 14
    assert len(data.class_names) == 10


def test_fourteen_pixels_are_means_over_two_by_two() -> None:
    data = load_images(SUBSET, image_size=14)
    raw = torch.tensor(datasets.read(SUBSET).train_x_NCHW[3, 0], dtype=torch.float64) / 255
    pooled = raw.reshape(14, 2, 14, 2).mean((1, 3))
    torch.testing.assert_close(data.train_x_NCHW[3, 0].double() * data.std[0] + data.mean[0], pooled, atol=1e-6, rtol=0)


def test_the_native_size_is_left_alone() -> None:
    data = load_images(SUBSET, image_size=28)
    raw = torch.tensor(datasets.read(SUBSET).test_x_NCHW[5, 0], dtype=torch.float32) / 255
    torch.testing.assert_close(data.test_x_NCHW[5, 0] * data.std[0] + data.mean[0], raw, atol=1e-6, rtol=0)
    assert data.mean[0] == pytest.approx(0.286, abs=0.002)  # 0.2860 and 0.3530 over all 60,000, widely published
    assert data.std[0] == pytest.approx(0.353, abs=0.002)


@pytest.mark.parametrize("image_size", [8, 11, 32])
def test_other_sizes_keep_the_mean_brightness(image_size: int) -> None:
    assert load_images(SUBSET, image_size=image_size).mean[0] == pytest.approx(0.286, abs=0.02)


def test_any_first_test_images_are_balanced() -> None:
    assert load_images(SUBSET, image_size=8).test_y_N[:500].bincount().tolist() == [50] * 10


@pytest.mark.skipif(not datasets.DEBIAN.is_dir(), reason="needs Debian's dataset-fashion-mnist")
def test_full_set_and_subset_are_tested_on_the_same_images() -> None:
    full, subset = (load_images(name, image_size=4) for name in (DataName.FASHION_MNIST, SUBSET))
    assert torch.equal(full.test_y_N[:2_000], subset.test_y_N)
    torch.testing.assert_close(
        full.test_x_NCHW[:2_000] * full.std[0] + full.mean[0],
        subset.test_x_NCHW * subset.std[0] + subset.mean[0],
    )


def test_every_image_comes_once_before_any_comes_again() -> None:
    seen = torch.cat(list(islice(batches(10, batch_size=4, seed=1), 5)))  # 20 images: two orders of ten
    assert sorted(seen[:10].tolist()) == sorted(seen[10:].tolist()) == list(range(10))
    assert seen[:10].tolist() != seen[10:].tolist()


def test_a_batch_may_be_larger_than_the_set() -> None:
    counts = next(batches(10, batch_size=25, seed=1)).bincount()
    assert counts.min() == 2
    assert counts.max() == 3


def test_the_order_depends_on_the_seed_alone() -> None:
    def order(seed: int) -> list[int]:
        return torch.cat(list(islice(batches(100, batch_size=32, seed=seed), 6))).tolist()

    torch.manual_seed(1)
    first = order(3)
    torch.manual_seed(2)
    assert order(3) == first
    assert order(4) != first


def test_grey_images_are_repeated_for_nets_with_more_channels() -> None:
    x_NCHW = torch.rand(2, 1, 3, 3)
    assert with_channels(x_NCHW, 1) is x_NCHW
    three_NCHW = with_channels(x_NCHW, 3)
    assert three_NCHW.shape == (2, 3, 3, 3)
    assert torch.equal(three_NCHW[:, 2], x_NCHW[:, 0])


def test_each_channel_has_mean_zero_and_variance_one(monkeypatch: pytest.MonkeyPatch) -> None:
    colours = torch.randint(0, 255, (60, 3, 32, 32), dtype=torch.uint8) // torch.tensor([1, 2, 4])[:, None, None]
    pixels, labels = colours.to(torch.uint8).numpy(), (torch.arange(60) % 10).to(torch.uint8).numpy()
    raw = datasets.RawImages(train_x_NCHW=pixels, train_y_N=labels, test_x_NCHW=pixels, test_y_N=labels)
    monkeypatch.setattr(datasets, "read", lambda _name, folder: raw)
    data = load_images(DataName.CIFAR10, image_size=32)
    assert data.train_x_NCHW.shape == (60, 3, 32, 32)
    assert data.train_x_NCHW.mean((0, 2, 3)).tolist() == pytest.approx([0, 0, 0], abs=1e-4)
    assert data.train_x_NCHW.var((0, 2, 3)).tolist() == pytest.approx([1, 1, 1], abs=1e-3)
    assert data.mean[0] > data.mean[1] > data.mean[2]
    assert data.class_names[3] == "cat"
    restored = data.train_x_NCHW * torch.tensor(data.std)[:, None, None] + torch.tensor(data.mean)[:, None, None]
    torch.testing.assert_close(restored, torch.tensor(pixels) / 255, atol=1e-6, rtol=0)


def test_gratings_are_loaded_without_a_file() -> None:
    data = load_images(DataName.GRATINGS, image_size=12)
    assert data.train_x_NCHW.shape == (8_000, 1, 12, 12)
    assert data.test_y_N[:16].bincount().tolist() == [2] * 8
    assert len(data.class_names) == 8


def test_fashion_mnist_is_normalised_as_it_always_was() -> None:
    first = load_images(SUBSET, image_size=14)
    assert first.mean == (0.2866816525847002,)  # before channels were told apart: the recorded runs rest on it
    assert first.std == (0.33112742975816517,)


@pytest.mark.parametrize("epochs", [1, 3])
def test_after_the_steps_of_an_epoch_every_image_was_seen_and_before_them_not(epochs: int) -> None:
    steps = int(recipe_epochs.in_steps({"epochs": str(epochs)}, images=103, batch_size=10)["steps"])
    seen = [int(index) for batch in islice(batches(103, batch_size=10, seed=0), steps) for index in batch]
    for taken, is_whole in ((seen, True), (seen[:-10], False)):
        assert (min(taken.count(image) for image in range(103)) >= epochs) is is_whole
