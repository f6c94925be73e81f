"""L2 norms of many tensors at once, exact where float32 is not.

A float32 norm squares its elements in float32: a norm of 1e-24 becomes 0, one of 1e32 infinite, and both occur in nets
of depth 56 and more. So norms are accumulated in float64, or, on devices without it (Apple's),
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
    """Returns the L2 norm of each tensor, shape (T,), without float64: largest element times the norm of the quotients.

    The norm of the quotients is between 1 and the root of their number, so nothing under- or overflows.
    """
    largest_T = torch.stack(torch._foreach_norm(tensors, math.inf))
    divisor_T = largest_T.clamp(min=torch.finfo(torch.float32).tiny)
    scaled = torch._foreach_div(tensors, list(divisor_T.unbind()))
    return divisor_T * torch.stack(torch._foreach_norm(list(scaled), 2))


def has_float64(device: torch.device) -> bool:
    """Returns whether the device has float64."""
    return device.type != "mps"
