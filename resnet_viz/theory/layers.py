"""Two layers with two units each, without and with a shortcut over both: every vector on the way, by hand.

The numbers are those of THEORY I4: small enough to be checked in the head.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

Pair = tuple[float, float]

INPUT: Final[Pair] = (1.0, 2.0)
W1: Final = ((1.0, -1.0), (0.5, 1.0))
B1: Final[Pair] = (0.0, -1.0)
W2: Final = ((1.0, 0.0), (-1.0, 1.0))
ZERO: Final = ((0.0, 0.0), (0.0, 0.0))
B2: Final[Pair] = (0.0, 0.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class TwoLayers:
    """Vectors of one forward pass.

    Attributes:
        a: the input.
        z1: W1 a + b1.
        a1: g(z1), with g = ReLU.
        z2: W2 a1 + b2, the residual branch F(a).
        plain: g(z2).
        added: z2 + a, where the shortcut ends: before g.
        residual: g(z2 + a).
    """

    a: Pair
    z1: Pair
    a1: Pair
    z2: Pair
    plain: Pair
    added: Pair
    residual: Pair


def two_layers(a: Pair, *, is_second_zero: bool = False) -> TwoLayers:
    """Returns the forward pass of an input; with `is_second_zero` W2 = 0, so that the branch is zero."""
    x = np.array(a)
    z1 = np.array(W1) @ x + B1
    a1 = np.maximum(z1, 0.0)
    z2 = np.array(ZERO if is_second_zero else W2) @ a1 + B2
    added = z2 + x
    return TwoLayers(
        a=a, z1=_pair(z1), a1=_pair(a1), z2=_pair(z2), plain=_pair(np.maximum(z2, 0.0)), added=_pair(added),
        residual=_pair(np.maximum(added, 0.0)),
    )  # fmt: skip


def _pair(vector: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> Pair:
    first, second = (vector + 0.0).tolist()  # -0 is shown as 0
    return first, second
