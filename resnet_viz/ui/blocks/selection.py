"""Blocks of the page, picked in menus and held in the address: `?block=a_original,e_full_preact&width=16`."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import streamlit as st

from resnet_viz.blocks.inception import INCEPTION
from resnet_viz.blocks.single import SingleBlock, single_block
from resnet_viz.blocks.variants import (
    MAX_BLOCKS,
    VARIANTS,
    BlockSettings,
    ShapeChange,
    VariantGroup,
    variants_of,
)
from resnet_viz.i18n import _
from resnet_viz.present.blocks.facts import convs_title, group_title, shape_title, variant_title
from resnet_viz.present.blocks.inception_column import inception_title
from resnet_viz.spec.enums import BlockKind, Order
from resnet_viz.spec.validation import did_you_mean, shown
from resnet_viz.ui.widgets import url_state, viewport
from resnet_viz.ui.widgets.messages import show_warning

NAME: Final = "block"  # in the address
DETAILED: Final = "of"  # in the address: the block of the details
DEFAULT: Final = ("a_original",)
SETTINGS: Final = BlockSettings()
_SHOWN: Final = {  # of a group, if one asks for all of it
    VariantGroup.ORDERS: ("a_original", "b_bn_after_add", "c_relu_before_add", "d_relu_only_preact", "e_full_preact"),
    VariantGroup.SHORTCUTS: ("scaled_half", "exclusive_gating", "shortcut_only_gating", "conv1x1", "dropout"),
    VariantGroup.CODE: ("d2l_residual", "d2l_residual_1x1", "residual_64_128"),
}
_KNOWN: Final = (*VARIANTS, INCEPTION)
_MOST_READ: Final = 2 * MAX_BLOCKS  # names of an address; a message for each wrong one
MAX_WIDTH: Final = 1_024
MAX_SIZE: Final = 512
_WITHOUT_NORM: Final = {Order.BN_AFTER_ADD: ("b", "a"), Order.FULL_PREACT: ("e", "d")}


class Picked(NamedTuple):
    """Blocks of the page; there is one at least.

    Attributes:
        blocks: the residual and plain ones.
        inception_at: number of them left of Inception 3a; None where that is not chosen.
    """

    blocks: tuple[SingleBlock, ...]
    inception_at: int | None


def pick_blocks() -> Picked:
    """Shows the controls and returns the chosen blocks.

    A message names each block or number in the address that is refused; the others stay. Within the limits of width and
    size every variant makes a block.
    """
    with st.container(border=True, key="blocks", gap="small"):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            ids = _pick_ids()
            _offer()
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            settings = _pick_settings()
    _compare_without_norm(ids, settings)
    blocks = tuple(single_block(VARIANTS[name], settings) for name in ids if name != INCEPTION)
    return Picked(blocks, ids.index(INCEPTION) if INCEPTION in ids else None)


def _pick_ids() -> list[str]:
    given = [part for part in st.query_params.get(NAME, ",".join(DEFAULT)).split(",") if part]
    if len(given) > MAX_BLOCKS:
        message = _("Up to {most} blocks are shown side by side; the address names {got}. The first of them are shown.")
        show_warning(message.format(most=MAX_BLOCKS, got=f"{len(given):,}"))
    known = list(dict.fromkeys(filter(_is_known, given[:_MOST_READ])))
    ids = known[:MAX_BLOCKS] or list(DEFAULT)
    st.session_state[url_state.key_of(NAME)] = ids
    picked = st.multiselect(
        _("Blocks, from left to right"),
        list(_KNOWN),
        format_func=lambda name: inception_title() if name == INCEPTION else variant_title(VARIANTS[name]),
        max_selections=MAX_BLOCKS,
        **url_state.bound(NAME, ",".join(DEFAULT), lambda ids: ",".join(ids or DEFAULT), _clear_detailed),
    )
    return picked or list(DEFAULT)


def _clear_detailed() -> None:
    """Takes the block of the details out of the address, for it may be none of the new ones."""
    st.query_params.pop(DETAILED, None)


def _is_known(name: str) -> bool:
    if name in _KNOWN:
        return True
    message = _("No block is called {name!r}.").format(name=shown(name))
    show_warning(message + did_you_mean(name, list(_KNOWN)))
    return False


def _offer() -> None:
    """Shows the comparisons of the papers, a group each."""
    with st.popover(_("Compare"), icon=":material/compare_arrows:", width="content", key="compare_blocks"):
        for group in VariantGroup:
            st.button(group_title(group), type="tertiary", key=f"group:{group}", on_click=_open, args=(group,))
        st.button(_("Inception against residual"), type="tertiary", key="group:inception", on_click=_open_inception)


def _open_inception() -> None:
    """Shows Inception 3a in the details, where paths are switched off and joined in another way."""
    with url_state.changing():
        url_state.write("details", "inception", "walk")


def _open(group: VariantGroup) -> None:
    """Shows a group of variants side by side, all at a change of shape where it is about one."""
    ids = _SHOWN.get(group) or tuple(variant.id for variant in variants_of(group))[:MAX_BLOCKS]
    shape = ShapeChange.HALVES if group is VariantGroup.OPTIONS else SETTINGS.shape
    with url_state.changing():
        _clear_detailed()
        url_state.write(NAME, ",".join(ids), ",".join(DEFAULT))
        url_state.write("shape", shape.value, SETTINGS.shape.value)


def _pick_settings() -> BlockSettings:
    with viewport.bottom_aligned():
        convs = url_state.segments(
            _("Convolutions"),
            "convs",
            [kind.value for kind in BlockKind],
            SETTINGS.convs.value,
            lambda value: convs_title(BlockKind(value)),
        )
    with viewport.bottom_aligned():
        shape = url_state.segments(
            _("Shape"),
            "shape",
            [shape.value for shape in ShapeChange],
            SETTINGS.shape.value,
            lambda value: shape_title(ShapeChange(value)),
        )
    width = url_state.integer(_("Width"), "width", low=1, high=MAX_WIDTH, default=SETTINGS.width, width=130)
    size = url_state.integer(_("Map size, px"), "size", low=1, high=MAX_SIZE, default=SETTINGS.size, width=130)
    has_norm = url_state.switch(_("batch norm"), "norm", default=SETTINGS.has_norm)
    return BlockSettings(BlockKind(convs), ShapeChange(shape), width, size, has_norm)


def _compare_without_norm(ids: Sequence[str], settings: BlockSettings) -> None:
    """Explains which orders are the same without norm."""
    if settings.has_norm:
        return
    orders = [VARIANTS[name].fields.get("order") for name in ids if name != INCEPTION]
    for order, (letter, same) in _WITHOUT_NORM.items():
        if order in orders:
            message = _("Without batch norm, order {letter} has no norm to place: it is order {same}, to the last bit.")
            show_warning(message.format(letter=letter, same=same))
