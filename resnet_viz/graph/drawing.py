"""A drawing without a drawing tool: boxes and arrows in rows, rows in frames, ready for any layout.

A row reads from left to right; rows follow each other like lines of text, and a turn leads from the end of one to the
beginning of the next. An open part or block has a frame and rows of its own, so that opening it moves no neighbour.
"""

from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Final, NamedTuple, Self

from resnet_viz.graph.roles import Role

_PREFIXES: Final = ("", "b/", "c/")  # of the ids of the first, second and third net
MAX_NETS: Final = len(_PREFIXES)


class Level(StrEnum):
    """Depth to which a drawing is open before any click."""

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
    """Comparison of a box with the one of its name in the other nets."""

    NONE = ""
    EQUAL = "equal"
    DIFFERENT = "different"


class BoxRef(NamedTuple):
    """A box or a frame of a drawing.

    Attributes:
        net: number of its net in the drawing, from 0.
        name: its name there: the plan's own where there is one.
    """

    net: int
    name: str

    @property
    def id(self) -> str:
        """Its text in an address, in Graphviz's text and on the page, unique within the drawing."""
        return f"{_PREFIXES[self.net]}{self.name}" if self.name else ""

    @classmethod
    def from_id(cls, text: str) -> Self:
        """Returns the reference that an address holds."""
        net = max(number for number, prefix in enumerate(_PREFIXES) if text.startswith(prefix))
        return cls(net, text.removeprefix(_PREFIXES[net]))


class Box(NamedTuple):
    """A node of the drawing.

    Attributes:
        name: unique within its net; the plan's own name where there is one.
        role: decides the colour.
        title: first line.
        lines: further lines, in smaller type.
        form: its shape.
        cells: one role for each block inside: a small square in its colour.
        note: a last line in the shortcut's colour: the kinds of the shortcuts inside.
        arc: label of an arc around the box, the number of the shortcuts inside; empty for no arc.
        opens: whether a click opens it.
        mark: how it compares.
        folded: of a fold: name of the first block inside.
        net: number of its net in the drawing, from 0.
    """

    name: str
    role: Role
    title: str
    lines: tuple[str, ...] = ()
    form: BoxForm = BoxForm.BOX
    cells: tuple[Role, ...] = ()
    note: str = ""
    arc: str = ""
    opens: bool = False
    mark: Mark = Mark.NONE
    folded: str = ""
    net: int = 0

    @property
    def id(self) -> str:
        """Unique within the drawing."""
        return BoxRef(self.net, self.name).id

    @property
    def shown(self) -> str:
        """Name of the part, block or layer whose figures it shows."""
        return self.folded or self.name


class Arrow(NamedTuple):
    """An edge of the drawing.

    Attributes:
        source: name of a box.
        target: name of a box of the same net.
        label: the shape that goes along it, or the kind of a shortcut.
        role: SHORTCUT, BRANCH or DATA.
        is_dashed: whether the shortcut changes the shape, as the papers dash it.
        net: number of the net of both, from 0.
    """

    source: str
    target: str
    label: str = ""
    role: Role = Role.DATA
    is_dashed: bool = False
    net: int = 0

    @property
    def source_id(self) -> str:
        """The id of the box that it begins at."""
        return BoxRef(self.net, self.source).id

    @property
    def target_id(self) -> str:
        """The id of the box that it ends at."""
        return BoxRef(self.net, self.target).id


class Row(NamedTuple):
    """Boxes next to each other.

    Attributes:
        name: unique within its net.
        frame: name of the innermost frame that holds it, or "".
        boxes: from left to right, those of a shortcut after the branch.
        arrows: between boxes of this row, in running order.
        net: number of its net in the drawing, from 0.
    """

    name: str
    frame: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    net: int = 0

    @property
    def id(self) -> str:
        """Unique within the drawing."""
        return BoxRef(self.net, self.name).id

    @property
    def frame_id(self) -> str:
        """The id of the innermost frame that holds it, or ""."""
        return BoxRef(self.net, self.frame).id


class Frame(NamedTuple):
    """A titled rectangle around rows.

    Attributes:
        name: of the part or block that is open, or NET around a whole net where several are drawn.
        title: at its top.
        note: after the title, in smaller type.
        parent: name of the frame around it, or "".
        closes: whether a click on it closes it.
        mark: how it compares.
        net: number of its net in the drawing, from 0.
    """

    name: str
    title: str
    note: str = ""
    parent: str = ""
    closes: bool = True
    mark: Mark = Mark.NONE
    net: int = 0

    @property
    def id(self) -> str:
        """Unique within the drawing."""
        return BoxRef(self.net, self.name).id

    @property
    def parent_id(self) -> str:
        """The id of the frame around it, or ""."""
        return BoxRef(self.net, self.parent).id


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
