"""A drawing without a drawing tool: boxes, arrows and frames, ready for any layout."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from resnet_viz.graph.roles import Role


class Level(StrEnum):
    """How far a drawing goes into the net."""

    NETWORK = "network"
    STAGE = "stage"
    BLOCK = "block"
    LAYER = "layer"


class Form(StrEnum):
    """The shape of a box."""

    BOX = "box"
    SUM = "sum"  # a small circle with a plus sign
    POINT = "point"  # where the signal splits into branch and shortcut


class Box(NamedTuple):
    """A node of the drawing.

    Attributes:
        id: unique within the drawing; the plan's own name where there is one.
        role: decides the colour.
        title: first line.
        lines: further lines, in smaller type.
        frame: id of the frame that holds it, or "".
        form: its shape.
    """

    id: str
    role: Role
    title: str
    lines: tuple[str, ...] = ()
    frame: str = ""
    form: Form = Form.BOX


class Arrow(NamedTuple):
    """An edge of the drawing.

    Attributes:
        source: id of a box.
        target: id of a box.
        label: the shape that goes along it, or what a shortcut does.
        role: SHORTCUT, BRANCH or DATA.
        is_dashed: whether the shortcut changes the shape, as the papers dash it.
        is_break: whether it leads from one frame to the next, where the layout starts a new row or column.
    """

    source: str
    target: str
    label: str = ""
    role: Role = Role.DATA
    is_dashed: bool = False
    is_break: bool = False


class Frame(NamedTuple):
    """A titled rectangle around boxes.

    Attributes:
        id: unique within the drawing.
        title: at its top.
        num_repeats: how many identical blocks it stands for.
    """

    id: str
    title: str
    num_repeats: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """One drawing of a net.

    Attributes:
        level: how far it goes into the net.
        boxes: in running order.
        arrows: in running order, a shortcut behind the branch that it goes around.
        frames: rows at block level, columns at layer level, in running order.
    """

    level: Level
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    frames: tuple[Frame, ...]
