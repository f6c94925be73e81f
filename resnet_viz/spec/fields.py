"""Fields of nets: the kind of values of each, with its bounds. A value from Python is taken here, a text parsed here.

A spec takes what means one of its values without a doubt: a word for a member of a vocabulary, any whole number for a
count, any real number for a number, a list or an array for a tuple, and numpy's scalars and arrays of no dimension for
what they hold. It keeps plain Python values, so that equal nets are equal however they were written. The rest is
refused by the field's name: texts are no numbers and no flags, a float is no count (3.0 neither), and of the numbers
only 0 and 1 are flags.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Protocol

from resnet_viz.i18n import _
from resnet_viz.spec.enums import BlockKind, DimMatch, Norm, Order, Shortcut, Stem, StrideOn
from resnet_viz.spec.image_size import MAX_IMAGE, ImageSize, of_sides, parse_sides
from resnet_viz.spec.validation import in_range, number, one_of, refused, whole_in_range

MAX_STAGES: Final = 6
MAX_BLOCKS: Final = 1_000  # ResNet-1202, the deepest net of the papers, has 600
MAX_WIDTH: Final = 4_096
MAX_CHANNELS: Final = 64
MAX_CLASSES: Final = 100_000  # ImageNet-21k has 21,841
MAX_CARDINALITY: Final = 256
MAX_WIDTH_PER_GROUP: Final = 4_096
MAX_SCALE: Final = 10.0
MAX_GATE_BIAS: Final = 20.0  # He et al. 2016 look from 0 to -10
MAX_HIDDEN: Final = 16_384

WHOLE: Final = re.compile(r"-?[0-9]{1,18}", flags=re.ASCII)  # too large a number is refused with its range
# Every text that `repr` gives a number below a million, and none of infinity or of what is no number.
_NUMBER: Final = re.compile(r"-?[0-9]{1,6}(\.[0-9]{1,30})?(e-[0-9]{1,3})?", flags=re.ASCII)
_THOUSANDS: Final = re.compile(r"-?[1-9][0-9]{0,2}(,[0-9]{3}){1,5}", flags=re.ASCII)
_BRACKETS: Final = re.compile(r"\(([^()\[\]]*)\)|\[([^()\[\]]*)\]")
_TRUTH: Final = {"1": True, "0": False}  # beside true and false
_NO_LISTS: Final = (str, bytes, bytearray, memoryview)  # sequences, too


class Kind(Protocol):
    """Values that a field may have."""

    def take(self, name: str, value: object) -> Any:
        """Returns the field's own value for one from Python; `name` is the field's in the refusal."""

    def parse(self, name: str, text: str) -> Any:
        """Returns the value of a text, whose range is checked when the spec is made."""


@dataclass(frozen=True, slots=True)
class Word:
    """A member of a closed vocabulary, or its text."""

    words: type[StrEnum]

    def take(self, name: str, value: object) -> StrEnum:
        """Returns the member that `value` is or names."""
        if type(value) is self.words:
            return value
        return self.words(one_of(name, scalar(value), list(self.words)))

    parse = take


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `low` to `high`."""

    low: int
    high: int

    def take(self, name: str, value: object) -> int:
        """Returns `value` as an integer within the range."""
        return whole_in_range(name, scalar(value), self.low, self.high)

    def parse(self, name: str, text: str) -> int:
        """Returns the whole number of a text."""
        return parse_whole(name, text)


