"""The exported Block class of a residual or plain net, with the arguments that its stages need."""

from collections.abc import Iterable, Iterator
from typing import Final, assert_never

from resnet_viz.export import docstrings
from resnet_viz.export.facts import Facts, SharedActivation
from resnet_viz.export.formatter import LINE, STEP, CallExpression, docstring, format_call, indented
from resnet_viz.export.layers import conv, norm, sequence
from resnet_viz.plan import ops
from resnet_viz.plan.plan import Node, ShortcutKind
from resnet_viz.spec.codec import format_field
from resnet_viz.spec.enums import BlockKind, Shortcut

BODY: Final = 2 * STEP  # column of the lines of a method

ZERO_PAD: Final = '''\
class ZeroPad(nn.Module):
    """Option A of He et al. 2015: every `stride`-th pixel, then new channels filled with zeros."""

    def __init__(self, extra_channels: int, stride: int) -> None:
        super().__init__()
        self.extra_channels = extra_channels
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        """Returns the smaller picture with the new channels behind its own."""
        sampled = x[:, :, :: self.stride, :: self.stride]
        return F.pad(sampled, (0, 0, 0, 0, 0, self.extra_channels))
'''.splitlines()


def block_class(facts: Facts) -> list[str]:
    """Returns the lines of `class Block`."""
    body = [
        *docstring(docstrings.block_summary(facts), docstrings.block_paragraphs(facts), column=STEP),
        "",
        *format_call(CallExpression("def __init__", tuple(_arguments(facts)), foot=" -> None:"), column=STEP),
        *indented(["super().__init__()", *_layers(facts)]),
        "",
        "def forward(self, x: Tensor) -> Tensor:",
        *indented([f'"""Returns {docstrings.equation(facts)}."""', *_forward(facts)]),
    ]
    return ["class Block(nn.Module):", *indented(body)]


def _arguments(facts: Facts) -> Iterator[str]:
    yield "self"
    for name, (kind, default) in docstrings.block_arguments(facts).items():
        yield f"{name}: {kind} = {default}" if default else f"{name}: {kind}"


def _layers(facts: Facts) -> Iterator[str]:
    """Yields the lines that make the layers, in the order of the plan and of the weights."""
    yield from _before(facts)
    yield from _branch(facts)
    yield from _gate(facts)
    yield from _shortcut(facts)
    if facts.spec.shortcut is Shortcut.DROPOUT:
        yield f"self.dropout = nn.Dropout({format_field(facts.spec.dropout)})"
    yield from _post(facts)


def _before(facts: Facts) -> Iterator[str]:
    """Yields the lines of the first activation of a pre-activation block, and of `pre`."""
    if facts.needs_new_shape:
        yield f"{SharedActivation.NEW_SHAPE} = {facts.new_shape}"
    if _is_chosen(facts):
        layers = [f'"{node.leaf}": {_layer("", node, "in_channels").flat}' for node in facts.activation]
        made = f"{{{', '.join(layers)}}}"
        if facts.is_first_bare:
            yield "before: dict[str, nn.Module] = {}"
            yield "if not is_first:  # the stem has activated its output already"
            yield f"    before = {made}"
        else:
            yield f"before: dict[str, nn.Module] = {made}"
    if facts.shared is SharedActivation.EITHER:
        yield f"is_shared = {facts.shared}  # by both paths"
    if facts.shared is SharedActivation.ALWAYS:
        yield from format_call(sequence("self.pre = ", _activation(facts)), column=BODY)
    elif facts.shared.is_condition:
        yield f"self.pre = sequence(**before) if {_shared_name(facts)} else nn.Identity()"


def _branch(facts: Facts) -> Iterator[str]:
    channels, calls = "in_channels", list[str | CallExpression]()
    if facts.shared.is_condition:
        calls.append(f"**({{}} if {_shared_name(facts)} else before)")
    elif facts.shared is SharedActivation.NEVER:
        calls += _activation(facts)
    convs = facts.sections.convs
    for layer in facts.sections.branch:
        if isinstance(layer.op, ops.Conv):
            channels_in = channels
            channels = _channels_out(facts, is_last=layer.leaf == next(reversed(convs)))
            stride = "stride" if layer.leaf in facts.strided else ""
            dilation = _dilation(facts, layer.leaf)
            calls.append(conv(f"{layer.leaf}=", layer.op, channels_in, channels, stride=stride, dilation=dilation))
        else:
            calls.append(_layer(f"{layer.leaf}=", layer, channels))
    if facts.spec.zero_init_residual:
        yield "last_norm = nn.BatchNorm2d(out_channels)"
        yield "nn.init.zeros_(last_norm.weight)  # every block starts as its shortcut (Goyal et al. 2017)"
        calls[-1] = f"{facts.sections.branch[-1].leaf}=last_norm"
    yield from format_call(sequence("self.branch = ", tuple(calls)), column=BODY)


def _dilation(facts: Facts, leaf: str) -> str:
    """Returns the argument that dilates a convolution of the branch; "" for none."""
    if leaf not in facts.dilated:
        return ""
    return "first_dilation" if facts.has_first_dilation and leaf == next(iter(facts.sections.convs)) else "dilation"


