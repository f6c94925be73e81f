"""L2 norms of many tensors at once, exact where float32 is not.

A float32 norm squares its elements in float32: a true norm of 1e-24 comes out as 0, one of 1e32 as infinite, and both
happen in nets of depth 56 and more. So norms are accumulated in float64, or, on devices without it (Apple's),
over elements divided by the largest one.
"""

import math

import torch
from torch import Tensor


def norms(tensors: list[Tensor]) -> Tensor:
    """Returns the L2 norm of each tensor, shape (T,), on their device; float64 where the device has it."""
    if has_float64(tensors[0].device):
        return torch.stack(torch._foreach_norm(tensors, 2, dtype=torch.float64))
    return scaled_norms(tensors)


def scaled_norms(tensors: list[Tensor]) -> Tensor:
    """Returns the L2 norm of each tensor, shape (T,), without float64: the largest element times what is left.

    The norm of what is left lies between 1 and the root of its number of elements, so nothing under- or overflows
    on the way.
    """
    largest_T = torch.stack(torch._foreach_norm(tensors, math.inf))
    divisor_T = largest_T.clamp(min=torch.finfo(torch.float32).tiny)
    scaled = torch._foreach_div(tensors, list(divisor_T.unbind()))
    return divisor_T * torch.stack(torch._foreach_norm(list(scaled), 2))


def has_float64(device: torch.device) -> bool:
    """Whether tensors on this device can be float64."""
    return device.type != "mps"
