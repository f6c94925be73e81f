"""How many pictures go through a net for a map, as the table of methods counts: of its parameters and the side."""

import math

from resnet_viz.attribution.method import Params


def places(side: int, window: float, stride: float) -> int:
    """Returns how many windows fit along a side."""
    return math.ceil((side - window) / stride) + 1  # Captum's count: the last window may reach over the edge


def one(_params: Params, _side: int) -> int:
    """Returns one pass."""
    return 1


def none(_params: Params, _side: int) -> int:
    """Returns no pass."""
    return 0


def samples(params: Params, _side: int) -> int:
    """Returns one pass for each sample."""
    return int(params["samples"])


def steps(params: Params, _side: int) -> int:
    """Returns one pass for each step of a path."""
    return int(params["steps"])
