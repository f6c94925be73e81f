"""The lab's settings as controls: what the picked recipe says is their default, what differs stands in the address."""

from collections.abc import Mapping
from typing import Final

import streamlit as st

from resnet_viz.data.datasets import DataName
from resnet_viz.i18n import _
from resnet_viz.present.training.recipe import augment_name, data_title, init_name
from resnet_viz.spec import codec
from resnet_viz.spec.enums import Init, Norm
from resnet_viz.spec.titles import value_name
from resnet_viz.training import lab_nets, recipe_text
from resnet_viz.training.recipe import MAX_BATCH, MAX_LR, MAX_SEED, MAX_SEEDS, MAX_STEPS, Augment, DeviceName, Schedule
from resnet_viz.ui.widgets import url_state

Texts = Mapping[str, str]
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
    """Gives what older links say its name of today."""
    for old, new in recipe_text.ALIASES.items():
        if old in st.query_params:
            text = st.query_params.pop(old)
            st.query_params.setdefault(new, text)


def without_control() -> dict[str, str]:
    """Returns what the address says of fields that have no control here: it holds all the same."""
    return {name: text for name, text in st.query_params.to_dict().items() if name in _WITHOUT_CONTROL}


def pick_steps(base: Texts) -> dict[str, str]:
    """Shows the number of steps."""
    number = url_state.integer(
        _("Steps"), "steps", low=1, high=MAX_STEPS, default=int(base["steps"]), step=10, width=_FIELD_PX
    )
    return {"steps": str(number)}


def pick_seeds(meant_for: int) -> int:
    """Shows from how many seeds the recipe is trained, and where that differs how many it is meant for."""
    number = url_state.integer(
        _("Seeds"),
        "seeds",
        low=1,
        high=MAX_SEEDS,
        default=1,
        help=_("Runs of the same recipe from its seed and those that follow it, one after the other."),
        width=_SEEDS_PX,
    )
    if meant_for not in (1, number):
        st.button(
            _("meant for {n}").format(n=meant_for),
            key="take_seeds",
            help=_("Take {n} seeds: one alone does not show what is chance.").format(n=meant_for),
            type="tertiary",
            icon=":material/repeat:",
            on_click=_take_seeds,
            args=(meant_for,),
        )
    return number


def _take_seeds(number: int) -> None:
    with url_state.changing():
        url_state.write("seeds", str(number), "1")


def pick_others(base: Texts) -> dict[str, str]:
    """Shows a drawer with all other settings and returns their texts.

    Args:
        base: what each field is where the address says nothing.
    """
    drawer = st.popover(_("More"), icon=":material/tune:", width="content", key=DRAWER, on_change="rerun")
    is_shown = bool(drawer.open)
    with drawer:
        texts = _images(base, is_shown=is_shown) | _optimiser(base, is_shown=is_shown)
        texts["norm"] = url_state.segments(
            _("Norm"), "norm", list(Norm), base.get("norm", Norm.BATCH), value_name, is_shown=is_shown
        )
        texts["init"] = url_state.select(
            _("Initial weights"),
            "init",
            list(Init),
            base["init"],
            _init_name,
            is_shown=is_shown,
        )
        texts["seed"] = str(
            url_state.integer(_("Seed"), "seed", low=0, high=MAX_SEED, default=int(base["seed"]), is_shown=is_shown)
        )
        texts["device"] = url_state.segments(_("Device"), "device", list(DeviceName), base["device"], is_shown=is_shown)
    if texts["norm"] == Norm.BATCH and "norm" not in base:
        del texts["norm"]  # what nets have anyway
    return texts


def _images(base: Texts, *, is_shown: bool) -> dict[str, str]:
    sizes = sorted({*lab_nets.IMAGE_SIZES, int(base["image_size"])})
    return {
        "data": url_state.select(_("Data"), "data", list(DataName), base["data"], data_title, is_shown=is_shown),
        "image_size": url_state.segments(
            _("Image size, px"), "image_size", list(map(str, sizes)), base["image_size"], is_shown=is_shown
        ),
        "augment": url_state.select(
            _("Training images"), "augment", list(Augment), base["augment"], _augment_name, is_shown=is_shown
        ),
        "batch_size": str(
            url_state.integer(
                _("Batch size"), "batch_size", low=2, high=MAX_BATCH, default=int(base["batch_size"]),
                is_shown=is_shown,
            )
        ),
    }  # fmt: skip


def _optimiser(base: Texts, *, is_shown: bool) -> dict[str, str]:
    ranges = {
        "lr": (_("Learning rate"), 1e-4, MAX_LR),
        "momentum": (_("Momentum"), 0.0, 0.999),
        "weight_decay": (_("Weight decay"), 0.0, 1.0),
    }
    numbers = {
        name: url_state.decimal(
            label, name, low=low, high=high, default=float(base[name]), is_shown=is_shown, format="%g"
        )
        for name, (label, low, high) in ranges.items()
    }
    schedule = url_state.segments(
        _("Learning rate over time"), "schedule", list(Schedule), base["schedule"], _schedule_name, is_shown=is_shown
    )
    warmup = url_state.integer(
        _("Warm-up, steps"), "warmup_steps", low=0, high=MAX_STEPS, default=int(base["warmup_steps"]),
        is_shown=is_shown,
    )  # fmt: skip
    texts = {name: codec.format_field(number) for name, number in numbers.items()}
    return {**texts, "schedule": schedule, "warmup_steps": str(warmup)}


def _schedule_name(schedule: str) -> str:
    return {
        Schedule.COSINE: _("cosine"),
        Schedule.CONSTANT: _("constant"),
        Schedule.STEPS: _("÷ 10 at half and three quarters"),
    }[Schedule(schedule)]


def _init_name(init: str) -> str:
    return init_name(Init(init))


def _augment_name(augment: str) -> str:
    return augment_name(Augment(augment))
