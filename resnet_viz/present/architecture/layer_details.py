"""Details of one part, block or layer: its formula, and its counts worked out factor by factor."""

from typing import Final, NamedTuple, assert_never

from resnet_viz.analysis.report import Analysis, Figures
from resnet_viz.graph.labels import layer_label, part_title, shape_text, shortcut_text
from resnet_viz.i18n import _
from resnet_viz.plan import ops
from resnet_viz.plan.builder import INPUT
from resnet_viz.plan.plan import Block, Node, Part
from resnet_viz.present.units import bytes_text, exact, pixels, training_memory

Lines = tuple[tuple[str, str], ...]


class Details(NamedTuple):
    """Title, and names and values in reading order, of a part, block or layer.

    Attributes:
        title: such as "conv 3×3 64 → 64".
        lines: names and values, in the order in which they are read.
    """

    title: str
    lines: Lines


class NetDetails:
    """Details of the parts, blocks and layers of one net, by name."""

    def __init__(self, analysis: Analysis) -> None:
        plan = analysis.plan
        self._analysis = analysis
        self._rows = {row.name: row for row in (*analysis.parts, *analysis.blocks, *analysis.nodes)}
        self._nodes = {node.name: node for node in plan.nodes}
        self._shapes = {INPUT: plan.input_shape} | {node.name: node.shape for node in plan.nodes}
        self._blocks = {block.name: block for block in plan.blocks}
        self._parts = {part.name: part for part in plan.parts}
        self._part_of = {node.name: part for part in plan.parts for node in plan.nodes_of(part)}

    def figures(self, name: str) -> Figures | None:
        """Returns the figures of a part, block or layer; None for any other name."""
        return self._rows.get(name)

    def node(self, name: str) -> Node | None:
        """Returns a layer by its name; None for any other name."""
        return self._nodes.get(name)

    def details(self, name: str) -> Details | None:
        """Returns the details of a part, a block or a layer; None for any other name."""
        if name in self._nodes:
            return self._layer(self._nodes[name])
        if name in self._blocks:
            return self._block(self._blocks[name])
        return self._part(self._parts[name]) if name in self._parts else None

    def _layer(self, node: Node) -> Details:
        row = self._rows[node.name]
        title, *sizes = layer_label(node)
        called = f"{title} {', '.join(sizes)}".strip() if title != "+" else _("addition")
        shapes = " + ".join(shape_text(self._shapes[name]) for name in node.inputs)
        work = params_worked_out(node.op), macs_worked_out(node.op, node.shape)
        part = part_title(self._analysis.plan.spec, self._part_of[node.name])
        lines = [(_("name"), node.name), (_("part"), part), (_("computes"), formula(node.op)), (_("in"), shapes)]
        lines += [(_("out"), shape_text(node.shape))]
        lines += [(_("params"), work[0])] if row.params else []
        lines += [(_("MACs"), work[1])] if row.macs else []
        return Details(called, (*lines, *_common(row)))

    def _block(self, block: Block) -> Details:
        stage = self._analysis.plan.stages[block.stage - 1]
        title = _("{stage} · block {n}").format(stage=part_title(self._analysis.plan.spec, stage), n=block.number)
        lines = (
            (_("shortcut"), shortcut_text(block, self._analysis.plan.spec)),
            (_("in"), shape_text(block.in_shape)),
            (_("out"), shape_text(block.shape)),
        )
        return Details(title, (*lines, *self._sums(self._rows[block.name])))

    def _part(self, part: Part) -> Details:
        before = self._analysis.plan.nodes[part.start - 1].shape if part.start else self._analysis.plan.input_shape
        lines = [(_("blocks"), exact(len(part.blocks)))] if part.blocks else []
        lines += [(_("in"), shape_text(before)), (_("out"), shape_text(part.shape))]
        title = part_title(self._analysis.plan.spec, part)
        return Details(title, (*lines, *self._sums(self._rows[part.name])))

    def _sums(self, row: Figures) -> Lines:
        """Returns exact sums, with their share of the whole net."""
        totals = self._analysis.totals
        return (
            (_("params"), _with_share(row.params, totals.params)),
            (_("MACs"), _with_share(row.macs, totals.macs)),
            *_common(row),
        )


