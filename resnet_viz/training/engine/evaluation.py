"""A look at the test images while a net trains.

Shape suffixes: N images, B images of a batch, C channels, H and W pixels, K classes.
"""

from typing import Final

import torch
import torch.nn.functional as F

from resnet_viz.training.budget import TEST_BATCH, TEST_IMAGES
from resnet_viz.training.engine.images import with_channels
from resnet_viz.training.engine.setup import Bench

TEST_MEMORY: Final = 2**28  # bytes of activations while looking at the test images


@torch.no_grad()
def loss_and_accuracy(bench: Bench) -> tuple[float, float]:
    """Returns loss in nats and accuracy over the first test images, which are balanced; statistics stay as they are."""
    data, net = bench.data, bench.net
    loss = torch.zeros((), device=data.device)
    right = torch.zeros((), device=data.device)
    num = min(TEST_IMAGES, len(data.test_y_N))
    at_once = max(1, min(TEST_BATCH, TEST_MEMORY // bench.cost.inference_bytes))
    net.eval()
    try:
        for start in range(0, num, at_once):
            part = slice(start, min(start + at_once, num))
            y_B = data.test_y_N[part]
            logits_BK = net(with_channels(data.test_x_NCHW[part], bench.spec.in_channels))
            loss += F.cross_entropy(logits_BK, y_B, reduction="sum")
            right += (logits_BK.argmax(1) == y_B).sum()
    finally:
        net.train()
    sum_loss, num_right = torch.stack([loss, right]).tolist()
    return sum_loss / num, num_right / num
