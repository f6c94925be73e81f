"""Settings of the lab as controls: the recipe has their defaults, the address the changes."""

from typing import Final

import streamlit as st

from resnet_viz.data.datasets import DataName
from resnet_viz.i18n import _
from resnet_viz.present.training.recipe import augment_name, data_title, init_name
from resnet_viz.spec import codec
from resnet_viz.spec.enums import Init, Norm
from resnet_viz.spec.titles import field_name, value_name
from resnet_viz.training import lab_nets, recipe_text
from resnet_viz.training.recipe import MAX_SEEDS
from resnet_viz.training.recipe_text import Texts
from resnet_viz.training.recipe_values import MAX_BATCH, MAX_SEED, MAX_STEPS, Augment, DeviceName
from resnet_viz.ui.training import optimizer_settings
from resnet_viz.ui.widgets import url_state

_FIELD_PX: Final = 150
_SEEDS_PX: Final = 130  # a narrower one loses its + and -
DRAWER: Final = "fields:"
_WITHOUT_CONTROL: Final = (
    "probe_every",
    "eval_every",
    "dim_match",
    "conv_bias",
    "projection_norm",
    *recipe_text.OF_DATA,
)


def replace_aliases() -> None:
    """Replaces the aliases of older links in the address by the fields' names."""
    for old, new in recipe_text.ALIASES.items():
        if old in st.query_params:
            text = st.query_params.pop(old)
            st.query_params.setdefault(new, text)


def without_control() -> dict[str, str]:
    """Returns the texts of fields in the address that have no control here; they are kept."""
    return {name: text for name, text in st.query_params.to_dict().items() if name in _WITHOUT_CONTROL}


def pick_steps(base: Texts) -> dict[str, str]:
    """Shows the number of steps and returns its text."""
    number = url_state.integer(
        _("Steps"), "steps", low=1, high=MAX_STEPS, default=int(base["steps"]), step=10, width=_FIELD_PX
    )
    return {"steps": str(number)}


def pick_seeds(recommended: int) -> int:
    """Shows the number of seeds, and a button for the recommended number if it differs; returns the number."""
    number = url_state.integer(
        _("Seeds"),
        "seeds",
        low=1,
        high=MAX_SEEDS,
        default=1,
        help=_("Repeat with consecutive seeds."),
        width=_SEEDS_PX,
    )
    if recommended not in (1, number):
        st.button(
            _("Use {n} seeds").format(n=recommended),
            key="take_seeds",
            help=_("One seed cannot show the variance."),
            type="tertiary",
            icon=":material/repeat:",
            on_click=_set_seeds,
            args=(recommended,),
        )
    return number


def _set_seeds(number: int) -> None:
    with url_state.changing():
        url_state.write("seeds", str(number), "1")


def pick_others(texts_of_recipe: Texts, steps: Texts) -> dict[str, str]:
    """Shows a drawer with all other settings and returns their texts.

    Args:
        texts_of_recipe: the recipe without its named nets; it has the defaults.
        steps: number of steps, as picked.
    """
    base = recipe_text.filled(recipe_text.merged(texts_of_recipe, steps))
    drawer = st.popover(_("More settings"), icon=":material/tune:", width="content", key=DRAWER, on_change="rerun")
    is_shown = bool(drawer.open)
    with drawer:
        texts = _images(base, is_shown=is_shown)
        if is_shown:
            optimizer_settings.pick_epochs(texts, steps["steps"], default=recipe_text.filled(texts_of_recipe)["steps"])
        texts |= optimizer_settings.pick({**texts_of_recipe, **steps}, is_shown=is_shown)
        texts["norm"] = url_state.segments(
            _("Norm"), "norm", list(Norm), base.get("norm", Norm.BATCH), value_name, is_shown=is_shown
        )
        texts["init"] = url_state.select(
            _("Initialisation"),
            "init",
            list(Init),
            base["init"],
            _init_name,
            is_shown=is_shown,
        )
        texts |= _zero_init(base, is_shown=is_shown)
        texts["seed"] = str(
            url_state.integer(
                _("Random seed"), "seed", low=0, high=MAX_SEED, default=int(base["seed"]), is_shown=is_shown
            )
        )
        texts["device"] = url_state.segments(_("Device"), "device", list(DeviceName), base["device"], is_shown=is_shown)
    if texts["norm"] == Norm.BATCH and "norm" not in base:
        del texts["norm"]  # the default of nets
    return texts


def _images(base: Texts, *, is_shown: bool) -> dict[str, str]:
    sizes = sorted({*lab_nets.IMAGE_SIZES, int(base["image_size"])})
    return {
        "data": url_state.select(_("Data set"), "data", list(DataName), base["data"], data_title, is_shown=is_shown),
        "image_size": url_state.segments(
            _("Image size, px"), "image_size", list(map(str, sizes)), base["image_size"], is_shown=is_shown
        ),
        "augment": url_state.select(
            _("Data augmentation"), "augment", list(Augment), base["augment"], _augment_name, is_shown=is_shown
        ),
        "batch_size": str(
            url_state.integer(
                _("Batch size"), "batch_size", low=2, high=MAX_BATCH, default=int(base["batch_size"]),
                is_shown=is_shown,
            )
        ),
    }  # fmt: skip


def _zero_init(base: Texts, *, is_shown: bool) -> dict[str, str]:
    """Shows whether blocks begin as the identity; no text where they do not and the recipe says nothing of it."""
    name = "zero_init_residual"
    is_on = url_state.switch(field_name(name), name, default=base.get(name) == "true", is_shown=is_shown)
    return {name: codec.format_field(is_on)} if is_on or name in base else {}


def _init_name(init: str) -> str:
    return init_name(Init(init))


def _augment_name(augment: str) -> str:
    return augment_name(Augment(augment))
