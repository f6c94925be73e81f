"""Paths through residual nets and what gradient each length carries (Veit et al. 2016, 1605.06431, section 5).

A net of n blocks is a sum over 2^n paths: each block is passed through its branch or its shortcut. Numpy only.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from resnet_viz.attribution.sources.refs import NetRef
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower
from resnet_viz.plan.plan import ShortcutKind
from resnet_viz.spec.enums import Order
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.validation import whole_in_range
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.theory.gradients import bench_net
from resnet_viz.theory.question import TrainedNetsQuestion
from resnet_viz.training.recipe_values import MAX_SEED

VEIT_BLOCKS: Final = 54  # of their ResNet-110
VEIT_MIDDLE: Final = (19, 35)  # "more than 95 % of paths go through 19 to 35 modules"
VEIT_EFFECTIVE: Final = (5, 17)  # "almost all of the gradient updates come from paths between 5 and 17 modules long"
VEIT_SHARE: Final = 0.0045  # "these constitute only 0.45 % of all paths"
SAMPLES: Final = 20
MOST_SAMPLES: Final = 200
_LENGTHS: Final = 13
MOST_BLOCKS: Final = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class PathQuestion(TrainedNetsQuestion):
    """Gradients through single paths of one net: a trained one, or an untrained one.

    Attributes:
        untrained: architecture of a net with its initial weights, in training mode and float64; () for a trained one,
            which is in evaluation mode and float32.
        seed: of the paths, and of an untrained net.
        samples: paths of each length.

    Raises:
        SpecError: more or fewer than one net, a net without shortcuts, or a number out of range.
    """

    untrained: tuple[AnySpec, ...] = ()
    seed: int = 0
    samples: int = SAMPLES

    def __post_init__(self) -> None:
        whole_in_range("nets", len(self.nets) + len(self.untrained), 1, 1)
        whole_in_range("seed", self.seed, 0, MAX_SEED)
        whole_in_range("samples", self.samples, 1, MOST_SAMPLES)
        for spec in self.untrained:
            check_paths(spec)


@dataclass(frozen=True, kw_only=True, slots=True)
class PathGradient:
    """Gradients at the first block's input through paths of one length.

    Attributes:
        blocks: of the net, n.
        length: number of blocks that a path passes through their branches, k.
        norm: mean L2 norm over the sampled paths, over images, channels and pixels.
        spread: standard deviation of the norms over the paths.
    """

    blocks: int
    length: int
    norm: float
    spread: float


DEFAULT: Final = PathQuestion(nets=(NetRef.parse("shipped:resnet56"),))


def untrained_net(order: Order, depth: int = 110) -> NetSpec:
    """Returns the architecture of the gradient bench: one channel, 14 px, widths 4, 8 and 16."""
    return bench_net({"order": order}, depth=depth)


def check_paths(spec: AnySpec) -> None:
    """Raises SpecError where a net is no sum over paths."""
    blocks = lower(spec).blocks
    if not blocks or any(block.shortcut is ShortcutKind.NONE for block in blocks):
        raise SpecError(
            _("A net without shortcuts is a single path: there is nothing to divide. Select a residual net.")
        )
    whole_in_range("blocks", len(blocks), 1, MOST_BLOCKS)


def path_shares(blocks: int) -> NDArray[np.float64]:
    """Returns the share of paths of each length 0 to n: Binomial(n, 1/2)."""
    return binomial(blocks, 0.5)


def binomial(blocks: int, share: float) -> NDArray[np.float64]:
    """Returns the probabilities of 0 to n successes in n trials."""
    if share in (0.0, 1.0):
        certain: NDArray[np.float64] = np.eye(blocks + 1)[0 if share == 0.0 else blocks]
        return certain
    lengths = range(blocks + 1)
    logs = [
        log_count(blocks, length) + length * math.log(share) + (blocks - length) * math.log1p(-share)
        for length in lengths
    ]
    found: NDArray[np.float64] = np.exp(np.array(logs))
    return found


def log_count(blocks: int, length: int) -> float:
    """Returns the logarithm of the number of paths of one length."""
    return math.lgamma(blocks + 1) - math.lgamma(length + 1) - math.lgamma(blocks - length + 1)


def weight_between(shares: NDArray[np.float64], low: int, high: int) -> float:
    """Returns the sum of shares of the lengths low to high, both included."""
    return float(shares[low : high + 1].sum())


def middle_lengths(blocks: int, weight: float = 0.95) -> tuple[int, int]:
    """Returns the shortest range of lengths around n/2 that holds this share of all paths."""
    shares, reach = path_shares(blocks), 0
    low, high = blocks // 2, blocks - blocks // 2
    while weight_between(shares, low - reach, high + reach) < weight:
        reach += 1
    return low - reach, high + reach


def sampled_lengths(blocks: int) -> tuple[int, ...]:
    """Returns about 13 lengths from 0 to n, denser below, where the gradient is."""
    spread = blocks * np.linspace(0, 1, _LENGTHS) ** 1.5
    return tuple(sorted({0, *(min(n, blocks) for n in (1, 2)), *(round(float(length)) for length in spread)}))


def log_totals(records: Sequence[PathGradient]) -> NDArray[np.float64]:
    """Returns the logarithm of the total gradient of each length 0 to n: count times norm, interpolated between."""
    blocks = records[0].blocks
    known = [record for record in records if record.norm > 0]
    lengths = np.arange(blocks + 1)
    logs = np.interp(
        lengths, [record.length for record in known], [math.log(record.norm) for record in known], right=np.nan
    )
    totals: NDArray[np.float64] = logs + np.array([log_count(blocks, int(length)) for length in lengths])
    return totals


def mode_of(records: Sequence[PathGradient]) -> int:
    """Returns the length whose paths together carry most of the gradient."""
    return int(np.nanargmax(log_totals(records)))


def effective_lengths(records: Sequence[PathGradient], weight: float = 0.95) -> tuple[int, int]:
    """Returns the range of lengths that carries this share of the summed totals; both sides lose alike."""
    logs = log_totals(records)
    totals = np.nan_to_num(np.exp(logs - np.nanmax(logs)))
    sums = totals.cumsum() / totals.sum()
    rest = (1 - weight) / 2
    return int(np.searchsorted(sums, rest)), int(np.searchsorted(sums, 1 - rest))


def factor_of(records: Sequence[PathGradient]) -> float:
    """Returns r, the factor of a branch in a gradient: the slope of log norms near the lengths that carry it."""
    low, high = effective_lengths(records)
    known = [record for record in records if record.norm > 0 and low <= record.length <= max(high, low + 1)]
    if len(known) < 2:  # noqa: PLR2004 - a slope needs two points
        known = [record for record in records if record.norm > 0][:2]
    if len(known) < 2:  # noqa: PLR2004
        return float("nan")
    lengths, logs = [record.length for record in known], [math.log(record.norm) for record in known]
    return float(np.exp(np.polyfit(lengths, logs, 1)[0]))


def factor_from_shortest(records: Sequence[PathGradient], length: int) -> float:
    """Returns (norm of a length / norm of length 0)^(1 / length): the mean factor of a branch."""
    norms = {record.length: record.norm for record in records}
    return float((norms[length] / norms[0]) ** (1 / length))
