"""Docstrings of the exported file. English like all source code, and ASCII, so that any console prints it."""

from collections.abc import Iterator
from typing import Final, assert_never

from resnet_viz.analysis.cost import params
from resnet_viz.export.facts import Facts, SharedActivation
from resnet_viz.plan.ops import ReLU
from resnet_viz.plan.plan import Plan, ShortcutKind
from resnet_viz.spec.enums import BlockKind, Norm, Order, Shortcut, StrideOn
from resnet_viz.spec.net import USUAL_WIDTH_PER_GROUP, NetSpec
from resnet_viz.spec.titles import title
from resnet_viz.spec.vgg import AnySpec

HE_2015: Final = "He et al. 2015, Deep Residual Learning for Image Recognition (arXiv 1512.03385)"
HE_2016: Final = "He et al. 2016, Identity Mappings in Deep Residual Networks (arXiv 1603.05027)"
XIE: Final = "Xie et al. 2017, Aggregated Residual Transformations for Deep Neural Networks (arXiv 1611.05431)"
WIDE: Final = "Zagoruyko and Komodakis 2016, Wide Residual Networks (arXiv 1605.07146)"
DILATED: Final = "Yu et al. 2017, Dilated Residual Networks (arXiv 1705.09914)"
GOYAL: Final = "Goyal et al. 2017, Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour (arXiv 1706.02677)"

RUN_THIS: Final = "Run this file to check the net: it prints the shape of its logits and counts its parameters."

_FIGURE: Final = {
    Order.ORIGINAL: "the original order of He et al. 2015 (He et al. 2016, fig. 4 a)",
    Order.BN_AFTER_ADD: "BN after addition (He et al. 2016, fig. 4 b)",
    Order.RELU_BEFORE_ADD: "ReLU before addition (He et al. 2016, fig. 4 c)",
    Order.RELU_ONLY_PREACT: "ReLU-only pre-activation (He et al. 2016, fig. 4 d)",
    Order.FULL_PREACT: "full pre-activation (He et al. 2016, fig. 4 e)",
}
_H: Final = {
    ShortcutKind.IDENTITY: "the identity",
    ShortcutKind.ZERO_PAD: "zero padding",
    ShortcutKind.PROJECTION: "a 1x1 convolution",
    ShortcutKind.CONV1X1: "a 1x1 convolution",
}
_WHEN: Final = {
    SharedActivation.ALWAYS: "in every block",
    SharedActivation.NEW_SHAPE: "where the shape changes; elsewhere the branch activates",
    SharedActivation.FIRST: "in the first block; elsewhere the branch activates",
    SharedActivation.EITHER: "in the first block and where the shape changes; elsewhere the branch activates",
}
_ARGUMENTS: Final = {
    "in_channels": ("int", "", "channels of x."),
    "width": ("int", "", "channels of the 3x3 convolution."),
    "out_channels": ("int", "", "channels of y."),
    "stride": ("int", "1", "2 halves the picture."),
    "first_dilation": ("int", "1", "of the first 3x3 convolution, in place of a stride."),
    "dilation": ("int", "1", "of the 3x3 convolution, in place of a stride."),
    "is_first": ("bool", "False", "whether this is the first block of the net."),
}


def num_params(plan: Plan) -> int:
    """Returns the exact number of trainable parameters of the net."""
    return sum(params(node.op) for node in plan.nodes)


def name(spec: AnySpec) -> str:
    """Returns the net's title up to the first comma: "ResNet-50"."""
    return title(spec).partition(", ")[0]


def module_paragraphs(facts: Facts) -> Iterator[str | list[str]]:
    """Yields the sources of a net, its deviations from them, and the use of its names."""
    yield [f"{source}." for source in sources(facts.spec)]
    yield from further_paragraphs(facts.spec)


def further_paragraphs(spec: AnySpec) -> Iterator[str]:
    """Yields the deviations of a net from its sources, and the use of its names."""
    unusual = title(spec).replace("×", "x").partition(", ")[2]
    if unusual:
        yield f"What is unusual: {unusual}."
    yield "The weights have the same names as in resnet_viz, so that they can be loaded both ways."
    yield RUN_THIS


def sources(spec: NetSpec) -> Iterator[str]:
    """Yields the papers of a net."""
    yield HE_2015
    if spec.order is not Order.ORIGINAL or spec.shortcut not in (Shortcut.NONE, Shortcut.IDENTITY):
        yield HE_2016
    if spec.cardinality > 1:
        yield XIE
    elif spec.width_per_group > USUAL_WIDTH_PER_GROUP:
        yield WIDE
    if spec.dilated_stages:
        yield DILATED
    if spec.zero_init_residual:
        yield GOYAL


def block_arguments(facts: Facts) -> dict[str, tuple[str, str]]:
    """Returns the arguments of a block, with their types and defaults ("" for none)."""
    is_there = {
        "width": facts.has_width,
        "stride": bool(facts.strided),
        "first_dilation": facts.has_first_dilation,
        "dilation": bool(facts.dilated),
        "is_first": facts.has_first,
    }
    return {arg: (kind, default) for arg, (kind, default, _) in _ARGUMENTS.items() if is_there.get(arg, True)}


def block_summary(facts: Facts) -> str:
    """Returns the first line of the block's docstring: its kind and equation."""
    kind = "bottleneck: 1x1, 3x3 and 1x1 convolutions"
    if facts.spec.block is BlockKind.BASIC:
        kind = "basic block: two 3x3 convolutions"
    return f"A {kind}, y = {equation(facts)}."


