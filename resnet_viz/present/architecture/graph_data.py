"""A drawing as the values that the graph component takes: Graphviz text by row, and the card of each box."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, NotRequired, TypedDict

from resnet_viz.analysis.report import Analysis, Figures
from resnet_viz.graph.dot import row_dot
from resnet_viz.graph.drawing import Arrow, Box, BoxForm, BoxRef, Drawing, Frame
from resnet_viz.graph.roles import Palette, Role
from resnet_viz.i18n import _
from resnet_viz.plan.plan import Node
from resnet_viz.present.architecture.graph_colors import ColorQuantity, Legend, box_colors, counted_values
from resnet_viz.present.architecture.layer_details import Details, NetDetails
from resnet_viz.present.tables import role_name
from resnet_viz.present.theme import PALETTES, Mode

NOTHING: BoxRef = BoxRef(0, "")


class GraphOptions(NamedTuple):
    """Options of the graph component.

    Attributes:
        mode: light or dark.
        quantity: the colour of the boxes shows it.
        selected: a layer, or NOTHING.
        name: of the files that are saved.
        alt: the drawing in one phrase, for screen readers.
        measured: for each net, gradient norms of its convolutions and at its blocks' outputs, by name.
        is_still: whether the drawing takes no clicks.
    """

    mode: Mode
    quantity: ColorQuantity
    selected: BoxRef
    name: str
    alt: str
    measured: tuple[Mapping[str, float], ...] = ()
    is_still: bool = False


class CardData(TypedDict):
    """Title and named values of a box; height and width of its receptive field, and of its net's image, in px."""

    title: str
    rows: list[list[str]]
    field: tuple[int, int] | None  # None without one
    image_sides: tuple[int, int]


class BoxData(TypedDict):
    """A box: net and name, its card, whether there is more inside.

    `kind` is a number that a layer's equals share; `arc` is the card of the arc around a stage.
    """

    net: int
    name: str
    card: CardData
    opens: bool
    kind: NotRequired[int]
    arc: NotRequired[CardData]


class RowData(TypedDict):
    """A row: Graphviz's text for it, the frame that holds it, and the ids of its boxes."""

    id: str
    frame: str
    dot: str
    boxes: list[str]


class FrameData(TypedDict):
    """A frame, as `graph.drawing.Frame` has it; `parent` is an id."""

    id: str
    net: int
    name: str
    title: str
    note: str
    parent: str
    closes: bool
    mark: str


class TurnData(TypedDict):
    """The arrow from the end of one row to the point at which another begins, by ids."""

    source: str
    target: str
    row: str
    label: str


class RoleData(TypedDict):
    """A role of boxes in the legend: its name and its colours."""

    name: str
    line: str
    fill: str


class LegendData(TypedDict):
    """The two ends of the scale of colours, in words, and its colours from low to high."""

    title: str
    low: str
    high: str
    colors: tuple[str, str]


class GraphData(TypedDict):
    """All that `static/graph/main.js` draws from.

    `boxes` are by id, points left out; `arrows` are pairs of ids, turns included; `roles` is the legend of the
    palette's own colours, empty where boxes show a quantity; `image` is the address of the example under a field.
    """

    rows: list[RowData]
    frames: list[FrameData]
    turns: list[TurnData]
    arrows: list[tuple[str, str]]
    boxes: dict[str, BoxData]
    selected: str
    detail: CardData | None
    legend: LegendData | None
    roles: list[RoleData]
    image: str
    name: str
    words: dict[str, str]
    colors: dict[str, str]
    still: bool


def component_data(drawing: Drawing, analyses: Sequence[Analysis], options: GraphOptions) -> GraphData:
    """Returns the data of the graph component."""
    boxes = _BoxLookup(analyses, options.measured)
    figures = {box.id: found for box in drawing.boxes if (found := boxes.figures(box)) is not None}
    norms = {box.id: norm for box in drawing.boxes if (norm := boxes.norm(box)) is not None}
    quantity, palette = options.quantity, PALETTES[options.mode]
    fills, legend = box_colors(norms or counted_values(figures, quantity), quantity, options.mode)
    return {
        "rows": _rows(drawing, palette, fills),
        "frames": [_frame(frame) for frame in drawing.frames],
        "turns": [_turn(turn, drawing) for turn in drawing.turns],
        "arrows": [(arrow.source_id, arrow.target_id) for arrow in drawing.arrows],
        "boxes": {box.id: boxes.data(box) for box in drawing.boxes if box.form is not BoxForm.POINT},
        "selected": options.selected.id,
        "detail": boxes.detail(options.selected, drawing),
        "legend": _legend(legend) if legend else None,
        "roles": [] if legend else _roles(drawing, palette),
        "image": "app/static/graph/input.png",
        "name": options.name,
        "words": _words(options.alt),
        "colors": _colors(palette),
        "still": options.is_still,
    }


def _rows(drawing: Drawing, palette: Palette, fills: Mapping[str, str]) -> list[RowData]:
    return [
        {
            "id": row.id,
            "frame": row.frame_id,
            "dot": row_dot(row, palette, fills),
            "boxes": [box.id for box in row.boxes],
        }
        for row in drawing.rows
    ]


