"""Square images of another size: as `training.engine.images` does it, as Fashion-MNIST was made, as torchvision.

Shape suffixes: H and W pixels, C channels.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float32]

_MARGIN: Final = 256 / 224  # size before the crop by size after it, as torchvision evaluates on ImageNet


def pad_to_square(pixels_HW: Floats) -> Floats:
    """Returns the whole image in a black square."""
    height, width = pixels_HW.shape
    side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    square = np.zeros((side, side), np.float32)
    square[top : top + height, left : left + width] = pixels_HW
    return square


def resize_square(pixels_HWC: Floats, size: int) -> Floats:
    """Returns a square image in colour, resized channel by channel."""
    return np.stack([resize_plane(pixels_HWC[..., channel], size) for channel in range(pixels_HWC.shape[-1])], axis=-1)


def center_crop(pixels_HWC: Floats, size: int) -> Floats:
    """Returns the central square, after resizing as torchvision does for evaluation on ImageNet."""
    height, width = pixels_HWC.shape[:2]
    shorter = max(size, round(size * _MARGIN))
    scale = shorter / min(height, width)
    full = Image.fromarray(np.uint8(np.round(pixels_HWC * 255)))
    full = full.resize((max(size, round(width * scale)), max(size, round(height * scale))), Image.Resampling.BILINEAR)
    left, top = (full.width - size) // 2, (full.height - size) // 2
    return np.asarray(full.crop((left, top, left + size, top + size)), np.float32) / np.float32(255.0)


def resize_plane(pixels_HW: Floats, size: int) -> Floats:
    """Returns a resized square image: means over the covered pixels, or bilinear where larger."""
    side = len(pixels_HW)
    if size == side:
        return pixels_HW
    weights = _means(side, size) if size < side else _bilinear(side, size)
    return np.asarray(weights @ pixels_HW @ weights.T, np.float32)


def _means(side: int, size: int) -> Floats:
    """Returns the matrix (size, side) of torch's adaptive average pooling along one side."""
    weights = np.zeros((size, side), np.float32)
    for row in range(size):
        start, stop = row * side // size, -(-(row + 1) * side // size)
        weights[row, start:stop] = 1 / (stop - start)
    return weights


def _bilinear(side: int, size: int) -> Floats:
    """Returns the matrix (size, side) of torch's bilinear interpolation along one side, corners not aligned."""
    weights = np.zeros((size, side), np.float32)
    for row in range(size):
        place = max((row + 0.5) * side / size - 0.5, 0.0)
        low = int(place)
        weights[row, low] += 1 - (place - low)
        weights[row, min(low + 1, side - 1)] += place - low
    return weights
