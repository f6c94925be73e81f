"""A plan as a drawing at four levels: network, stage, block, layer.

Wherever blocks show, the shortcut is an arrow of its own around them; at network and stage level one drawn block stands
for all of its stage, and the arrow says how many shortcuts of which kind it stands for.
"""

from collections import Counter
from typing import Final

from resnet_viz.analysis.report import Analysis
from resnet_viz.graph.folding import Fold, folds, number
from resnet_viz.graph.labels import big, block_kind, branch_text, layer_label, shape_text, shortcut_text
from resnet_viz.graph.picture import Arrow, Box, Form, Frame, Level, Picture
from resnet_viz.graph.roles import Role, arrow_role, role_in_block, role_of
from resnet_viz.i18n import _, ngettext
from resnet_viz.plan.lower import INPUT
from resnet_viz.plan.ops import Add
from resnet_viz.plan.plan import Block, Node, Part, ShortcutKind
from resnet_viz.spec.naming import paper_stage

OUTPUT: Final = "output"
BLOCKS_PER_ROW: Final = 4


def picture(
    analysis: Analysis, level: Level, *, only: str = "", is_folded: bool = True, per_row: int = BLOCKS_PER_ROW
) -> Picture:
    """Returns the drawing of a net at `level`.

    Args:
        analysis: the net with its figures.
        level: how far the drawing goes into the net.
        only: name of one part ("stem", "stage2", "head") to draw alone; any other name draws all of them.
        is_folded: whether neighbouring blocks that are alike are drawn once, with their number.
        per_row: blocks in a row at block level.
    """
    sketch = _Sketch(analysis, level, is_folded=is_folded, per_row=per_row)
    parts = [part for part in analysis.plan.parts if part.name == only] or analysis.plan.parts
    sketch.begin(parts[0])
    if level is Level.NETWORK:
        sketch.draw_network()
    else:
        for part in parts:
            sketch.draw_part(part)
    sketch.end(parts[-1])
    return Picture(level=level, boxes=tuple(sketch.boxes), arrows=tuple(sketch.arrows), frames=tuple(sketch.frames))


