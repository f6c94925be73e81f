"""Settings of an uploaded net: what its weights leave open and a person has chosen, as a part of the net's reference.

    shortcut=none/stride_on=first_1x1/image_size=32/mean=0.5,0.5,0.5/std=0.25,0.25,0.25/channels=bgr

`entry` is the place of the weights in a file that holds several, `prefix` the beginning of the keys of one of several
nets among them; `classes` is a data set's name, or the checksum of a kept list of names.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote, unquote

from resnet_viz.data.datasets import DataName
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec.enums import DimMatch, Order, Shortcut, StrideOn
from resnet_viz.spec.validation import in_range, one_of, shown, whole_in_range

CHOSEN_FIELDS: Final[Mapping[str, type[StrEnum]]] = {
    "shortcut": Shortcut,
    "stride_on": StrideOn,
    "order": Order,
    "dim_match": DimMatch,
}
BGR: Final = "bgr"
MAX_SIDE: Final = 512  # of an image, in pixels
MAX_CHANNELS: Final = 64  # whose mean and std are set one by one
TOP: Final = "."  # place of weights that lie in a file without a key
_LONGEST_PLACE: Final = 200  # characters
_MOST_PAIRS: Final = 12
_LARGEST: Final = 1_000.0  # mean or std: some scale pixels from 0 to 255
_NUMBER: Final = re.compile(r"-?[0-9]{1,6}(\.[0-9]{1,9})?(e-?[0-9]{1,2})?", flags=re.ASCII)
_SHA256: Final = re.compile(r"[0-9a-f]{64}", flags=re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class NetSettings:
    """Choices about an uploaded net. `NetSettings.parse(str(settings)) == settings`.

    Attributes:
        entry: place of the weights in the file, TOP for its top; "" for the main one.
        prefix: of the net's keys where the weights are of several nets, TOP for none; "" for the main one.
        shortcut: value of this field of the spec; "" where it is not chosen.
        stride_on: likewise.
        order: likewise.
        dim_match: likewise.
        image_size: side of an image in pixels; 0 for that of the architecture.
        mean: of the training pixels by channel, on the scale from 0 to 1; () for a guess.
        std: likewise.
        channels: order of the input's colours, BGR; "" for RGB. Mean and std are in the order RGB in any case.
        classes: data set, or checksum of a kept list, whose names the classes have; "" where they are unknown.
    """

    entry: str = ""
    prefix: str = ""
    shortcut: str = ""
    stride_on: str = ""
    order: str = ""
    dim_match: str = ""
    image_size: int = 0
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    channels: str = ""
    classes: str = ""

    def __str__(self) -> str:
        pairs = ((field.name, _text(getattr(self, field.name))) for field in fields(self))
        return "/".join(f"{name}={text}" for name, text in pairs if text)

    @classmethod
    def parse(cls, text: str) -> "NetSettings":
        """Returns the settings in a text.

        Raises:
            SpecError: an unknown name, or a value that is not allowed.
        """
        found: dict[str, Any] = {}
        for pair in text.split("/")[: _MOST_PAIRS + 1] if text else ():
            name, _equals, value = pair.partition("=")
            if name in found or name not in _READERS:
                raise SpecError(
                    _("The settings of an uploaded net are {names}; got {text!r}.").format(
                        names=", ".join(_READERS), text=shown(pair)
                    )
                )
            found[name] = _READERS[name](name, value)
        return cls(**found)

    @property
    def chosen(self) -> dict[str, str]:
        """Chosen values of the architecture's fields."""
        return {name: value for name in CHOSEN_FIELDS if (value := getattr(self, name))}

    def with_choice(self, field: str, value: str) -> "NetSettings":
        """Returns the settings with one more field chosen."""
        changes: dict[str, Any] = {field: value}
        return replace(self, **changes)


NO_SETTINGS: Final = NetSettings()


def numbers_of(name: str, text: str) -> tuple[float, ...]:
    """Returns the numbers of a text, separated by commas or spaces, one for each channel or one for all.

    Raises:
        SpecError: there are none, too many, or one out of range.
    """
    parts = text.replace(",", " ").split()
    if not 1 <= len(parts) <= MAX_CHANNELS or not all(map(_NUMBER.fullmatch, parts)):
        raise SpecError(
            _("{name} has a number for each channel, such as 0.485, 0.456, 0.406; got {text!r}.").format(
                name=name, text=shown(text)
            )
        )
    values = tuple(map(float, parts))
    for value in values:
        in_range(name, value, 1e-6 if name == "std" else -_LARGEST, _LARGEST)
    return values


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(f"{number:.9g}" for number in value)
    return quote(str(value or ""), safe="")  # of all values only a place needs it


def _entry(name: str, text: str) -> str:
    place = unquote(text)
    if not 1 <= len(place) <= _LONGEST_PLACE or not place.isprintable():
        raise SpecError(
            _("{name} is the place of weights in a file, such as state_dict; got {text!r}.").format(
                name=name, text=shown(text)
            )
        )
    return place


def _chosen(name: str, text: str) -> str:
    return str(one_of(name, text, tuple(CHOSEN_FIELDS[name])))


def _side(name: str, text: str) -> int:
    side = int(text) if text.isascii() and text.isdecimal() else -1
    whole_in_range(name, side, 1, MAX_SIDE)
    return side


def _channels(name: str, text: str) -> str:
    return str(one_of(name, text, (BGR,)))


def _classes(name: str, text: str) -> str:
    return text if _SHA256.fullmatch(text) else str(one_of(name, text, tuple(DataName)))


_READERS: Final[Mapping[str, Callable[[str, str], Any]]] = {
    "entry": _entry,
    "prefix": _entry,
    **dict.fromkeys(CHOSEN_FIELDS, _chosen),
    "image_size": _side,
    "mean": numbers_of,
    "std": numbers_of,
    "channels": _channels,
    "classes": _classes,
}
