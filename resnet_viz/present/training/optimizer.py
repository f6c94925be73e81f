"""Optimiser, schedule and length of a recipe in words."""

from resnet_viz.i18n import _, ngettext
from resnet_viz.present.units import exact
from resnet_viz.training.optimizers import OptimizerName
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.recipe_values import Schedule


def optimizer_name(optimizer: OptimizerName) -> str:
    """Returns the name of an optimiser."""
    return {OptimizerName.SGD: "SGD", OptimizerName.ADAM: "Adam", OptimizerName.ADAMW: "AdamW"}[optimizer]


def optimizer_title(name: str) -> str:
    """Returns the name of an optimiser, or the text itself if it is unknown."""
    return optimizer_name(OptimizerName(name)) if name in list(OptimizerName) else name


def optimizer_fields(recipe: Recipe) -> str:
    """Returns the optimiser's own fields and the weight decay, with its kind where the two kinds differ."""
    decay = _decay_text(recipe)
    if recipe.optimizer is OptimizerName.SGD:
        words = _("Nesterov momentum {momentum:g}, {decay}") if recipe.nesterov else _("momentum {momentum:g}, {decay}")
        return words.format(momentum=recipe.momentum, decay=decay)
    first, second = recipe.betas
    return _("β1 {first:g}, β2 {second:g}, ε {eps:g}, {decay}").format(
        first=first, second=second, eps=recipe.eps, decay=decay
    )


def _decay_text(recipe: Recipe) -> str:
    words = _("weight decay {decay:g}")
    if recipe.weight_decay and recipe.optimizer is OptimizerName.ADAM:
        words = _("weight decay {decay:g} in the gradient (L2)")
    elif recipe.weight_decay and recipe.optimizer is OptimizerName.ADAMW:
        words = _("decoupled weight decay {decay:g}")
    return words.format(decay=recipe.weight_decay)


def schedule_text(recipe: Recipe) -> str:
    """Returns the learning-rate schedule with its warm-up: "20 warm-up steps, then cosine decay"."""
    after = schedule_name(recipe.schedule)
    if recipe.schedule is Schedule.STEPS:
        after = _drops_text(recipe)
    if not recipe.warmup_steps:
        return after
    words = ngettext("{n} warm-up step, then {after}", "{n} warm-up steps, then {after}", recipe.warmup_steps)
    return words.format(n=exact(recipe.warmup_steps), after=after)


def schedule_name(schedule: Schedule) -> str:
    """Returns the name of a learning-rate schedule."""
    return {
        Schedule.COSINE: _("cosine decay"),
        Schedule.CONSTANT: _("constant"),
        Schedule.STEPS: _("step decay"),
    }[schedule]


def epochs_text(recipe: Recipe) -> str:
    """Returns the length of a run in epochs: "2.56 epochs"."""
    epochs = recipe.epochs
    return ngettext("{n} epoch", "{n} epochs", 1 if epochs == 1 else 2).format(n=f"{epochs:.3g}")


def _drops_text(recipe: Recipe) -> str:
    factor = 1 / recipe.drop_factor
    by = f"÷{factor:g}" if abs(factor - round(factor)) < 1e-9 else f"×{recipe.drop_factor:g}"  # noqa: PLR2004 - float
    if not recipe.drops:
        return _("step decay ({by} at 50 % and 75 %)").format(by=by)
    steps = ", ".join(map(exact, recipe.drops))
    words = ngettext("step decay ({by} at step {steps})", "step decay ({by} at steps {steps})", len(recipe.drops))
    text = words.format(by=by, steps=steps)
    late = sum(drop >= recipe.steps for drop in recipe.drops)  # steps are counted from 0
    if late:
        text += _(", {late} of {n} behind the end of the run").format(late=late, n=len(recipe.drops))
    return text
