"""Measures gradients and signals of untrained nets by depth: forward and backward pass of one batch in float64.

Plain nets with batch norm amplify rounding by depth, so that gradients of single precision are noise from some hundred
layers on.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import torch
from torch.nn import functional as F

from resnet_viz.attribution.engine.progress import Tick, no_tick
from resnet_viz.data.datasets import DataName
from resnet_viz.nets.build import build
from resnet_viz.plan.names import locate
from resnet_viz.plan.plan import Section
from resnet_viz.spec.enums import Init
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.theory.gradients import GradientCurves, GradientQuestion
from resnet_viz.training.engine.activations import measure_activations
from resnet_viz.training.engine.gradients import measure_block_gradients, measured_layers
from resnet_viz.training.engine.images import batches, load_images

BATCH: Final = 64
DATA: Final = DataName.FASHION_MNIST_SUBSET
_KEPT: Final = 512  # curves that stay in memory: a page changes one net at a time


def gradient_curves(question: GradientQuestion, tick: Tick = no_tick) -> Iterator[GradientCurves]:
    """Yields the curves of every net and seed, nets in the order of the question."""
    total, number = len(question.nets) * len(question.seeds), 0
    for place, spec in enumerate(question.nets):
        for seed in question.seeds:
            yield _curves(spec, question.init, seed, place)
            number += 1
            tick(number / total)


@lru_cache(maxsize=_KEPT)
def _curves(spec: AnySpec, init: Init, seed: int, place: int) -> GradientCurves:
    net = build(spec, seed=seed, init=init).double().train()
    assert isinstance(spec.image_size, int)  # as the question holds
    data = load_images(DATA, image_size=spec.image_size)
    images_N = next(batches(len(data.train_y_N), batch_size=BATCH, seed=seed))
    layers = measured_layers(net)
    convs = {name: weight for name, weight in layers.convs.items() if locate(name).section is Section.BRANCH}
    with torch.random.fork_rng(), measure_block_gradients(layers) as block_grads:
        torch.manual_seed(seed)  # of dropout
        with measure_activations(layers.blocks) as stats:
            loss = F.cross_entropy(net(data.train_x_NCHW[images_N].double()), data.train_y_N[images_N])
        grads = torch.autograd.grad(loss, list(convs.values()))
    stds, shares = stats.unpack([value for part in stats.packed() for value in part.tolist()])
    return GradientCurves(
        place=place,
        seed=seed,
        loss=float(loss.detach()),
        convs=tuple(convs),
        grad=tuple(float(grad.norm()) for grad in grads),
        blocks=tuple(layers.blocks),
        block_grad=tuple(float(block_grads[name]) for name in layers.blocks),
        activation_std=tuple(stds[name] for name in layers.blocks),
        branch_share=tuple(shares.get(name, float("nan")) for name in layers.blocks),
    )
