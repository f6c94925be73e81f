"""Custom networks of the lab: a row of controls for each, with a letter from a to f before its fields in the address.

An address that names one net names all. Its fields without a control here are kept.
"""

from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Final

import streamlit as st

from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.spec import codec, presets
from resnet_viz.spec.enums import Norm, Order, Shortcut
from resnet_viz.spec.resolve import named_residual_net, resolve
from resnet_viz.spec.titles import title, value_name
from resnet_viz.training import lab_nets, recipe_text
from resnet_viz.training.recipe_text import Texts
from resnet_viz.ui.widgets import url_state
from resnet_viz.ui.widgets.messages import show_warning

_PRESETS: Final = tuple(
    f"cifar_{family}{depth}"
    for family in ("plain", "resnet", "preact_resnet")
    for depth in (8, 14, 20, 32, 44, 56, 110)
)
_FIRST: Final = ("cifar_plain20", "cifar_resnet20", "cifar_plain56", "cifar_resnet56")
_KEPT: Final = ("widths", "norm")  # of a net whose preset changes; other fields belong to the old preset


def rows_of(query: Texts) -> list[dict[str, str]]:
    """Returns the texts of each custom net in an address; none if it names no preset."""
    rows = [
        {name[2:]: text for name, text in query.items() if name.startswith(f"{letter}.") and recipe_text.is_field(name)}
        for letter in recipe_text.LETTERS
    ]
    rows = [row for row in rows if row]
    return rows if any(codec.NET in row for row in rows) else []


def pick_nets(base: Texts) -> dict[str, str]:
    """Shows a row of controls for each custom net and returns their texts; `base` has the shared fields."""
    rows = [_by_own_name({codec.NET: _FIRST[0], **row}) for row in rows_of(st.query_params.to_dict())]
    write_rows(rows)  # with consecutive letters
    texts: dict[str, str] = {}
    for place, row in enumerate(rows):
        letter = recipe_text.LETTERS[place]
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=f"own:{letter}"):
            texts |= {f"{letter}.{field}": text for field, text in {**row, **_row(letter, row, base)}.items()}
            _buttons(place, rows)
    if len(rows) < len(recipe_text.LETTERS):
        st.button(_("Add network"), icon=":material/add:", key="add_net", type="tertiary", on_click=_add, args=(rows,))
    return texts


def _by_own_name(row: dict[str, str]) -> dict[str, str]:
    """Returns a row with its preset's own name in place of another, and the fields that this one implies."""
    try:
        found = resolve(row[codec.NET])
    except Refusal:  # told beside the row
        return row
    implied = {field: codec.format_field(value) for field, value in found.changes if field in recipe_text.OF_NET}
    return {**implied, **row, codec.NET: found.preset}


def _row(letter: str, row: Texts, base: Texts) -> dict[str, str]:
    named = _checked(letter, row[codec.NET])
    options = list(dict.fromkeys([*_PRESETS, named]))

    def is_of_old_preset(name: str) -> bool:
        return name.startswith(f"{letter}.") and name[2:] not in _KEPT

    net = url_state.select(
        _("Network {letter}").format(letter=letter), f"{letter}.net", options, "", _net_name, clears=is_of_old_preset,
        width=250,
    )  # fmt: skip
    usual = presets.residual_preset(net)
    own = {codec.NET: net}
    words: tuple[tuple[str, str, type[StrEnum], str, int], ...] = (
        ("order", _("Activation order"), Order, usual.order, 220),
        ("shortcut", _("Shortcut"), Shortcut, usual.shortcut, 190),
        ("norm", _("Norm"), Norm, base.get("norm", usual.norm), 140),
    )
    for field, label, kind, default, width in words:
        name = f"{letter}.{field}"
        text = url_state.select(label, name, list(kind), default, value_name, width=width)
        if text != default or name in st.query_params:
            own[field] = text
    _width(letter, row, int(base["width"]), len(usual.blocks))
    return own


def _checked(letter: str, named: str) -> str:
    """Returns a preset's name; an unknown one is reported and replaced by the first preset."""
    try:
        named_residual_net(named)
    except Refusal as refusal:
        show_warning(_("Net {letter}: {why}").format(letter=letter, why=refusal))
        named = _FIRST[0]
        st.query_params[f"{letter}.net"] = named
    return named


def _width(letter: str, row: Texts, shared: int, stages: int) -> None:
    """Shows the width of a net's first stage; each later stage has twice the width of the one before."""
    name = f"{letter}.widths"
    first = row.get("widths", str(shared)).split(",")[0]
    width = int(first) if first.isascii() and first.isdigit() and 1 <= int(first) <= lab_nets.MAX_WIDTH else shared
    st.session_state[url_state.key_of(name)] = width

    def as_text(first: int) -> str:
        return codec.format_field(lab_nets.widths(first, stages=stages))

    tie = url_state.bound(name, as_text(shared), as_text)
    st.number_input(_("Width"), min_value=1, max_value=max(lab_nets.MAX_WIDTH, shared), width=130, **tie)


def _buttons(place: int, rows: list[dict[str, str]]) -> None:
    letter = recipe_text.LETTERS[place]
    copy, remove = _("Copy network {letter}").format(letter=letter), _("Remove network {letter}").format(letter=letter)
    with st.container(horizontal=True, width="content", gap=None):
        st.button(
            "", icon=":material/content_copy:", key=f"copy:{letter}", help=copy, type="tertiary", on_click=_copy,
            args=(rows, place), disabled=len(rows) >= len(recipe_text.LETTERS),
        )  # fmt: skip
        st.button(
            "", icon=":material/close:", key=f"remove:{letter}", help=remove, type="tertiary", on_click=_remove,
            args=(rows, place), disabled=len(rows) == 1,
        )  # fmt: skip


def _add(rows: list[dict[str, str]]) -> None:
    """Adds the first preset that is not in a row yet, as wide as the last net."""
    there = {row.get(codec.NET) for row in rows}
    kept: dict[str, str] = {field: rows[-1][field] for field in _KEPT if field in rows[-1]}
    new = next(name for name in (*_FIRST, *_PRESETS) if name not in there)
    with url_state.changing():
        write_rows([*rows, {codec.NET: new, **kept}])


def _copy(rows: list[dict[str, str]], place: int) -> None:
    with url_state.changing():
        write_rows([*rows[: place + 1], rows[place], *rows[place + 1 :]])


def _remove(rows: list[dict[str, str]], place: int) -> None:
    with url_state.changing():
        write_rows([*rows[:place], *rows[place + 1 :]])


def write_rows(rows: Sequence[Texts]) -> None:
    """Writes these nets into the address in place of all others."""
    wanted = {
        f"{letter}.{field}": text
        for letter, row in zip(recipe_text.LETTERS, rows, strict=False)
        for field, text in row.items()
    }
    there = {
        name: text for name, text in st.query_params.to_dict().items() if "." in name and recipe_text.is_field(name)
    }
    if there == wanted:
        return
    for name in there:
        st.query_params.pop(name)
    st.query_params.update(wanted)


@lru_cache(maxsize=256)
def _net_name(name: str) -> str:
    return title(presets.residual_preset(name))
