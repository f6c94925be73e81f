"""Specs to and from addresses, JSON objects and `field=value` texts. Every value is checked.

An address names a preset and the fields that differ from it: `net=resnet50&order=full_preact`; a second net has the
prefix `b.`. What is written is a preset's own name; what is read may be any name that `resolve` knows. Values are never
guessed: an unknown word is refused with the allowed ones.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec.enums import BlockKind, DimMatch, Norm, Order, Shortcut, Stem, StrideOn
from resnet_viz.spec.net import MAX_STAGES, NetSpec
from resnet_viz.spec.presets import check_field, differing_fields, nearest_preset
from resnet_viz.spec.resolve import named_net
from resnet_viz.spec.validation import known_field, number, one_of, refused
from resnet_viz.spec.vgg import AnySpec, VggSpec

WORDS: Final[Mapping[str, type[StrEnum]]] = {
    "stem": Stem,
    "block": BlockKind,
    "order": Order,
    "shortcut": Shortcut,
    "dim_match": DimMatch,
    "stride_on": StrideOn,
    "norm": Norm,
}
NUMBERS: Final = ("shortcut_scale", "residual_scale", "gate_bias", "dropout")
LISTS: Final = ("blocks", "widths", "dilated_stages")
FLAGS: Final = ("conv_bias", "projection_norm", "zero_init_residual")
COUNTS: Final = ("cardinality", "width_per_group", "hidden_features", "in_channels", "image_size", "num_classes")
FIELDS: Final = (*WORDS, *NUMBERS, *LISTS, *FLAGS, *COUNTS)  # of nets of any kind
_OF_VGG_ALONE: Final = "hidden_features"  # distinguishes the two kinds
NET: Final = "net"

WHOLE: Final = re.compile(r"-?[0-9]{1,18}", flags=re.ASCII)  # too large a number is refused with its range
# Every text that `repr` gives a number below a million, and none of infinity or of what is no number.
_NUMBER: Final = re.compile(r"-?[0-9]{1,6}(\.[0-9]{1,30})?(e-[0-9]{1,3})?", flags=re.ASCII)
_TRUTH: Final = {"1": True, "0": False}  # beside true and false


def parse_field(name: str, text: str) -> Any:
    """Parses the text of a field.

    Raises:
        SpecError: an unknown field, or none of its values; the message names the allowed ones.
    """
    if name in WORDS:
        return WORDS[name](one_of(name, text, list(WORDS[name])))
    if name in FLAGS:
        return _TRUTH[text] if text in _TRUTH else one_of(name, text.lower(), ("true", "false")) == "true"
    if name in COUNTS:
        return parse_whole(name, text)
    if name in NUMBERS:
        return number(name, float(text) if _NUMBER.fullmatch(text) else text) + 0.0  # -0.0 is 0.0: one address a net
    known_field(_("A net"), name, FIELDS)
    return _parse_list(name, text)


def parse_whole(name: str, text: str) -> int:
    """Parses a whole number; `name` is its name in the refusal.

    Raises:
        SpecError: the text is no whole number.
    """
    return int(number(name, int(text) if WHOLE.fullmatch(text) else text, is_whole=True))


def _parse_list(name: str, text: str) -> tuple[int, ...]:
    if not text and name == "dilated_stages":  # none, as in most nets
        return ()
    parts = text.replace(" ", "").split(",")
    if len(parts) > MAX_STAGES:
        raise refused(name, _("at most {most} numbers").format(most=MAX_STAGES), text)
    if not all(map(WHOLE.fullmatch, parts)):
        raise refused(name, _("one whole number a stage with commas between, such as 3,4,6,3"), text)
    return tuple(map(int, parts))


def format_field(value: Any) -> str:
    """Returns the text that `parse_field` reads back as `value`: of a number the shortest one, "0.5" or "-6"."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value + 0.0).removesuffix(".0")  # no minus sign before zero
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value)


def to_query(spec: AnySpec, *, base: str | None = None, prefix: str = "") -> dict[str, str]:
    """Returns the address of `spec`: the preset `base` (the nearest one where None) and what differs from it."""
    base = base or nearest_preset(spec)
    changed = {f: format_field(getattr(spec, f)) for f in differing_fields(spec, base)}
    return {prefix + name: text for name, text in {NET: base, **changed}.items()}


def from_query(query: Mapping[str, str], *, default: str, prefix: str = "") -> AnySpec:
    """Returns the net that an address describes; parameters that are no fields are ignored.

    Args:
        query: names and texts of the address.
        default: the preset where the address names none.
        prefix: before each name; `b.` for the second net of a comparison.

    Raises:
        SpecError: an unknown preset, a wrong value, a field that only nets of another kind have, or values that make
            no net.
    """
    own = {name.removeprefix(prefix): text for name, text in query.items() if name.startswith(prefix)}
    changes = {name: parse_field(name, own[name]) for name in FIELDS if name in own}
    return named_net(own.get(NET, default), **changes)


def to_json(spec: AnySpec) -> dict[str, Any]:
    """Returns all fields as plain JSON values, lists for tuples."""
    values = ((name, getattr(spec, name)) for name in spec.__dataclass_fields__)
    return {name: list(v) if isinstance(v, tuple) else v.value if isinstance(v, StrEnum) else v for name, v in values}


def from_json(fields: Mapping[str, Any]) -> AnySpec:
    """Returns the net that `to_json` wrote. Missing fields take their defaults; `hidden_features` makes it a VGG net.

    Raises:
        SpecError: an unknown field, a value of the wrong kind or out of its range.
    """
    if not isinstance(fields, Mapping) or not {"blocks", "widths"} <= fields.keys():
        raise SpecError(_("A net is an object with at least blocks and widths."))
    values = {name: _from_json_value(name, value) for name, value in fields.items()}
    if _OF_VGG_ALONE not in fields:
        return NetSpec(**values)
    for name in fields:
        check_field("vgg16", name)
    return VggSpec(**values)


def _from_json_value(name: str, value: Any) -> Any:
    if name in FLAGS and isinstance(value, bool):
        return value
    if name in LISTS and isinstance(value, list | tuple):
        return parse_field(name, ",".join(map(str, value)))
    if name in COUNTS and isinstance(value, int) and not isinstance(value, bool):
        return parse_field(name, str(value))
    if name in NUMBERS and isinstance(value, int | float) and not isinstance(value, bool):
        return parse_field(name, format_field(value))
    if isinstance(value, str) and name in WORDS:
        return parse_field(name, value)
    return parse_field(name, f"{value!r}")  # refuses with the field's own message
