"""A drawing as the values that the graph component takes: Graphviz text by row, and what each box says when asked."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from resnet_viz.analysis.report import Analysis, Figures
from resnet_viz.graph.dot import row_dot
from resnet_viz.graph.drawing import Box, BoxForm, Drawing
from resnet_viz.graph.expansion import MORE
from resnet_viz.graph.roles import Role
from resnet_viz.graph.side_by_side import split
from resnet_viz.i18n import _
from resnet_viz.present.architecture.graph_colors import ColorQuantity, box_colors, counted_values
from resnet_viz.present.architecture.layer_details import Details, NetDetails
from resnet_viz.present.theme import PALETTES, Mode


class GraphOptions(NamedTuple):
    """How a drawing is looked at.

    Attributes:
        mode: light or dark.
        quantity: what colours the boxes.
        selected: id of a layer, or "".
        name: of the files that are saved.
        alt: the drawing in a sentence.
        measured: for each net, gradient norms of its convolutions and at its blocks' outputs, by name.
    """

    mode: Mode
    quantity: ColorQuantity
    selected: str
    name: str
    alt: str
    measured: tuple[Mapping[str, float], ...] = ()


def component_data(picture: Drawing, analyses: Sequence[Analysis], wishes: GraphOptions) -> dict[str, Any]:
    """Returns the data of the graph component; its script says what each entry is."""
    explainers = [NetDetails(analysis) for analysis in analyses]
    found = _BoxLookup(explainers, wishes.measured)
    rows = {box.id: row for box in picture.boxes if (row := found.row(box)) is not None}
    norms = {box.id: norm for box in picture.boxes if (norm := found.norm(box)) is not None}
    fills, legend = box_colors(norms or counted_values(rows, wishes.quantity), wishes.quantity, wishes.mode)
    palette = PALETTES[wishes.mode]
    data, shortcut = palette[Role.DATA], palette[Role.SHORTCUT]
    return {
        "rows": [
            {
                "id": row.id,
                "frame": row.frame,
                "dot": row_dot(row, palette, fills),
                "boxes": [box.id for box in row.boxes],
            }
            for row in picture.rows
        ],
        "frames": [frame._asdict() for frame in picture.frames],
        "turns": [[turn.source, turn.target, turn.label] for turn in picture.turns],
        "arrows": [[arrow.source, arrow.target] for arrow in picture.arrows],
        "boxes": {box.id: found.box(box) for box in picture.boxes if box.form is not BoxForm.POINT},
        "selected": wishes.selected,
        "detail": found.detail(wishes.selected),
        "legend": legend._asdict() if legend else None,
        "image": analyses[0].plan.spec.image_size,
        "picture": "app/static/graph/input.png",
        "name": wishes.name,
        "words": _words(wishes.alt),
        "colors": {"line": data.line, "text": data.text, "frame": data.fill, "shortcut": shortcut.line},
    }


class _BoxLookup:
    """Finds what a box of the drawing stands for, in whichever net it belongs to."""

    def __init__(self, explainers: Sequence[NetDetails], measured: Sequence[Mapping[str, float]]) -> None:
        self._explainers = explainers
        self._measured = measured
        self._kinds: dict[object, int] = {}  # an identical layer has the same number

    def row(self, box: Box) -> Figures | None:
        """Returns the figures of a box; those of one block where it stands for several."""
        position, name = split(box.id)
        return self._explainers[position].row(name.removesuffix(MORE))

    def norm(self, box: Box) -> float | None:
        """Returns the gradient norm that a run measured at a box; None where it measured none."""
        position, name = split(box.id)
        return self._measured[position].get(name.removesuffix(MORE)) if position < len(self._measured) else None

    def explained(self, box_id: str) -> Details | None:
        position, name = split(box_id)
        is_drawn = position < len(self._explainers)
        return self._explainers[position].explain(name.removesuffix(MORE)) if is_drawn else None

    def detail(self, box_id: str) -> dict[str, Any] | None:
        """Returns what is said of the selected box, drawn or not; None where the net has no such thing."""
        explained = self.explained(box_id)
        if explained is None:
            return None
        position, name = split(box_id)
        row = self._explainers[position].row(name.removesuffix(MORE))
        return _card(explained) | {"field": row.field.size if row else None}

    def box(self, box: Box) -> dict[str, Any]:
        """Returns what the component knows of a box."""
        position, name = split(box.id)
        explained = self.explained(box.id) or Details(box.title, tuple(("", line) for line in box.lines))
        if box.form is BoxForm.SUM and not self._explainers[position].node(name):
            explained = Details(_("addition"), ((_("computes"), "y = F(x) + h(x)"),))
        row, norm = self.row(box), self.norm(box)
        if norm is not None:
            explained = explained._replace(lines=(*explained.lines, (_("gradient norm"), f"{norm:.3g}")))
        told = {"card": _card(explained), "opens": box.opens, "field": row.field.size if row else None}
        node = self._explainers[position].node(name)
        if node:
            told["kind"] = self._kinds.setdefault((node.op, node.shape), len(self._kinds) + 1)
        return told


def _card(explained: Details) -> dict[str, Any]:
    return {"title": explained.title, "rows": [list(line) for line in explained.lines]}


def _words(alt: str) -> dict[str, str]:
    return {
        "alt": alt,
        "hint": _("Click opens, Alt-click opens all inside, a click beside goes up."),
        "fit": _("Fit"),
        "fit_help": _("Fit the width, then all of it (space)"),
        "up": _("Up"),
        "up_help": _("One level up (Esc)"),
        "in": _("Zoom in"),
        "in_help": _("Zoom in (Ctrl + wheel)"),
        "out": _("Zoom out"),
        "out_help": _("Zoom out (Ctrl + wheel)"),
        "list": _("List"),
        "list_help": _("The same as a nested list"),
        "save": _("Save"),
        "slide": _("Slide: PNG, large type, no background"),
        "sees": _("sees {n} of {all} px"),
        "sees_more": _("sees {n} px, more than the picture's {all}"),
    }