def _with_share(count: int, total: int) -> str:
    return _("{n} · {share:.1f} % of the net").format(n=exact(count), share=100 * count / total)


def _common(row: Figures) -> Lines:
    return (
        (training_memory(), bytes_text(row.kept_bytes)),
        (_("receptive field"), pixels(*row.field_sides)),
        (_("jump"), pixels(*row.jumps)),
    )


def formula(op: ops.Op) -> str:
    """Returns the formula of a layer as a line of text."""
    match op:
        case ops.Conv(has_bias=has_bias):
            return "y = W * x + b" if has_bias else "y = W * x"
        case ops.BatchNorm():
            return "y = γ (x − μ) / √(σ² + ε) + β"
        case ops.ReLU():
            return "y = max(0, x)"
        case ops.MaxPool(kernel):
            return _("y = max over {k}×{k}").format(k=kernel)
        case ops.GlobalAvgPool():
            return _("y = mean over height and width")
        case ops.AdaptiveAvgPool(side):
            return _("y = means over a grid of {side}×{side}").format(side=side)
        case ops.Flatten():
            return _("y = x as a vector")
        case ops.Dropout(rate):
            return _("training: each value zero with probability {rate:g}; otherwise y = x").format(rate=rate)
        case ops.Linear():
            return "y = W x + b"
        case ops.ZeroPad() | ops.Add() | ops.Scale() | ops.Sigmoid() | ops.Complement() | ops.Multiply():
            return _formula_at_sum(op)
        case _:
            assert_never(op)


def _formula_at_sum(op: ops.ZeroPad | ops.Add | ops.Scale | ops.Sigmoid | ops.Complement | ops.Multiply) -> str:
    match op:
        case ops.ZeroPad(stride=stride):
            sampled = _("x at stride {n}").format(n=stride) if stride > 1 else "x"
            return _("y = {x}, zeros in the new channels").format(x=sampled)
        case ops.Add():
            return "y = F(x) + h(x)"
        case ops.Scale(factor):
            return f"y = {factor:g} x"
        case ops.Sigmoid():
            return "g = 1 / (1 + exp(−x))"
        case ops.Complement():
            return "y = 1 − g"
        case ops.Multiply():
            return _("y = g x, element by element")
        case _:
            assert_never(op)


_TIMES: Final = " · "


def params_worked_out(op: ops.Op) -> str:
    """Returns the count of a layer's parameters factor by factor: "3 · 3 · 64 · 64 = 36,864"."""
    match op:
        case ops.Conv(in_channels, out_channels, kernel, groups=groups, has_bias=has_bias):
            factors = [kernel, kernel, in_channels // groups, out_channels]
            count = kernel * kernel * (in_channels // groups) * out_channels
            extra = out_channels if has_bias else 0
        case ops.Linear(in_features, out_features):
            factors, count, extra = [in_features, out_features], in_features * out_features, out_features
        case ops.BatchNorm(channels):
            factors, count, extra = [2, channels], 2 * channels, 0
        case _:
            return "0"
    product = _TIMES.join(map(str, factors))
    return f"{product} + {extra} = {exact(count + extra)}" if extra else f"{product} = {exact(count)}"


def macs_worked_out(op: ops.Op, shape: ops.Shape) -> str:
    """Returns the count of a layer's multiply-adds: weights times the pixels at which they are used."""
    match op:
        case ops.Conv(in_channels, out_channels, kernel, groups=groups):
            weights = kernel * kernel * (in_channels // groups) * out_channels
            _channels, height, width = shape
            return f"{exact(weights)}{_TIMES}{height}{_TIMES}{width} = {exact(weights * height * width)}"
        case ops.Linear(in_features, out_features):
            return f"{in_features}{_TIMES}{out_features} = {exact(in_features * out_features)}"
        case _:
            return "0"
