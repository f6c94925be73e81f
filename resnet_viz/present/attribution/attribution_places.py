"""Where the parts of the main figure of attribution stand: a column for the picture and one for each net."""

from typing import Final, NamedTuple

_PICTURE_PX: Final = 284
_BARS_PX: Final = 132
_TITLE_PX: Final = 50
_BETWEEN_PX: Final = 12


class Place(NamedTuple):
    """Where a column of the figure stands, in shares of its width and height."""

    x: tuple[float, float]
    picture: tuple[float, float]
    bars: tuple[float, float]
    title: float


def places(num: int, *, is_narrow: bool) -> tuple[list[Place], int]:
    """Returns the places of `num` columns and the figure's height in px."""
    each_px = _TITLE_PX + _PICTURE_PX + _BETWEEN_PX + _BARS_PX
    if not is_narrow:
        width = 1.0 / max(num, 3)
        bars = (0.0, _BARS_PX / each_px)
        picture = ((_BARS_PX + _BETWEEN_PX) / each_px, 1 - _TITLE_PX / each_px)
        gap = 0.012
        return [Place((i * width + gap, (i + 1) * width - gap), picture, bars, 1.0) for i in range(num)], each_px
    each_px += _BETWEEN_PX
    height_px, found = num * each_px, list[Place]()
    for i in range(num):
        top = height_px - i * each_px
        picture = ((top - _TITLE_PX - _PICTURE_PX) / height_px, (top - _TITLE_PX) / height_px)
        bars = ((top - each_px + _BETWEEN_PX) / height_px, (top - each_px + _BETWEEN_PX + _BARS_PX) / height_px)
        found.append(Place((0.0, 1.0), picture, bars, top / height_px))
    return found, height_px
