"""A net as a drawing: parts in a row, open ones in rows of their own.

A shortcut is an arrow of its own around its block. A closed stage shows a cell for each of its blocks, an arc with the
number of their shortcuts, and the kinds of these; of identical blocks the first is drawn, the others are folded.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from resnet_viz.analysis.report import Analysis
from resnet_viz.graph.drawing import Arrow, Box, BoxForm, Drawing, Frame, Mark, Row
from resnet_viz.graph.expansion import Expansion
from resnet_viz.graph.folding import Fold, fold_name, folds
from resnet_viz.graph.labels import (
    block_lines,
    branch_text,
    layer_label,
    layer_work,
    num_shortcuts_text,
    part_layers,
    part_title,
    shape_text,
    shortcut_counts,
    shortcut_text,
    work_lines,
)
from resnet_viz.graph.roles import Role, arrow_role, role_in_block, role_of
from resnet_viz.i18n import _
from resnet_viz.plan.builder import INPUT
from resnet_viz.plan.ops import Add, Shape
from resnet_viz.plan.plan import Block, Node, Part, Section, ShortcutKind
from resnet_viz.spec.titles import block_kind_name

OUTPUT: Final = "output"


class RowLimits(NamedTuple):
    """Most boxes in a row.

    Attributes:
        parts: of the net, data boxes included.
        blocks: of a stage.
    """

    parts: int
    blocks: int


WIDE: Final = RowLimits(parts=10, blocks=6)
NARROW: Final = RowLimits(parts=2, blocks=1)  # a phone
LARGE: Final = RowLimits(parts=3, blocks=3)  # a projector, for type that is read in the last row


class Sheet:
    """Takes boxes one after the other; holds the last box, the shape of its output, and the row that is drawn."""

    def __init__(self, shape: Shape) -> None:
        """Begins with a signal of this shape, in a row outside of all frames."""
        self.rows: list[Row] = []
        self.frames: list[Frame] = []
        self.turns: list[Arrow] = []
        self.boxes: list[Box] = []  # of the row that is being drawn, as are the arrows
        self.arrows: list[Arrow] = []
        self.frame = ""
        self.at = ""  # the box whose output comes next
        self.shape = shape

    def row_of(self, frame: str, most: int) -> None:
        """Continues the row that is being drawn, or begins one: for another frame, or after `most` boxes."""
        is_full = sum(box.form in (BoxForm.BOX, BoxForm.MORE) for box in self.boxes) >= most
        if frame == self.frame and not is_full:
            return
        before = self.at
        self.close_row()
        self.frame = frame
        self.at = f"{self._row_name()}.from"
        self.boxes.append(Box(self.at, Role.DATA, "", form=BoxForm.POINT))
        self.turns.append(Arrow(before, self.at, shape_text(self.shape)))

    def close_row(self) -> None:
        """Ends the row that is being drawn."""
        self.rows.append(Row(self._row_name(), self.frame, tuple(self.boxes), tuple(self.arrows)))
        self.boxes, self.arrows = [], []

    def _row_name(self) -> str:
        earlier = sum(row.frame == self.frame for row in self.rows)
        return f"{self.frame or 'net'}.row{earlier + 1}"

    def step(self, box: Box) -> None:
        """Appends a box and the arrow to it, labelled with the shape."""
        self.boxes.append(box)
        self.arrows.append(Arrow(self.at, box.name, shape_text(self.shape)))
        self.at = box.name

    def drawing(self) -> Drawing:
        """Returns the drawing, once its last row has ended."""
        return Drawing(rows=tuple(self.rows), frames=tuple(self.frames), turns=tuple(self.turns))


def draw_net(
    analysis: Analysis,
    expansion: Expansion,
    *,
    only: str = "",
    is_folded: bool = True,
    limits: RowLimits = WIDE,
    marks: Mapping[str, Mark] | None = None,
) -> Drawing:
    """Returns the drawing of a net.

    Args:
        analysis: the net with its figures.
        expansion: parts and blocks that are open.
        only: name of one part ("stem", "stage2", "head") to draw alone; any other name draws all of them.
        is_folded: whether identical blocks are folded after the first of them.
        limits: most boxes in a row.
        marks: comparison of parts, blocks and layers with those of other nets, by name.
    """
    sketch = _Sketch(analysis, expansion, is_folded=is_folded, limits=limits, marks=marks or {})
    parts = [part for part in analysis.plan.parts if part.name == only] or list(analysis.plan.parts)
    sketch.begin(parts[0])
    for part in parts:
        sketch.draw_part(part)
    sketch.end()
    return sketch.sheet.drawing()


class _Sketch:
    """Draws parts, blocks and layers, one after the other."""

    def __init__(
        self, analysis: Analysis, expansion: Expansion, *, is_folded: bool, limits: RowLimits, marks: Mapping[str, Mark]
    ) -> None:
        self.plan, self.expansion, self.is_folded = analysis.plan, expansion, is_folded
        self.limits, self.marks = limits, marks
        self.figures = {row.name: row for row in (*analysis.parts, *analysis.blocks, *analysis.nodes)}
        self.shapes = {INPUT: self.plan.input_shape} | {node.name: node.shape for node in self.plan.nodes}
        self.sections = {node.name: node.section for node in self.plan.nodes}
        self.sheet = Sheet(self.plan.input_shape)

    # -- ends

    def begin(self, part: Part) -> None:
        """Opens the drawing with the input of `part`: the image, or the feature map of the part before it."""
        if part.start > 0:
            self.sheet.shape = self.plan.nodes[part.start - 1].shape
        self.sheet.boxes.append(
            Box(INPUT, Role.DATA, _("image") if part.start == 0 else _("feature map"), (shape_text(self.sheet.shape),))
        )
        self.sheet.at = INPUT

    def end(self) -> None:
        """Closes the drawing with the output."""
        self.sheet.row_of("", self.limits.parts)
        title = _("logits") if len(self.sheet.shape) == 1 else _("feature map")
        self.sheet.step(Box(OUTPUT, Role.DATA, title, (shape_text(self.sheet.shape),)))
        self.sheet.close_row()

    # -- parts

    def draw_part(self, part: Part) -> None:
        """Draws a part as one box, or its blocks and layers where it is open."""
        if not self.expansion.is_open(part.name):
            self.sheet.row_of("", self.limits.parts)
            self.sheet.step(self._part_box(part))
        else:
            self._frame(part.name, part_title(self.plan.spec, part), self._part_note(part))
            for run in folds(self.plan, part, is_folded=self.is_folded):
                self._draw_run(part, run)
            self._draw_layers(part.name, self.plan.tail_of(part))
        self.sheet.shape = part.shape

    def _part_box(self, part: Part) -> Box:
        row, spec = self.figures[part.name], self.plan.spec
        work = work_lines(row.params, row.macs)
        mark = self.marks.get(part.name, Mark.NONE)
        title = part_title(spec, part)
        if not part.blocks:
            role = Role.CONV if part.name == Section.STEM else Role.HEAD
            lines = (*part_layers(self.plan.nodes_of(part)), *work)
            return Box(part.name, role, title, lines, opens=True, mark=mark)
        lines = (f"{len(part.blocks)} × {block_kind_name(spec)}", *work)
        cells = tuple(_cell(block) for block in part.blocks)
        note, arc = shortcut_counts(part.blocks, spec), num_shortcuts_text(part.blocks)
        return Box(part.name, Role.BRANCH, title, lines, cells=cells, note=note, arc=arc, opens=True, mark=mark)

    def _part_note(self, part: Part) -> str:
        row = self.figures[part.name]
        blocks = (f"{len(part.blocks)} × {block_kind_name(self.plan.spec)}",) if part.blocks else ()
        return " · ".join((*blocks, *work_lines(row.params, row.macs)))

    def _frame(self, name: str, title: str, note: str, parent: str = "") -> None:
        self.sheet.frames.append(Frame(name, title, note, parent, mark=self.marks.get(name, Mark.NONE)))

    # -- blocks

    def _draw_run(self, stage: Part, run: Fold) -> None:
        first, blocks = run.first.number, stage.blocks
        more = fold_name(run)
        others = blocks[first : first + run.size - 1]
        self._draw_block(stage, run.first)
        if more and not self.expansion.is_open(more):
            self._draw_more(stage, more, others)
            return
        for block in others:
            self._draw_block(stage, block, more)

    def _draw_block(self, stage: Part, block: Block, fold: str = "") -> None:
        row = self.figures[block.name]
        title = _("block {n}").format(n=block.number)
        if self.expansion.is_open(block.name, fold):
            note = " · ".join((block_kind_name(self.plan.spec), *work_lines(row.params, row.macs)))
            self._frame(block.name, title, note, parent=stage.name)
            self._draw_layers(block.name, self.plan.nodes_of(block), block)
        else:
            lines = (*block_lines(self.plan.nodes_of(block)), *work_lines(row.params, row.macs))
            mark = self.marks.get(block.name, Mark.NONE)
            box = Box(block.name, Role.BRANCH, title, lines, opens=True, mark=mark)
            self._around(stage, box, block, shortcut_text(block, self.plan.spec))
        self.sheet.shape = block.shape

    def _draw_more(self, stage: Part, name: str, alike: tuple[Block, ...]) -> None:
        before = alike[0].number - 1
        title = _("⋯ {n} more").format(n=len(alike))
        row = self.figures[alike[0].name]
        each = tuple(_("{work} each").format(work=line) for line in work_lines(row.params, row.macs))
        mark = self.marks.get(name, Mark.NONE)
        like = _("blocks {first}–{last} like {n}").format(first=before + 1, last=alike[-1].number, n=before)
        box = Box(name, Role.BRANCH, title, (like, *each), BoxForm.MORE, opens=True, mark=mark, folded=alike[0].name)
        label = f"{len(alike)} × {shortcut_text(alike[0], self.plan.spec)}"
        self._around(stage, box, alike[0], label)

    def _around(self, stage: Part, box: Box, block: Block, shortcut: str) -> None:
        """Appends a closed block, and the shortcut around it where it has one."""
        self.sheet.row_of(stage.name, self.limits.blocks)
        source = self.sheet.at
        self.sheet.step(box)
        if block.shortcut is not ShortcutKind.NONE:
            plus = f"{box.name}.sum"
            self.sheet.boxes.append(Box(plus, Role.SHORTCUT, "+", form=BoxForm.SUM, mark=box.mark))
            self.sheet.arrows.append(Arrow(box.name, plus, branch_text(self.plan.spec), Role.BRANCH))
            self.sheet.arrows.append(Arrow(source, plus, shortcut, Role.SHORTCUT, is_dashed=_changes_shape(block)))
            self.sheet.at = plus

    # -- layers

    def _draw_layers(self, frame: str, nodes: tuple[Node, ...], block: Block | None = None) -> None:
        if not nodes:
            return
        self.sheet.row_of(frame, len(nodes) + self.limits.blocks)
        renamed = {(block.source if block else nodes[0].inputs[0]): self.sheet.at}
        for node in nodes:
            title, *lines = layer_label(node)
            row = self.figures[node.name]
            lines += layer_work(row.params, row.macs)
            form = BoxForm.SUM if isinstance(node.op, Add) else BoxForm.BOX
            mark = self.marks.get(node.name, Mark.NONE)
            role = role_in_block(node) if block else role_of(node)
            self.sheet.boxes.append(Box(node.name, role, title, tuple(lines), form, mark=mark))
            for position, name in enumerate(node.inputs):
                self._layer_arrow(renamed.get(name, name), position, node, block)
        self.sheet.at = nodes[-1].name
        self.sheet.shape = nodes[-1].shape

    def _layer_arrow(self, source: str, position: int, node: Node, block: Block | None) -> None:
        """Draws the arrow to a layer; its label is the shape, or the shortcut's kind where a shortcut begins."""
        name = node.inputs[position]
        role = arrow_role(node, position) if block else Role.DATA
        is_shortcut = role is Role.SHORTCUT
        begins = is_shortcut and self.sections.get(name) is not Section.SHORTCUT
        label = shortcut_text(block, self.plan.spec) if block and begins else shape_text(self.shapes[name])
        is_dashed = is_shortcut and block is not None and _changes_shape(block)
        self.sheet.arrows.append(Arrow(source, node.name, label, role, is_dashed=is_dashed))


def _cell(block: Block) -> Role:
    if block.shortcut is ShortcutKind.NONE:
        return Role.DATA
    if block.shortcut is ShortcutKind.DROPOUT:
        return Role.DROPOUT
    return Role.BRANCH if block.shortcut is ShortcutKind.IDENTITY else Role.SHORTCUT


def _changes_shape(block: Block) -> bool:
    return block.in_shape != block.shape
