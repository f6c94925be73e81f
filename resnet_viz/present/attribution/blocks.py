"""What is known of each block of a net from the answer about its depth, in words and in a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from resnet_viz.i18n import _
from resnet_viz.plan.names import short_name
from resnet_viz.present.attribution.results import NetPrediction, percent
from resnet_viz.present.tables import Rows


@dataclass(frozen=True, kw_only=True, slots=True)
class BlockProfile:
    """What is known of one block.

    Attributes:
        name: such as "stage1.block2".
        whole: what the picture does to the class's score through the block's output, in logits.
        branch: the part that came by the residual branch; None of a plain block, which has no addition.
        shortcut: the part that came by the shortcut; None likewise.
        after: the class's probability without the block; None where it cannot be removed.
        predicted: the class that is predicted without it; None likewise.
        sentence: why it cannot be removed.
    """

    name: str
    whole: float
    branch: float | None
    shortcut: float | None
    after: float | None
    predicted: int | None
    sentence: str

    @property
    def short(self) -> str:
        """Its name on an axis: 1.2 is stage 1, block 2."""
        return short_name(self.name)


def block_profiles(net: NetPrediction) -> tuple[BlockProfile, ...]:
    """Returns the blocks of a net in running order, from the answer about its depth."""
    shares = {str(share["block"]): share for share in net.facts.get("shares", ())}
    lesions = {str(lesion["block"]): lesion for lesion in net.facts.get("lesions", ())}
    found = []
    for entry in net.facts.get("conductance", ()):
        name = str(entry["block"])
        share, lesion = shares.get(name, {}), lesions.get(name, {})
        found.append(
            BlockProfile(
                name=name,
                whole=_number(share.get("whole", entry["value"])) or 0.0,
                branch=_number(share.get("branch")),
                shortcut=_number(share.get("shortcut")),
                after=_number(lesion.get("after")),
                predicted=None if lesion.get("predicted") is None else int(lesion["predicted"]),
                sentence=str(lesion.get("sentence") or ""),
            )
        )
    return tuple(found)


def intact_probability(net: NetPrediction) -> float:
    """Returns the probability of the explained class with all blocks there."""
    return net.probability(net.target)


def block_findings(net: NetPrediction) -> list[str]:
    """Returns what the profile calls important and idle, and what happened without them. No Markdown."""
    known = [block for block in block_profiles(net) if block.branch is not None]
    if not known:
        return [_("{net} has no shortcuts: all that reaches the class goes through every block.").format(net=net.title)]
    important = max(known, key=lambda block: abs(block.branch or 0.0))
    idle = min(known, key=lambda block: abs(block.branch or 0.0))
    said = _("{net}: the branch of block {block} brings most ({value:+.2f} logits). {without}")
    least = _("{net}: the branch of block {block} brings least ({value:+.2f} logits). {without}")
    return [
        words.format(net=net.title, block=block.short, value=block.branch, without=_outcome(net, block))
        for words, block in ((said, important), (least, idle))
    ]


def _outcome(net: NetPrediction, block: BlockProfile) -> str:
    if block.after is None or block.predicted is None:
        return block.sentence
    name, start, now = net.class_name(net.target), percent(intact_probability(net)), percent(block.after)
    if block.predicted == net.predicted:
        return _("Without it {name} goes from {start} to {now}; the prediction stays.").format(
            name=name, start=start, now=now
        )
    return _("Without it {name} goes from {start} to {now}; the net then says {other}.").format(
        name=name, start=start, now=now, other=net.class_name(block.predicted)
    )


def lesion_rows(nets: Sequence[NetPrediction]) -> Rows:
    """Returns a row for each block of each net: its shares, and what the net says without it."""
    rows: list[Mapping[str, Any]] = []
    for net in nets:
        for block in block_profiles(net):
            removed = "" if block.predicted is None else net.class_name(block.predicted)
            rows.append(
                {
                    _("net"): net.title,
                    _("block"): block.name,
                    _("all, logits"): _rounded(block.whole),
                    _("by the branch"): _rounded(block.branch),
                    _("by the shortcut"): _rounded(block.shortcut),
                    _("probability before"): _rounded(intact_probability(net)),
                    _("without the block"): _rounded(block.after),
                    _("then says"): removed or block.sentence,
                }
            )
    return [dict(row) for row in rows]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
