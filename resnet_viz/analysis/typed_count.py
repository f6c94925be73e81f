"""Counts as people type them: "11,181,642", "25.6M", "0.27 million params", "4.1 GFLOPs", "3.8×10^9"."""

import re
from enum import StrEnum
from typing import Final, NamedTuple

_UNITS: Final = {
    "k": 10**3, "thousand": 10**3,
    "m": 10**6, "mio": 10**6, "million": 10**6, "millions": 10**6,
    "g": 10**9, "b": 10**9, "bn": 10**9, "billion": 10**9, "billions": 10**9,
    "t": 10**12,
}  # fmt: skip
_GIGA: Final = "g"  # what nobody says of parameters
_LARGEST_PARAMS: Final = 10**9  # a larger figure without a word is work
_TYPED: Final = re.compile(
    r"(?:about |around |roughly |ca\.? ?|[~≈] ?)?"
    r"(?P<number>[0-9]{1,3}(?:[,_'’ ][0-9]{3}){1,4}|[0-9]{1,3}(?:\.[0-9]{3}){2,4}|[0-9]{1,15}(?:[.,][0-9]{1,9})?)"
    r"(?: ?(?:e|[x×*·] ?10\^?)(?P<exponent>[0-9]{1,2}))?"
    rf" ?(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})?"
    r"[ -]?(?P<word>flops?|macs?|m?adds|madds?|mult(?:iply)?-?adds|params?|parameters|weights)?",
    flags=re.ASCII,
)

_LIKE_COUNT: Final = re.compile(r"[-+~≈<>.]? ?\d")
_NAMES_NET: Final = re.compile(r"net|vgg|wrn|next|plain|resn|layer", flags=re.IGNORECASE)


class CountKind(StrEnum):
    """Quantities that a typed count may be."""

    PARAMS = "params"
    WORK = "work"
    ANY = "any"


class TypedCount(NamedTuple):
    """A typed count.

    Attributes:
        value: the number.
        step: one in its last digit; 1 where every digit is given.
        kind: what it counts, by its unit and words.
    """

    value: int
    step: int
    kind: CountKind


def read_count(text: str) -> TypedCount | None:
    """Returns the count that a text is; None where it is none."""
    found = _TYPED.fullmatch(re.sub(r"\s+", " ", text[:80].strip().lower()))
    if found is None:
        return None
    digits, unit = found["number"], found["unit"] or ""
    if re.fullmatch(r"[0-9]{1,3}([,_'’ ][0-9]{3})+", digits) and not (unit and digits.count(",") == 1):
        digits = re.sub(r"[,_'’ ]", "", digits)
    elif digits.count(".") > 1:  # 25.557.032, as in much of Europe; a single dot may be a decimal one
        digits = digits.replace(".", "")
    whole, _point, decimals = digits.replace(",", ".").partition(".")
    factor = _UNITS.get(unit, 1) * 10 ** int(found["exponent"] or 0)
    if factor < 10 ** len(decimals) and not int(decimals):
        decimals = ""  # 11689512.0, as programs print a count that is a float
    if factor % 10 ** len(decimals):
        return None
    step = factor // 10 ** len(decimals)
    value = int(whole + decimals) * step
    return TypedCount(value, step, _kind(found["word"] or "", unit, value))


def is_like_count(text: str) -> bool:
    """Returns whether a text that is no count was probably meant as one: it begins with a digit and names no net."""
    return bool(_LIKE_COUNT.match(text.strip())) and not _NAMES_NET.search(text)


def _kind(word: str, unit: str, value: int) -> CountKind:
    if word:
        return CountKind.PARAMS if word[:5] in ("param", "weigh") else CountKind.WORK
    if unit == _GIGA:
        return CountKind.WORK
    return CountKind.ANY if not unit or value >= _LARGEST_PARAMS else CountKind.PARAMS
