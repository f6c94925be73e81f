"""The batch on which untrained nets are measured: the first of a seed's order, in float64."""

import torch
from torch import Tensor

from resnet_viz.spec.vgg import AnySpec
from resnet_viz.theory.gradients import BATCH, DATA
from resnet_viz.training.engine.images import batches, load_images


def bench_batch(spec: AnySpec, seed: int) -> tuple[Tensor, Tensor]:
    """Returns images, (N, C, H, W), and their labels, (N,), for a net of square images."""
    assert isinstance(spec.image_size, int)
    data = load_images(DATA, image_size=spec.image_size)
    images_N = next(batches(len(data.train_y_N), batch_size=BATCH, seed=seed))
    return data.train_x_NCHW[images_N].to(torch.float64), data.train_y_N[images_N]