@dataclass(frozen=True, slots=True)
class Number:
    """A real number from `low` to `high`, one of which may be excluded."""

    low: float
    high: float
    excludes_low: bool = False
    excludes_high: bool = False

    def take(self, name: str, value: object) -> float:
        """Returns `value` as a float within the range; -0.0 is 0.0, one address a net."""
        ends = {"excludes_low": self.excludes_low, "excludes_high": self.excludes_high}
        return in_range(name, scalar(value), self.low, self.high, **ends) + 0.0

    def parse(self, name: str, text: str) -> float:
        """Returns the number of a text."""
        return float(number(name, float(text) if _NUMBER.fullmatch(text) else text)) + 0.0


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false; 1 and 0 are equal to them."""

    def take(self, name: str, value: object) -> bool:
        """Returns `value` as a boolean."""
        plain = scalar(value)
        if isinstance(plain, int) and plain in (0, 1):
            return bool(plain)
        raise refused(name, _("one of {words}").format(words="true, false"), plain)

    def parse(self, name: str, text: str) -> bool:
        """Returns the boolean of a text."""
        return _TRUTH[text] if text in _TRUTH else one_of(name, text.lower(), ("true", "false")) == "true"


@dataclass(frozen=True, slots=True)
class WholePerStage:
    """Whole numbers, at most one a stage; each from `low` to `high` where these are given."""

    low: int | None = None
    high: int | None = None
    may_be_empty: bool = False

    def take(self, name: str, value: object) -> tuple[int, ...]:
        """Returns a list, a tuple or an array of whole numbers as a tuple of integers."""
        if type(value) is not tuple:
            listed = _as_sequence(value)
            if listed is None:
                raise refused(name, _("a list of whole numbers, such as (3, 4, 6, 3)"), value)
            value = tuple(listed)
        if self.low is None or self.high is None:
            return tuple(int(number(name, scalar(each), is_whole=True)) for each in value)
        return tuple(whole_in_range(name, scalar(each), self.low, self.high) for each in value)

    def parse(self, name: str, text: str) -> tuple[int, ...]:
        """Returns the whole numbers of a text with commas or spaces between."""
        parts = listed(text)
        if parts == [""] and self.may_be_empty:
            return ()
        if len(parts) > MAX_STAGES:
            raise refused(name, _("at most {most} numbers").format(most=MAX_STAGES), text)
        if not all(map(WHOLE.fullmatch, parts)):
            raise refused(name, _("one whole number a stage with commas between, such as 3,4,6,3"), text)
        return tuple(map(int, parts))


@dataclass(frozen=True, slots=True)
class Sides:
    """The side of a square image, or height and width: a pair, or a text such as "480x640"."""

    def take(self, name: str, value: object) -> int | ImageSize:
        """Returns one number for a square, and height and width for any other image."""
        if type(value) is int:  # nearly always
            return whole_in_range(name, value, 1, MAX_IMAGE)
        if isinstance(value, str):
            value = self.parse(name, str(value))
        pair = _as_sequence(value)
        if pair is None:
            return whole_in_range(name, scalar(value), 1, MAX_IMAGE)
        return of_sides(name, tuple(int(number(name, scalar(side), is_whole=True)) for side in pair))

    def parse(self, name: str, text: str) -> int | ImageSize:
        """Returns the number or the pair of a text."""
        size = int(text) if WHOLE.fullmatch(text) else parse_sides(_without_brackets(text))
        if size is None:
            raise refused(name, _("a whole number, or height x width such as 480x640"), text)
        return size


FIELDS: Final[Mapping[str, Kind]] = MappingProxyType(  # of nets of any kind, in the order of addresses and menus
    {
        "stem": Word(Stem),
        "block": Word(BlockKind),
        "order": Word(Order),
        "shortcut": Word(Shortcut),
        "dim_match": Word(DimMatch),
        "stride_on": Word(StrideOn),
        "norm": Word(Norm),
        "shortcut_scale": Number(0, MAX_SCALE),
        "residual_scale": Number(0, MAX_SCALE, excludes_low=True),  # at 0 no branch learns anything
        "gate_bias": Number(-MAX_GATE_BIAS, MAX_GATE_BIAS),
        "dropout": Number(0, 1, excludes_high=True),  # at 1 nothing would pass; torch divides by 1 - rate
        "blocks": WholePerStage(1, MAX_BLOCKS),
        "widths": WholePerStage(1, MAX_WIDTH),
        "dilated_stages": WholePerStage(may_be_empty=True),  # none, as in most nets
        "conv_bias": Flag(),
        "projection_norm": Flag(),
        "zero_init_residual": Flag(),
        "cardinality": Whole(1, MAX_CARDINALITY),
        "width_per_group": Whole(1, MAX_WIDTH_PER_GROUP),
        "hidden_features": Whole(1, MAX_HIDDEN),
        "in_channels": Whole(1, MAX_CHANNELS),
        "image_size": Sides(),
        "num_classes": Whole(2, MAX_CLASSES),
    }
)


def take_fields(spec: Any) -> None:
    """Gives every field of a spec that is being made its own plain value.

    Raises:
        SpecError: a value of another kind or out of its range.
    """
    for name in spec.__dataclass_fields__:
        value = getattr(spec, name)
        taken = FIELDS[name].take(name, value)
        if taken is not value:
            object.__setattr__(spec, name, taken)  # the spec is frozen for everybody else


def parse_whole(name: str, text: str) -> int:
    """Parses a whole number; `name` is its name in the refusal.

    Raises:
        SpecError: the text is no whole number.
    """
    return int(number(name, whole_of(text), is_whole=True))


def whole_of(text: str) -> int | str:
    """Returns the whole number of a text, "1000" or "1,000", or the text itself."""
    digits = text.replace(",", "") if _THOUSANDS.fullmatch(text) else text
    return int(digits) if WHOLE.fullmatch(digits) else text


def listed(text: str) -> list[str]:
    """Returns the parts of a list as people write it: "3,4,6,3", "[3, 4, 6, 3]", "3 4 6 3"."""
    inner = _without_brackets(text)
    return [part.strip() for part in inner.split(",")] if "," in inner else inner.split() or [""]


def _without_brackets(text: str) -> str:
    match = _BRACKETS.fullmatch(text.strip())
    return (match[1] or match[2] or "").strip().removesuffix(",") if match else text.strip()


def scalar(value: Any) -> Any:
    """Returns what a numpy scalar or an array of no dimension holds, and any other value as it is."""
    is_array_like = hasattr(value, "item") and getattr(value, "shape", None) == ()
    return value.item() if is_array_like else value


def _as_sequence(value: Any) -> Sequence[Any] | None:
    """Returns a list, a tuple or an array as a sequence; None for any other value, texts and bytes included."""
    listed = value.tolist() if hasattr(value, "tolist") else value
    return listed if isinstance(listed, Sequence) and not isinstance(listed, _NO_LISTS) else None
