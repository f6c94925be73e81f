"""Measures gradients and signals of nets while they are trained, by the loop of training and its probes."""

from collections.abc import Iterator
from math import gcd, nan
from typing import Final, cast

from resnet_viz.attribution.engine.progress import Tick, no_tick
from resnet_viz.nets.build import build
from resnet_viz.plan.names import locate
from resnet_viz.plan.plan import Section
from resnet_viz.spec.net import NetSpec
from resnet_viz.theory.gradients import GradientCurves, StepsQuestion
from resnet_viz.training import recipe_files
from resnet_viz.training.engine.images import load_images
from resnet_viz.training.engine.loop import train
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import Step

RECIPE: Final = "degradation"


def curves_by_step(question: StepsQuestion, tick: Tick = no_tick) -> Iterator[GradientCurves]:
    """Yields the curves of every net and seed after each step of the question, in rounds of steps.

    A net that diverges gives none after its last step.
    """
    runs = {
        (place, seed): _steps(cast(NetSpec, spec), _recipe(cast(NetSpec, spec), question, seed))
        for seed in question.seeds
        for place, spec in enumerate(question.nets)
    }
    last, wanted = question.steps[-1], set(question.steps)
    for step in range(last + 1):
        for number, ((place, seed), steps) in enumerate(runs.items()):
            tick((step + number / len(runs)) / (last + 1))
            taken = next(steps, None)
            if taken is not None and step in wanted:
                yield _curves(taken, place, seed)
    tick(1.0)


def _recipe(spec: NetSpec, question: StepsQuestion, seed: int) -> Recipe:
    """Returns the recipe of one net: that of the race, measured where the question asks."""
    recipe = recipe_files.find(RECIPE).recipe
    every = gcd(*question.steps) or recipe.steps
    return recipe.replace(nets=(spec,), init=question.init, seed=seed, probe_every=every, eval_every=recipe.steps)


def _steps(spec: NetSpec, recipe: Recipe) -> Iterator[Step]:
    data = load_images(recipe.data, image_size=spec.square_side)
    net = build(spec, seed=recipe.seed, init=recipe.init)
    records = train(net, data, recipe, label=recipe.labels[0])
    return (record for record in records if isinstance(record, Step))


def _curves(step: Step, place: int, seed: int) -> GradientCurves:
    convs = tuple(name for name in step.grad_norm if locate(name).section is Section.BRANCH)
    blocks = tuple(step.block_grad_norm)
    return GradientCurves(
        place=place,
        seed=seed,
        step=step.step,
        loss=step.loss,
        convs=convs,
        grad=tuple(step.grad_norm[name] for name in convs),
        blocks=blocks,
        block_grad=tuple(step.block_grad_norm.values()),
        activation_std=tuple(step.activation_std[name] for name in blocks),
        branch_share=tuple(step.branch_share.get(name, nan) for name in blocks),
    )
