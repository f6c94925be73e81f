"""Nets and records with constructed numbers."""

from dataclasses import replace
from typing import Any

from resnet_viz.present.gradients.curves import NetCurve, View, curves_of
from resnet_viz.present.gradients.nets import BenchNet, named_net
from resnet_viz.spec.enums import Norm
from resnet_viz.theory.gradients import GradientCurves
from tests.fakes.theory_answers import curves_of_net


def net(id: str = "plain", *, norm: Norm = Norm.BATCH, depth: int = 20, scale: float = 0.9) -> BenchNet:
    return named_net(id, depth=depth, width=4, norm=norm, scale=scale)


def record(of: BenchNet, *, place: int = 0, seed: int = 0, factor: float = 1.0, **changes: Any) -> GradientCurves:
    """Curves whose block gradient grows by factor² from block to block, towards the input, and is 1 at the last."""
    return replace(curves_of_net(of.spec, place=place, factor=factor), seed=seed, **changes)


def with_ratios(of: BenchNet, *ratios: float, place: int = 0, step: int = 0) -> list[GradientCurves]:
    """A record per seed whose gradients, first over last, are these; all other places have 1."""
    found = []
    for seed, ratio in enumerate(ratios):
        flat = record(of, place=place, seed=seed, step=step)
        grad, block_grad = ((ratio, *values[1:]) for values in (flat.grad, flat.block_grad))
        found.append(replace(flat, grad=grad, block_grad=block_grad))
    return found


def curve(of: BenchNet, *ratios: float, view: View = View.BLOCK) -> NetCurve:
    """The curve of these ratios."""
    (found,) = curves_of([of], with_ratios(of, *ratios), view)
    return found
