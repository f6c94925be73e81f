"""Roles of layers and paths in graph, charts, formulas and text, each with one colour everywhere."""

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
    ReLU,
    Scale,
    Sigmoid,
    ZeroPad,
)
from resnet_viz.plan.plan import Node, Section


class Role(StrEnum):
    """Role of a layer, a path or a value on screen."""

    SHORTCUT = "shortcut"
    DROPOUT = "dropout"  # on a shortcut
    BRANCH = "branch"  # the residual branch, F(x)
    CONV = "conv"
    NORM = "norm"
    ACT = "act"
    POOL = "pool"
    HEAD = "head"
    DATA = "data"  # images and logits, and the line of the signal


class RoleColors(NamedTuple):
    """CSS colours of a role.

    Attributes:
        line: borders, edges and curves.
        fill: areas under text.
        text: words on the page's background, with contrast of at least 4.5.
    """

    line: str
    fill: str
    text: str


Palette = Mapping[Role, RoleColors]


def role_of(node: Node) -> Role:
    """Returns the role of a layer by what it does, wherever it is; only a dropout has one by its section."""
    match node.op:
        case Conv():
            return Role.CONV
        case BatchNorm():
            return Role.NORM
        case ReLU() | Sigmoid():
            return Role.ACT
        case MaxPool() | GlobalAvgPool() | AdaptiveAvgPool():
            return Role.POOL
        case Flatten():
            return Role.DATA
        case Dropout():
            return Role.DROPOUT if node.section is Section.SHORTCUT else Role.DATA
        case Linear():
            return Role.HEAD
        case ZeroPad() | Add() | Scale() | Complement() | Multiply():
            return Role.SHORTCUT
        case _:
            assert_never(node.op)


def role_in_block(node: Node) -> Role:
    """Returns the role of a layer of a block by its path: projections and gates, factors and products too.

    Only a dropout on the shortcut has its own.
    """
    if node.section is Section.SHORTCUT and isinstance(node.op, Dropout):
        return Role.DROPOUT
    if node.section in (Section.SHORTCUT, Section.GATE):
        return Role.SHORTCUT
    return Role.BRANCH if isinstance(node.op, Multiply | Scale) else role_of(node)


def arrow_role(node: Node, position: int) -> Role:
    """Returns the role of an arrow to a layer of a block. A sum reads the shortcut last, a product its gate."""
    if isinstance(node.op, Add):
        return Role.SHORTCUT if position else Role.BRANCH
    if isinstance(node.op, Multiply) and position:
        return Role.DATA
    if node.section is Section.SHORTCUT:
        return Role.SHORTCUT
    return Role.BRANCH if isinstance(node.op, Multiply) else Role.DATA
