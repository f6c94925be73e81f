"""A net that fits a clue, as a preset with changes, and the parameters that each change adds."""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from resnet_viz.analysis.count_parts import count_params
from resnet_viz.analysis.count_variants import Besides
from resnet_viz.analysis.mac_conventions import WorkCount
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec.codec import format_field
from resnet_viz.spec.presets import Changes, differing_fields, fields_of, kind_of, preset, preset_names
from resnet_viz.spec.vgg import AnySpec

NOTHING_BESIDES: Final = Besides()
_SAME_NET: Final = ("blocks", "widths", "block", "shortcut", "stem")  # in which a preset and its relative agree


class CostedChange(NamedTuple):
    """One changed field.

    Attributes:
        field: its name.
        value: its new value.
        params: parameters that it adds; None where it goes only together with the next, which carries the cost of both.
    """

    field: str
    value: Any
    params: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """A net that fits a clue.

    Attributes:
        preset: the nearest named net.
        changes: fields in which it differs from the preset, with their values.
        params: its trainable parameters.
        base: the net from which `costed` starts: the preset, or for an unchanged one its nearest relative; "" for none.
        costed: those changes from there, each with the parameters that it adds.
        sentence: name, parameters and the cost of each change, as text.
        note: message about the meaning of a name or an unlikely answer; empty for most.
        besides: by what a count differs from the parameters.
        work: its work by the convention that fits, where a figure of work was looked for.
    """

    preset: str
    changes: Changes
    params: int
    base: str
    costed: tuple[CostedChange, ...]
    sentence: str
    note: str = ""
    besides: Besides = NOTHING_BESIDES
    work: WorkCount | None = None

    @property
    def spec(self) -> AnySpec:
        """The net itself."""
        return preset(self.preset, **dict(self.changes))


def match_of(name: str, changes: Changes, besides: Besides = NOTHING_BESIDES) -> Match:
    """Returns a preset with changes, its parameters and the cost of each change."""
    count = count_params(preset(name, **dict(changes)))
    base, differences = (name, changes) if changes else relative(name)
    costed = costed_changes(base, differences) if base else ()
    if changes:
        sentence = _("{preset} with {changes} has {params:,} parameters; unchanged it has {before:,}.")
    elif base:
        sentence = _("{preset} has {params:,} parameters: {base} with {changes}.")
    else:
        sentence = _("{preset} has {params:,} parameters.")
    texts = [
        sentence.format(
            preset=name,
            base=base,
            changes=", ".join(map(_change_text, costed)),
            params=count,
            before=count_params(preset(name)),
        ),
        besides_text(count, besides),
    ]
    return Match(
        preset=name,
        changes=changes,
        params=count,
        base=base,
        costed=costed,
        sentence=" ".join(filter(None, texts)),
        besides=besides,
    )


def besides_text(params: int, besides: Besides) -> str:
    """Returns by what a count differs from the parameters; nothing where it does not."""
    if not any(besides):
        return ""
    parts = []
    if besides.head:
        parts.append(_("without its fully connected layers ({head})").format(head=signed_count(besides.head)))
    if besides.batches:
        text = _("with what else its state dict holds, {statistics:,} running statistics and {batches:,} counters")
        parts.append(text.format(statistics=besides.statistics, batches=besides.batches))
    elif besides.statistics:
        text = _("with {statistics:,} running means and variances, which are no parameters but which Keras counts")
        parts.append(text.format(statistics=besides.statistics))
    counted = _(" and ").join(parts)
    return _("{counted}: {total:,}.").format(counted=counted[:1].upper() + counted[1:], total=params + sum(besides))


def costed_changes(name: str, changes: Changes) -> tuple[CostedChange, ...]:
    """Returns the changes of a preset in order, each with the parameters that it adds."""
    costed, applied = list[CostedChange](), dict[str, Any]()
    before = count_params(preset(name))
    is_grouped = "width_per_group" in dict(changes)  # ResNeXt's C alone would make a huge net
    for field, value in changes:
        applied[field] = value
        added = None
        if not (field == "cardinality" and is_grouped):
            try:
                after = count_params(preset(name, **applied))
            except SpecError:  # goes only together with the next change
                pass
            else:
                added, before = after - before, after
        costed.append(CostedChange(field, value, added))
    return tuple(costed)


def relative(name: str) -> tuple[str, Changes]:
    """Returns the most similar preset listed before `name`, and the changes from it; ("", ()) if there is none."""
    spec = preset(name)
    menu = preset_names()
    earlier = menu[: menu.index(name)] if name in menu else ()
    fields = [field for field in _SAME_NET if field in fields_of(name)]
    same = [
        other
        for other in earlier
        if kind_of(other) is kind_of(name) and all(getattr(preset(other), f) == getattr(spec, f) for f in fields)
    ]
    if not same:
        return "", ()
    nearest = min(same, key=lambda other: len(differing_fields(spec, other)))
    return nearest, tuple((field, getattr(spec, field)) for field in differing_fields(spec, nearest))


def signed_count(difference: int) -> str:
    """Returns a number of parameters with its sign, "±0" for none."""
    return f"{difference:+,}".replace("-", "−") if difference else "±0"


def _change_text(change: CostedChange) -> str:
    """Returns a change with the parameters that it adds: "num_classes=10 (−507,870)"."""
    text = f"{change.field}={format_field(change.value)}"
    return text if change.params is None else f"{text} ({signed_count(change.params)})"
