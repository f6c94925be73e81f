"""The roles that graph, charts, formulas and text share, each with one colour everywhere."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple, assert_never

from resnet_viz.plan.ops import (
    Add,
    BatchNorm,
    Complement,
    Conv,
    Dropout,
    GlobalAvgPool,
    Linear,
    MaxPool,
    Multiply,
    Op,
    ReLU,
    Scale,
    Sigmoid,
    ZeroPad,
)


class Role(StrEnum):
    """What a thing on the screen stands for."""

    SHORTCUT = "shortcut"
    BRANCH = "branch"  # the residual branch, F(x)
    CONV = "conv"
    NORM = "norm"
    ACT = "act"
    POOL = "pool"
    HEAD = "head"
    DATA = "data"  # pictures and scores, and the line that the signal takes


class Paint(NamedTuple):
    """How a role is painted: CSS colours.

    Attributes:
        line: borders, edges and curves.
        fill: areas behind text.
        text: words on the page's background, with contrast of at least 4.5.
    """

    line: str
    fill: str
    text: str


Palette = Mapping[Role, Paint]


def role_of(op: Op) -> Role:
    """Returns the role of a layer. Projections, gates and what acts on a branch are known by their names only."""
    match op:
        case Conv():
            return Role.CONV
        case BatchNorm():
            return Role.NORM
        case ReLU() | Sigmoid():
            return Role.ACT
        case MaxPool() | GlobalAvgPool():
            return Role.POOL
        case Linear():
            return Role.HEAD
        case ZeroPad() | Add() | Scale() | Complement() | Multiply() | Dropout():
            return Role.SHORTCUT
        case _:
            assert_never(op)
