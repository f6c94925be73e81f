"""Nets in the address: parsing, validation, and what is shown of a net where some of its fields make none.

Each net of an address has its own prefix: none for the first, "b." for the second. An address may come with any name
of a net ("ResNet-50", "WRN-34-10"); it goes on with the preset's own name and the fields that the name implies.
"""

from typing import Any, Final, NamedTuple

import streamlit as st

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec import codec
from resnet_viz.spec.presets import check_field, preset
from resnet_viz.spec.resolve import Meaning
from resnet_viz.spec.resolve import resolve as resolve_name
from resnet_viz.spec.valid_part import valid_part
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.ui.widgets.messages import show_note, show_warning
from resnet_viz.ui.widgets.url_state import write

_LAST_GOOD: Final = "last_good_net:"
_NOTE: Final = "note_of_name:"


class Draft(NamedTuple):
    """One net of the address: a preset, the valid fields, and messages about the others.

    Attributes:
        prefix: prefix of its names in the address; empty for the first net, "b." for the second.
        default: preset of an address that names none.
        base: the preset.
        changes: values of the fields that differ from it.
        problems: messages about invalid fields.
        note: message about the meaning of its name; empty for most.
    """

    prefix: str
    default: str
    base: str
    changes: dict[str, Any]
    problems: list[str]
    note: str = ""


def read_address(default: str, prefix: str = "") -> Draft:
    """Parses the net of the address whose names begin with `prefix`."""
    problems: list[str] = []
    try:
        base = _preset_of(st.query_params.get(prefix + codec.NET, default), default, prefix)
    except SpecError as problem:
        problems.append(str(problem))
        base = default
    query = st.query_params.to_dict()
    changes = {}
    for name in codec.FIELDS:
        if prefix + name in query:
            try:
                check_field(base, name)
                changes[name] = codec.parse_field(name, query[prefix + name])
            except SpecError as problem:
                problems.append(str(problem))
    return Draft(prefix, default, base, changes, problems, _note_of(prefix, base))


def _preset_of(name: str, default: str, prefix: str) -> str:
    """Returns the preset that a name of the address means, after writing it there in place of another name.

    Raises:
        SpecError: no net has the name.
    """
    found: Meaning = resolve_name(name)
    if name != found.preset:
        write(prefix + codec.NET, found.preset, "" if prefix else default)
        for field, value in found.changes:
            if prefix + field not in st.query_params:
                st.query_params[prefix + field] = codec.format_field(value)
        st.session_state[_NOTE + prefix] = (found.preset, found.note)
    return found.preset


def _note_of(prefix: str, base: str) -> str:
    """Returns the message about the name with which this preset came; it goes when another preset is picked."""
    of_preset, note = st.session_state.get(_NOTE + prefix, (base, ""))
    if of_preset != base:
        del st.session_state[_NOTE + prefix]
        return ""
    return str(note)


def resolve(draft: Draft, letter: str = "") -> AnySpec:
    """Returns the net that a draft describes.

    If it is invalid, messages give the reasons (with the net's letter where there are several) and the fields that are
    left out, the controls keep their input, and the net with all other fields is returned.
    """
    try:
        spec = preset(draft.base, **draft.changes)
    except SpecError as problem:
        spec, left_out = valid_part(draft.base, draft.changes)
        fields = ", ".join(f"{name}={codec.format_field(draft.changes[name])}" for name in left_out)
        draft.problems.append(_("{problem} Shown without {fields}.").format(problem=problem, fields=fields))
    for sentence in draft.problems:
        show_warning(_("Net {letter}: {sentence}").format(letter=letter, sentence=sentence) if letter else sentence)
    if draft.note:
        show_note(draft.note)
    st.session_state[_LAST_GOOD + draft.prefix] = spec
    return spec


def last_good(prefix: str) -> AnySpec | None:
    """Returns the last valid net of a prefix."""
    return st.session_state.get(_LAST_GOOD + prefix)


def forget(*prefixes: str) -> None:
    """Forgets the last valid nets of these prefixes, when other nets take their place."""
    for prefix in prefixes:
        st.session_state.pop(_LAST_GOOD + prefix, None)


def write_net(draft: Draft, name: str) -> None:
    """Writes the preset's name into the address. A further net is always named, since its names make it exist."""
    write(draft.prefix + codec.NET, name, "" if draft.prefix else draft.default)
