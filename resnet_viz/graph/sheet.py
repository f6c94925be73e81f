"""The sheet that a net is drawn on: boxes one behind the other, in rows."""

from resnet_viz.graph.drawing import Arrow, Box, Form, Frame, Picture, Row
from resnet_viz.graph.labels import shape_text
from resnet_viz.graph.roles import Role
from resnet_viz.plan.ops import Shape


class Sheet:
    """Takes boxes one behind the other; knows where the signal stands, with which shape, and in which row."""

    def __init__(self, shape: Shape) -> None:
        """Begins with a signal of this shape, in a row that stands in no frame."""
        self.rows: list[Row] = []
        self.frames: list[Frame] = []
        self.turns: list[Arrow] = []
        self.boxes: list[Box] = []  # of the row that is being drawn, as are the arrows
        self.arrows: list[Arrow] = []
        self.frame = ""
        self.at = ""  # the box whose output comes next
        self.shape = shape

    def row_of(self, frame: str, most: int) -> None:
        """Goes on in the row that is being drawn, or begins one: for another frame, or behind `most` boxes."""
        is_full = sum(box.form in (Form.BOX, Form.MORE) for box in self.boxes) >= most
        if frame == self.frame and not is_full:
            return
        before = self.at
        self.close_row()
        self.frame = frame
        self.at = f"{self._row_id()}.from"
        self.boxes.append(Box(self.at, Role.DATA, "", form=Form.POINT))
        self.turns.append(Arrow(before, self.at, shape_text(self.shape)))

    def close_row(self) -> None:
        """Ends the row that is being drawn."""
        self.rows.append(Row(self._row_id(), self.frame, tuple(self.boxes), tuple(self.arrows)))
        self.boxes, self.arrows = [], []

    def _row_id(self) -> str:
        earlier = sum(row.frame == self.frame for row in self.rows)
        return f"{self.frame or 'net'}.row{earlier + 1}"

    def step(self, box: Box) -> None:
        """Appends a box and the arrow that leads to it, with the shape that goes along."""
        self.boxes.append(box)
        self.arrows.append(Arrow(self.at, box.id, shape_text(self.shape)))
        self.at = box.id

    def picture(self) -> Picture:
        """Returns what was drawn, once its last row has ended."""
        return Picture(rows=tuple(self.rows), frames=tuple(self.frames), turns=tuple(self.turns))
