"""Signals of units in the five activation orders: a fully connected net at initialisation, in float64.

The input is normal, behind a ReLU for the orders whose stem ends in one (a to c). Shape suffixes: N inputs, D features.
"""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional as F

from resnet_viz.attribution.engine.progress import Tick, no_tick
from resnet_viz.plan.units import BETWEEN, UNITS, UnitLayer
from resnet_viz.spec.enums import Order
from resnet_viz.theory.order_signals import WIDTH, OrderQuestion, OrderSignals


def order_signals(question: OrderQuestion, tick: Tick = no_tick) -> Iterator[OrderSignals]:
    """Yields the signals of every order, seed by seed."""
    total, number = len(Order) * len(question.seeds), 0
    for seed in question.seeds:
        for order in Order:
            yield _signals(order, seed, question.units)
            number += 1
            tick(number / total)


def _signals(order: Order, seed: int, num_units: int) -> OrderSignals:
    generator = torch.Generator().manual_seed(seed)
    x_ND = torch.randn(WIDTH, WIDTH, generator=generator, dtype=torch.float64)
    x_ND = x_ND if order.is_preact else F.relu(x_ND)
    outputs, cuts = [x_ND], [0.0]
    for _unit in range(num_units):
        total_ND = x_ND + _branch(order, x_ND, generator)
        x_ND = _layers(UNITS[order].post, total_ND)
        outputs.append(x_ND)
        if UnitLayer.ACT in UNITS[order].post:
            before_ND = _layers(UNITS[order].post[:-1], total_ND)
            cuts.append(float((before_ND < 0).double().mean()))
    return OrderSignals(
        order=order,
        seed=seed,
        mean=tuple(float(output.mean()) for output in outputs),
        least=tuple(float(output.min()) for output in outputs),
        std=tuple(float(output.std()) for output in outputs),
        cut=tuple(cuts) if len(cuts) > 1 else (),
    )


def _branch(order: Order, x_ND: Tensor, generator: torch.Generator) -> Tensor:
    """Returns F(x): two layers, with norms and ReLUs where the order has them."""
    for layers in (UNITS[order].pre, BETWEEN):
        x_ND = _layers(layers, x_ND)
        weight_DD = torch.randn(WIDTH, WIDTH, generator=generator, dtype=torch.float64) * (2 / WIDTH) ** 0.5
        x_ND = x_ND @ weight_DD
    return _layers(UNITS[order].tail, x_ND)


def _layers(layers: tuple[UnitLayer, ...], x_ND: Tensor) -> Tensor:
    for layer in layers:
        x_ND = F.relu(x_ND) if layer is UnitLayer.ACT else _norm(x_ND)
    return x_ND


def _norm(x_ND: Tensor) -> Tensor:
    """Returns batch norm with the batch's statistics."""
    return F.batch_norm(x_ND, None, None, training=True)
