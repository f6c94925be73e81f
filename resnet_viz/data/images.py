"""Images as tensors that lie on the device, and the order in which a run sees them.

Shape suffixes: N images, B images of a batch, C channels (always 1: the pictures are grey), H and W pixels.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from resnet_viz.data import sources
from resnet_viz.data.fashion_mnist import CLASS_NAMES
from resnet_viz.data.idx import Bytes
from resnet_viz.data.names import DataName
from resnet_viz.data.subset import first_of_each_class

_AT_ONCE: Final = 4_096  # images; bounds what resizing takes beyond its result


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageData:
    """A data set on a device, resized and normalised. A batch is an indexing of it: there is no loader.

    Floats and no bytes: a batch of 64 takes 60 µs either way, and pooled pixels are not rounded.

    Attributes:
        name: the data set.
        class_names: name of each label.
        train_x_NCHW: training images, float32, mean 0 and variance 1 over all their pixels.
        train_y_N: their labels, int64.
        test_x_NCHW: test images, normalised with the training images' mean and std. The classes take turns, so that
            any first few images are balanced.
        test_y_N: their labels.
        mean: of the training pixels after resizing, on the scale from 0 to 1.
        std: likewise.
    """

    name: DataName
    class_names: tuple[str, ...]
    train_x_NCHW: Tensor
    train_y_N: Tensor
    test_x_NCHW: Tensor
    test_y_N: Tensor
    mean: float
    std: float

    @property
    def device(self) -> torch.device:
        """Where the tensors lie."""
        return self.train_x_NCHW.device

    @property
    def image_size(self) -> int:
        """Side of an image in pixels."""
        return self.train_x_NCHW.shape[-1]


def load(
    name: DataName, *, image_size: int, device: torch.device | str = "cpu", folder: Path | None = None
) -> ImageData:
    """Returns a data set on `device`, its images resized to `image_size` px.

    Smaller images are means over the pixels they cover (14 px: over 2x2), larger ones are interpolated bilinearly.

    Raises:
        DataError: the data set is not on this machine, truncated or altered.
    """
    raw = sources.read(name, folder=folder)
    turns_N = first_of_each_class(raw.test_y_N)
    train_x, test_x = _resized(raw.train_x_NHW, image_size), _resized(raw.test_x_NHW[turns_N], image_size)
    mean, std = _mean_std(train_x.split(_AT_ONCE))
    return ImageData(
        name=name,
        class_names=CLASS_NAMES,
        train_x_NCHW=train_x.sub_(mean).div_(std).to(device),
        train_y_N=_labels(raw.train_y_N).to(device),
        test_x_NCHW=test_x.sub_(mean).div_(std).to(device),
        test_y_N=_labels(raw.test_y_N[turns_N]).to(device),
        mean=mean,
        std=std,
    )


def mean_std(name: DataName, *, image_size: int, folder: Path | None = None) -> tuple[float, float]:
    """Returns mean and std of a data set's training pixels after resizing, as `load` has them, and keeps no images.

    Raises:
        DataError: the data set is not on this machine, truncated or altered.
    """
    return _mean_std(_resized_parts(sources.read(name, folder=folder).train_x_NHW, image_size))


def batches(num_images: int, *, batch_size: int, seed: int, device: torch.device | str = "cpu") -> Iterator[Tensor]:
    """Yields indices of batch after batch, shape (B,), without end: one random order of all images after the other.

    Each image comes once before any comes again; a batch may hold the end of one order and the start of the next.
    The orders depend on `seed` and `num_images` only: all nets of a run see the same batches, on every device.
    """
    generator = torch.Generator().manual_seed(seed)
    waiting_N = torch.empty(0, dtype=torch.int64, device=device)
    while True:
        while len(waiting_N) < batch_size:
            fresh_N = torch.randperm(num_images, generator=generator).to(device)
            waiting_N = torch.cat([waiting_N, fresh_N])
        yield waiting_N[:batch_size]
        waiting_N = waiting_N[batch_size:]


def with_channels(x_NCHW: Tensor, channels: int) -> Tensor:
    """Returns grey images with `channels` channels, all the same; one channel is returned as it is."""
    return x_NCHW if channels == 1 else x_NCHW.expand(-1, channels, -1, -1)


def _labels(labels_N: Bytes) -> Tensor:
    return torch.tensor(labels_N, dtype=torch.int64)


def _resized(x_NHW: Bytes, size: int) -> Tensor:
    resized_NCHW = torch.empty(len(x_NHW), 1, size, size)
    for place_NCHW, part_NCHW in zip(resized_NCHW.split(_AT_ONCE), _resized_parts(x_NHW, size), strict=True):
        place_NCHW.copy_(part_NCHW)
    return resized_NCHW


def _resized_parts(x_NHW: Bytes, size: int) -> Iterator[Tensor]:
    for start in range(0, len(x_NHW), _AT_ONCE):
        x_NCHW = torch.tensor(x_NHW[start : start + _AT_ONCE], dtype=torch.float32).unsqueeze(1) / 255.0
        if size <= x_NHW.shape[-1]:
            yield F.adaptive_avg_pool2d(x_NCHW, size)
        else:
            yield F.interpolate(x_NCHW, size, mode="bilinear", antialias=False)


def _mean_std(parts: Iterable[Tensor]) -> tuple[float, float]:
    count, total, squares = 0, 0.0, 0.0
    for part_NCHW in parts:
        exact_NCHW = part_NCHW.double()
        count += part_NCHW.numel()
        total += exact_NCHW.sum().item()
        squares += exact_NCHW.square().sum().item()
    mean = total / count
    return mean, math.sqrt(squares / count - mean * mean)
