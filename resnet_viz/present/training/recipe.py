"""A recipe as people say it, from its fields alone: also of a recipe that this version would refuse."""

from collections.abc import Mapping
from typing import Any

from resnet_viz.data.datasets import DataName
from resnet_viz.i18n import _, ngettext
from resnet_viz.present.units import bytes_text, exact, seconds_text
from resnet_viz.spec.enums import Init
from resnet_viz.training import budget
from resnet_viz.training.machine_speed import Machine
from resnet_viz.training.recipe import Augment, DeviceName, Recipe, Schedule
from resnet_viz.training.recipe_files import KnownRecipe


def data_title(name: str) -> str:
    """Returns what a data set is called; the name itself where it is not known."""
    return {
        DataName.FASHION_MNIST_SUBSET.value: _("Fashion-MNIST, 10,000 + 2,000 images"),
        DataName.FASHION_MNIST.value: _("Fashion-MNIST, 60,000 + 10,000 images"),
        DataName.GRATINGS.value: _("gratings, 8,000 + 1,600 images"),
        DataName.CIFAR10.value: _("CIFAR-10, 50,000 + 10,000 images"),
    }.get(name, name)


def recipe_time(known: KnownRecipe) -> str:
    """Returns how long a shipped recipe takes on two quiet CPU cores, or a sentence where that is not for a CPU."""
    return known.time if known.seconds is None else seconds_text(known.seconds)


def schedule_text(recipe: Recipe) -> str:
    """Returns what the learning rate does, warm-up included: "20 warm-up steps, then cosine"."""
    after = {
        Schedule.COSINE: _("cosine"),
        Schedule.CONSTANT: _("constant"),
        Schedule.STEPS: _("divided by 10 at 1/2 and 3/4 of the steps"),
    }[recipe.schedule]
    if not recipe.warmup_steps:
        return after
    return _("{n} warm-up steps, then {after}").format(n=exact(recipe.warmup_steps), after=after)


def init_name(init: Init) -> str:
    """Returns what the initial weights of convolutions are called."""
    return {
        Init.HE: _("He et al. 2015"),
        Init.TORCH_DEFAULT: _("torch's own"),
        Init.XAVIER_UNIFORM: _("Xavier, uniform"),
    }[init]


def augment_name(augment: Augment) -> str:
    """Returns what is done to the training images."""
    return {
        Augment.NONE: _("left as they are"),
        Augment.PAD_CROP_FLIP: _("padded by 4 px, cropped and mirrored at random"),
    }[augment]


def describe_recipe(recipe: Recipe) -> str:
    """Returns the whole recipe in a sentence, and one more for what is unusual of it."""
    nets = ngettext("{n} net", "{n} nets", len(recipe.nets)).format(n=len(recipe.nets))
    sentence = _(
        "{nets} from seed {seed} on the same batches: {data} at {size} × {size} px, width {width}, batch {batch}, "
        "SGD with learning rate {lr:g} ({schedule}), momentum {momentum:g}, weight decay {decay:g}, {steps} steps."
    )
    said = [
        sentence.format(
            nets=nets,
            seed=recipe.seed,
            data=data_title(recipe.data.value),
            size=recipe.nets[0].image_size,
            width=", ".join(dict.fromkeys(str(spec.widths[0]) for spec in recipe.nets)),
            batch=recipe.batch_size,
            lr=recipe.lr,
            schedule=schedule_text(recipe),
            momentum=recipe.momentum,
            decay=recipe.weight_decay,
            steps=exact(recipe.steps),
        )
    ]
    if recipe.init is not Init.HE:
        said.append(_("Initial weights: {init}.").format(init=init_name(recipe.init)))
    if recipe.augment is not Augment.NONE:
        said.append(_("Training images: {augment}.").format(augment=augment_name(recipe.augment)))
    return " ".join(said)


def cost_text(recipe: Recipe, machine: Machine, *, num_seeds: int = 1, strong: str = "") -> str:
    """Returns about how long a run takes and how much memory, and by what that was reckoned.

    Args:
        recipe: what is to be done.
        machine: what is known of the machine.
        num_seeds: how many such runs there are, one after the other.
        strong: what stands around the time, such as Markdown's two stars.
    """
    is_on_gpu = machine.trains_on_gpu(recipe.device)
    time_s = num_seeds * budget.estimate(recipe, machine=machine)
    words = (
        _("roughly {time} on this machine's GPU, {memory} of memory ({source})")
        if is_on_gpu
        else _("roughly {time} on this machine's CPU, {memory} of memory ({source})")
    )
    return words.format(
        time=f"{strong}{seconds_text(time_s)}{strong}",
        memory=bytes_text(budget.memory_bytes(recipe, machine)),
        source=_("measured on this machine") if machine.is_measured else _("by a reference machine"),
    )


def gpu_caution(recipe: Recipe, machine: Machine) -> str:
    """Returns what a run on a GPU has to be told; empty where it is for a CPU."""
    if not machine.trains_on_gpu(recipe.device) and recipe.device not in (DeviceName.CUDA, DeviceName.MPS):
        return ""
    return _("Training on a GPU has been tested with the same code on CPUs only: nothing shipped was measured on one.")


def recipe_summary(fields: Mapping[str, Any]) -> str:
    """Returns the recipe in a few words for a list, from its saved fields, whatever they hold."""
    nets = fields.get("nets")
    net = nets[0] if isinstance(nets, list) and nets and isinstance(nets[0], Mapping) else {}
    widths = net.get("widths")
    parts = [
        str(data_title(str(fields.get("data", "")))).partition(",")[0],
        _("{n} px").format(n=net.get("image_size", "?")),
        _("width {n}").format(n=widths[0] if isinstance(widths, list) and widths else "?"),
        _("batch {n}").format(n=fields.get("batch_size", "?")),
        _("lr {n}").format(n=fields.get("lr", "?")),
        _("{n} steps").format(n=fields.get("steps", "?")),
        _("seed {n}").format(n=fields.get("seed", "?")),
    ]
    return " · ".join(part[:60] for part in parts if part)
