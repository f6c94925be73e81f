"""Nets identified by a parameter count, a name or the shapes of a state dict, with the cost of every changed field.

Four nets are all called "ResNet-18": 11,689,512 parameters with 1,000 classes, 11,181,642 with 10, 11,173,962 with the
3×3 stem for CIFAR as well, 11,178,378 in d2l.ai with biases, bare projections and grey images.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from resnet_viz.analysis.cost import params as params_of
from resnet_viz.analysis.identify_weights import specs_of_shapes
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower
from resnet_viz.spec.codec import format_field
from resnet_viz.spec.enums import DimMatch, Stem
from resnet_viz.spec.fields import MAX_BLOCKS
from resnet_viz.spec.presets import (
    FAMILIES,
    differing_fields,
    fields_of,
    kind_of,
    nearest_preset,
    preset,
    preset_fields,
    preset_names,
)
from resnet_viz.spec.vgg import VGG, AnySpec

Changes = tuple[tuple[str, Any], ...]
Clue = int | str | Mapping[str, Sequence[int]]
NUM_CLASSES: Final = (1000, 100, 10)  # ImageNet, CIFAR-100, CIFAR-10
SINGLE_CHANGES: Final[Changes] = (
    *(("stem", stem) for stem in Stem),
    ("conv_bias", True),
    ("conv_bias", False),
    ("in_channels", 1),
    ("in_channels", 3),
    *(("dim_match", option) for option in DimMatch),
    ("projection_norm", False),
    ("projection_norm", True),
)
_SAME_NET: Final = ("blocks", "widths", "block", "shortcut", "stem")  # in which a preset and its relative agree
_CONFIGURATIONS: Final = {"vgg11": ("vgga",), "vgg13": ("vggb",), "vgg16": ("vggd",), "vgg19": ("vgge",)}
"""Letters of Simonyan and Zisserman 2014, table 1."""
_UNITS: Final = {"k": 10**3, "m": 10**6}
_MOST_DIGITS: Final = 12  # a trillion
_LONGEST: Final = 60


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
    """

    preset: str
    changes: Changes
    params: int
    base: str
    costed: tuple[CostedChange, ...]
    sentence: str

    @property
    def spec(self) -> AnySpec:
        """The net itself."""
        return preset(self.preset, **dict(self.changes))


def identify_text(text: str) -> tuple[Match, ...]:
    """Returns the nets that fit a typed count or name; at least one.

    Raises:
        SpecError: none fits; the message names the tried nets or suggests the nearest names.
    """
    rounded = by_rounded(text)
    if rounded is not None:
        if not rounded:
            raise SpecError(_("No preset has about {count} parameters.").format(count=text.strip()))
        return rounded
    digits = text.replace(",", "").replace("_", "").replace(" ", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS):
        return identify(text[:_LONGEST])
    matches = identify(int(digits))
    if not matches:
        raise SpecError(
            _("No known network has {count:,} parameters. Tried: presets with 1000, 100 or 10 classes.").format(
                count=int(digits)
            )
        )
    return matches


def identify(clue: Clue) -> tuple[Match, ...]:
    """Returns the nets that fit a parameter count, a name, or key -> shape of a state dict; fewest changes first.

    Raises:
        SpecError: a name, or shapes, that no net here has. A count that none has gives no matches.
    """
    if isinstance(clue, int):
        return by_count(clue)
    return by_name(clue) if isinstance(clue, str) else by_shapes(clue)


def by_count(num_params: int) -> tuple[Match, ...]:
    """Returns the nets with so many parameters: presets, other numbers of classes, and one common change more."""
    found: dict[AnySpec, tuple[str, Changes]] = {}
    for name, changes, count in _candidates():
        if count == num_params:
            found.setdefault(preset(name, **dict(changes)), (name, changes))
    return _sorted(match_of(name, changes) for name, changes in found.values())


def by_rounded(text: str) -> tuple[Match, ...] | None:
    """Returns the presets whose parameters round to a figure of a paper ("25.6M"); None where `text` is no such figure.

    Papers round up or down ("0.27M" for 272,474 and for 269,722), so a difference of one in the last digit fits.
    """
    match = re.fullmatch(r"([0-9]{1,6})(?:\.([0-9]{1,6}))? ?([kKmM])", text.strip(), flags=re.ASCII)
    if match is None:
        return None
    decimals = match[2] or ""
    unit = _UNITS[match[3].lower()]
    one_off = unit // 10 ** len(decimals)
    wanted = int(match[1] + decimals) * one_off
    return tuple(
        match_of(name, ()) for name in preset_names() if abs(count_params(preset(name)) - wanted) < max(1, one_off)
    )


def by_shapes(shapes: Mapping[str, Sequence[int]]) -> tuple[Match, ...]:
    """Returns the nets whose state dict has these keys and shapes; several if shapes leave a choice.

    Raises:
        SpecError: no net has them; the message names the first obstacle.
    """
    nearest: dict[tuple[str, Changes], None] = {}
    for spec in specs_of_shapes(shapes):
        name = nearest_preset(spec)
        changes = tuple((field, getattr(spec, field)) for field in differing_fields(spec, name))
        nearest[name, changes] = None
    fewest = min(len(changes) for _name, changes in nearest)
    return _sorted(match_of(name, changes) for name, changes in nearest if len(changes) == fewest)


