"""Data augmentation of He et al. 2015, section 4.2: images are padded, cropped and mirrored at random.

Shape suffixes: B images of a batch, C channels, H and W pixels.
"""

import hashlib
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

PADDING: Final = 4  # pixels on each side: He et al. 2015, section 4.2


def pad_crop_flip(x_BCHW: Tensor, *, seed: int, step: int) -> Tensor:
    """Returns for every image a random crop of the padded image or of its mirror, as large as the image.

    The draws depend on `seed`, `step` and the number of images only and are made on the CPU: every net of a run gets
    the same images on every device, and a run that resumes from a checkpoint gets those of the uninterrupted run.

    Args:
        x_BCHW: normalised images; the padding is zero, their mean.
        seed: of the run.
        step: of the run.
    """
    count, channels, height, width = x_BCHW.shape
    generator = torch.Generator().manual_seed(_mixed(seed, step))
    corner_2B = torch.randint(0, 2 * PADDING + 1, (2, count), generator=generator)
    mirror_1B = torch.randint(0, 2, (1, count), generator=generator)
    row_B, column_B, mirror_B = torch.cat([corner_2B, mirror_1B]).to(x_BCHW.device)  # in one transfer
    padded_BCHW = F.pad(x_BCHW, (PADDING,) * 4)
    rows_BH = row_B[:, None] + torch.arange(height, device=x_BCHW.device)
    along_W = torch.arange(width, device=x_BCHW.device)
    columns_BW = column_B[:, None] + torch.where(mirror_B[:, None] == 1, width - 1 - along_W, along_W)
    image_B = torch.arange(count, device=x_BCHW.device)
    channel_C = torch.arange(channels, device=x_BCHW.device)
    return padded_BCHW[
        image_B[:, None, None, None],
        channel_C[None, :, None, None],
        rows_BH[:, None, :, None],
        columns_BW[:, None, None, :],
    ]


def _mixed(seed: int, step: int) -> int:
    """Returns one seed for both: torch's generator on the CPU uses the lowest 32 bits alone."""
    return int.from_bytes(hashlib.blake2b(f"{seed} {step}".encode(), digest_size=4).digest())
