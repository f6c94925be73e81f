"""Controls of the gradients page, all in the address: `?depth=110&norm=batch&nets=plain,e_full_preact&seeds=5`.

Depth and quantity are above the chart, the rest beside it; on a phone, where columns are stacked, below.
"""

from enum import StrEnum
from typing import Final, NamedTuple

import streamlit as st

from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.present.gradients.curves import View, view_name
from resnet_viz.present.gradients.nets import (
    BENCH_NETS,
    LAMBDA,
    MAX_DEPTH,
    BenchNet,
    named_net,
    nearest_depth,
    net_title,
)
from resnet_viz.spec.enums import Init, Norm
from resnet_viz.theory.gradients import BENCH_WIDTH, DEPTHS, MOST_SEEDS
from resnet_viz.ui.widgets import url_state, viewport
from resnet_viz.ui.widgets.messages import show_warning

DEPTH: Final = 56
NETS: Final = ("plain", "a_original", "e_full_preact")
MAX_WIDTH: Final = 64
_BOTH: Final = "both"
_NORMS: Final = {_BOTH: (Norm.BATCH, Norm.NONE), Norm.BATCH.value: (Norm.BATCH,), Norm.NONE.value: (Norm.NONE,)}
_SLIDER: Final = "widget:depth_slider"
_STOPS: Final = (*range(DEPTHS[0], 57, 6), 68, 80, 92, 110, 140, 164, 218, 272, 326, 434, 542, 656, 800, 998)
_FIELD_PX: Final = 96
_SCALE: Final = 0.9
_MAX_SCALE: Final = 2.0


class Moment(StrEnum):
    """When the nets are measured. The values are part of addresses."""

    START = "start"
    STEPS = "steps"


_NUM_SEEDS: Final = {Moment.START: 3, Moment.STEPS: 1}  # defaults: training takes longer than one pass
_VIEW: Final = {Moment.START: View.BLOCK, Moment.STEPS: View.WEIGHT}  # defaults: the gradient that turns
_NORM: Final = {Moment.START: _BOTH, Moment.STEPS: Norm.BATCH.value}


class BenchChoice(NamedTuple):
    """Choices of the page.

    Attributes:
        nets: each with every norm that was picked.
        norms: one or two, in the order of the panels.
        init: initial weights.
        seeds: from 0.
    """

    nets: tuple[BenchNet, ...]
    norms: tuple[Norm, ...]
    init: Init
    seeds: tuple[int, ...]


def pick_moment() -> tuple[int, Moment, View]:
    """Shows the line above the chart and returns the depth, the moment and the quantity."""
    names = {Moment.START: _("before training"), Moment.STEPS: _("over first steps")}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        depth = _pick_depth()
        with viewport.bottom_aligned():
            moment = Moment(
                url_state.segments(
                    _("Measured"),
                    "at",
                    list(Moment),
                    Moment.START,
                    lambda name: names[Moment(name)],
                    clears=lambda name: name == "view",
                )
            )
        with viewport.bottom_aligned():
            views = [view for view in View if view.is_gradient or moment is Moment.START]
            view = View(
                url_state.segments(_("Quantity"), "view", views, _VIEW[moment], lambda name: view_name(View(name)))
            )
    return depth, moment, view


def pick_nets(depth: int, moment: Moment) -> BenchChoice:
    """Shows the rail beside the chart and returns what is picked; there may be no net."""
    ids, scale = _pick_ids()
    norms = _pick_norms(_NORM[moment])
    init = _pick_init()
    with st.container(horizontal=True, gap="small"):
        width = url_state.integer(_("Width"), "width", low=1, high=MAX_WIDTH, default=BENCH_WIDTH, width=_FIELD_PX)
        num_seeds = url_state.integer(
            _("Seeds"), "seeds", low=1, high=MOST_SEEDS, default=_NUM_SEEDS[moment], width=_FIELD_PX
        )
    return BenchChoice(_made(ids, norms, depth, width, scale), norms, init, tuple(range(num_seeds)))


def _made(ids: list[str], norms: tuple[Norm, ...], depth: int, width: int, scale: float) -> tuple[BenchNet, ...]:
    try:
        return tuple(
            named_net(name, depth=depth, width=width, norm=norm, scale=scale) for name in ids for norm in norms
        )
    except Refusal as refusal:
        show_warning(str(refusal))
        return ()


def _pick_depth() -> int:
    """Shows a slider and a field for the depth; one that is no 6n + 2 is replaced by the nearest, with a message."""
    given = url_state.integer("", "depth", low=DEPTHS[0], high=MAX_DEPTH, default=DEPTH, is_shown=False)
    depth = nearest_depth(given)
    if depth != given:
        message = _("Depths of these nets are 6n + 2 (8, 14, 20, ...); got {got}. Shown is {near}.")
        show_warning(message.format(got=given, near=depth))
    st.session_state[_SLIDER] = depth

    def moved() -> None:
        with url_state.changing():
            url_state.write("depth", str(st.session_state[_SLIDER]), str(DEPTH))

    st.select_slider(_("Depth, weighted layers"), sorted({*_STOPS, depth}), key=_SLIDER, on_change=moved, width=250)
    key = url_state.key_of("depth")
    st.session_state[key] = depth
    tie = url_state.bound("depth", str(DEPTH), str)
    st.number_input(_("6n + 2"), min_value=DEPTHS[0], max_value=MAX_DEPTH, step=6, width=130, **tie)
    return depth


def _pick_norms(default: str) -> tuple[Norm, ...]:
    names = {_BOTH: _("both"), Norm.BATCH.value: _("batch"), Norm.NONE.value: _("none")}
    return _NORMS[url_state.segments(_("Norm"), "norm", list(_NORMS), default, names.__getitem__)]


def _pick_init() -> Init:
    names = {Init.HE.value: _("He"), Init.TORCH_DEFAULT.value: "PyTorch"}
    return Init(url_state.segments(_("Initial weights"), "init", list(names), Init.HE.value, names.__getitem__))


def _pick_ids() -> tuple[list[str], float]:
    """Shows the nets, and beside them the factor of `lambda` where it is one of them."""
    slot = st.container()
    scale = url_state.decimal(
        _("λ, factor of every shortcut"),
        LAMBDA,
        low=0.0,
        high=_MAX_SCALE,
        default=_SCALE,
        is_shown=LAMBDA in st.query_params.get("nets", "").split(","),
        step=0.1,
        width=_FIELD_PX * 2,
    )
    with slot:
        ids = url_state.several(_("Nets"), "nets", BENCH_NETS, NETS, lambda name: net_title(name, scale))
    return ids, scale
