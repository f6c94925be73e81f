"""Images as tensors on the device, and the order of the batches.

Shape suffixes: N images, B images of a batch, C channels (1 for grey images), H and W pixels.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from resnet_viz.data import datasets
from resnet_viz.data.datasets import DataName
from resnet_viz.data.fashion_mnist_subset import first_of_each_class
from resnet_viz.data.idx import ByteArray

_AT_ONCE: Final = 4_096  # images; bounds the memory of resizing beyond its result


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageData:
    """Data set on a device, resized and normalised. A batch is an indexing of it: there is no loader.

    Floats, not bytes: a batch of 64 takes 60 µs either way, and pooled pixels are not rounded.

    Attributes:
        name: the data set.
        class_names: name of each label.
        train_x_NCHW: training images, float32, mean 0 and variance 1 over all their pixels, in each channel.
        train_y_N: their labels, int64.
        test_x_NCHW: test images, normalised with the training images' mean and std. The classes alternate, so that
            the first few images are balanced.
        test_y_N: their labels.
        mean: of the training pixels after resizing, on the scale from 0 to 1, of each channel.
        std: likewise.
    """

    name: DataName
    class_names: tuple[str, ...]
    train_x_NCHW: Tensor
    train_y_N: Tensor
    test_x_NCHW: Tensor
    test_y_N: Tensor
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def device(self) -> torch.device:
        """Device of the tensors."""
        return self.train_x_NCHW.device

    @property
    def image_size(self) -> int:
        """Side of an image in pixels."""
        return self.train_x_NCHW.shape[-1]


def load_images(
    name: DataName, *, image_size: int, device: torch.device | str = "cpu", folder: Path | None = None
) -> ImageData:
    """Returns a data set on `device`, its images resized to `image_size` px.

    Smaller images are means over the covered pixels (14 px: over 2x2), larger ones are interpolated bilinearly.

    Raises:
        DataError: the data set is not on this machine, truncated or altered.
    """
    kept = _preloaded.get((name, image_size)) if folder is None and torch.device(device).type == "cpu" else None
    if kept is not None:
        return kept
    raw = datasets.read(name, folder=folder)
    turns_N = first_of_each_class(raw.test_y_N)
    train_x, test_x = _resized(raw.train_x_NCHW, image_size), _resized(raw.test_x_NCHW[turns_N], image_size)
    mean, std = _mean_std(train_x.split(_AT_ONCE))
    for channel, (its_mean, its_std) in enumerate(zip(mean, std, strict=True)):
        for x_NCHW in (train_x, test_x):
            x_NCHW[:, channel].sub_(its_mean).div_(its_std)
    return ImageData(
        name=name,
        class_names=datasets.class_names(name),
        train_x_NCHW=train_x.to(device),
        train_y_N=_labels(raw.train_y_N).to(device),
        test_x_NCHW=test_x.to(device),
        test_y_N=_labels(raw.test_y_N[turns_N]).to(device),
        mean=mean,
        std=std,
    )


_preloaded: Final[dict[tuple[DataName, int], ImageData]] = {}


def preload(name: DataName, *, image_size: int) -> None:
    """Loads a data set ahead for later `load_images` calls in this process and its forks. It is never written to.

    Raises:
        DataError: as `load_images`.
    """
    _preloaded[name, image_size] = load_images(name, image_size=image_size)


def mean_std(
    name: DataName, *, image_size: int, folder: Path | None = None
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Returns mean and std of each channel of the training pixels, as `load_images` has them, and keeps no images.

    Raises:
        DataError: the data set is not on this machine, truncated or altered.
    """
    return _mean_std(_resized_parts(datasets.read(name, folder=folder).train_x_NCHW, image_size))


def batches(num_images: int, *, batch_size: int, seed: int, device: torch.device | str = "cpu") -> Iterator[Tensor]:
    """Yields the indices of the batches, shape (B,), without end: one random order of all images after another.

    Each image comes once before any comes again; a batch may hold the end of one order and the start of the next.
    The orders depend on `seed` and `num_images` only: all nets of a run get the same batches on every device.
    """
    generator = torch.Generator().manual_seed(seed)
    left_N = torch.empty(0, dtype=torch.int64, device=device)
    while True:
        while len(left_N) < batch_size:
            fresh_N = torch.randperm(num_images, generator=generator).to(device)
            left_N = torch.cat([left_N, fresh_N])
        yield left_N[:batch_size]
        left_N = left_N[batch_size:]


def with_channels(x_NCHW: Tensor, channels: int) -> Tensor:
    """Returns grey images repeated in `channels` channels, and images with that many channels unchanged."""
    return x_NCHW if x_NCHW.shape[1] == channels else x_NCHW.expand(-1, channels, -1, -1)


def _labels(labels_N: ByteArray) -> Tensor:
    return torch.tensor(labels_N, dtype=torch.int64)


def _resized(bytes_NCHW: ByteArray, size: int) -> Tensor:
    count, channels = bytes_NCHW.shape[:2]
    resized_NCHW = torch.empty(count, channels, size, size)
    for place_NCHW, part_NCHW in zip(resized_NCHW.split(_AT_ONCE), _resized_parts(bytes_NCHW, size), strict=True):
        place_NCHW.copy_(part_NCHW)
    return resized_NCHW


def _resized_parts(bytes_NCHW: ByteArray, size: int) -> Iterator[Tensor]:
    for start in range(0, len(bytes_NCHW), _AT_ONCE):
        x_NCHW = torch.tensor(bytes_NCHW[start : start + _AT_ONCE], dtype=torch.float32) / 255.0
        if size <= bytes_NCHW.shape[-1]:
            yield F.adaptive_avg_pool2d(x_NCHW, size)
        else:
            yield F.interpolate(x_NCHW, size, mode="bilinear", antialias=False)


def _mean_std(parts: Iterable[Tensor]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Returns mean and std of each channel over all images."""
    count, total, squares = 0, torch.zeros((), dtype=torch.float64), torch.zeros((), dtype=torch.float64)
    for part_NCHW in parts:
        exact_NCHW = part_NCHW.double()
        count += part_NCHW[:, 0].numel()
        total = total + exact_NCHW.sum((0, 2, 3))
        squares = squares + exact_NCHW.square().sum((0, 2, 3))
    means, mean_squares = (total / count).tolist(), (squares / count).tolist()
    scales = [math.sqrt(square - mean * mean) for mean, square in zip(means, mean_squares, strict=True)]
    return tuple(means), tuple(scales)
