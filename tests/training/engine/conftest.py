"""A small data set that takes no time, stripes whose direction is their class; and one thread for those who ask."""

from collections.abc import Iterator

import pytest
import torch

from resnet_viz.data.datasets import DataName
from resnet_viz.data.fashion_mnist import CLASS_NAMES
from resnet_viz.training.engine.images import ImageData


@pytest.fixture(scope="session")
def stripes() -> ImageData:
    generator = torch.Generator().manual_seed(0)
    y_N = torch.arange(300) % 10
    angle_N11 = (y_N * torch.pi / 10)[:, None, None]
    row_HW, column_HW = torch.meshgrid(torch.arange(8.0), torch.arange(8.0), indexing="ij")
    x_NHW = torch.sin(1.5 * (row_HW * torch.cos(angle_N11) + column_HW * torch.sin(angle_N11)))
    x_NCHW = (x_NHW + 0.3 * torch.randn(x_NHW.shape, generator=generator)).unsqueeze(1)
    return ImageData(
        name=DataName.FASHION_MNIST_SUBSET,
        class_names=CLASS_NAMES,
        train_x_NCHW=x_NCHW[:200],
        train_y_N=y_N[:200],
        test_x_NCHW=x_NCHW[200:],
        test_y_N=y_N[200:],
        mean=(0.0,),
        std=(1.0,),
    )


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Lets torch compute on one thread, so that equal steps give equal numbers."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
