"""Oriented gratings: waves with noise, whose direction is their class. They are computed; no file is needed.

Shape suffixes: N images, H and W pixels.
"""

import math
from typing import Final

import numpy as np

from resnet_viz.data.idx import ByteArray

SIDE: Final = 12  # pixels
NUM_CLASSES: Final = 8
NUM_TRAIN: Final = 8_000
NUM_TEST: Final = 1_600
NOISE: Final = 0.6  # standard deviation, where a wave goes from -1 to 1
WAVES: Final = (1.5, 2.5)  # fewest and most waves from one edge to the other
CLASS_NAMES: Final = tuple(f"{180 * number / NUM_CLASSES:g}°" for number in range(NUM_CLASSES))
_SEED: Final = 20_151_210  # fixed: the set is the same everywhere, whatever the seed of a run
_BYTES_PER_UNIT: Final = 40.0  # 3.2 units each way fit into a byte: noise reaches further once in 10,000 pixels


def read() -> tuple[ByteArray, ByteArray, ByteArray, ByteArray]:
    """Returns training images (8000, 12, 12) and labels (8000,), test images (1600, 12, 12) and labels (1600,).

    The classes alternate. Phase and wavelength are random, so only the direction determines the class.
    """
    x_NHW, y_N = _drawn(NUM_TRAIN + NUM_TEST)
    return x_NHW[:NUM_TRAIN], y_N[:NUM_TRAIN], x_NHW[NUM_TRAIN:], y_N[NUM_TRAIN:]


def _drawn(count: int) -> tuple[ByteArray, ByteArray]:
    draw = np.random.RandomState(_SEED)  # the stream of the newer generators may change with numpy's version
    y_N = np.arange(count) % NUM_CLASSES
    angle_N = math.pi * y_N / NUM_CLASSES
    phase_N = draw.uniform(0.0, 2.0 * math.pi, count)
    waves_N = draw.uniform(*WAVES, count)
    place_W = (np.arange(SIDE) - (SIDE - 1) / 2) / SIDE
    across_NHW = (
        np.cos(angle_N)[:, None, None] * place_W[None, None, :]
        + np.sin(angle_N)[:, None, None] * place_W[None, :, None]
    )
    x_NHW = np.sin(2.0 * math.pi * waves_N[:, None, None] * across_NHW + phase_N[:, None, None])
    x_NHW += NOISE * draw.standard_normal(x_NHW.shape)
    bytes_NHW = np.clip(np.rint(127.5 + _BYTES_PER_UNIT * x_NHW), 0, 255).astype(np.uint8)
    return bytes_NHW, y_N.astype(np.uint8)
