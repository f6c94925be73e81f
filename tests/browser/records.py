"""The records of a run as the charts should show them: worked out here, from the numbers alone."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest

from resnet_viz.training.records import Step

Values = list[float]


class Line(NamedTuple):
    """Values at steps, both rising by step."""

    steps: list[int]
    values: Values


def of_net(steps: Sequence[Step], net: str) -> list[Step]:
    return sorted((step for step in steps if step.net == net), key=lambda step: step.step)


def losses(steps: Sequence[Step], net: str) -> Line:
    own = of_net(steps, net)
    return Line([step.step for step in own], [float(step.loss) for step in own])


def errors(steps: Sequence[Step], net: str) -> Line:
    """Returns the share of each step's own images that was wrong."""
    own = of_net(steps, net)
    return Line([step.step for step in own], [1 - step.accuracy for step in own])


def errors_on_test_images(steps: Sequence[Step], net: str) -> Line:
    """Returns the share of the test images that was wrong, where it was measured."""
    own = [(step.step, step.test_accuracy) for step in of_net(steps, net) if step.test_accuracy is not None]
    return Line([step for step, _share in own], [1 - share for _step, share in own])


def smoothed(line: Line, window: int) -> Line:
    """Returns means over the values of the last `window` steps, NaN where one of them is no number."""
    means = []
    for end in line.steps:
        pairs = zip(line.steps, line.values, strict=True)
        inside = [value for step, value in pairs if end - window < step <= end]
        means.append(sum(inside) / len(inside) if all(map(math.isfinite, inside)) else math.nan)
    return Line(line.steps, means)


def at(line: Line, step: int) -> float:
    """Returns the newest value that is not after a step; NaN where there is none."""
    known = [value for when, value in zip(line.steps, line.values, strict=True) if when <= step]
    return known[-1] if known else math.nan


def by_depth(steps: Sequence[Step], net: str, quantity: str) -> dict[int, Values]:
    """Returns a quantity along the path that is counted, by the step at which it was measured."""
    found: dict[int, Values] = {}
    for step in of_net(steps, net):
        measured: Mapping[str, float] = getattr(step, quantity)
        if measured:
            found[step.step] = [float(value) for name, value in measured.items() if ".shortcut." not in name]
    return found


def names_by_depth(steps: Sequence[Step], net: str, quantity: str) -> list[str]:
    measured = next(getattr(step, quantity) for step in of_net(steps, net) if getattr(step, quantity))
    return [name for name in measured if ".shortcut." not in name]


def arrived(values: Sequence[float]) -> Values:
    """Returns values by depth as a browser has them: float32s cut to eight bits behind the point, rounded half up."""
    bits = np.array(values, np.float32).view(np.uint32)
    return [float(value) for value in ((bits + 0x4000) >> 15 << 15).astype(np.uint32).view(np.float32)]


def rounded(value: float, digits: int = 3) -> Any:
    """Returns what equals a value that was written with so many digits, whichever way a tie was rounded."""
    last = 10.0 ** (math.floor(math.log10(abs(value))) - digits + 1) if value else 0.0
    return pytest.approx(value, abs=0.52 * last, rel=0)
