"""What an attribution method and a parameter of one are, for the table in `table`."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

_DESIGNED_FOR_PX: Final = 28  # defaults in pixels are meant for this side and grow with the image

Params = Mapping[str, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    """What can be set at a method.

    Attributes:
        name: its key in an address.
        title: its label on the page.
        low: least value that is allowed.
        high: greatest value.
        default: value where nothing is said; with `is_in_pixels` for an image of 28 px, see `default_at`.
        is_whole: whether it is counted.
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
    """A way to say which pixels, or which places of a layer, a score comes from.

    Attributes:
        name: its id in addresses and files.
        title: its name on the page, as Captum writes it.
        paper: where it comes from.
        needs_layer: whether it looks at a layer that has to be named.
        has_baseline: whether it compares the image with another one.
        has_delta: whether its sum has a value to meet; the convergence delta says by how much it fails to.
        is_signed: whether a value can be negative and means "against the class" then.
        parameters: what can be set.
        limits: what it cannot do and what is done here where papers differ: whole sentences.
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
        """Returns what a map costs: forward and backward passes of one image."""
        return self.forwards(params, image_size) + self.backwards(params, image_size)


def window_places(side: int, window: float, stride: float) -> int:
    """Returns how many windows fit along a side."""
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
