"""Networks of the lab: those of the recipe, a grid of depths and types, or custom rows."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, assert_never

import streamlit as st

from resnet_viz.i18n import _
from resnet_viz.spec import codec
from resnet_viz.spec.enums import Order
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.titles import order_name, run_titles
from resnet_viz.training import lab_nets, recipe_text
from resnet_viz.training.recipe_text import Texts
from resnet_viz.ui.training import net_rows
from resnet_viz.ui.widgets import url_state, viewport
from resnet_viz.ui.widgets.messages import escape_markdown

OF_GRID: Final = (*recipe_text.GRID, "width")
_GRID_NOW: Final = ("depth", recipe_text.GRID["depth"])  # marks a grid over a recipe without one


class NetSelection(StrEnum):
    """Ways to select networks."""

    RECIPE = "recipe"
    GRID = "grid"
    OWN = "own"


def selection_of(query: Texts, recipe: Texts) -> NetSelection:
    """Returns the selection of an address over a recipe."""
    if net_rows.rows_of(query):
        return NetSelection.OWN
    if recipe_text.is_free(recipe) and not any(name in recipe_text.GRID for name in query):
        return NetSelection.RECIPE
    return NetSelection.GRID


def pick_selection(selection: NetSelection, nets: Sequence[NetSpec], recipe: Texts) -> None:
    """Shows the switch between the selections; `nets` are the initial custom rows."""
    is_free = recipe_text.is_free(recipe)
    options = [NetSelection.RECIPE] * is_free + [NetSelection.GRID, NetSelection.OWN]
    names = {
        NetSelection.RECIPE: _("from recipe"),
        NetSelection.GRID: _("depth × type grid"),
        NetSelection.OWN: _("custom"),
    }
    key = url_state.key_of("way")
    st.session_state[key] = selection

    def change() -> None:
        wanted = NetSelection(st.session_state[key])
        with url_state.changing():
            width = int(recipe.get("width", recipe_text.SHAPE["width"]))
            begin_with = (
                net_rows.rows_of(recipe)
                if selection is NetSelection.RECIPE
                else [_row_of(spec, width) for spec in nets]
            )
            net_rows.write_rows(begin_with if wanted is NetSelection.OWN else [])
            for name in OF_GRID:
                st.query_params.pop(name, None)
            if wanted is NetSelection.GRID and is_free:
                st.query_params.update([_GRID_NOW])

    with viewport.bottom_aligned():
        st.segmented_control(
            _("Networks"), options, format_func=names.__getitem__, key=key, on_change=change, required=True,
            width="content",
        )  # fmt: skip


def pick_nets(selection: NetSelection, base: Texts, nets: Sequence[NetSpec]) -> dict[str, str]:
    """Shows the controls of a selection and returns the texts of the nets.

    Args:
        selection: of the networks.
        base: defaults of the fields without a letter.
        nets: of the recipe.
    """
    match selection:
        case NetSelection.RECIPE:
            st.markdown(escape_markdown(" · ".join(run_titles(nets).values())))
            return {}
        case NetSelection.OWN:
            return net_rows.pick_nets(base)
        case NetSelection.GRID:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                return _grid(base)
        case _:
            assert_never(selection)


def _grid(base: Texts) -> dict[str, str]:
    """Shows the controls of the grid and returns their texts."""
    usual = {**recipe_text.GRID, **{name: base[name] for name in recipe_text.GRID if name in base}}
    depths = sorted({*map(str, lab_nets.DEPTHS), *usual["depth"].split(",")}, key=int)
    with viewport.bottom_aligned():
        picked = url_state.several(_("Depth"), "depth", depths, usual["depth"].split(","), width="content")
    with viewport.bottom_aligned():
        kinds = url_state.several(
            _("Type"), "nets", list(lab_nets.NetType), usual["nets"].split(","), _net_type_name, width="content"
        )
    order = url_state.select(
        _("Activation order (residual)"), "order", list(Order), usual["order"], _order_name, width=230
    )
    shared = int(base["width"])
    most = max(shared, lab_nets.MAX_WIDTH)
    width = url_state.integer(_("Width"), "width", low=1, high=most, default=shared, width=150)
    return {"depth": ",".join(picked), "nets": ",".join(kinds), "order": order, "width": str(width)}


def _row_of(spec: NetSpec, width: int) -> dict[str, str]:
    """Returns the texts of a grid's net without the fields that all nets of a run share."""
    own = codec.to_query(spec, base=f"cifar_{'plain' if spec.is_plain else 'resnet'}{spec.depth}")
    shared = recipe_text.OF_RESIDUAL  # one switch for all nets
    row = {field: text for field, text in own.items() if field in recipe_text.OF_NET and field not in shared}
    if spec.widths == lab_nets.widths(width):
        row.pop("widths", None)
    else:
        row["widths"] = codec.format_field(spec.widths)
    return row


def _net_type_name(kind: str) -> str:
    return {lab_nets.NetType.PLAIN: _("plain"), lab_nets.NetType.RESIDUAL: _("residual")}[lab_nets.NetType(kind)]


def _order_name(order: str) -> str:
    return order_name(Order(order))
