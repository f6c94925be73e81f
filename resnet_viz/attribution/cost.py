"""What an answer costs before it is asked for: passes, and about how many seconds that is here. No torch.

A pass is one picture that goes forward through a net, or comes back as gradients. Seconds are those of the last answers
on this machine, scaled by multiply-adds; where none was nearly as large, nothing is said.
"""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Final, assert_never

from resnet_viz.analysis.report import analyse
from resnet_viz.attribution.methods import METHODS, Params, checked_params
from resnet_viz.attribution.query import AttributionQuery, Topic
from resnet_viz.data.datasets import SIZES, DataName
from resnet_viz.plan.lower import lower
from resnet_viz.spec.vgg import AnySpec

DRAWS: Final = 8
"""Wholly random nets in a sanity check, see `explain.sanity`."""
MOST_FLOATS: Final = 24_000_000  # of test pictures that are held at once: 160 of ImageNet's size
_LAST: Final = 40  # answers that are remembered
_MAX_FACTOR: Final = 30.0  # times as much work: such an answer says nothing about the time


@dataclass(frozen=True, slots=True)
class QueryCost:
    """What an answer takes.

    Attributes:
        passes: through all nets of the question.
        macs: multiply-adds of them all, a way back counted as one forward.
    """

    passes: int
    macs: int


def query_cost(
    question: AttributionQuery, specs: Sequence[AnySpec], *, data: DataName, num_steps: int = 1
) -> QueryCost:
    """Returns what an answer takes, but for reading nets and pictures.

    Args:
        question: what is asked.
        specs: of its nets.
        data: whose test pictures are looked at, where the question is about them.
        num_steps: kept steps of a run, where the question is about them.
    """
    each = [passes(question, spec, data=data, num_steps=num_steps) for spec in specs]
    macs = [analyse(lower(spec)).totals.macs for spec in specs]
    return QueryCost(sum(each), sum(num * per_pass for num, per_pass in zip(each, macs, strict=True)))


def passes(question: AttributionQuery, spec: AnySpec, *, data: DataName, num_steps: int = 1) -> int:
    """Returns the passes through one net of a question; arguments as for `cost`."""
    num_blocks = len(lower(spec).blocks)
    match question.topic:
        case Topic.MAPS:
            names = [name for name in str(question.options["also"]).split(",") if name]
            return _map(question, spec) + sum(_passes(name, {}, spec) for name in names)
        case Topic.SANITY:
            return (num_blocks + 4 + DRAWS) * _map(question, spec)  # blocks, stem, head, and twice the trained net
        case Topic.OVER_TRAINING:
            return num_steps * _map(question, spec)
        case Topic.FILM:
            return 2
        case Topic.DEPTH:  # forward and back, once for the split and once for the blocks; then without each block
            return 4 * (int(question.options["steps"]) + 1) + num_blocks + 1
        case Topic.PATCHES:
            return num_test_images(spec.in_channels, spec.image_size, int(question.options["count"]), data)
        case Topic.PICK:
            return SIZES[data].test
        case Topic.PREDICT | Topic.FEATURES:
            return 1
        case Topic.ABOUT:
            return 0
        case _:
            assert_never(question.topic)


def num_test_images(channels: int, side: int, count: int, data: DataName) -> int:
    """Returns among how many test pictures those are looked for that excite a channel most."""
    return min(max(count, MOST_FLOATS // (channels * side * side)), SIZES[data].test)


class QuerySpeed:
    """How fast answers were on this machine."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: deque[tuple[str, int, float]] = deque(maxlen=_LAST)

    def note(self, answer: str, took: QueryCost, seconds: float) -> None:
        """Remembers how long an answer took; `answer` tells it from others, so that none counts twice."""
        with self._lock:
            if took.macs > 0 and seconds > 0 and all(answer != known for known, _macs, _seconds in self._seen):
                self._seen.append((answer, took.macs, seconds))

    def seconds(self, wanted: QueryCost) -> float | None:
        """Returns how long an answer will take, as the one with the most similar work did; None where none is near."""
        with self._lock:
            near = [(abs(log(wanted.macs / macs)), macs, s) for _answer, macs, s in self._seen if wanted.macs > 0]
        if not near:
            return None
        far, macs, seconds = min(near)
        return seconds * wanted.macs / macs if far <= log(_MAX_FACTOR) else None


def _map(question: AttributionQuery, spec: AnySpec) -> int:
    return _passes(question.method, question.params, spec)


def _passes(name: str, params: Params, spec: AnySpec) -> int:
    return METHODS[name].passes(checked_params(name, params, image_size=spec.image_size), spec.image_size)
