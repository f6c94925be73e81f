"""Nets that train in no time, and their records."""

from collections.abc import Generator
from typing import Any

import pytest
from torch import Tensor, nn

from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import residual_preset
from resnet_viz.training.engine.images import ImageData, batches
from resnet_viz.training.engine.loop import train
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import Record, Step


def small(name: str = "cifar_resnet8", **fields: Any) -> NetSpec:
    return residual_preset(name, **{"widths": (4, 8, 16), "in_channels": 1, "image_size": 8, **fields})


def recipe(spec: NetSpec, **fields: Any) -> Recipe:
    return Recipe(nets=(spec,), **{"steps": 12, "batch_size": 32, "warmup_steps": 2, "eval_every": 5, **fields})


def run(net: Net, data: ImageData, what: Recipe, **settings: Any) -> Generator[Record, None, None]:
    records = train(net, data, what, label=what.labels[0], **settings)
    assert isinstance(records, Generator)
    return records


def steps_of(net: Net, data: ImageData, what: Recipe, **settings: Any) -> list[Step]:
    return [record for record in run(net, data, what, **settings) if isinstance(record, Step)]


def first_batch(data: ImageData, what: Recipe) -> tuple[Tensor, Tensor]:
    indices = next(batches(len(data.train_y_N), batch_size=what.batch_size, seed=what.seed))
    return data.train_x_NCHW[indices], data.train_y_N[indices]


def hold_update_ratios(data: ImageData, what: Recipe) -> None:
    """Holds the measured update ratios of a run's only net against the weights before and after each step."""
    net = build(what.nets[0])
    convs = {name: module.weight for name, module in net.named_modules() if isinstance(module, nn.Conv2d)}
    before = {name: weight.detach().clone().double() for name, weight in convs.items()}
    for record in run(net, data, what):
        if not isinstance(record, Step):
            continue
        after = {name: weight.detach().clone().double() for name, weight in convs.items()}
        for name, ratio in record.update_ratio.items():
            direct = (after[name] - before[name]).norm() / before[name].norm()
            assert ratio == pytest.approx(direct.item(), rel=2e-3, abs=1e-9), (record.step, name)
        before = after
