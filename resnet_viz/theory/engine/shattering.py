"""Computes dy/dx along a line for nets with one input and one output: 200 units a layer, in float64.

h = x w + b, then L layers, y = h v; all entries of w, b and v are N(0, 1). Feed-forward: h = W ReLU(BN(h)); residual:
h + β W ReLU(BN(h)). The batch of a norm is the line. Shape suffixes: P points, D units.
"""

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional as F

from resnet_viz.attribution.engine.progress import Tick, no_tick
from resnet_viz.theory.shattering import DIGITS, WIDTH, ShatterCurve, ShatterQuestion, autocorrelation, line
from resnet_viz.training.lab_nets import NetType


def shatter_curves(question: ShatterQuestion, tick: Tick = no_tick) -> Iterator[ShatterCurve]:
    """Yields the curves of both nets, seed by seed."""
    total, number = len(question.seeds) * len(NetType), 0
    for seed in question.seeds:
        for kind in NetType:
            derivative_P = _derivative(kind, seed, question)
            values = ((derivative_P - derivative_P.mean()) / derivative_P.std()).tolist()
            yield ShatterCurve(
                kind=kind,
                seed=seed,
                derivative=tuple(round(value, DIGITS) for value in values),
                correlations=autocorrelation(values),
            )
            number += 1
            tick(number / total)


def _derivative(kind: NetType, seed: int, question: ShatterQuestion) -> Tensor:
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    x_P = torch.tensor(line(), dtype=torch.float64, requires_grad=True)
    h_PD = x_P[:, None] * normal(WIDTH) + normal(WIDTH)
    for _layer in range(question.layers):
        weight_DD = normal(WIDTH, WIDTH) * (2 / WIDTH) ** 0.5
        if question.has_norm:
            branch_PD = F.relu(F.batch_norm(h_PD, None, None, training=True)) @ weight_DD
        else:
            branch_PD = F.relu(h_PD) @ weight_DD + normal(WIDTH)
        h_PD = branch_PD if kind is NetType.PLAIN else h_PD + question.beta * branch_PD
    (derivative_P,) = torch.autograd.grad((h_PD @ normal(WIDTH)).sum(), x_P)
    return derivative_P
