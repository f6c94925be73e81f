"""Convergence delta: its share of the difference that a map explains, and the numbers of steps to try.

The values of a map should sum to the logit of the image minus that of the baseline; the delta is the sum's error. No
law makes it smaller at each larger number of steps: on the shipped nets it grew from 20 to 50 steps of Integrated
Gradients in 8 of 40 maps (4 nets, 10 images). The number that suffices for an image is therefore found by trying.
"""

from collections.abc import Sequence
from math import inf, isfinite
from typing import Final

import numpy as np

from resnet_viz.attribution.method import Method, Parameter, Params
from resnet_viz.attribution.net_result import MethodMap, NetDepth, NetPrediction
from resnet_viz.attribution.result import MapsResult
from resnet_viz.i18n import _

MAX_SHARE: Final = 0.05
"""Share of the difference from which on a map does not add up: Sundararajan et al. 2017, section 5, ask for 5 %."""
LADDER: Final = (50, 100, 200, 300, 400, 500)
_COUNTS: Final = ("steps", "samples")  # parameters that refine a map without changing what it means
_TWO_DIGITS: Final = 10.0  # percent; from here on whole ones have two digits
_LARGEST: Final = 10.0  # share from which on a percentage says no more


def share_of(delta: float, difference: float) -> float:
    """Returns the size of a delta as a share of the difference; 0 for 0 of 0, infinite for anything else of 0."""
    if difference:
        return abs(delta) / abs(difference)
    return inf if delta else 0.0


def map_share(found: MethodMap) -> float | None:
    """Returns the share of a map's delta; None for a map without one.

    The difference is the sum of the map less its delta, which is how Captum defines the delta.
    """
    if found.delta is None:
        return None
    total = float(np.sum(found.values, dtype=np.float64))
    return share_of(found.delta, total - found.delta)


def worst_share(result: MapsResult, method: str) -> float:
    """Returns the largest share of the deltas of a method's maps; 0 where there are none."""
    return max((share for maps in result.maps if (share := map_share(maps.of(method))) is not None), default=0.0)


def depth_share(depths: Sequence[NetDepth]) -> float:
    """Returns the largest share of the errors of profiles over depth."""
    return max((share_of(depth.share_delta, depth.change) for depth in depths), default=0.0)


def adds_up(share: float) -> bool:
    """Returns whether a delta of this share is small enough."""
    return share <= MAX_SHARE


def count_parameter(method: Method) -> Parameter | None:
    """Returns the parameter of a method that refines its map: its steps or its samples."""
    return next((parameter for parameter in method.parameters if parameter.name in _COUNTS), None)


def counts_after(count: int, high: float) -> tuple[int, ...]:
    """Returns the numbers of steps to try after `count`, up to `high`, ascending."""
    return tuple(more for more in LADDER if count < more <= high)


def delta_text(result: MapsResult, method: Method, params: Params) -> str:
    """Returns the convergence deltas of a method's maps, with their share of the difference; "" without one."""
    deltas = [
        (net, maps.of(method.name))
        for net, maps in zip(result.nets, result.maps, strict=True)
        if maps.of(method.name).delta is not None
    ]
    if not method.has_delta or not deltas:
        return ""
    values = _(", ").join(_value_text(net, found) for net, found in deltas)
    text = _(
        "Convergence delta{count}: {values}. The map should sum to the logit of the image minus that of the baseline; "
        "the delta is the error of its sum."
    ).format(values=values, count=_count_text(method, params))
    if adds_up(worst_share(result, method.name)):
        return text
    return f"{text} {_advice(method)}"


def gallery_notes(result: MapsResult, methods: Sequence[Method]) -> list[str]:
    """Returns a note for each method with a map that does not add up."""
    notes = []
    for method in methods:
        if not method.has_delta:
            continue
        large = [
            _value_text(net, maps.of(method.name))
            for net, maps in zip(result.nets, result.maps, strict=True)
            if not adds_up(map_share(maps.of(method.name)) or 0.0)
        ]
        if large:
            notes.append(
                _("{method} does not add up: convergence delta {values}.").format(
                    method=method.title, values=_(", ").join(large)
                )
            )
    return notes


def split_error_text(net: NetPrediction, depth: NetDepth) -> str:
    """Returns by how much the split over depth fails to add up; "" for a net without shortcuts."""
    if depth.strongest_branch is None:
        return ""
    share = share_of(depth.share_delta, depth.change)
    text = _(
        "{net}: each sum should equal the logit's change of {change:+.2f} from baseline to image; the largest error of "
        "the finite steps is {delta:.2g} logits ({share} of it)."
    ).format(net=net.title, change=depth.change, delta=depth.share_delta, share=share_text(share))
    if adds_up(share):
        return text
    return f"{text} " + _("Above 5 %, bars of about that size mean nothing.")


def share_text(share: float) -> str:
    """Returns a share as a percentage: "0.3 %", "61 %", "more than 10 times" from ten on."""
    if not isfinite(share) or share >= _LARGEST:
        return _("more than 10 times")
    percent = 100 * share
    return f"{percent:.2g} %" if percent < _TWO_DIGITS else f"{percent:.0f} %"


def _count_text(method: Method, params: Params) -> str:
    parameter = count_parameter(method)
    if parameter is None or parameter.name not in params:
        return ""
    n = int(params[parameter.name])
    return _(" at {n} steps").format(n=n) if parameter.name == "steps" else _(" at {n} samples").format(n=n)


def _value_text(net: NetPrediction, found: MethodMap) -> str:
    share = map_share(found)
    assert share is not None
    assert found.delta is not None
    return _("{net} {delta:+.2g} logits ({share} of the difference)").format(
        net=net.title, delta=found.delta, share=share_text(share)
    )


def _advice(method: Method) -> str:
    match count_parameter(method):
        case Parameter(name="steps"):
            return _("More than 5 %: the map does not add up. More steps often help, but not each larger number does.")
        case Parameter():
            return _(
                "More than 5 %: the map does not add up. Its points are random: more samples help on average, not each "
                "time."
            )
        case _:
            return _("More than 5 %: the map does not add up, and the method has no number of steps to raise.")