def equation(facts: Facts) -> str:
    """Returns the equation of a block: "relu(F(x) + h(x))"."""
    read = "x" if facts.shared is SharedActivation.NEVER else "p"
    inside = _sum(facts.spec, read, read if is_bare(facts) else f"h({read})")
    for node in facts.sections.post:
        inside = f"{'relu' if isinstance(node.op, ReLU) else 'norm'}({inside})"
    return inside


def is_bare(facts: Facts) -> bool:
    """Whether every shortcut is x itself, up to factors, gates and dropout, so that no `shortcut` is needed."""
    return facts.kinds == {ShortcutKind.IDENTITY}


def _sum(spec: NetSpec, read: str, h: str) -> str:
    match spec.shortcut:
        case Shortcut.NONE:
            return f"F({read})"
        case Shortcut.IDENTITY | Shortcut.CONV1X1:
            return f"F({read}) + {h}"
        case Shortcut.CONSTANT_SCALING:
            factor = "" if spec.residual_scale == 1 else f"{spec.residual_scale:.3g} "
            return f"{factor}F({read}) + {spec.shortcut_scale:.3g} {h}"
        case Shortcut.EXCLUSIVE_GATING:
            return f"g({read}) F({read}) + (1 - g({read})) {h}"
        case Shortcut.SHORTCUT_ONLY_GATING:
            return f"F({read}) + (1 - g({read})) {h}"
        case Shortcut.DROPOUT:
            return f"F({read}) + dropout({h})"
        case _:
            assert_never(spec.shortcut)


def block_paragraphs(facts: Facts) -> Iterator[str | list[str]]:
    """Yields the definitions of F, h and p, and the arguments."""
    yield " ".join(_letters(facts))
    meanings = {name: _ARGUMENTS[name][2] for name in block_arguments(facts)}
    if facts.spec.block is BlockKind.BASIC and facts.dilated:
        meanings["dilation"] = "of the second 3x3 convolution, in place of a stride before it."
    yield ["Args:", *(f"    {name}: {meaning}" for name, meaning in meanings.items())]


def _letters(facts: Facts) -> Iterator[str]:
    spec = facts.spec
    yield f"{'Norm and activation' if has_norm(spec) else 'Activation'}: {_FIGURE[spec.order]}."
    yield "F is `branch`."
    if not spec.is_plain and not is_bare(facts):
        yield f"h is `shortcut`: {_h(facts)}."
    yield from _on_top(spec)
    if facts.shared is not SharedActivation.NEVER:
        yield f"Both paths read p = `pre`(x): x, activated {_WHEN[facts.shared]}."
    if facts.is_first_bare:
        yield "The first block has no activation in front, for the stem has activated its output."
    if spec.block is BlockKind.BOTTLENECK and facts.strided:
        yield {
            StrideOn.FIRST_1X1: "The first 1x1 convolution has the stride, as in the paper.",
            StrideOn.CONV_3X3: "The 3x3 convolution has the stride, as torchvision has it.",
        }[spec.stride_on]


def _h(facts: Facts) -> str:
    option = f"option {facts.spec.dim_match.letter} of He et al. 2015"
    same = [kind for kind in facts.kinds if kind.keeps_shape]
    other = [kind for kind in facts.kinds if not kind.keeps_shape]
    if not facts.is_mixed:
        is_2016 = ShortcutKind.CONV1X1 in facts.kinds
        return f"{_H[(other or same)[0]]} ({'He et al. 2016, fig. 2 e' if is_2016 else option})"
    figure = " (He et al. 2016, fig. 2 e)" if ShortcutKind.CONV1X1 in same else ""
    return f"{_H[same[0]]}{figure}, and {_H[other[0]]} where the shape changes ({option})"


def _on_top(spec: NetSpec) -> Iterator[str]:
    """Yields the operations on branch and shortcut before the addition."""
    match spec.shortcut:
        case Shortcut.NONE | Shortcut.IDENTITY | Shortcut.CONV1X1:
            return
        case Shortcut.CONSTANT_SCALING:
            yield "Constants scale what is added (He et al. 2016, fig. 2 b)."
        case Shortcut.EXCLUSIVE_GATING:
            yield "g is `gate`: it opens the branch as far as it closes the shortcut (He et al. 2016, fig. 2 c)."
        case Shortcut.SHORTCUT_ONLY_GATING:
            yield "g is `gate`: it closes the shortcut and leaves the branch alone (He et al. 2016, fig. 2 d)."
        case Shortcut.DROPOUT:
            yield "Dropout acts on the shortcut, in training only (He et al. 2016, fig. 2 f)."
        case _:
            assert_never(spec.shortcut)


def has_norm(spec: NetSpec) -> bool:
    """Whether the net has norms at all."""
    return spec.norm is Norm.BATCH


def other_weights(spec: NetSpec) -> str:
    """Returns the initial values of everything but the convolution weights."""
    biases = "Their biases start at zero. " if spec.conv_bias else ""
    if spec.shortcut.is_gated:
        why = "a low one opens the shortcut (He et al. 2016, section 3.1)"
        biases += f"Biases of gates start at {spec.gate_bias:g}: {why}. "
    norms = "norms at scale one and shift zero, " if has_norm(spec) else ""
    zeros = " Only the last norm of each branch has scale zero, from `BlockProfile`." if spec.zero_init_residual else ""
    return f"{biases}The rest starts as PyTorch has it: {norms}the fc uniformly within 1/sqrt(in_features).{zeros}"
