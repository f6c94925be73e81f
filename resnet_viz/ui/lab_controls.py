"""Controls of the training lab: which nets, on what, and how; what a run will cost; Start."""

import streamlit as st

from resnet_viz.data import sources
from resnet_viz.data.download import download_fashion_mnist
from resnet_viz.data.names import DataName
from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.jobs import client
from resnet_viz.present.recipe_words import data_title
from resnet_viz.runs.seeds import MAX_SEEDS, series
from resnet_viz.spec.naming import order_name
from resnet_viz.spec.terms import Order
from resnet_viz.training import budget, lab
from resnet_viz.training.recipe import MAX_BATCH, MAX_LR, MAX_SEED, MAX_STEPS, DeviceName, Recipe
from resnet_viz.ui import address, lab_cost
from resnet_viz.ui.say import refuse
from resnet_viz.ui.visitor import owner

_FIELD_PX = 150


def pick_recipes() -> tuple[Recipe, ...]:
    """Shows the controls and returns the runs that they describe, one for each seed.

    None, with a sentence, where they describe none.
    """
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            nets = _pick_nets()
            with st.popover(_("More"), icon=":material/tune:", width="content"):
                data = DataName(
                    address.select(_("Data"), "data", list(DataName), DataName.FASHION_MNIST_SUBSET, data_title)
                )
                size = int(
                    address.segments(
                        _("Image size, px"), "size", [str(px) for px in lab.IMAGE_SIZES], str(lab.IMAGE_SIZES[0])
                    )
                )
                lr = address.decimal(_("Learning rate"), "lr", low=1e-4, high=MAX_LR, default=0.1, format="%g")
                batch = address.whole(_("Batch size"), "batch", low=2, high=MAX_BATCH, default=64)
                seed = address.whole(_("Seed"), "seed", low=0, high=MAX_SEED, default=0)
                num_seeds = address.whole(_("Seeds"), "seeds", low=1, high=MAX_SEEDS, default=1)
                device = DeviceName(address.segments(_("Device"), "device", list(DeviceName), DeviceName.AUTO))
        depths, kinds, order, width, steps = nets
        _offer_download(data)
    if not depths or not kinds:
        refuse(_("Pick at least one depth, and plain or residual nets."))
        return ()
    try:
        specs = lab.nets(depths=depths, kinds=kinds, order=order, width=width, image_size=size)
        first = Recipe(
            nets=specs, data=data, lr=lr, batch_size=batch, steps=steps, seed=seed, device=device, **lab.rhythm(steps)
        )  # fmt: skip
        return series(first, num_seeds)
    except Refusal as refusal:
        refuse(str(refusal))
        return ()


def start_button(recipes: tuple[Recipe, ...]) -> None:
    """Shows what the runs will cost and the button that starts them; the address then names the first."""
    if recipes:
        try:
            budget.check(recipes[0])
        except Refusal as refusal:
            refuse(str(refusal))
            recipes = ()
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        is_pressed = st.button(
            _("Start"),
            type="primary",
            icon=":material/play_arrow:",
            disabled=not recipes,
            key="start",
            on_click=_take_what_was_typed,
        )
        if recipes:
            lab_cost.show(recipes)
            if is_pressed:
                _start(recipes)


def _take_what_was_typed() -> None:
    """Makes the address what the session knows: a number typed a moment before Start may not be in it yet."""
    with address.changing():
        pass


def _start(recipes: tuple[Recipe, ...]) -> None:
    try:
        run_id, *_others = client.submit_all(recipes, owner=owner(), is_shared=True)
    except Refusal as refusal:
        refuse(str(refusal))
        return
    st.query_params["run"] = run_id
    st.rerun()


def _pick_nets() -> tuple[list[int], list[lab.Kind], Order, int, int]:
    depths = [str(depth) for depth in lab.DEPTHS]
    picked = address.several(_("Depth"), "depth", depths, ["20", "56"], width="content")
    kinds = address.several(_("Nets"), "nets", list(lab.Kind), list(lab.Kind), _kind, width="content")
    order = address.select(_("Order of the residual nets"), "order", list(Order), Order.FULL_PREACT, _order, width=230)
    width = address.whole(_("Width"), "width", low=1, high=lab.MAX_WIDTH, default=4, width=_FIELD_PX)
    steps = address.whole(_("Steps"), "steps", low=1, high=MAX_STEPS, default=400, step=10, width=_FIELD_PX)
    return [int(depth) for depth in picked], [lab.Kind(kind) for kind in kinds], Order(order), width, steps


def _offer_download(name: DataName) -> None:
    source = next(source for source in sources.available() if source.name is name)
    if source.is_available:
        return
    refuse(source.reason)
    if st.button(_("Download Fashion-MNIST (31 MB)"), icon=":material/download:"):
        bar = st.progress(0.0, _("downloading"))

        def show(done: int, total: int) -> None:
            bar.progress(min(1.0, done / max(1, total)), _("downloading"))

        try:
            download_fashion_mnist(show)
        except Refusal as refusal:
            refuse(str(refusal))
        else:
            st.rerun()


def _kind(kind: str) -> str:
    return {"plain": _("plain"), "residual": _("residual")}[kind]


def _order(order: str) -> str:
    return order_name(Order(order))
