"""Summary of a net in a few sentences, computed from its plan."""

from collections import Counter
from typing import assert_never

from resnet_viz.analysis.report import Analysis
from resnet_viz.i18n import _, ngettext
from resnet_viz.plan.plan import ShortcutKind
from resnet_viz.present.architecture.formulas import GATE_KATEX, sum_katex
from resnet_viz.present.units import exact, pixels
from resnet_viz.spec.enums import BlockKind, Norm, Order, Shortcut, Stem, StrideOn
from resnet_viz.spec.net import USUAL_WIDTH_PER_GROUP, NetSpec
from resnet_viz.spec.titles import depth_note, order_name, shortcut_name, title
from resnet_viz.spec.vgg import NUM_FC, VggSpec


def net_summary(analysis: Analysis) -> str:
    """Returns two or three sentences about a net in Markdown. Contains only our own words and numbers."""
    plan = analysis.plan
    spec = plan.spec
    if isinstance(spec, VggSpec):
        return " ".join([*_vgg(spec, analysis), _sight(analysis)])
    shortcuts = _shortcuts(spec, [block.match for block in plan.blocks])
    return " ".join([_structure(spec), shortcuts, *_on_top(spec), *_unusual(spec), _sight(analysis)])


def _structure(spec: NetSpec) -> str:
    num_blocks = sum(spec.blocks)
    kind = _("bottleneck") if spec.block is BlockKind.BOTTLENECK else _("basic")
    stem = (
        _("a 7×7 convolution with stride 2 and a max pool") if spec.stem is Stem.IMAGENET else _("one 3×3 convolution")
    )
    stages = ngettext("{n} stage", "{n} stages", len(spec.blocks)).format(n=len(spec.blocks))
    blocks = ngettext("{n} {kind} block", "{n} {kind} blocks", num_blocks).format(n=num_blocks, kind=kind)
    sentence = _("**{title}** has {depth} weighted layers: {stem}, {blocks} in {stages}, and a fully connected layer.")
    text = sentence.format(title=title(spec), depth=exact(spec.depth), stem=stem, blocks=blocks, stages=stages)
    return " ".join(filter(None, (text, depth_note(spec))))


def _plain() -> str:
    return _("It is a plain net: no block has an addition.")


def _shortcuts(spec: NetSpec, kinds: list[ShortcutKind]) -> str:
    if spec.is_plain:
        return _plain()
    counts = ", ".join(f"{count} {_kind_with_option(kind, spec)}" for kind, count in Counter(kinds).most_common())
    return _("Shortcuts: {counts}.").format(counts=counts)


def _kind_with_option(kind: ShortcutKind, spec: NetSpec) -> str:
    """Returns the kind of a shortcut; one that is scaled, gated or dropped keeps the shape and is no identity."""
    if kind is ShortcutKind.IDENTITY and spec.shortcut is not Shortcut.IDENTITY:
        return _("that keep the shape")
    if kind not in (ShortcutKind.ZERO_PAD, ShortcutKind.PROJECTION):
        return shortcut_name(kind)
    return _("{kind} (option {letter})").format(kind=shortcut_name(kind), letter=spec.dim_match.letter)


def _vgg(spec: VggSpec, analysis: Analysis) -> list[str]:
    num_convs, num_stages = sum(spec.blocks), len(spec.blocks)
    convs = ngettext("{n} 3×3 convolution", "{n} 3×3 convolutions", num_convs).format(n=exact(num_convs))
    stages = ngettext("{n} stage", "{n} stages", num_stages).format(n=num_stages)
    structure = _(
        "**{title}** has {depth} weighted layers: {convs} in {stages}, each followed by a max pool, and {fc} fully "
        "connected layers (Simonyan and Zisserman 2014)."
    ).format(title=title(spec), depth=exact(spec.depth), convs=convs, stages=stages, fc=NUM_FC)
    head, sums = analysis.parts[-1], analysis.totals
    shares = _(
        "The fully connected layers hold {params:.1%} of its parameters and perform {macs:.1%} of its multiply-adds."
    )
    sentences = [structure, _plain(), shares.format(params=head.params / sums.params, macs=head.macs / sums.macs)]
    if spec.norm is Norm.BATCH:
        sentences.append(_("A batch norm follows every convolution."))
    return sentences


def _on_top(spec: NetSpec) -> list[str]:
    """Returns the operations on shortcuts and branches before the addition, with their formula (He et al. 2016)."""
    match spec.shortcut:
        case Shortcut.NONE | Shortcut.IDENTITY | Shortcut.CONV1X1:
            return []
        case Shortcut.CONSTANT_SCALING:
            text = _("Constants scale shortcut and branch before the addition: {sum}.")
        case Shortcut.EXCLUSIVE_GATING:
            text = _("A gate {gate} weights each branch, and its complement the shortcut: {sum}.")
        case Shortcut.SHORTCUT_ONLY_GATING:
            text = _("The complement of a gate {gate} weights each shortcut; the branch is not gated: {sum}.")
        case Shortcut.DROPOUT:
            text = _("Dropout with rate {rate:g} acts on each shortcut in training: {sum}.")
        case _:
            assert_never(spec.shortcut)
    sentences = [text.format(sum=f"${sum_katex(spec)}$", gate=f"${GATE_KATEX}$", rate=spec.dropout)]
    if spec.shortcut.is_gated:
        bias = _("The gate's bias $b_g$ starts at {bias:g}; the lower it is, the more open the shortcut.")
        sentences.append(bias.format(bias=spec.gate_bias))
    return sentences


def _unusual(spec: NetSpec) -> list[str]:
    sentences = []
    if spec.order is not Order.ORIGINAL:
        sentences.append(_("Activation order: *{order}*.").format(order=order_name(spec.order)))
    if spec.block is BlockKind.BOTTLENECK and spec.stride_on is StrideOn.FIRST_1X1:
        sentences.append(_("Bottlenecks downsample in their first 1×1 convolution, as in the paper."))
    if spec.cardinality > 1:
        sentence = _("Its 3×3 convolutions have {n} groups, of {d} channels each in the first stage.")
        sentences.append(
            sentence.format(n=spec.cardinality, d=spec.widths[0] * spec.width_per_group // USUAL_WIDTH_PER_GROUP)
        )
    elif spec.width_per_group != USUAL_WIDTH_PER_GROUP:
        sentences.append(
            _("Its 3×3 convolutions are {k:g} times as wide as usual.").format(
                k=spec.width_per_group / USUAL_WIDTH_PER_GROUP
            )
        )
    if spec.dilated_stages:
        num = len(spec.dilated_stages)
        sentences.append(
            ngettext(
                "Dilation replaces the stride of stage {stages}, which keeps the resolution.",
                "Dilation replaces the strides of stages {stages}, which keeps the resolution.",
                num,
            ).format(stages=_(" and ").join(map(str, spec.dilated_stages)))
        )
        if spec.block is BlockKind.BASIC:
            sentences.append(
                _("In basic blocks both 3×3 convolutions dilate, as in timm; torchvision's class refuses it.")
            )
    if spec.norm is Norm.NONE:
        sentences.append(_("It has no normalisation."))
    return sentences


def _sight(analysis: Analysis) -> str:
    last = analysis.parts[-2]
    size, sides = last.field.size, analysis.plan.spec.image_sides
    is_more = size > max(sides)
    share = _("more than the whole image") if is_more else _("of an image of {side}").format(side=pixels(*sides))
    return _("The receptive field of its last feature map is {size} × {size} px, {share}.").format(
        size=exact(size), share=share
    )