def by_name(text: str) -> tuple[Match, ...]:
    """Returns the nets of this name in the papers, in torchvision or here: "ResNet-50 v1.5", "WRN-28-10".

    Raises:
        SpecError: no net has it; the message suggests the nearest names.
    """
    wanted = _letters(text[:_LONGEST])
    found = [name for name in preset_names() if wanted in _aliases(name)] or list(_members(wanted))
    if found:
        return tuple(match_of(name, ()) for name in found)
    match = re.fullmatch(r"(resnet|preactresnet)([0-9]{1,4})(?:for)?cifar(10|100)?", wanted)
    if match:  # as the well-known nets for CIFAR call themselves: ImageNet's with the small stem
        changes = (("stem", Stem.CIFAR), ("num_classes", int(match[3] or 10)))
        name = f"preact_resnet{match[2]}" if match[1] == "preactresnet" else f"resnet{match[2]}"
        preset_fields(name)
        return (match_of(name, changes),)
    preset_fields(text)  # refuses with the nearest names
    return (match_of(text, ()),)


def match_of(name: str, changes: Changes) -> Match:
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
    return Match(
        preset=name,
        changes=changes,
        params=count,
        base=base,
        costed=costed,
        sentence=sentence.format(
            preset=name,
            base=base,
            changes=", ".join(map(_change_text, costed)),
            params=count,
            before=count_params(preset(name)),
        ),
    )


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


def _change_text(change: CostedChange) -> str:
    """Returns a change with the parameters that it adds: "num_classes=10 (−507,870)"."""
    text = f"{change.field}={format_field(change.value)}"
    return text if change.params is None else f"{text} ({signed_count(change.params)})"


def _sorted(matches: Iterator[Match]) -> tuple[Match, ...]:
    return tuple(sorted(matches, key=lambda match: len(match.changes)))


@lru_cache(maxsize=1)
def _candidates() -> tuple[tuple[str, Changes, int], ...]:
    """Returns every net that `by_count` knows: preset, changes, parameters."""
    return tuple(found for name in preset_names() for found in _variants(name))


def _variants(name: str) -> Iterator[tuple[str, Changes, int]]:
    """Yields a preset with at most one change that costs something, each with every number of classes."""
    base = preset(name)
    usual = count_params(base)
    per_class = count_params(base.replace(num_classes=base.num_classes + 1)) - usual
    own_fields = fields_of(name)
    for change in (None, *(change for change in SINGLE_CHANGES if change[0] in own_fields)):
        try:
            count = usual if change is None else count_params(base.replace(**dict([change])))
        except SpecError:
            continue
        if change is not None and count == usual:
            continue
        for num_classes in NUM_CLASSES:
            changes = () if num_classes == base.num_classes else (("num_classes", num_classes),)
            own = changes if change is None else (change, *changes)
            yield name, own, count + (num_classes - base.num_classes) * per_class


def _letters(text: str) -> str:
    """Returns a name without case, blanks and signs, and with one word for each thing: "WRN-28-10" is "wrn2810"."""
    bare = re.sub(r"[^a-z0-9]", "", text.lower().replace("×", "x"))
    for long, short in (("preactivation", "preact"), ("wideresnet", "wrn"), ("torchvision", "")):
        bare = bare.replace(long, short)
    return bare


@lru_cache(maxsize=256)
def _aliases(name: str) -> frozenset[str]:
    """Returns the other names of a preset, as normalised by `_letters`.

    v1 and v1.5 mean the stride of a bottleneck, v2 means pre-activation. "ResNet-50" may mean either of the first two;
    the papers' CIFAR nets are named by depth alone.
    """
    bare = _letters(name)
    if name in VGG:
        return frozenset({bare, *_CONFIGURATIONS.get(name, ()), bare.replace("bn", "batchnorm")})
    own = {bare, _letters(name.partition("_")[0]) if name.startswith("resnext") else bare}
    match = re.fullmatch(r"(cifar_)?(preact_)?(resnet|bottleneck|plain)([0-9]+)(_v1)?", name)
    if match is None:
        is_d2l = name.startswith("d2l_")
        return frozenset(own | ({_letters(name.removeprefix("d2l_")) + "d2l"} if is_d2l else {f"{bare}bottleneck"}))
    _cifar, preact, word, depth, first = match.groups()
    kind = "plain" if word == "plain" else "resnet"
    spellings: tuple[str, ...]
    if preact:
        spellings = ("preact{k}{d}", "pre{k}{d}", "{k}{d}preact", "{k}{d}v2", "{k}v2{d}")
    elif first:
        spellings = ("{k}{d}", "{k}{d}v1", "{k}v1{d}")
    else:
        spellings = ("{k}{d}", "{k}{d}v15", "{k}v15{d}")
    return frozenset(own | {spelling.format(k=kind, d=depth) for spelling in spellings})


def _members(wanted: str) -> Iterator[str]:
    """Yields members of families at depths that are in no menu."""
    digits = re.search(r"[0-9]{1,4}", wanted)
    depth = int(digits[0]) if digits else 0
    for family, row in FAMILIES.items():
        n, rest = divmod(depth - 2, row.layers_per_n)
        if not rest and 1 <= n <= MAX_BLOCKS // 3 and wanted in _aliases(f"{family}{depth}"):
            yield f"{family}{depth}"
