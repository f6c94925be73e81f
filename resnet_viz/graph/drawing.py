"""A drawing without a drawing tool: boxes and arrows in rows, rows in frames, ready for any layout.

A row reads from left to right; rows stand below each other like lines of text, and a turn leads from the end of one to
the beginning of the next. What is open has a frame and rows of its own, so that opening one thing moves nothing beside
it.
"""

from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import NamedTuple

from resnet_viz.graph.roles import Role


class Level(StrEnum):
    """How far a drawing goes into the net before anything is opened by hand."""

    STAGE = "stage"
    BLOCK = "block"
    LAYER = "layer"


class BoxForm(StrEnum):
    """The shape of a box."""

    BOX = "box"
    MORE = "more"  # identical blocks that are folded away
    SUM = "sum"  # a small circle with a plus sign
    POINT = "point"  # where a row begins


class Mark(StrEnum):
    """How a box stands against its like in the net that it is compared with."""

    NONE = ""
    EQUAL = "equal"
    DIFFERENT = "different"


class Box(NamedTuple):
    """A node of the drawing.

    Attributes:
        id: unique within the drawing; the plan's own name where there is one.
        role: decides the colour.
        title: first line.
        lines: further lines, in smaller type.
        form: its shape.
        cells: one role for each block inside: a small square in its colour.
        note: a last line in the shortcut's colour: what the shortcuts inside do.
        opens: whether there is more inside to be seen.
        mark: how it compares.
    """

    id: str
    role: Role
    title: str
    lines: tuple[str, ...] = ()
    form: BoxForm = BoxForm.BOX
    cells: tuple[Role, ...] = ()
    note: str = ""
    opens: bool = False
    mark: Mark = Mark.NONE


class Arrow(NamedTuple):
    """An edge of the drawing.

    Attributes:
        source: id of a box.
        target: id of a box.
        label: the shape that goes along it, or what a shortcut does.
        role: SHORTCUT, BRANCH or DATA.
        is_dashed: whether the shortcut changes the shape, as the papers dash it.
    """

    source: str
    target: str
    label: str = ""
    role: Role = Role.DATA
    is_dashed: bool = False


class Row(NamedTuple):
    """Boxes beside each other.

    Attributes:
        id: unique within the drawing.
        frame: id of the innermost frame that holds it, or "".
        boxes: from left to right, what stands on a shortcut behind the branch.
        arrows: between boxes of this row, in running order.
    """

    id: str
    frame: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


class Frame(NamedTuple):
    """A titled rectangle around rows.

    Attributes:
        id: of the part or block that is open, or of the net where several are drawn.
        title: at its top.
        note: behind the title, in smaller type.
        parent: id of the frame around it, or "".
        closes: whether a click on it, beside what it holds, closes it.
        mark: how it compares.
    """

    id: str
    title: str
    note: str = ""
    parent: str = ""
    closes: bool = True
    mark: Mark = Mark.NONE


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawing:
    """One drawing of one net, or of several below each other.

    Attributes:
        rows: from top to bottom.
        frames: in the order in which they begin, an outer one before those inside.
        turns: arrows from a box of one row to the beginning of the next.
    """

    rows: tuple[Row, ...]
    frames: tuple[Frame, ...]
    turns: tuple[Arrow, ...]

    @property
    def boxes(self) -> tuple[Box, ...]:
        """All boxes in running order."""
        return tuple(chain.from_iterable(row.boxes for row in self.rows))

    @property
    def arrows(self) -> tuple[Arrow, ...]:
        """All arrows, turns included."""
        return (*chain.from_iterable(row.arrows for row in self.rows), *self.turns)
