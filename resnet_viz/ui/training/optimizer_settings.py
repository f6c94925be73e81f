"""Optimiser, schedule and length of the lab's run as controls: those of the chosen optimiser and schedule alone."""

from fractions import Fraction
from typing import Final

import streamlit as st

from resnet_viz.data import datasets
from resnet_viz.data.datasets import DataName
from resnet_viz.errors import Refusal
from resnet_viz.i18n import _
from resnet_viz.present.training.optimizer import optimizer_title, schedule_name
from resnet_viz.present.units import exact
from resnet_viz.spec import codec
from resnet_viz.training import optimizers, recipe_choices, recipe_epochs, recipe_text
from resnet_viz.training.optimizers import OptimizerName
from resnet_viz.training.recipe_text import Texts
from resnet_viz.training.recipe_values import MAX_LR, MAX_STEPS, Schedule
from resnet_viz.ui.widgets import url_state
from resnet_viz.ui.widgets.messages import show_warning

_MIN_LR: Final = 1e-6
_EPOCHS: Final = "epochs_of_steps"
_OF_CHOICES: Final = (*optimizers.OWN_FIELDS, *recipe_choices.OF_DROPS)


def settle_address(recipe: Texts) -> None:
    """Replaces lengths in epochs in the address by steps, and names the schedule where there are drops alone.

    Args:
        recipe: texts of the recipe without its named nets; its data and batch size hold where the address has none.
    """
    query = {name: text for name, text in st.query_params.to_dict().items() if name in recipe_text.FIELDS}
    try:
        settled = recipe_text.in_steps(recipe_text.merged(recipe, query))
    except Refusal as refusal:
        if recipe_epochs.STEPS_OF.keys() & query.keys():
            show_warning(str(refusal))
        return
    for epochs, steps in recipe_epochs.STEPS_OF.items():
        if epochs in query:
            st.query_params.pop(epochs)
            st.query_params[steps] = settled[steps]
    has_drops = any(name in st.query_params for name in recipe_choices.OF_DROPS)
    if has_drops and "schedule" not in query and recipe.get("schedule") != Schedule.STEPS:
        st.query_params["schedule"] = Schedule.STEPS.value


def not_shown(shown: Texts) -> dict[str, str]:
    """Returns the texts of the address that belong to an optimiser or schedule that is not chosen; they are refused."""
    query = st.query_params.to_dict()
    return {name: query[name] for name in _OF_CHOICES if name in query and name not in shown}


def pick_epochs(images: Texts, steps: str, *, default: str) -> None:
    """Shows the run's length in epochs; a change of it changes the steps.

    Args:
        images: texts of data set and batch size.
        steps: text of the number of steps.
        default: number of steps that the address leaves out.
    """
    num_images = datasets.SIZES[DataName(images["data"])].train
    batch_size = int(images["batch_size"])
    per_epoch = Fraction(num_images, batch_size)
    st.session_state[_EPOCHS] = float(int(steps) / per_epoch)

    def change() -> None:
        typed = {"epochs": f"{st.session_state[_EPOCHS]:.4f}"}
        wanted = int(recipe_epochs.in_steps(typed, images=num_images, batch_size=batch_size)["steps"])
        with url_state.changing():
            url_state.write("steps", str(wanted), default)

    st.number_input(
        _("Epochs"),
        min_value=float(1 / per_epoch),
        max_value=float(MAX_STEPS / per_epoch),
        step=1.0,
        format="%.2f",
        key=_EPOCHS,
        on_change=change,
        help=_(
            "The same length as the steps. An epoch is {steps:g} steps: {images} images in batches of {batch}. A batch "
            "that ends an epoch is filled from the next one."
        ).format(steps=float(per_epoch), images=exact(num_images), batch=exact(batch_size)),
    )


