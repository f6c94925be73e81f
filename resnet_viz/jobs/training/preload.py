"""Imported once by the fork server, so that a worker starts in a tenth of a second instead of some.

Building an optimiser pulls in torch._dynamo, the first convolution sets oneDNN up: both are slow and lazy, so they
happen here, and so is reading the images of the default run. No backward pass (autograd's threads do not survive a
fork) and no CUDA (nor does its context); one thread (nor does a pool of them).
"""

import os
from contextlib import suppress

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # of numpy, which torch imports: read at import

import torch
from torch import nn

from resnet_viz.data.datasets import DataName
from resnet_viz.errors import DataError
from resnet_viz.training import lab_nets
from resnet_viz.training.engine import images


def _warm_up() -> None:
    torch.set_num_threads(1)
    net = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU())
    torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    with torch.no_grad():
        net(torch.zeros(2, 1, 8, 8))
    with suppress(DataError):  # what is missing is told to whoever asks for it
        images.preload(DataName.FASHION_MNIST_SUBSET, image_size=lab_nets.IMAGE_SIZES[0])


_warm_up()
