"""Recipes in words, for the lab, the command line and lists of runs."""

from collections.abc import Mapping
from typing import Any

from resnet_viz.data.datasets import DataName
from resnet_viz.i18n import _, ngettext
from resnet_viz.present.training.optimizer import (
    epochs_text,
    optimizer_fields,
    optimizer_name,
    optimizer_title,
    schedule_text,
)
from resnet_viz.present.units import bytes_text, exact, seconds_text
from resnet_viz.spec.enums import Init
from resnet_viz.training import budget
from resnet_viz.training.machine_speed import Machine
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.recipe_files import KnownRecipe
from resnet_viz.training.recipe_values import Augment, DeviceName


def data_title(name: str) -> str:
    """Returns the title of a data set, or the name itself if it is unknown."""
    return {
        DataName.FASHION_MNIST_SUBSET.value: _("Fashion-MNIST, 10,000 + 2,000 images"),
        DataName.FASHION_MNIST.value: _("Fashion-MNIST, 60,000 + 10,000 images"),
        DataName.GRATINGS.value: _("Gratings, 8,000 + 1,600 images"),
        DataName.CIFAR10.value: _("CIFAR-10, 50,000 + 10,000 images"),
        DataName.MNIST.value: _("MNIST, 60,000 + 10,000 images"),
    }.get(name, name)


def recipe_time(known: KnownRecipe) -> str:
    """Returns a shipped recipe's time on two idle CPU cores, or a message if it is not for a CPU."""
    return known.time if known.seconds is None else seconds_text(known.seconds)


def init_name(init: Init) -> str:
    """Returns the name of an initialisation of convolutions."""
    return {
        Init.HE: _("He et al. 2015"),
        Init.TORCH_DEFAULT: _("PyTorch default"),
        Init.XAVIER_UNIFORM: _("Xavier uniform"),
    }[init]


def augment_name(augment: Augment) -> str:
    """Returns the name of a data augmentation."""
    return {
        Augment.NONE: _("none"),
        Augment.PAD_CROP_FLIP: _("4 px padding, random crop, horizontal flip"),
    }[augment]


def describe_recipe(recipe: Recipe) -> str:
    """Returns the recipe in one sentence, followed by what is not the default: initialisation, augmentation."""
    nets = ngettext("{n} net", "{n} nets", len(recipe.nets)).format(n=len(recipe.nets))
    sentence = _(
        "{nets} of width {width}, seed {seed}, same batches of {batch}: {data} at {size} × {size} px; {optimizer}, "
        "learning rate {lr:g} ({schedule}), {own}, {steps} ({epochs})."
    )
    parts = [
        sentence.format(
            nets=nets,
            seed=recipe.seed,
            data=data_title(recipe.data.value),
            size=recipe.nets[0].image_size,
            width=", ".join(dict.fromkeys(str(spec.widths[0]) for spec in recipe.nets)),
            batch=recipe.batch_size,
            lr=recipe.lr,
            schedule=schedule_text(recipe),
            optimizer=optimizer_name(recipe.optimizer),
            own=optimizer_fields(recipe),
            steps=ngettext("{n} step", "{n} steps", recipe.steps).format(n=exact(recipe.steps)),
            epochs=epochs_text(recipe),
        )
    ]
    if recipe.init is not Init.HE:
        parts.append(_("Initialisation: {init}.").format(init=init_name(recipe.init)))
    if recipe.augment is not Augment.NONE:
        parts.append(_("Data augmentation: {augment}.").format(augment=augment_name(recipe.augment)))
    return " ".join(parts)


def cost_text(recipe: Recipe, machine: Machine, *, num_seeds: int = 1, strong: str = "") -> str:
    """Returns the estimated time and memory of a run, and the source of the estimate.

    Args:
        recipe: of the run.
        machine: speed of the machine.
        num_seeds: number of such runs, one after another.
        strong: text around the time, such as Markdown's two stars.
    """
    is_on_gpu = machine.trains_on_gpu(recipe.device)
    time_s = num_seeds * budget.estimate(recipe, machine=machine)
    words = (
        _("{time} on this machine's GPU, {memory} of memory ({source})")
        if is_on_gpu
        else _("{time} on this machine's CPU, {memory} of memory ({source})")
    )
    time = f"{strong}{seconds_text(time_s)}{strong}"
    return words.format(
        time=_("about {time}").format(time=time) if round(time_s) else time,
        memory=bytes_text(budget.memory_bytes(recipe, machine)),
        source=_("measured on this machine") if machine.is_measured else _("speed of a reference machine"),
    )


def gpu_caution(recipe: Recipe, machine: Machine) -> str:
    """Returns the caution for a run on a GPU; empty for a CPU."""
    if not machine.trains_on_gpu(recipe.device) and recipe.device not in (DeviceName.CUDA, DeviceName.MPS):
        return ""
    return _("GPU training is tested on CPUs only; no shipped result was measured on a GPU.")


def recipe_summary(fields: Mapping[str, Any]) -> str:
    """Returns a recipe's main fields in one line, from its saved fields, even if this version would refuse them."""
    nets = fields.get("nets")
    net = nets[0] if isinstance(nets, list) and nets and isinstance(nets[0], Mapping) else {}
    widths = net.get("widths")
    parts = [
        str(data_title(str(fields.get("data", "")))).partition(",")[0],
        _("{n} px").format(n=net.get("image_size", "?")),
        _("width {n}").format(n=widths[0] if isinstance(widths, list) and widths else "?"),
        _("batch {n}").format(n=fields.get("batch_size", "?")),
        optimizer_title(str(fields.get("optimizer", ""))),
        _("lr {n}").format(n=fields.get("lr", "?")),
        _("{n} steps").format(n=fields.get("steps", "?")),
        _("seed {n}").format(n=fields.get("seed", "?")),
    ]
    return " · ".join(part[:60] for part in parts if part)