def pick(texts_of_recipe: Texts, *, is_shown: bool) -> dict[str, str]:
    """Shows the controls and returns their texts; the recipe has the defaults."""
    usual = recipe_text.filled(texts_of_recipe)
    optimizer = url_state.segments(
        _("Optimiser"), "optimizer", list(OptimizerName), usual["optimizer"], optimizer_title, is_shown=is_shown,
        clears=recipe_choices.OF_OPTIMIZER.__contains__,
    )  # fmt: skip
    base = recipe_text.filled(recipe_text.merged(texts_of_recipe, {"optimizer": optimizer}))
    texts = {"optimizer": optimizer, **_rates(base, is_shown=is_shown)}
    if optimizer == OptimizerName.SGD:
        texts |= _of_sgd(base, is_shown=is_shown)
    else:
        texts |= _of_adam(base, is_shown=is_shown)
    return texts | _schedule(texts_of_recipe, is_shown=is_shown)


def _rates(base: Texts, *, is_shown: bool) -> dict[str, str]:
    lr = float(base["lr"])
    return {
        "lr": _decimal(_("Learning rate"), "lr", _MIN_LR, MAX_LR, lr, is_shown=is_shown, step=lr / 10),
        "weight_decay": _decimal(
            _("Weight decay"), "weight_decay", 0.0, 1.0, float(base["weight_decay"]), is_shown=is_shown,
            help=_("SGD and Adam add it to the gradient (L2), AdamW shrinks the weights by it, times the rate."),
        ),
    }  # fmt: skip


def _of_sgd(base: Texts, *, is_shown: bool) -> dict[str, str]:
    momentum = _decimal(_("Momentum"), "momentum", 0.0, 0.999, float(base["momentum"]), is_shown=is_shown)
    is_nesterov = url_state.switch(
        _("Nesterov momentum"), "nesterov", default=base["nesterov"] == "true", is_shown=is_shown
    )
    return {"momentum": momentum, "nesterov": codec.format_field(is_nesterov)}


def _of_adam(base: Texts, *, is_shown: bool) -> dict[str, str]:
    betas = url_state.text(
        _("Betas"), "betas", default=base["betas"], is_shown=is_shown,
        help=_("Decays of the mean gradient and of the mean squared gradient."),
    )  # fmt: skip
    eps = float(base["eps"])
    return {"betas": betas, "eps": _decimal(_("Epsilon"), "eps", 1e-16, 1.0, eps, is_shown=is_shown, step=eps)}


def _schedule(texts_of_recipe: Texts, *, is_shown: bool) -> dict[str, str]:
    usual = recipe_text.filled(texts_of_recipe)
    schedule = url_state.segments(
        _("Learning-rate schedule"), "schedule", list(Schedule), usual["schedule"], _schedule_name, is_shown=is_shown,
        clears=recipe_choices.OF_DROPS.__contains__,
    )  # fmt: skip
    warmup = url_state.integer(
        _("Warm-up steps"), "warmup_steps", low=0, high=MAX_STEPS, default=int(usual["warmup_steps"]),
        is_shown=is_shown,
    )  # fmt: skip
    texts = {"schedule": schedule, "warmup_steps": str(warmup)}
    if schedule == Schedule.STEPS:
        base = recipe_text.filled(recipe_text.merged(texts_of_recipe, {"schedule": schedule}))
        texts["drops"] = url_state.text(
            _("Drops at steps"), "drops", default=base["drops"], is_shown=is_shown,
            placeholder=_("50 % and 75 % of all steps"),
        )  # fmt: skip
        texts["drop_factor"] = _decimal(
            _("Factor of a drop"), "drop_factor", 1e-3, 1.0, float(base["drop_factor"]), is_shown=is_shown, step=0.1
        )
    return texts


def _decimal(
    label: str,
    name: str,
    low: float,
    high: float,
    default: float,
    *,
    is_shown: bool,
    step: float | None = None,
    help: str | None = None,
) -> str:
    number = url_state.decimal(
        label, name, low=low, high=high, default=default, is_shown=is_shown, format="%g", step=step, help=help
    )
    return codec.format_field(number)


def _schedule_name(schedule: str) -> str:
    return schedule_name(Schedule(schedule))
