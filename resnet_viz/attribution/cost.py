"""Cost of a query before it is run: passes, and seconds on this machine. No torch.

Pass: one image forward through a net, or its gradients back. Seconds are those of the last results on this machine,
scaled by multiply-adds; where none had a similar cost, there is no estimate.
"""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log
from typing import Final, assert_never

from resnet_viz.analysis.report import analyse
from resnet_viz.attribution.methods import METHODS, Params, checked_params
from resnet_viz.attribution.query import AttributionQuery, Topic
from resnet_viz.data.datasets import SIZES, DataName
from resnet_viz.plan.lower import lower
from resnet_viz.spec.vgg import AnySpec

DRAWS: Final = 8
"""Random nets in a sanity check, see `engine.sanity`."""
MOST_FLOATS: Final = 24_000_000  # of test images that are held at once: 160 of ImageNet's size
_LAST: Final = 40  # results that are remembered
_MAX_FACTOR: Final = 30.0  # times as much work: no estimate from such a result


@dataclass(frozen=True, slots=True)
class QueryCost:
    """Cost of a query.

    Attributes:
        passes: through all nets of the query.
        macs: multiply-adds of them all, a backward pass counted as a forward one.
    """

    passes: int
    macs: int


def query_cost(query: AttributionQuery, specs: Sequence[AnySpec], *, data: DataName, num_steps: int = 1) -> QueryCost:
    """Returns the cost of a query, without reading nets and images.

    Args:
        query: the query.
        specs: of its nets.
        data: of the test images, where the query is about them.
        num_steps: kept steps of a run, where the query is about them.
    """
    each = [passes(query, spec, data=data, num_steps=num_steps) for spec in specs]
    macs = map(_macs, specs)
    return QueryCost(sum(each), sum(num * per_pass for num, per_pass in zip(each, macs, strict=True)))


def passes(query: AttributionQuery, spec: AnySpec, *, data: DataName, num_steps: int = 1) -> int:
    """Returns the passes through one net of a query; arguments as for `cost`."""
    num_blocks = len(lower(spec).blocks)
    match query.topic:
        case Topic.MAPS:
            names = [name for name in str(query.options["also"]).split(",") if name]
            return _map(query, spec) + sum(_passes(name, {}, spec) for name in names)
        case Topic.SANITY:
            return (num_blocks + 4 + DRAWS) * _map(query, spec)  # blocks, stem, head, and twice the trained net
        case Topic.OVER_TRAINING:
            return num_steps * _map(query, spec)
        case Topic.FILM:
            return 2
        case Topic.DEPTH:  # forward and back, once for the split and once for the blocks; then without each block
            return 4 * (int(query.options["steps"]) + 1) + num_blocks + 1
        case Topic.PATCHES:
            return num_test_images(spec.in_channels, spec.square_side, int(query.options["count"]), data)
        case Topic.PICK:
            return SIZES[data].test
        case Topic.PREDICT | Topic.FEATURES:
            return 1
        case Topic.ABOUT:
            return 0
        case _:
            assert_never(query.topic)


def num_test_images(channels: int, side: int, count: int, data: DataName) -> int:
    """Returns the number of test images among which the strongest patches of a channel are searched."""
    return min(max(count, MOST_FLOATS // (channels * side * side)), SIZES[data].test)


@lru_cache(maxsize=32)
def _macs(spec: AnySpec) -> int:
    """Returns the multiply-adds of one pass; a page asks for them at each of its runs."""
    return analyse(lower(spec)).totals.macs


class QuerySpeed:
    """Speed of queries on this machine, from past results."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: deque[tuple[str, int, float]] = deque(maxlen=_LAST)

    def note(self, key: str, took: QueryCost, seconds: float) -> None:
        """Remembers the time of a result; each `key` counts once."""
        with self._lock:
            if took.macs > 0 and seconds > 0 and all(key != known for known, _macs, _seconds in self._seen):
                self._seen.append((key, took.macs, seconds))

    def seconds(self, wanted: QueryCost) -> float | None:
        """Returns the estimated time of a query, from the result of the most similar cost; None without one."""
        with self._lock:
            near = [(abs(log(wanted.macs / macs)), macs, s) for _key, macs, s in self._seen if wanted.macs > 0]
        if not near:
            return None
        far, macs, seconds = min(near)
        return seconds * wanted.macs / macs if far <= log(_MAX_FACTOR) else None


def _map(query: AttributionQuery, spec: AnySpec) -> int:
    return _passes(query.method, query.params, spec)


def _passes(name: str, params: Params, spec: AnySpec) -> int:
    return METHODS[name].passes(checked_params(name, params, image_size=spec.square_side), spec.square_side)