def _gate(facts: Facts) -> Iterator[str]:
    if facts.spec.shortcut.is_gated:
        layers = _on_shortcut(facts.sections.gate, stride="stride" if facts.strided else "")
        yield from format_call(sequence("self.gate = ", layers), column=BODY)


def _shortcut(facts: Facts) -> Iterator[str]:
    condition = f"if {SharedActivation.NEW_SHAPE if facts.needs_new_shape else facts.new_shape}:"
    pad = CallExpression("self.shortcut = ZeroPad", ("out_channels - in_channels", "stride" if facts.strided else "1"))
    is_strided = bool(facts.strided) and ShortcutKind.PROJECTION in facts.kinds
    projection = sequence("self.shortcut = ", _on_shortcut(facts.projection, stride="stride" if is_strided else ""))
    made = pad if ShortcutKind.ZERO_PAD in facts.kinds else projection
    if facts.spec.is_plain or facts.kinds == {ShortcutKind.IDENTITY}:
        return
    if not facts.is_mixed:
        yield from format_call(made, column=BODY)
    elif ShortcutKind.IDENTITY in facts.kinds:
        yield "self.shortcut: nn.Module = nn.Identity()"
        yield condition
        yield from indented(format_call(made, column=BODY + STEP))
    else:
        yield "self.shortcut: nn.Module"
        yield condition
        yield from indented(format_call(pad, column=BODY + STEP))
        yield "else:"
        yield from indented(format_call(projection, column=BODY + STEP))


def _on_shortcut(nodes: Iterable[Node], *, stride: str) -> tuple[CallExpression, ...]:
    return tuple(
        conv(f"{node.leaf}=", node.op, "in_channels", "out_channels", stride=stride)
        if isinstance(node.op, ops.Conv)
        else _layer(f"{node.leaf}=", node, "out_channels")
        for node in nodes
    )


def _post(facts: Facts) -> Iterator[str]:
    match facts.sections.post:
        case ():
            return
        case (only,):
            yield _layer("self.post = ", only, "out_channels").flat
        case several:
            layers = tuple(_layer(f"{node.leaf}=", node, "out_channels") for node in several)
            yield from format_call(sequence("self.post = ", layers), column=BODY)


def _forward(facts: Facts) -> Iterator[str]:
    read = "x"
    if facts.shared is not SharedActivation.NEVER:
        yield "p = self.pre(x)"
        read = "p"
    if facts.spec.shortcut.is_gated:
        yield f"g = self.gate({read})"
    total = _total(facts, f"self.branch({read})", read if docstrings.is_bare(facts) else f"self.shortcut({read})")
    if facts.sections.post:
        yield from format_call(CallExpression("y: Tensor = self.post", (total,)), column=BODY)
    elif BODY + len(line := f"y: Tensor = {total}") <= LINE:
        yield line
    else:
        yield from format_call(CallExpression("y: Tensor = ", (total,)), column=BODY)
    yield "return y"


def _total(facts: Facts, branch: str, shortcut: str) -> str:
    """Returns the sum of branch and shortcut, with their factors, gates and dropout."""
    spec = facts.spec
    match spec.shortcut:
        case Shortcut.NONE:
            return branch
        case Shortcut.IDENTITY | Shortcut.CONV1X1:
            return f"{branch} + {shortcut}"
        case Shortcut.CONSTANT_SCALING:
            factor = "" if spec.residual_scale == 1 else f"{format_field(spec.residual_scale)} * "
            return f"{factor}{branch} + {format_field(spec.shortcut_scale)} * {shortcut}"
        case Shortcut.EXCLUSIVE_GATING:
            return f"g * {branch} + (1 - g) * {shortcut}"
        case Shortcut.SHORTCUT_ONLY_GATING:
            return f"{branch} + (1 - g) * {shortcut}"
        case Shortcut.DROPOUT:
            return f"{branch} + self.dropout({shortcut})"
        case _:
            assert_never(spec.shortcut)


def _is_chosen(facts: Facts) -> bool:
    """Whether blocks differ in the place of their first activation, so that it is made before its place is known."""
    return facts.is_first_bare or facts.shared.is_condition


def _activation(facts: Facts) -> tuple[str | CallExpression, ...]:
    if _is_chosen(facts):
        return ("**before",)
    return tuple(_layer(f"{node.leaf}=", node, "in_channels") for node in facts.activation)


def _shared_name(facts: Facts) -> str:
    return "is_shared" if facts.shared is SharedActivation.EITHER else facts.shared.value


def _channels_out(facts: Facts, *, is_last: bool) -> str:
    return "out_channels" if is_last or facts.spec.block is BlockKind.BASIC else "width"


def _layer(head: str, node: Node, channels: str) -> CallExpression:
    if isinstance(node.op, ops.Sigmoid):
        return CallExpression(f"{head}nn.Sigmoid")
    return norm(head, channels) if isinstance(node.op, ops.BatchNorm) else CallExpression(f"{head}nn.ReLU")
