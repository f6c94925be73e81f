"""Our own measurements of block variants: `assets/measured/block_gradients.toml`, read once per process.

Written by `python -m tools.measure_block_gradients`; a test computes some of the values again.
"""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from resnet_viz.resources import ASSETS

FILE: Final = ASSETS / "measured" / "block_gradients.toml"


class MeasuredRatio(NamedTuple):
    """Norm of the gradient at the output of the first block divided by that of the last, at initialisation.

    Attributes:
        variant: id of the blocks that the net is made of.
        depth: weighted layers of the net.
        ratios: one for each seed, from 0.
        band: range in which any seed lies, tried on ten more; None where it was not tried.
    """

    variant: str
    depth: int
    ratios: tuple[float, ...]
    band: tuple[float, float] | None


class Measurement(NamedTuple):
    """All ratios.

    Attributes:
        how: net, data and precision in one sentence.
        ratios: by variant, shallow nets first.
    """

    how: str
    ratios: Mapping[str, tuple[MeasuredRatio, ...]]


@lru_cache(maxsize=1)
def block_gradients() -> Measurement:
    """Returns the measured ratios."""
    with FILE.open("rb") as file:
        content = tomllib.load(file)
    found: dict[str, list[MeasuredRatio]] = {}
    for row in content["results"]:
        low_high = row.get("band")
        band = (float(low_high[0]), float(low_high[1])) if low_high else None
        ratios = tuple(map(float, row["ratios"]))
        found.setdefault(row["variant"], []).append(MeasuredRatio(row["variant"], row["depth"], ratios, band))
    return Measurement(content["how"], MappingProxyType({name: tuple(rows) for name, rows in found.items()}))