def _frame(frame: Frame) -> FrameData:
    return {
        "id": frame.id,
        "net": frame.net,
        "name": frame.name,
        "title": frame.title,
        "note": frame.note,
        "parent": frame.parent_id,
        "closes": frame.closes,
        "mark": frame.mark.value,
    }


def _legend(legend: Legend) -> LegendData:
    return {"title": legend.title, "low": legend.low, "high": legend.high, "colors": legend.colors}


def _roles(drawing: Drawing, palette: Palette) -> list[RoleData]:
    """Returns the roles of the boxes, in the order in which they first occur; arcs are shortcuts."""
    boxes = [box for box in drawing.boxes if box.form is not BoxForm.POINT]
    used = dict.fromkeys(role for box in boxes for role in (box.role, *[Role.SHORTCUT] * bool(box.arc), *box.cells))
    shown = [role for role in used if role is not Role.DATA]
    return [{"name": role_name(role), "line": palette[role].line, "fill": palette[role].fill} for role in shown]


def _turn(turn: Arrow, drawing: Drawing) -> TurnData:
    row = next(row for row in drawing.rows if row.net == turn.net and row.boxes[0].name == turn.target)
    return {"source": turn.source_id, "target": turn.target_id, "row": row.id, "label": turn.label}


def _colors(palette: Palette) -> dict[str, str]:
    data = palette[Role.DATA]
    return {"line": data.line, "text": data.text, "frame": data.fill, "shortcut": palette[Role.SHORTCUT].line}


class _BoxLookup:
    """Figures, norms and cards of boxes, in the net that each belongs to."""

    def __init__(self, analyses: Sequence[Analysis], measured: Sequence[Mapping[str, float]]) -> None:
        self._nets = [NetDetails(analysis) for analysis in analyses]
        self._sides = [analysis.plan.spec.image_sides for analysis in analyses]
        self._measured = measured
        self._kinds: dict[tuple[object, ...], int] = {}  # of identical layers: a number

    def figures(self, box: Box) -> Figures | None:
        """Returns the figures of a box; those of one block where it is a fold."""
        return self._nets[box.net].figures(box.shown)

    def norm(self, box: Box) -> float | None:
        """Returns the gradient norm that a run measured at a box; None where it measured none."""
        return self._measured[box.net].get(box.shown) if box.net < len(self._measured) else None

    def detail(self, selected: BoxRef, drawing: Drawing) -> CardData | None:
        """Returns the card of the selected box, drawn or not; None where the net has no such thing."""
        if selected.net >= len(self._nets):
            return None
        folds = {(box.net, box.name): box.folded for box in drawing.boxes if box.folded}
        return self._card(selected.net, folds.get(selected, selected.name))

    def data(self, box: Box) -> BoxData:
        """Returns the data of one box."""
        card, node = self._card(box.net, box.shown) or self._own_card(box), self._nets[box.net].node(box.name)
        norm = self.norm(box)
        if norm is not None:
            name = _("weight-gradient norm") if node else _("block-output gradient norm")
            card["rows"].append([name, f"{norm:.3g}"])
        found: BoxData = {"net": box.net, "name": box.name, "card": card, "opens": box.opens}
        if node:
            found["kind"] = self._kind(node)
        if box.arc:
            kinds = ((_("around"), box.title), (_("kinds"), box.note))
            found["arc"] = _card_data(Details(box.arc, kinds), None, self._sides[box.net])
        return found

    def _kind(self, node: Node) -> int:
        return self._kinds.setdefault((node.op, node.shape), len(self._kinds) + 1)

    def _card(self, net: int, name: str) -> CardData | None:
        details, figures = self._nets[net].details(name), self._nets[net].figures(name)
        return None if details is None else _card_data(details, figures, self._sides[net])

    def _own_card(self, box: Box) -> CardData:
        """Returns the card of a box that is no part, block or layer of the plan: an input, an output, a sum."""
        lines = tuple(("", line) for line in box.lines)
        details = Details(box.title, lines)
        if box.form is BoxForm.SUM:
            details = Details(_("addition"), ((_("computes"), "y = F(x) + h(x)"),))
        return _card_data(details, None, self._sides[box.net])


def _card_data(details: Details, figures: Figures | None, image_sides: tuple[int, int]) -> CardData:
    rows = [list(line) for line in details.lines]
    field = figures.field_sides if figures else None
    return {"title": details.title, "rows": rows, "field": field, "image_sides": image_sides}


def _words(alt: str) -> dict[str, str]:
    return {
        "alt": alt,
        "hint": _("Click: open. Alt-click: open everything inside. Click outside: one level up."),
        "fit": _("Fit"),
        "fit_help": _("Fit to width, then to page (space)"),
        "up": _("Up"),
        "up_help": _("One level up (Esc)"),
        "in": _("Zoom in"),
        "in_help": _("Zoom in (Ctrl + wheel)"),
        "out": _("Zoom out"),
        "out_help": _("Zoom out (Ctrl + wheel)"),
        "list": _("List"),
        "list_help": _("Show as a nested list"),
        "save": _("Save"),
        "slide": _("PNG for slides: large type, no background"),
        "field": _("receptive field {n} of {all} px"),
        "field_more": _("receptive field {n} px, more than the image's {all}"),
    }
