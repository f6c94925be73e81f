"""The roles that graph, charts, formulas and text share, each with one colour everywhere."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple, assert_never

from resnet_viz.plan.ops import (
    AdaptiveAvgPool,
    Add,
    BatchNorm,
    Complement,
    Conv,
    Dropout,
    Flatten,
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
from resnet_viz.plan.plan import Node


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


class RoleColors(NamedTuple):
    """How a role is painted: CSS colours.

    Attributes:
        line: borders, edges and curves.
        fill: areas behind text.
        text: words on the page's background, with contrast of at least 4.5.
    """

    line: str
    fill: str
    text: str


Palette = Mapping[Role, RoleColors]


def role_of(op: Op) -> Role:
    """Returns the role of a layer. Projections, gates and what acts on a branch are known by their names only."""
    match op:
        case Conv():
            return Role.CONV
        case BatchNorm():
            return Role.NORM
        case ReLU() | Sigmoid():
            return Role.ACT
        case MaxPool() | GlobalAvgPool() | AdaptiveAvgPool():
            return Role.POOL
        case Flatten() | Dropout():
            return Role.DATA
        case Linear():
            return Role.HEAD
        case ZeroPad() | Add() | Scale() | Complement() | Multiply() | Dropout():
            return Role.SHORTCUT
        case _:
            assert_never(op)


def role_in_block(node: Node) -> Role:
    """Returns the colour of a layer of a block: a gate's layers and factors belong to the path that they act on."""
    if _is_on_shortcut(node) or ".gate." in node.name:
        return Role.SHORTCUT
    return Role.BRANCH if isinstance(node.op, Multiply | Scale) else role_of(node.op)


def arrow_role(node: Node, position: int) -> Role:
    """Returns the line that leads to a layer of a block. A sum reads the shortcut last, a product its gate."""
    if isinstance(node.op, Add):
        return Role.SHORTCUT if position else Role.BRANCH
    if isinstance(node.op, Multiply) and position:
        return Role.DATA
    if _is_on_shortcut(node):
        return Role.SHORTCUT
    return Role.BRANCH if isinstance(node.op, Multiply) else Role.DATA


def _is_on_shortcut(node: Node) -> bool:
    return ".shortcut." in node.name or node.leaf == "gated_shortcut"
