"""Attribution methods and their parameters, as rows of `method_table` hold them, and the counts of their passes."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

_DESIGNED_FOR_PX: Final = 28  # image side for which defaults in pixels are meant; they grow with the image

Params = Mapping[str, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    """Parameter of a method.

    Attributes:
        name: its key in an address.
        title: its label on the page, in English; `_` translates it where it is shown.
        low: least allowed value.
        high: greatest value.
        default: with `is_in_pixels` for an image of 28 px, see `default_at`.
        is_whole: whether it is an integer.
        is_in_pixels: whether it is a length in the image.
    """

    name: str
    title: str
    low: float
    high: float
    default: float
    is_whole: bool
    is_in_pixels: bool = False

    def default_at(self, image_size: int) -> float:
        """Returns the default for an image of `image_size` px: a length keeps its share of the side."""
        if not self.is_in_pixels:
            return self.default
        return max(1, min(round(self.default * image_size / _DESIGNED_FOR_PX), int(self.high_at(image_size))))

    def high_at(self, image_size: int) -> float:
        """Returns the greatest value for an image of `image_size` px: no length exceeds the side."""
        return min(self.high, image_size) if self.is_in_pixels else self.high


@dataclass(frozen=True, kw_only=True, slots=True)
class Method:
    """Attribution method: assigns a class's logit to pixels, or to places of a layer.

    Attributes:
        name: its name in addresses and files.
        title: its name on the page, Captum's.
        paper: its source.
        needs_layer: whether it explains a layer, which a query names.
        has_baseline: whether it compares the image with a baseline.
        has_delta: whether its sum has a known value; the convergence delta is the difference.
        is_signed: whether values can be negative, against the class.
        parameters: in the order of the page.
        limits: its limits, and choices made here where papers differ; in English, `_` translates it where it is shown.
        forwards: images that go through the net, from the parameters and the side of the image in pixels.
        backwards: how many of them come back as gradients.
    """

    name: str
    title: str
    paper: str
    needs_layer: bool = False
    has_baseline: bool = False
    has_delta: bool = False
    is_signed: bool = True
    parameters: tuple[Parameter, ...] = ()
    limits: str
    forwards: Callable[[Params, int], int]
    backwards: Callable[[Params, int], int]

    def passes(self, params: Params, image_size: int = _DESIGNED_FOR_PX) -> int:
        """Returns the cost of a map: forward and backward passes of one image."""
        return self.forwards(params, image_size) + self.backwards(params, image_size)


def window_places(side: int, window: float, stride: float) -> int:
    """Returns the number of windows along a side."""
    return math.ceil((side - window) / stride) + 1  # Captum's count: the last window may reach over the edge


def one_pass(_params: Params, _side: int) -> int:
    """Returns one pass."""
    return 1


def no_pass(_params: Params, _side: int) -> int:
    """Returns no pass."""
    return 0


def pass_per_sample(params: Params, _side: int) -> int:
    """Returns one pass for each sample."""
    return int(params["samples"])


def pass_per_step(params: Params, _side: int) -> int:
    """Returns one pass for each step of a path."""
    return int(params["steps"])
