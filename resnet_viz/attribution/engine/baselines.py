"""Baselines of an image: black, white, mean, blurred, noise.

Shape suffixes: 1 image, C channels, H and W pixels.
"""

from collections.abc import Sequence
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from resnet_viz.attribution.methods import BASELINES
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _

_BLUR: Final = 1 / 8  # standard deviation of the blur as a share of the side: no stroke of a garment is left
_REACH: Final = 3.0  # standard deviations at which the blur's kernel ends
_LONGEST: Final = 40  # characters of a wrong name that an error repeats


def baseline(
    name: str, x_1CHW: Tensor, mean: float | Sequence[float], std: float | Sequence[float], seed: int = 0
) -> Tensor:
    """Returns a baseline for an image, normalised like it, (1, C, H, W).

    Args:
        name: one of BASELINES. "black" and "white" are pixels 0 and 1 before normalisation, "mean" is the mean of the
            training pixels, "blur" is the image under a Gaussian of an eighth of its side, "noise" has the mean and
            spread of the training pixels, kept between black and white.
        x_1CHW: the normalised image.
        mean: of the training pixels on the scale from 0 to 1; one number, or one for each channel.
        std: likewise.
        seed: of the noise.
    """
    mean_C11, std_C11 = _by_channel(mean, x_1CHW), _by_channel(std, x_1CHW)
    match name:
        case "black":
            return ((0 - mean_C11) / std_C11).expand_as(x_1CHW).clone()
        case "white":
            return ((1 - mean_C11) / std_C11).expand_as(x_1CHW).clone()
        case "mean":
            return torch.zeros_like(x_1CHW)
        case "blur":
            return _blurred(x_1CHW)
        case "noise":
            noise_1CHW = torch.randn(x_1CHW.shape, generator=torch.Generator().manual_seed(seed)).to(x_1CHW)
            return ((noise_1CHW * std_C11 + mean_C11).clamp(0, 1) - mean_C11) / std_C11
        case _:
            raise SpecError(
                _("There is no baseline {name!r}; there are {names}.").format(
                    name=name[:_LONGEST], names=", ".join(BASELINES)
                )
            )


def _by_channel(value: float | Sequence[float], x_1CHW: Tensor) -> Tensor:
    values = [float(value)] if isinstance(value, int | float) else list(value)
    return torch.tensor(values, dtype=x_1CHW.dtype, device=x_1CHW.device)[:, None, None]


def _blurred(x_1CHW: Tensor) -> Tensor:
    sigma = _BLUR * x_1CHW.shape[-1]
    reach = max(1, round(_REACH * sigma))
    offsets_K = torch.arange(-reach, reach + 1, dtype=x_1CHW.dtype, device=x_1CHW.device)
    kernel_K = torch.exp(-0.5 * (offsets_K / sigma) ** 2)
    kernel_K /= kernel_K.sum()
    channels = x_1CHW.shape[1]
    row = kernel_K.view(1, 1, 1, -1).expand(channels, -1, -1, -1)
    padded_1CHW = F.pad(x_1CHW, (reach, reach, reach, reach), mode="replicate")
    across_1CHW = F.conv2d(padded_1CHW, row, groups=channels)
    return F.conv2d(across_1CHW, row.transpose(2, 3), groups=channels)
