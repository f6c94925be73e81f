"""The batch on which untrained nets are measured: the first of a seed's order.

Shape suffixes: N images, C channels, H and W pixels.
"""

from functools import lru_cache

from torch import Tensor

from resnet_viz.spec.vgg import AnySpec
from resnet_viz.theory.gradients import BATCH, DATA
from resnet_viz.training.engine.images import ImageData, batches, load_images, with_channels


def bench_batch(spec: AnySpec, seed: int) -> tuple[Tensor, Tensor]:
    """Returns images, (N, C, H, W) in float32, and their labels, (N,), for a net of square images."""
    data = _images(spec.square_side)
    images_N = next(batches(len(data.train_y_N), batch_size=BATCH, seed=seed))
    return with_channels(data.train_x_NCHW[images_N], spec.in_channels), data.train_y_N[images_N]


@lru_cache(maxsize=2)
def _images(side: int) -> ImageData:
    return load_images(DATA, image_size=side)
