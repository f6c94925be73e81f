"""What can be asked: the topics, and what each can be told beside a net, a picture and a method. No torch."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec.net import MAX_CLASSES
from resnet_viz.spec.validation import near

LONGEST: Final = 60  # characters of a wrong value that are repeated to its author
WORD: Final = re.compile(r"[a-z0-9_]{1,40}", flags=re.ASCII)
_WORDS: Final = re.compile(r"[a-z0-9_]{1,40}(,[a-z0-9_]{1,40}){0,13}|", flags=re.ASCII)


class Topic(StrEnum):
    """What is asked."""

    PREDICT = "predict"
    MAPS = "maps"
    FILM = "film"
    DEPTH = "depth"
    SANITY = "sanity"
    OVER_TRAINING = "over_training"
    FEATURES = "features"
    PATCHES = "patches"
    PICK = "pick"
    ABOUT = "about"

    @property
    def needs_picture(self) -> bool:
        """Whether it is asked about one picture."""
        return self not in (Topic.PATCHES, Topic.PICK, Topic.ABOUT)

    @property
    def has_method(self) -> bool:
        """Whether it is asked about a method of attribution."""
        return self in (Topic.MAPS, Topic.SANITY, Topic.OVER_TRAINING)

    @property
    def needs_layer(self) -> bool:
        """Whether it is asked about one node of the net."""
        return self in (Topic.FEATURES, Topic.PATCHES)


class How(StrEnum):
    """How pictures are picked from the test pictures."""

    RANDOM = "random"
    CLASS = "class"
    WRONG = "wrong"  # most confidently wrong first


@dataclass(frozen=True, slots=True)
class Number:
    """An option that is a whole number from `low` to `high`."""

    low: int
    high: int
    default: int


@dataclass(frozen=True, slots=True)
class Word:
    """An option that is one of some words."""

    words: tuple[str, ...]
    default: str


@dataclass(frozen=True, slots=True)
class Names:
    """An option that is none, one or several names with commas between."""

    default: str = ""


Option = Number | Word | Names

OPTIONS: Final[Mapping[Topic, Mapping[str, Option]]] = {
    Topic.PREDICT: {},
    Topic.MAPS: {"also": Names()},  # further methods, with their default parameters
    Topic.FILM: {},
    Topic.DEPTH: {"steps": Number(10, 400, 200)},  # along the path from the baseline
    Topic.SANITY: {},
    Topic.OVER_TRAINING: {},
    Topic.FEATURES: {},
    Topic.PATCHES: {"channel": Number(0, 16_383, 0), "count": Number(1, 25, 9)},
    Topic.PICK: {
        "how": Word(tuple(How), How.RANDOM),
        "label": Number(-1, MAX_CLASSES - 1, -1),  # the class; -1 for all of them
        "count": Number(1, 60, 12),
    },
    Topic.ABOUT: {},
}


def topic(text: Any) -> Topic:
    """Returns the topic of this name.

    Raises:
        SpecError: there is none.
    """
    check_word("topic", text, tuple(Topic))
    return Topic(text)


def filled(of: Topic, given: Mapping[str, Any]) -> dict[str, int | str]:
    """Returns all options of a topic: those given, and defaults for the others.

    Raises:
        SpecError: an option that the topic has not, or a value that is not allowed.
    """
    known = OPTIONS[of]
    for name in given:
        if name not in known:
            raise SpecError(
                _("{topic} has no option {name!r}; it has {options}.").format(
                    topic=of, name=str(name)[:LONGEST], options=", ".join(known) or _("none")
                )
            )
    found: dict[str, int | str] = {}
    for name, option in known.items():
        value = given.get(name, option.default)
        match option:
            case Number(low, high):
                check_number(name, value, low, high)
            case Word(words):
                check_word(name, value, words)
                value = str(value)
            case Names():
                check_text(name, value, _WORDS)
        found[name] = value
    return found


def text_of(name: str, value: Any) -> str:
    """Returns a text, or raises SpecError where it is none."""
    if not isinstance(value, str):
        raise SpecError(_("{name} is a text; got {value!r}.").format(name=name, value=str(value)[:LONGEST]))
    return value


def check_word(name: str, value: Any, words: Sequence[str]) -> None:
    """Raises SpecError where a value is none of some words."""
    if value not in words:
        raise SpecError(
            _("{name} is one of {words}; got {value!r}.").format(
                name=name, words=", ".join(words), value=str(value)[:LONGEST]
            )
            + near(str(value), words)
        )


def check_text(name: str, value: Any, form: re.Pattern[str]) -> None:
    """Raises SpecError where a value is no text of a form."""
    if not form.fullmatch(text_of(name, value)):
        raise SpecError(_("{name} is a name; got {value!r}.").format(name=name, value=value[:LONGEST]))


def check_number(name: str, value: Any, low: int, high: int) -> None:
    """Raises SpecError where a value is no whole number of a range."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise SpecError(
            _("{name} is a whole number from {low:,} to {high:,}; got {value!r}.").format(
                name=name, low=low, high=high, value=str(value)[:LONGEST]
            )
        )
