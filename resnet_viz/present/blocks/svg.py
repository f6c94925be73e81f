"""SVG as text. Everything that goes into it is escaped here, so that no word can break out."""

from collections.abc import Iterable, Mapping
from typing import Final, NewType
from xml.sax.saxutils import escape, quoteattr

Svg = NewType("Svg", str)
_LETTER: Final = 0.56  # mean width of a letter of the page's font, as a share of its size


def element(name: str, content: Iterable[Svg] | str, attributes: Mapping[str, object]) -> Svg:
    """Returns an element: `content` is its elements, or words, which are escaped."""
    given = "".join(f" {key}={quoteattr(_shown(value))}" for key, value in attributes.items())
    inside = escape(content) if isinstance(content, str) else "".join(content)
    return Svg(f"<{name}{given}>{inside}</{name}>" if inside else f"<{name}{given}/>")


def text_in(words: str, x: float, y: float, width: float, px: float, **look: object) -> Svg:
    """Returns words around `x` with their baseline at `y`, in smaller type where `width` is too narrow for them."""
    size = min(px, width / (_LETTER * max(1, len(words))))
    return element("text", words, {"x": x, "y": y, "text-anchor": "middle", "font-size": round(size, 2), **look})


def wrap(words: str, width: float, px: float) -> list[str]:
    """Returns words in one line, or in two where one is too narrow for them."""
    most = int(width / (_LETTER * px))
    if len(words) <= most or " " not in words:
        return [words]
    middle = len(words) / 2
    cut = min((place for place, letter in enumerate(words) if letter == " "), key=lambda place: abs(place - middle))
    return [words[:cut], words[cut + 1 :]]


def polyline(points: Iterable[tuple[float, float]], look: Mapping[str, object], *, radius: float = 8) -> Svg:
    """Returns a line through points, with round corners."""
    places = list(points)
    path = [f"M{_shown(places[0][0])} {_shown(places[0][1])}"]
    for before, corner, after in zip(places, places[1:], places[2:], strict=False):
        enter, leave = _towards(corner, before, radius), _towards(corner, after, radius)
        path.append(f"L{_pair(enter)} Q{_pair(corner)} {_pair(leave)}")
    path.append(f"L{_pair(places[-1])}")
    return element("path", (), {"d": " ".join(path), "fill": "none", **look})


def _towards(start: tuple[float, float], end: tuple[float, float], radius: float) -> tuple[float, float]:
    (x, y), (to_x, to_y) = start, end
    length = max(abs(to_x - x), abs(to_y - y), 1e-9)
    part = min(radius, length / 2) / length
    return x + (to_x - x) * part, y + (to_y - y) * part


def _pair(point: tuple[float, float]) -> str:
    return f"{_shown(point[0])} {_shown(point[1])}"


def _shown(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
