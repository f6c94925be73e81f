"""Which nets the lab trains: depths times kinds, nets of one's own in rows, or those that the recipe names.

Nets of one's own stand in the address with a letter from a to f before each of their fields. An address that names a
net names them all. What an address says of a net beyond the controls here holds all the same.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Final, assert_never

import streamlit as st

from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.spec import codec, presets
from resnet_viz.spec.naming import order_name, title, titles
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.terms import Norm, Order, Shortcut
from resnet_viz.training import lab, settings
from resnet_viz.ui import address
from resnet_viz.ui.net_fields import value_name
from resnet_viz.ui.say import plain, refuse

Texts = Mapping[str, str]
_PRESETS: Final = tuple(
    f"cifar_{family}{depth}"
    for family in ("plain", "resnet", "preact_resnet")
    for depth in (8, 14, 20, 32, 44, 56, 110)
)
_FIRST: Final = ("cifar_plain20", "cifar_resnet20", "cifar_plain56", "cifar_resnet56")
_KEPT: Final = ("widths", "norm")  # of a net whose name changes; the rest belongs to the old one
OF_GRID: Final = (*settings.GRID, "width")
_GRID_NOW: Final = ("depth", settings.GRID["depth"])  # says that there is a grid where the recipe has none


class Way(StrEnum):
    """How the nets are named."""

    RECIPE = "recipe"
    GRID = "grid"
    OWN = "own"


def way_of(query: Texts, recipe: Texts) -> Way:
    """Returns how an address over a recipe names the nets."""
    if rows_of(query):
        return Way.OWN
    if settings.is_free(recipe) and not any(name in settings.GRID for name in query):
        return Way.RECIPE
    return Way.GRID


def rows_of(query: Texts) -> list[dict[str, str]]:
    """Returns what an address says of each net of one's own; nothing where it names none."""
    rows = [
        {name[2:]: text for name, text in query.items() if name.startswith(f"{letter}.") and settings.is_field(name)}
        for letter in settings.LETTERS
    ]
    rows = [row for row in rows if row]
    return rows if any(codec.NET in row for row in rows) else []


def pick_way(way: Way, nets: Sequence[NetSpec], recipe: Texts) -> None:
    """Shows the switch between the ways; `nets` are what the rows begin with."""
    is_free = settings.is_free(recipe)
    options = [Way.RECIPE] * is_free + [Way.GRID, Way.OWN]
    names = {Way.RECIPE: _("the recipe's"), Way.GRID: _("depths × kinds"), Way.OWN: _("my own")}
    key = address.key_of("way")
    st.session_state[key] = way

    def change() -> None:
        wanted = Way(st.session_state[key])
        with address.changing():
            width = int(recipe.get("width", settings.SHAPE["width"]))
            begin_with = rows_of(recipe) if way is Way.RECIPE else [_row_of(spec, width) for spec in nets]
            _write(begin_with if wanted is Way.OWN else [])
            for name in OF_GRID:
                st.query_params.pop(name, None)
            if wanted is Way.GRID and is_free:
                st.query_params.update([_GRID_NOW])

    st.segmented_control(
        _("Nets are"), options, format_func=names.__getitem__, key=key, on_change=change, required=True, width="content"
    )


def pick(way: Way, base: Texts, nets: Sequence[NetSpec]) -> dict[str, str]:
    """Shows the controls of a way and returns the texts of the nets.

    Args:
        way: how they are named.
        base: what fields without a letter are where the address says nothing.
        nets: of the recipe.
    """
    match way:
        case Way.RECIPE:
            st.markdown(plain(" · ".join(titles(nets))))
            return {}
        case Way.OWN:
            return _own(base)
        case Way.GRID:
            with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
                return _grid(base)
        case _:
            assert_never(way)


def _grid(base: Texts) -> dict[str, str]:
    """Shows the controls of depths times kinds and returns their texts."""
    usual = {**settings.GRID, **{name: base[name] for name in settings.GRID if name in base}}
    depths = sorted({*map(str, lab.DEPTHS), *usual["depth"].split(",")}, key=int)
    picked = address.several(_("Depth"), "depth", depths, usual["depth"].split(","), width="content")
    kinds = address.several(_("Nets"), "nets", list(lab.Kind), usual["nets"].split(","), _kind_name, width="content")
    order = address.select(
        _("Order of the residual nets"), "order", list(Order), usual["order"], _order_name, width=230
    )
    shared = int(base["width"])
    most = max(shared, lab.MAX_WIDTH)
    width = address.whole(_("Width"), "width", low=1, high=most, default=shared, width=150)
    return {"depth": ",".join(picked), "nets": ",".join(kinds), "order": order, "width": str(width)}


def _own(base: Texts) -> dict[str, str]:
    """Shows a row of controls for each net of one's own and returns their texts; `base` has what all nets share."""
    rows = [{codec.NET: _FIRST[0], **row} for row in rows_of(st.query_params.to_dict())]
    _write(rows)  # with letters that leave none out
    texts: dict[str, str] = {}
    for place, row in enumerate(rows):
        letter = settings.LETTERS[place]
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=f"own:{letter}"):
            texts |= {f"{letter}.{field}": text for field, text in {**row, **_row(letter, row, base)}.items()}
            _buttons(place, rows)
    if len(rows) < len(settings.LETTERS):
        st.button(_("Add a net"), icon=":material/add:", key="add_net", type="tertiary", on_click=_add, args=(rows,))
    return texts


