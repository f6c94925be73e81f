"""Which nets the lab trains: depths times kinds, nets of one's own in rows, or those that the recipe names."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, assert_never

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.spec import codec
from resnet_viz.spec.titles import order_name, titles
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.enums import Order
from resnet_viz.training import lab_nets as lab
from resnet_viz.training import recipe_text as settings
from resnet_viz.ui.widgets import url_state as address
from resnet_viz.ui.widgets import layout as aligned
from resnet_viz.ui.training import net_rows as lab_own_nets
from resnet_viz.ui.widgets.messages import plain

Texts = Mapping[str, str]
OF_GRID: Final = (*settings.GRID, "width")
_GRID_NOW: Final = ("depth", settings.GRID["depth"])  # says that there is a grid where the recipe has none


class Way(StrEnum):
    """How the nets are named."""

    RECIPE = "recipe"
    GRID = "grid"
    OWN = "own"


def way_of(query: Texts, recipe: Texts) -> Way:
    """Returns how an address over a recipe names the nets."""
    if lab_own_nets.rows_of(query):
        return Way.OWN
    if settings.is_free(recipe) and not any(name in settings.GRID for name in query):
        return Way.RECIPE
    return Way.GRID


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
            begin_with = lab_own_nets.rows_of(recipe) if way is Way.RECIPE else [_row_of(spec, width) for spec in nets]
            lab_own_nets.write(begin_with if wanted is Way.OWN else [])
            for name in OF_GRID:
                st.query_params.pop(name, None)
            if wanted is Way.GRID and is_free:
                st.query_params.update([_GRID_NOW])

    with aligned.low():
        st.segmented_control(
            _("Nets are"), options, format_func=names.__getitem__, key=key, on_change=change, required=True,
            width="content",
        )  # fmt: skip


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
            return lab_own_nets.pick(base)
        case Way.GRID:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                return _grid(base)
        case _:
            assert_never(way)


def _grid(base: Texts) -> dict[str, str]:
    """Shows the controls of depths times kinds and returns their texts."""
    usual = {**settings.GRID, **{name: base[name] for name in settings.GRID if name in base}}
    depths = sorted({*map(str, lab.DEPTHS), *usual["depth"].split(",")}, key=int)
    with aligned.low():
        picked = address.several(_("Depth"), "depth", depths, usual["depth"].split(","), width="content")
    with aligned.low():
        kinds = address.several(
            _("Nets"), "nets", list(lab.Kind), usual["nets"].split(","), _kind_name, width="content"
        )
    order = address.select(
        _("Order of the residual nets"), "order", list(Order), usual["order"], _order_name, width=230
    )
    shared = int(base["width"])
    most = max(shared, lab.MAX_WIDTH)
    width = address.whole(_("Width"), "width", low=1, high=most, default=shared, width=150)
    return {"depth": ",".join(picked), "nets": ",".join(kinds), "order": order, "width": str(width)}


def _row_of(spec: NetSpec, width: int) -> dict[str, str]:
    """Returns what an address says of a net of a grid, but for what all nets of a run share."""
    own = codec.to_query(spec, base=f"cifar_{'plain' if spec.is_plain else 'resnet'}{spec.depth}")
    row = {field: text for field, text in own.items() if field in settings.OF_NET}
    if spec.widths == lab.widths(width):
        row.pop("widths", None)
    else:
        row["widths"] = codec.format_field(spec.widths)
    return row


def _kind_name(kind: str) -> str:
    return {lab.Kind.PLAIN: _("plain"), lab.Kind.RESIDUAL: _("residual")}[lab.Kind(kind)]


def _order_name(order: str) -> str:
    return order_name(Order(order))