class _Sketch:
    """Appends boxes one behind the other; knows where the signal stands and which shape it has."""

    def __init__(self, analysis: Analysis, level: Level, *, is_folded: bool, per_row: int) -> None:
        self.plan = analysis.plan
        self.level, self.is_folded, self.per_row = level, is_folded, per_row
        self.rows = {row.name: row for row in (*analysis.parts, *analysis.blocks)}
        self.shapes = {INPUT: self.plan.input_shape} | {node.name: node.shape for node in self.plan.nodes}
        self.boxes: list[Box] = []
        self.frame_of: dict[str, str] = {}
        self.arrows: list[Arrow] = []
        self.frames: list[Frame] = []
        self.at = ""
        self.shape = self.plan.input_shape

    def begin(self, part: Part) -> None:
        """Opens the drawing with what goes into `part`: the picture, or the map of the part before it."""
        self.shape = self.plan.input_shape if part.start == 0 else self.plan.nodes[part.start - 1].shape
        title = _("image") if part.start == 0 else _("map")
        self.put(Box(INPUT, Role.DATA, title, (shape_text(self.shape),), self._end_frame(part, 0)))
        self.at = INPUT

    def end(self, part: Part) -> None:
        """Closes the drawing with what comes out of `part`."""
        title = _("scores") if len(self.shape) == 1 else _("map")
        self.step(Box(OUTPUT, Role.DATA, title, (shape_text(self.shape),), self._end_frame(part, -1)))

    def _end_frame(self, part: Part, position: int) -> str:
        """Where what goes in and what comes out stand: in the first and in the last row or column."""
        if self.level in (Level.NETWORK, Level.STAGE):
            return ""
        if not part.blocks:
            return part.name
        runs = folds(self.plan, part, is_folded=self.is_folded)
        if self.level is Level.LAYER:
            return runs[position].first.name
        return self._row_of(part, 0 if position == 0 else len(runs) - 1)

    def put(self, box: Box) -> None:
        """Appends a box, and notes in which frame it stands."""
        self.boxes.append(box)
        self.frame_of[box.id] = box.frame

    def step(self, box: Box, *, role: Role = Role.DATA) -> None:
        """Appends a box and the arrow that leads to it, with the shape that goes along."""
        self.put(box)
        self.arrow(self.at, box.id, shape_text(self.shape), role)
        self.at = box.id

    def arrow(self, source: str, target: str, label: str, role: Role, *, is_dashed: bool = False) -> None:
        is_framed = self.level in (Level.BLOCK, Level.LAYER)
        is_break = is_framed and self.frame_of[source] != self.frame_of[target]
        self.arrows.append(Arrow(source, target, label, role, is_dashed=is_dashed, is_break=is_break))

    def draw_network(self) -> None:
        stem, *stages, head = self.plan.parts
        figures = [self.rows[stage.name] for stage in stages]
        blocks = self.plan.blocks
        in_stages = ngettext("in {n} stage", "in {n} stages", len(stages)).format(n=len(stages))
        lines = (in_stages, *_work(sum(row.params for row in figures), sum(row.macs for row in figures)))
        self._part_box(stem)
        self._motif("blocks", f"{len(blocks)} × {block_kind(self.plan.spec)}", lines, blocks)
        self._part_box(head)

    def draw_part(self, part: Part) -> None:
        if self.level is Level.STAGE and part.blocks:
            title = f"{len(part.blocks)} × {block_kind(self.plan.spec)}"
            self._motif(part.name, title, (self._stage_title(part), *self._part_work(part)), part.blocks)
        elif part.blocks:
            self._stage_blocks(part)
        elif self.level is Level.LAYER:
            self._layer_part(part)
        else:
            if self.level is Level.BLOCK:
                self.frames.append(Frame(part.name, ""))
            self._part_box(part)

    def _stage_title(self, stage: Part) -> str:
        number_of_stage = int(stage.name.removeprefix("stage"))
        return _("stage {n} · {paper}").format(n=number_of_stage, paper=paper_stage(self.plan.spec, number_of_stage))

    def _part_work(self, part: Part) -> tuple[str, str]:
        return _work(self.rows[part.name].params, self.rows[part.name].macs)

    def _part_box(self, part: Part) -> None:
        is_stem = part.name == "stem"
        said = (Role.CONV, Role.POOL, Role.HEAD)
        words = [layer_label(node)[0] for node in self.plan.nodes_of(part) if role_of(node.op) in said]
        title, role = (_("stem"), Role.CONV) if is_stem else (_("head"), Role.HEAD)
        frame = part.name if self.level is Level.BLOCK else ""
        self.step(Box(part.name, role, title, (*words, *self._part_work(part)), frame))
        self.shape = part.shape

    def _motif(self, name: str, title: str, lines: tuple[str, ...], blocks: tuple[Block, ...]) -> None:
        """One block that stands for many: its branch, its sum, and an arrow that counts the shortcuts."""
        source = self.at
        self.step(Box(name, Role.BRANCH, title, lines))
        self.shape = blocks[-1].shape
        spec = self.plan.spec
        texts = Counter(shortcut_text(block, spec) for block in sorted(blocks, key=lambda block: block.match))
        if not spec.is_plain:
            label = "\n".join(f"{count} × {text}" for text, count in texts.items())
            self._sum(name, source, label, is_dashed=all(map(_changes_shape, blocks)))

    def _sum(self, name: str, source: str, label: str, *, is_dashed: bool, frame: str = "") -> None:
        plus = f"{name}.add"
        self.put(Box(plus, Role.SHORTCUT, "+", frame=frame, form=Form.SUM))
        self.arrow(self.at, plus, branch_text(self.plan.spec), Role.BRANCH)
        self.arrow(source, plus, label, Role.SHORTCUT, is_dashed=is_dashed)
        self.at = plus

    def _stage_blocks(self, stage: Part) -> None:
        for position, fold in enumerate(folds(self.plan, stage, is_folded=self.is_folded)):
            if self.level is Level.LAYER:
                self._block_layers(stage, fold)
                continue
            row = self._row_of(stage, position)
            if position % self.per_row == 0:
                self.frames.append(Frame(row, self._stage_title(stage) if position == 0 else ""))
            self._block_box(row, fold)

    def _row_of(self, stage: Part, position: int) -> str:
        return f"{stage.name}.row{position // self.per_row + 1}"

    def _block_box(self, frame: str, fold: Fold) -> None:
        block, row = fold.first, self.rows[fold.first.name]
        if block.shortcut is not ShortcutKind.NONE:
            self._split(block, frame)
        source = self.at
        lines = (block_kind(self.plan.spec), *_work(row.params, row.macs), *((_("each"),) if fold.size > 1 else ()))
        self.step(Box(block.name, Role.BRANCH, _fold_title(fold), lines, frame=frame))
        self.shape = block.shape
        if block.shortcut is not ShortcutKind.NONE:
            label = shortcut_text(block, self.plan.spec) + (f" × {fold.size}" if fold.size > 1 else "")
            self._sum(block.name, source, label, is_dashed=_changes_shape(block), frame=frame)

    def _split(self, block: Block, frame: str) -> None:
        """Appends the point at which branch and shortcut part."""
        self.step(Box(_split_id(block), Role.DATA, "x", frame=frame, form=Form.POINT))

    def _layer_part(self, part: Part) -> None:
        self.frames.append(Frame(part.name, _("stem") if part.name == "stem" else _("head")))
        for node in self.plan.nodes_of(part):
            title, *lines = layer_label(node)
            self.step(Box(node.name, role_of(node.op), title, tuple(lines), part.name))
            self.shape = node.shape

    def _block_layers(self, stage: Part, fold: Fold) -> None:
        block = fold.first
        stage_number = stage.name.removeprefix("stage")
        title = _("stage {n}, {blocks}").format(n=stage_number, blocks=_fold_title(fold))
        self.frames.append(Frame(block.name, title, fold.size))
        self._split(block, block.name)
        for node in self.plan.nodes_of(block):
            self._layer(node, block)
        self.at = self.plan.nodes[block.stop - 1].name
        self.shape = block.shape

    def _layer(self, node: Node, block: Block) -> None:
        """Appends one layer of a block with an arrow from each of its inputs."""
        title, *lines = layer_label(node)
        form = Form.SUM if isinstance(node.op, Add) else Form.BOX
        self.put(Box(node.name, role_in_block(node), title, tuple(lines), block.name, form))
        for position, name in enumerate(node.inputs):
            source = _split_id(block) if name == block.source else name
            role = arrow_role(node, position)
            is_shortcut = role is Role.SHORTCUT
            is_identity = is_shortcut and block.shortcut is ShortcutKind.IDENTITY
            label = shortcut_text(block, self.plan.spec) if is_identity else shape_text(self.shapes[name])
            self.arrow(source, node.name, label, role, is_dashed=is_shortcut and _changes_shape(block))


def _changes_shape(block: Block) -> bool:
    return block.in_shape != block.shape


def _split_id(block: Block) -> str:
    return f"{block.name}.split"


def _fold_title(fold: Fold) -> str:
    if fold.size == 1:
        return _("block {n}").format(n=number(fold.first))
    first, last = number(fold.first), number(fold.last)
    return _("blocks {first}–{last}, {count} alike").format(first=first, last=last, count=fold.size)


def _work(num_params: int, num_macs: int) -> tuple[str, str]:
    return (_("{n} params").format(n=big(num_params)), _("{n} MACs").format(n=big(num_macs)))