def _row(letter: str, row: Texts, base: Texts) -> dict[str, str]:
    named = _checked(letter, row[codec.NET])
    options = list(dict.fromkeys([*_PRESETS, named]))

    def is_of_the_old_one(name: str) -> bool:
        return name.startswith(f"{letter}.") and name[2:] not in _KEPT

    net = address.select(
        _("Net {letter}").format(letter=letter), f"{letter}.net", options, "", _net_name, clears=is_of_the_old_one,
        width=250,
    )  # fmt: skip
    usual = presets.residual(net)
    own = {codec.NET: net}
    words: tuple[tuple[str, str, type[StrEnum], str, int], ...] = (
        ("order", _("Activation order"), Order, usual.order, 220),
        ("shortcut", _("Shortcut"), Shortcut, usual.shortcut, 190),
        ("norm", _("Norm"), Norm, base.get("norm", usual.norm), 140),
    )
    for field, label, kind, default, width in words:
        name = f"{letter}.{field}"
        text = address.select(label, name, list(kind), default, value_name, width=width)
        if text != default or name in st.query_params:
            own[field] = text
    _width(letter, row, int(base["width"]), len(usual.blocks))
    return own


def _checked(letter: str, named: str) -> str:
    """Returns a net's name if there is such a net; else says that there is none and puts the first one in its place."""
    try:
        presets.residual(named)
    except Refusal as refusal:
        refuse(_("Net {letter}: {why}").format(letter=letter, why=refusal))
        named = _FIRST[0]
        st.query_params[f"{letter}.net"] = named
    return named


def _width(letter: str, row: Texts, shared: int, stages: int) -> None:
    """Shows the width of a net's first stage; its others are as all nets of the papers have it."""
    name, key = f"{letter}.widths", address.key_of(f"{letter}.widths")
    first = row.get("widths", str(shared)).split(",")[0]
    width = int(first) if first.isascii() and first.isdigit() and 1 <= int(first) <= lab.MAX_WIDTH else shared
    st.session_state[key] = width

    def commit() -> None:
        with address.changing():
            text = codec.format_field(lab.widths(st.session_state[key], stages=stages))
            address.write(name, text, codec.format_field(lab.widths(shared, stages=stages)))

    st.number_input(_("Width"), min_value=1, max_value=max(lab.MAX_WIDTH, shared), key=key, on_change=commit, width=130)


def _buttons(place: int, rows: list[dict[str, str]]) -> None:
    letter = settings.LETTERS[place]
    copy, remove = _("Copy net {letter}").format(letter=letter), _("Remove net {letter}").format(letter=letter)
    with st.container(horizontal=True, width="content", gap=None):
        st.button(
            "", icon=":material/content_copy:", key=f"copy:{letter}", help=copy, type="tertiary", on_click=_copy,
            args=(rows, place), disabled=len(rows) >= len(settings.LETTERS),
        )  # fmt: skip
        st.button(
            "", icon=":material/close:", key=f"remove:{letter}", help=remove, type="tertiary", on_click=_remove,
            args=(rows, place), disabled=len(rows) == 1,
        )  # fmt: skip


def _add(rows: list[dict[str, str]]) -> None:
    """Adds the first net that is not there yet, as wide as the last one."""
    there = {row.get(codec.NET) for row in rows}
    kept: dict[str, str] = {field: rows[-1][field] for field in _KEPT if field in rows[-1]}
    new = next(name for name in (*_FIRST, *_PRESETS) if name not in there)
    with address.changing():
        _write([*rows, {codec.NET: new, **kept}])


def _copy(rows: list[dict[str, str]], place: int) -> None:
    with address.changing():
        _write([*rows[: place + 1], rows[place], *rows[place + 1 :]])


def _remove(rows: list[dict[str, str]], place: int) -> None:
    with address.changing():
        _write([*rows[:place], *rows[place + 1 :]])


def _write(rows: Sequence[Texts]) -> None:
    """Makes the address name these nets and no others."""
    for name in list(st.query_params):
        if "." in name and settings.is_field(name):
            st.query_params.pop(name)
    for letter, row in zip(settings.LETTERS, rows, strict=False):
        for field, text in row.items():
            st.query_params[f"{letter}.{field}"] = text


def _row_of(spec: NetSpec, width: int) -> dict[str, str]:
    """Returns what an address says of a net of a grid, but for what all nets of a run share."""
    own = codec.to_query(spec, base=f"cifar_{'plain' if spec.is_plain else 'resnet'}{spec.depth}")
    row = {field: text for field, text in own.items() if field in settings.OF_NET}
    if spec.widths == lab.widths(width):
        row.pop("widths", None)
    else:
        row["widths"] = codec.format_field(spec.widths)
    return row


@cache
def _net_name(name: str) -> str:
    return title(presets.residual(name))


def _kind_name(kind: str) -> str:
    return {lab.Kind.PLAIN: _("plain"), lab.Kind.RESIDUAL: _("residual")}[lab.Kind(kind)]


def _order_name(order: str) -> str:
    return order_name(Order(order))
