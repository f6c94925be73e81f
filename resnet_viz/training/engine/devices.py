"""Devices to train on, checked against the machine and the installed torch."""

from typing import assert_never

import torch

from resnet_viz.errors import DeviceError
from resnet_viz.i18n import _
from resnet_viz.training.recipe_values import DeviceName


def find(name: DeviceName) -> torch.device:
    """Returns the device of this name; `auto` takes cuda, then mps, then cpu.

    The precision of matrix products and convolutions stays as torch has it by default.

    Raises:
        DeviceError: this machine, or the torch installed on it, has no such device.
    """
    match name:
        case DeviceName.AUTO:
            return next(torch.device(kind) for kind in ("cuda", "mps", "cpu") if _has(kind))
        case DeviceName.CPU:
            return torch.device("cpu")
        case DeviceName.CUDA:
            return _existing("cuda", _("NVIDIA GPU (cuda)"))
        case DeviceName.MPS:
            return _existing("mps", _("Apple GPU (mps)"))
        case _:
            assert_never(name)


def _existing(kind: str, words: str) -> torch.device:
    if not _has(kind):
        here = ", ".join(other for other in ("cuda", "mps", "cpu") if _has(other))
        raise DeviceError(
            _("This machine, or its installed torch, has no {words}. Choose auto or one of: {here}.").format(
                words=words, here=here
            )
        )
    return torch.device(kind)


def _has(kind: str) -> bool:
    match kind:
        case "cuda":
            return torch.cuda.is_available()
        case "mps":
            return torch.backends.mps.is_available()
        case _:
            return True
