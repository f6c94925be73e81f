"""From one net to another field by field, and what each step adds in parameters."""

from typing import Any, Final, NamedTuple

from resnet_viz.analysis.cost import params as params_of
from resnet_viz.errors import SpecError
from resnet_viz.plan.lower import lower
from resnet_viz.spec.presets import differing_fields, fields_of, kind_of, preset, preset_names
from resnet_viz.spec.vgg import AnySpec

Changes = tuple[tuple[str, Any], ...]

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


def costed_changes(name: str, changes: Changes) -> tuple[CostedChange, ...]:
    """Returns the changes of a preset one behind the other."""
    steps, applied = [], dict[str, Any]()
    before = count_params(preset(name))
    is_grouped = "width_per_group" in dict(changes)  # ResNeXt's C alone would make a giant that nobody means
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
        steps.append(CostedChange(field, value, added))
    return tuple(steps)


def relative(name: str) -> tuple[str, Changes]:
    """Returns the preset listed before `name` that is nearly the same net, and in what `name` differs; or ("", ())."""
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


def count_params(spec: AnySpec) -> int:
    """Returns the parameters of a net. All blocks of a stage but the first are alike, so that two are written out."""
    plan = lower(spec.replace(blocks=tuple(min(num, 2) for num in spec.blocks)))
    count = sum(params_of(node.op) for node in plan.nodes)
    for num, stage in zip(spec.blocks, plan.stages, strict=True):
        count += max(0, num - 2) * sum(params_of(node.op) for node in plan.nodes_of(stage.blocks[-1]))
    return count


def signed_count(difference: int) -> str:
    """Returns a number of parameters with its sign, "±0" for none."""
    return f"{difference:+,}".replace("-", "−") if difference else "±0"
