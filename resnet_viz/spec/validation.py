"""Checks of values from outside. A refusal has one wording: the value's name, what is allowed, what was given."""

import difflib
from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any, Final

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _

_MAX_SHOWN_CHARS: Final = 60  # characters of a wrong value that are repeated
_NUM_SUGGESTIONS: Final = 3
_MAX_COMPARED_CHARS: Final = 40  # characters
_LARGEST_WITH_POINT: Final = 1e9  # a whole float up to here is repeated as 3.0, which is no whole number
_LARGEST: Final = 1e18  # integers of JSON have no end, floats do


def one_of(name: str, value: Any, words: Sequence[str]) -> str:
    """Returns `value` if it is one of `words`.

    Raises:
        SpecError: it is none of them; the message suggests the nearest.
    """
    if isinstance(value, str) and value in words:
        return str(words[words.index(value)])
    raise refused(name, _("one of {words}").format(words=", ".join(words)), value, did_you_mean(shown(value), words))


def number(name: str, value: Any, *, is_whole: bool = False, largest: float = _LARGEST) -> Any:
    """Returns `value` if it is a finite number, or a whole one if `is_whole`; texts and booleans are no numbers.

    Raises:
        SpecError: it is none, or its magnitude is above `largest`.
    """
    if _is_number(value, is_whole=is_whole) and abs(value) <= largest:
        return value
    if is_whole:
        raise _refused(name, _("a whole number"), _given(value, shows_point=True))
    raise refused(name, _("a number"), value)


def in_range(
    name: str, value: Any, low: float, high: float, *, excludes_low: bool = False, excludes_high: bool = False
) -> float:
    """Returns `value` if it is a number from `low` to `high`; NaN is in no range.

    Raises:
        SpecError: it is none, or outside.
    """
    if _is_number(value) and low <= value <= high:
        at_end = (excludes_low and value == low) or (excludes_high and value == high)
        if not at_end:
            return float(value)
    if excludes_low:
        allowed = _("a number above {low} and up to {high}")
    elif excludes_high:
        allowed = _("a number from {low} up to but not including {high}")
    else:
        allowed = _("a number from {low} to {high}")
    raise refused(name, allowed.format(low=_digits(low), high=_digits(high)), value)


def whole_in_range(name: str, value: Any, low: int, high: int) -> int:
    """Returns `value` if it is a whole number from `low` to `high`.

    Raises:
        SpecError: it is none, or outside.
    """
    if _is_number(value, is_whole=True) and low <= value <= high:
        return int(value)
    allowed = _("a whole number from {low} to {high}").format(low=_digits(low), high=_digits(high))
    raise _refused(name, allowed, _given(value, shows_point=True))


def known_field(owner: str, name: str, fields: Iterable[str]) -> None:
    """Checks that `owner`, such as "A recipe", has a field of this name.

    Raises:
        SpecError: it has none; the message lists its fields and suggests the nearest.
    """
    names = tuple(fields)
    if name in names:
        return
    message = _("{owner} has no field {name!r}; its fields are {fields}.")
    raise SpecError(
        message.format(owner=owner, name=shown(name), fields=", ".join(names)) + did_you_mean(str(name), names)
    )


def refused(name: str, allowed: str, value: Any, suggestion: str = "") -> SpecError:
    """Returns the refusal of a value: "steps is a whole number from 1 to 100,000; got 0."."""
    return _refused(name, allowed, _given(value), suggestion)


def _refused(name: str, allowed: str, given: str, suggestion: str = "") -> SpecError:
    message = _("{name} is {allowed}; got {value}.")
    return SpecError(message.format(name=name, allowed=allowed, value=given) + suggestion)


def shown(value: object) -> str:
    """Returns the start of a wrong value, as much of it as a message repeats."""
    try:
        return str(value)[:_MAX_SHOWN_CHARS]
    except ValueError:  # Python writes no integer of more than 4,300 digits
        return type(value).__name__


def did_you_mean(word: str, allowed: Sequence[str]) -> str:
    """Returns a space and the nearest words in a message; nothing where these would be all that are allowed."""
    if len(allowed) <= _NUM_SUGGESTIONS:
        return ""
    return " " + _("Near to it: {near}.").format(near=", ".join(nearest_words(word, allowed)))


def nearest_words(word: str, allowed: Sequence[str]) -> list[str]:
    """Returns the three allowed words most like `word`, the likest first."""
    return difflib.get_close_matches(word[:_MAX_COMPARED_CHARS], allowed, n=_NUM_SUGGESTIONS, cutoff=0.0)


def _is_number(value: Any, *, is_whole: bool = False) -> bool:
    return isinstance(value, Integral if is_whole else Real) and not isinstance(value, bool)


def _digits(value: Any) -> str:
    try:
        if isinstance(value, Integral):
            return f"{int(value):,}"[:_MAX_SHOWN_CHARS]
        digits = f"{float(value):,.12g}"
    except (ValueError, OverflowError):  # more digits than Python writes, or than a float can have
        return _("a number of thousands of digits")
    return digits


def _given(value: Any, *, shows_point: bool = False) -> str:
    """Returns a wrong value as a message repeats it; `shows_point` tells the float 3.0 from a whole number."""
    if not _is_number(value):
        return repr(shown(value))
    is_whole_float = isinstance(value, float) and value.is_integer() and abs(value) <= _LARGEST_WITH_POINT
    return _digits(value) + (".0" if shows_point and is_whole_float else "")
