"""Agreement of two maps: the rank correlation of their pixels. numpy only.

Ranks and not values, because the scale of a map differs between methods, nets and steps of training.

Shape suffixes: C channels, H and W pixels.
"""

from math import nan
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

Map: TypeAlias = npt.NDArray[np.floating[Any]]

_NO_SPREAD: Final = 1e-12  # relative; below it a map is one value everywhere, but for rounding


def spearman(one: Map, other: Map) -> float:
    """Returns Spearman's rank correlation of two maps of the same shape, -1 to 1; equal values share their mean rank.

    NaN where it is not defined: a map that is the same everywhere, or one that is not finite.
    """
    if one.shape != other.shape:
        raise AssertionError(f"maps of different shapes: {one.shape} and {other.shape}")
    if not has_order(one) or not has_order(other):
        return nan
    ranks, other_ranks = (_centred(_ranks(values.ravel())) for values in (one, other))
    product = float(ranks @ other_ranks)
    return max(-1.0, min(1.0, product / float(np.sqrt((ranks @ ranks) * (other_ranks @ other_ranks)))))


def rank_correlations(one: Map, other: Map) -> tuple[float, float]:
    """Returns the rank correlation of two maps and that of their absolute values.

    The second one compares places only, the first also signs.
    """
    return spearman(one, other), spearman(np.abs(one), np.abs(other))


def plane(values: Map) -> Map:
    """Returns a map of (H, W): one of (C, H, W) summed over its channels, as it is shown."""
    summed: Map = values.sum(axis=0) if values.ndim == 3 else values  # noqa: PLR2004 - C, H and W
    return summed


def resampled(map_HW: Map, size: tuple[int, int]) -> Map:
    """Returns a map at another (height, width) in pixels, bilinear between the middles of its pixels."""
    along_rows = _weights(map_HW.shape[0], size[0])
    along_columns = _weights(map_HW.shape[1], size[1])
    made: Map = along_rows @ map_HW @ along_columns.T
    return made


def has_order(values: Map) -> bool:
    """Returns whether the pixels of a map can be ranked: its values are finite and not all the same."""
    if not values.size or not np.isfinite(values).all():
        return False
    return bool(np.ptp(values) > _NO_SPREAD * np.abs(values).max())


def _ranks(values_N: Map) -> npt.NDArray[np.float64]:
    _unique, place_N, count_U = np.unique(values_N, return_inverse=True, return_counts=True)
    last_U = np.cumsum(count_U)
    ranks_N: npt.NDArray[np.float64] = (last_U - (count_U - 1) / 2)[place_N]
    return ranks_N


def _centred(values_N: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    centred_N: npt.NDArray[np.float64] = values_N - values_N.mean()
    return centred_N


def _weights(size: int, new_size: int) -> npt.NDArray[np.float64]:
    """Returns the weight of each of `size` pixels in each of `new_size`, shape (new_size, size)."""
    at_M = np.clip((np.arange(new_size) + 0.5) * size / new_size - 0.5, 0, size - 1)
    weights_MN: npt.NDArray[np.float64] = np.maximum(0.0, 1.0 - np.abs(at_M[:, None] - np.arange(size)[None, :]))
    return weights_MN
