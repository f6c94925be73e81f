"""Specs to and from addresses, JSON objects and `field=value` texts. Every value is checked.

An address names a preset and the fields that differ from it: `net=resnet50&order=full_preact`; a second net has the
prefix `b.`. What is written is a preset's own name; what is read may be any name that `resolve` knows. Values are never
guessed: an unknown word is refused with the allowed ones.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec import fields
from resnet_viz.spec.fields import Flag, Word
from resnet_viz.spec.image_size import ImageSize
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import check_field, differing_fields, nearest_preset
from resnet_viz.spec.resolve import named_net
from resnet_viz.spec.validation import known_field
from resnet_viz.spec.vgg import AnySpec, VggSpec

WORDS: Final[Mapping[str, type[StrEnum]]] = {
    name: kind.words for name, kind in fields.FIELDS.items() if isinstance(kind, Word)
}
FLAGS: Final = tuple(name for name, kind in fields.FIELDS.items() if isinstance(kind, Flag))
FIELDS: Final = tuple(fields.FIELDS)  # of nets of any kind
_OF_VGG_ALONE: Final = "hidden_features"  # distinguishes the two kinds
NET: Final = "net"

parse_whole: Final = fields.parse_whole
whole_of: Final = fields.whole_of
listed: Final = fields.listed


def parse_field(name: str, text: str) -> Any:
    """Parses the text of a field.

    Raises:
        SpecError: an unknown field, or none of its values; the message names the allowed ones.
    """
    known_field(_("A net"), name, FIELDS)
    return fields.FIELDS[name].parse(name, text)


def format_field(value: Any) -> str:
    """Returns the text that `parse_field` reads back as `value`: of a number the shortest one, "0.5" or "-6"."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value + 0.0).removesuffix(".0")  # no minus sign before zero
    if isinstance(value, ImageSize):
        return str(value)
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


def from_json(values: Mapping[str, Any]) -> AnySpec:
    """Returns the net that `to_json` wrote. Missing fields take their defaults; `hidden_features` makes it a VGG net.

    Raises:
        SpecError: an unknown field, a value of the wrong kind or out of its range.
    """
    if not isinstance(values, Mapping) or not {"blocks", "widths"} <= values.keys():
        raise SpecError(_("A net is an object with at least blocks and widths."))
    for name in values:
        known_field(_("A net"), name, FIELDS)
    if _OF_VGG_ALONE not in values:
        return NetSpec(**values)
    for name in values:
        check_field("vgg16", name)
    return VggSpec(**values)
