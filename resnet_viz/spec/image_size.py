"""Size of a net's image: one number for a square one, height and width for any other; and the smallest that passes."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec.validation import refused

MAX_IMAGE: Final = 4_096  # px of a side

# "480x640", "480 × 640", "480,640"; no zero in front, so that "1,024" is none of these but a number with a comma
_SIDES: Final = re.compile(r"\s*([1-9][0-9]{0,17}|0)\s*[x×X*,]\s*([1-9][0-9]{0,17}|0)\s*", flags=re.ASCII)


class ImageSize(NamedTuple):
    """Height and width of an image that is no square, in pixels. Equal to the tuple of both."""

    height: int
    width: int

    def __str__(self) -> str:
        """Returns the text of addresses and of the command line: "480x640"."""
        return f"{self.height}x{self.width}"


class Window(NamedTuple):
    """A convolution or a pool without padding, as it walks over one side of a map."""

    layer: str
    kernel: int
    stride: int


def of_sides(name: str, sides: tuple[int, ...]) -> int | ImageSize:
    """Returns the size of height and width: one number where they are equal.

    Raises:
        SpecError: not two sides, or one out of range.
    """
    allowed = _("a whole number from {low} to {high:,}, or height x width of such numbers, as in 480x640")
    if len(sides) != 2 or not all(1 <= side <= MAX_IMAGE for side in sides):  # noqa: PLR2004 - height and width
        raise refused(name, allowed.format(low=1, high=MAX_IMAGE), "x".join(map(str, sides)))
    return _size(*sides)


def parse_sides(text: str) -> int | ImageSize | None:
    """Returns the size that a text such as "480x640" names, of whatever range; None where it names none."""
    match = _SIDES.fullmatch(text)
    return _size(int(match[1]), int(match[2])) if match else None


def _size(height: int, width: int) -> int | ImageSize:
    return height if height == width else ImageSize(height, width)


def sides_of(image_size: int | ImageSize) -> tuple[int, int]:
    """Returns height and width of any size."""
    return image_size if isinstance(image_size, ImageSize) else (image_size, image_size)


def size_text(image_size: int | ImageSize) -> str:
    """Returns a size for the screen: "224", "480×640"."""
    return str(image_size).replace("x", "×")


def square_side(image_size: int | ImageSize) -> int:
    """Returns the side of a square image.

    Raises:
        SpecError: it is no square.
    """
    if isinstance(image_size, ImageSize):
        raise SpecError(
            _("Here images are squares: image_size is one number, such as {side}; got {size}.").format(
                side=max(image_size), size=image_size
            )
        )
    return image_size


class HasImage:
    """What nets of both kinds say of their image."""

    __slots__ = ()
    image_size: int | ImageSize

    @property
    def image_sides(self) -> tuple[int, int]:
        """Height and width of the image in pixels."""
        return sides_of(self.image_size)

    @property
    def square_side(self) -> int:
        """Side of the square image in pixels; a SpecError where it is no square."""
        return square_side(self.image_size)


def check_image(image_size: int | ImageSize, windows: Iterable[Window]) -> None:
    """Checks that every layer that makes a map smaller still has an output.

    Convolutions of nets are padded by half their kernel, so that a map of one pixel remains one pixel: only `windows`,
    in running order, can find too little to read.

    Raises:
        SpecError: the image is too small; the message has the layer and the smallest side that works.
    """
    walked = tuple(windows)
    for side in sides_of(image_size):
        left = side
        for window in walked:
            left = (left - window.kernel) // window.stride + 1
            if left < 1:
                raise _too_small(image_size, window, _smallest(walked))


def _smallest(windows: tuple[Window, ...]) -> int:
    """Returns the least side whose map has a pixel behind the last window."""
    side = 1
    for window in reversed(windows):
        side = (side - 1) * window.stride + window.kernel
    return side


def _too_small(image_size: int | ImageSize, window: Window, smallest: int) -> SpecError:
    message = _(
        "An image of {size} px is too small: {layer}, a window of {kernel}×{kernel} px, finds less than that to read; "
        "image_size is at least {smallest} px (at most {most:,})."
    )
    return SpecError(
        message.format(
            size=size_text(image_size), layer=window.layer, kernel=window.kernel, smallest=smallest, most=MAX_IMAGE
        )
    )
