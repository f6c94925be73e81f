"""Blocks of a profile over depth, as text and as a table."""

from collections.abc import Mapping, Sequence
from typing import Any

from resnet_viz.attribution.net_result import BlockDepth, NetDepth, NetPrediction
from resnet_viz.graph.labels import shape_text
from resnet_viz.i18n import _
from resnet_viz.plan.names import short_name
from resnet_viz.present.attribution.text import percent
from resnet_viz.present.tables import Rows


def intact_probability(net: NetPrediction) -> float:
    """Returns the probability of the explained class with all blocks in place."""
    return net.probability(net.target)


def block_findings(net: NetPrediction, depth: NetDepth) -> list[str]:
    """Returns the strongest and the weakest branch, and the prediction without them. No Markdown."""
    strongest, weakest = depth.strongest_branch, depth.weakest_branch
    if strongest is None or weakest is None:
        return [_("{net} has no shortcuts: every path to the logit passes through every block.").format(net=net.title)]
    return [
        _("{net}: strongest branch {block} ({value:+.2f} logits). {without}").format(**_finding(net, strongest)),
        _("{net}: weakest branch {block} ({value:+.2f} logits). {without}").format(**_finding(net, weakest)),
    ]


def _finding(net: NetPrediction, block: BlockDepth) -> dict[str, Any]:
    assert block.split is not None
    return {
        "net": net.title,
        "block": short_name(block.block),
        "value": block.split.branch,
        "without": _without(net, block),
    }


def _without(net: NetPrediction, block: BlockDepth) -> str:
    lesion = block.lesion
    if lesion.target_probability is None or lesion.predicted is None:
        return fixed_text(block)
    name = net.class_name(net.target)
    before, after = percent(intact_probability(net)), percent(lesion.target_probability)
    if lesion.predicted == net.predicted:
        return _("Without it: {name} {before} → {after}, same prediction.").format(
            name=name, before=before, after=after
        )
    return _("Without it: {name} {before} → {after}, predicted {other}.").format(
        name=name, before=before, after=after, other=net.class_name(lesion.predicted)
    )


def fixed_text(block: BlockDepth) -> str:
    """Returns why a block cannot be removed."""
    return _("{block} has no shortcut and changes the shape {before} → {after}: it cannot be removed.").format(
        block=block.block, before=shape_text(block.lesion.input_shape), after=shape_text(block.lesion.output_shape)
    )


def lesion_rows(nets: Sequence[NetPrediction], depths: Sequence[NetDepth]) -> Rows:
    """Returns a row for each block of each net: its conductance, and the prediction without it."""
    rows: list[Mapping[str, Any]] = []
    for net, depth in zip(nets, depths, strict=True):
        for block in depth.blocks:
            split, lesion = block.split, block.lesion
            rows.append(
                {
                    _("net"): net.title,
                    _("block"): block.block,
                    _("sum, logits"): round(block.whole, 4),
                    _("branch, logits"): None if split is None else round(split.branch, 4),
                    _("shortcut, logits"): None if split is None else round(split.shortcut, 4),
                    _("probability"): round(intact_probability(net), 4),
                    _("probability without the block"): _rounded(lesion.target_probability),
                    _("prediction without the block"): fixed_text(block)
                    if lesion.predicted is None
                    else net.class_name(lesion.predicted),
                }
            )
    return [dict(row) for row in rows]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
