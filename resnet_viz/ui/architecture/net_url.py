"""What an address says of a net, as far as it can be read, and the net that comes of it.

Several nets can stand in one address: each has a prefix of its own, none for the first, "b." for the second.
"""

from typing import Any, Final, NamedTuple

import streamlit as st

from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec import codec
from resnet_viz.spec.presets import check_field, preset, preset_fields
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.ui.widgets.messages import show_warning
from resnet_viz.ui.widgets.url_state import write

_LAST_GOOD: Final = "last_good_net:"


class Draft(NamedTuple):
    """What the address says of one net: a preset, fields that could be read, and sentences about the others.

    Attributes:
        prefix: before each of its names in the address; empty for the page's first net, "b." for the second.
        default: the preset where the address names none.
        base: the preset.
        changes: values of the fields that differ from it.
        problems: what is wrong with the rest.
    """

    prefix: str
    default: str
    base: str
    changes: dict[str, Any]
    problems: list[str]


def read_address(default: str, prefix: str = "") -> Draft:
    """Returns what the address says of the net whose names begin with `prefix`."""
    query = st.query_params.to_dict()
    problems: list[str] = []
    base = query.get(prefix + codec.NET, default)
    try:
        preset_fields(base)
    except SpecError as problem:
        problems.append(str(problem))
        base = default
    changes = {}
    for name in codec.FIELDS:
        if prefix + name in query:
            try:
                check_field(base, name)
                changes[name] = codec.parse_field(name, query[prefix + name])
            except SpecError as problem:
                problems.append(str(problem))
    return Draft(prefix, default, base, changes, problems)


def resolve(draft: Draft, letter: str = "") -> AnySpec:
    """Returns the net that a draft describes.

    Where it describes none, sentences say why, with the letter of the net where there are several, the controls keep
    what was entered, and the last good net is returned.
    """
    try:
        spec = preset(draft.base, **draft.changes)
    except SpecError as problem:
        draft.problems.append(str(problem))
        spec = last_good(draft.prefix) or preset(draft.base)
    for sentence in draft.problems:
        show_warning(_("Net {letter}: {sentence}").format(letter=letter, sentence=sentence) if letter else sentence)
    st.session_state[_LAST_GOOD + draft.prefix] = spec
    return spec


def last_good(prefix: str) -> AnySpec | None:
    """Returns the net that the controls of this prefix described when they last described one."""
    return st.session_state.get(_LAST_GOOD + prefix)


def forget(*prefixes: str) -> None:
    """Drops what the controls of these prefixes last described: other nets take their place."""
    for prefix in prefixes:
        st.session_state.pop(_LAST_GOOD + prefix, None)


def write_net(draft: Draft, name: str) -> None:
    """Writes the preset's name into the address. A net beside the first is always named, else it would not be there."""
    write(draft.prefix + codec.NET, name, "" if draft.prefix else draft.default)
