"""Names of nets as people write them: "ResNet-50", "WRN-34-10", "microsoft/resnet-50", "resnet18_cifar".

`meanings` is the one table of other names. An address and the command line take `resolve`, the first meaning: where a
name means two nets, that is the usual one, and a note names the other. What addresses write are names of `presets`.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from resnet_viz.errors import SpecError
from resnet_viz.i18n import N_, _
from resnet_viz.spec import presets
from resnet_viz.spec.enums import Stem, StrideOn
from resnet_viz.spec.name_words import NameWords, spelled, taken_apart
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.outside_names import outside_reason
from resnet_viz.spec.presets import Changes
from resnet_viz.spec.validation import shown
from resnet_viz.spec.vgg import VGG, AnySpec

_IMAGENET: Final = (18, 34, 50, 101, 152, 200)
_BOTTLENECKS: Final = (50, 101, 152, 200)
_PAPERS_BOTTLENECKS: Final = (164, 1001)  # He et al. 2016; 164 is 6n + 2 as well
_VGG_LETTERS: Final = {"a": 11, "b": 13, "d": 16, "e": 19}  # Simonyan and Zisserman 2014, table 1
_TIMM_BLOCKS: Final = {14: (1, 1, 1, 1), 26: (2, 2, 2, 2)}  # of bottlenecks
_OTHER_BLOCKS: Final = {10: ("resnet18", (1, 1, 1, 1)), 269: ("resnet50", (3, 30, 48, 8))}

_TWO_STRIDES: Final = N_(
    "{name} means two nets: {preset} has the stride of a bottleneck on its 3×3 convolution, as torchvision has it, "
    "{other} on its first 1×1, as the paper has it."
)
_BASIC_ONLY: Final = N_("v1 and v1.5 differ in bottlenecks alone; {preset} has basic blocks.")
_OPTION_A: Final = N_(
    "{preset} has the paper's option A, zero padding; with projections, as many programs have it, it is "
    "dim_match=projection."
)
_OF_CIFAR: Final = N_("{preset} with the 3×3 stem of nets for CIFAR.")
_TWO_ORDERS: Final = N_("{preset} has the original unit; with full pre-activation it is {other}.")
_PREACT_V2: Final = N_(
    "{preset} has the layers and counts of version 2; timm and Keras place its first norm, and Keras the strides and "
    "some biases, elsewhere."
)

_HAS_OWN_FORM: Final = re.compile(rf"(wrn_[0-9]+_[0-9]+|({'|'.join(presets.FAMILIES)})[0-9]+)", flags=re.ASCII)


class Meaning(NamedTuple):
    """A net that a name means.

    Attributes:
        preset: its preset's name.
        changes: fields in which it differs from the preset, with their values.
        note: message about what was chosen; empty where nothing was.
    """

    preset: str
    changes: Changes = ()
    note: str = ""

    def spec(self, **overrides: Any) -> AnySpec:
        """Returns the net itself, with `overrides` by field name."""
        return presets.preset(self.preset, **{**dict(self.changes), **overrides})


def resolve(name: str) -> Meaning:
    """Returns the net that a name means, the usual one where it means several.

    Raises:
        SpecError: no net has it; the message names the legal depths, what a known net has that is outside, or near
            names.
    """
    return meanings(name)[0]


def named_net(name: str, **overrides: Any) -> AnySpec:
    """Returns the net of a name as people write it, with `overrides` by field name.

    Raises:
        SpecError: as `resolve`, or overrides that make no net.
    """
    return resolve(name).spec(**overrides)


def named_residual_net(name: str, **overrides: Any) -> NetSpec:
    """Returns a net like `named_net`, but only a residual or plain one.

    Raises:
        SpecError: as `named_net`, and a VGG net.
    """
    found = resolve(name)
    return presets.residual_preset(found.preset, **{**dict(found.changes), **overrides})


def meanings(name: str) -> tuple[Meaning, ...]:
    """Returns every net of this name in the papers, in other programs or here, the usual one first.

    Raises:
        SpecError: as `resolve`.
    """
    if not isinstance(name, str):
        presets.preset_fields(name)  # refuses it
    if is_canonical(name):
        return (Meaning(name),)
    spelling = spelled(name)
    if is_canonical(spelling) and not re.fullmatch(r"resnet(50|101|152)", spelling):  # these mean two nets
        return (_checked(Meaning(spelling), name),)
    reason = outside_reason(re.sub(r"(^|_)imagenet(?=_|$)", "", spelling).strip("_"))
    if reason is None:
        parts = taken_apart(spelling)
        for reader in _READERS:
            found = tuple(reader(parts))
            if found:
                return tuple(_checked(each, name) for each in found)
    raise _refusal(name, spelling, reason)


def is_canonical(name: str) -> bool:
    """Returns whether a name is a preset's own, as addresses write it."""
    try:
        presets.preset_fields(name)
    except SpecError:
        return False
    return True


def _vgg(name: NameWords) -> Iterator[Meaning]:
    depth = name.numbers[0] if len(name.numbers) == 1 else None
    rest = name.words - {"vgg", "vggnet", "bn"}
    if depth is None and not name.numbers:
        letter = next((word.removeprefix("vgg") for word in rest if re.fullmatch(r"(vgg)?[abde]", word)), "")
        depth, rest = _VGG_LETTERS.get(letter), rest - {letter, f"vgg{letter}"}
    else:
        rest -= {"a"}  # the article
    is_vgg = any(word.startswith("vgg") for word in name.words)
    preset = f"vgg{depth}_bn" if "bn" in name.words else f"vgg{depth}"
    if is_vgg and not rest and preset in VGG:
        yield Meaning(preset)


def _resnext(name: NameWords) -> Iterator[Meaning]:
    if name.words - {"x", "d"} != {"resnext"} or not name.numbers:
        return
    depth, groups, width = (*name.numbers, None, None)[:3] if len(name.numbers) in (1, 3) else (None, None, None)
    usual = {50: (32, 4), 101: (32, 8), 29: (8, 64), 152: (32, 4)}  # Xie et al. 2017; torchvision
    if depth not in usual:
        return
    cardinality, per_group = usual[depth] if groups is None or width is None else (groups, width)
    note = "" if groups is not None else _("{depth} layers with {groups}×{width}d.")
    preset = f"resnext{depth}_{cardinality}x{per_group}d"
    text = note.format(depth=depth, groups=cardinality, width=per_group)
    fields: Changes = (("cardinality", cardinality), ("width_per_group", per_group))
    if preset in presets.NAMED:
        yield Meaning(preset, note=text)
    elif depth == 29:  # noqa: PLR2004 - Xie et al. 2017, section 5.2, for CIFAR
        yield Meaning("resnext29_8x64d", fields, text)
    else:
        yield Meaning(f"resnet{depth}", fields, text)


def _wide(name: NameWords) -> Iterator[Meaning]:
    if name.words - {"x", "bottleneck"} != {"wrn"}:
        return
    numbers = name.numbers
    if len(numbers) == 1 and re.fullmatch(r"[1-9][0-9]{2,3}", str(numbers[0])):  # WRN2810
        numbers = (numbers[0] // 10 ** (len(str(numbers[0])) - 2), numbers[0] % 10 ** (len(str(numbers[0])) - 2))
    if len(numbers) != 2:  # noqa: PLR2004 - depth and k
        return
    depth, k = numbers
    if depth in _BOTTLENECKS:
        preset = f"wide_resnet{depth}_{k}"
        yield Meaning(preset) if preset in presets.NAMED else Meaning(f"resnet{depth}", (("width_per_group", 64 * k),))
        return
    preset = f"wrn_{depth}_{k}"
    presets.preset_fields(preset)
    yield Meaning(preset, _of_classes(name, preset))


def _plain(name: NameWords) -> Iterator[Meaning]:
    if name.words != {"plain"} or len(name.numbers) != 1 or name.version or name.is_preact:
        return
    (depth,) = name.numbers
    preset = f"plain{depth}" if f"plain{depth}" in presets.NAMED and not name.is_cifar else f"cifar_plain{depth}"
    if _is_member(preset):
        yield Meaning(preset, _of_classes(name, preset))


def _d2l(name: NameWords) -> Iterator[Meaning]:
    if name.words == {"dtwol", "resnet"} and name.numbers == (18,):
        yield Meaning("d2l_resnet18")


def _resnet_imagenet(name: NameWords) -> Iterator[Meaning]:
    """Yields nets of He et al. 2015, table 1: with another stem where the name says CIFAR."""
    if name.words != {"resnet"} or len(name.numbers) != 1 or name.numbers[0] not in _IMAGENET:
        return
    (depth,) = name.numbers
    preset = f"preact_resnet{depth}" if name.is_preact else f"resnet{depth}"
    if name.is_cifar:
        changes = (("stem", Stem.CIFAR), ("image_size", 32), ("num_classes", name.classes or 10))
        yield Meaning(preset, changes, _(_OF_CIFAR).format(preset=preset))
    elif name.is_preact:
        yield Meaning(preset, note=_(_PREACT_V2).format(preset=preset) if name.version else "")
    elif depth not in _BOTTLENECKS:
        yield Meaning(preset, note=_(_BASIC_ONLY).format(preset=preset) if name.version else "")
    else:
        first = _first_1x1(preset)
        both = _(_TWO_STRIDES).format(name=f"ResNet-{depth}", preset=preset, other=first.preset)
        if name.version != "v1":
            yield Meaning(preset, note="" if name.version else both)
        if name.version != "v15" and (name.version or first.preset != preset):
            yield first


def _first_1x1(preset: str) -> Meaning:
    if f"{preset}_v1" in presets.NAMED:
        return Meaning(f"{preset}_v1")
    return Meaning(preset, (("stride_on", StrideOn.FIRST_1X1),))


def _resnet_cifar(name: NameWords) -> Iterator[Meaning]:
    """Yields nets of He et al. 2015, section 4.2, and 2016: basic blocks where the depth allows, or bottlenecks."""
    if name.words - {"bottleneck"} != {"resnet"} or len(name.numbers) != 1:
        return
    (depth,) = name.numbers
    if name.is_imagenet and depth in _TIMM_BLOCKS and not name.is_preact:
        yield Meaning("resnet50", (("blocks", _TIMM_BLOCKS[depth]),))
        return
    order = "preact_" if name.is_preact else ""
    basic, deep = f"cifar_{order}resnet{depth}", f"cifar_{order}bottleneck{depth}"
    is_deep = "bottleneck" in name.words or depth in _PAPERS_BOTTLENECKS or not _is_member(basic)
    preset = deep if is_deep else basic
    if not _is_member(preset):
        return
    yield Meaning(preset, _of_classes(name, preset), _note_of_cifar(name, preset, depth))


def _note_of_cifar(name: NameWords, preset: str, depth: int) -> str:
    if name.is_preact:
        deep = f"cifar_preact_bottleneck{depth}"
        is_keras = name.version == "v2" and preset != deep and _is_member(deep)
        return _("Version 2 in Keras's example has bottlenecks, as {other}.").format(other=deep) if is_keras else ""
    if preset.startswith("cifar_bottleneck"):
        return _(_TWO_ORDERS).format(preset=preset, other=f"cifar_preact_bottleneck{depth}")
    note = _(_OPTION_A).format(preset=preset)
    if depth not in _TIMM_BLOCKS or name.is_cifar:
        return note
    blocks = ",".join(map(str, _TIMM_BLOCKS[depth]))
    other = _("timm's resnet{depth} is resnet50 with blocks={blocks}.").format(depth=depth, blocks=blocks)
    return f"{note} {other}"


def _resnet_other(name: NameWords) -> Iterator[Meaning]:
    """Yields depths that other programs have with the ImageNet stem."""
    if name.words == {"resnet"} and len(name.numbers) == 1 and name.numbers[0] in _OTHER_BLOCKS:
        preset, blocks = _OTHER_BLOCKS[name.numbers[0]]
        yield Meaning(preset, (("blocks", blocks),), _("{preset} with other blocks.").format(preset=preset))


_READERS: Final[tuple[Callable[[NameWords], Iterator[Meaning]], ...]] = (
    _vgg, _resnext, _wide, _plain, _d2l, _resnet_imagenet, _resnet_cifar, _resnet_other,
)  # fmt: skip


def _of_classes(name: NameWords, preset: str) -> Changes:
    usual = presets.preset(preset).num_classes
    return () if name.classes in (None, usual) else (("num_classes", name.classes),)


def _is_member(preset: str) -> bool:
    try:
        presets.preset(preset)
    except SpecError:
        return False
    return True


def _checked(found: Meaning, name: str) -> Meaning:
    """Returns a meaning that makes a net; one that makes none is refused by its values."""
    try:
        found.spec()
    except SpecError as refusal:
        raise SpecError(_("{name}: {why}").format(name=shown(name), why=refusal)) from refusal
    return found


def _refusal(name: str, spelling: str, reason: str | None) -> SpecError:
    depth = max(map(int, re.findall(r"(?<![0-9])[0-9]{1,6}(?![0-9])", spelling)), default=None)
    is_residual = "resne" in spelling
    if reason is not None:
        own = f"resnext{depth}_32x4d" if "resnext" in spelling else f"resnet{depth}"
        near = [each for each in (own, f"resnet{depth}") if each in presets.NAMED and is_residual]
        text = _("{name!r} is outside the vocabulary of nets here: it has {reason}.").format(
            name=shown(name), reason=_(reason)
        )
        return SpecError(f"{text} {_('Near to it: {near}.').format(near=near[0])}" if near else text)
    if _HAS_OWN_FORM.fullmatch(name):
        presets.preset_fields(name)  # refuses with the legal depths of this family
    if is_residual and depth is not None and re.fullmatch(r"(cifar_)?(preact_)?resnet_?[0-9]+", spelling):
        return SpecError(_no_such_depth(name, depth, "preact_" if "preact" in spelling else ""))
    return presets.unknown_name(name)


def _no_such_depth(name: str, depth: int, order: str) -> str:
    basic, deep = _legal_depths(depth, 6), _legal_depths(depth, 9)
    members = [
        *((f"cifar_{order}resnet{each}", each) for each in basic),
        *((f"{order}resnet{each}", each) for each in _IMAGENET),
        *((f"cifar_{order}bottleneck{each}", each) for each in deep),
    ]
    near = sorted(members, key=lambda member: abs(member[1] - depth))[:3]
    text = _(
        "No net is called {name!r}. Near to it: {near}. ResNets have {imagenet} layers for ImageNet; for CIFAR 6n + 2 "
        "({basic}) or, of bottlenecks, 9n + 2 ({deep})."
    )
    return text.format(
        name=shown(name),
        near=", ".join(preset for preset, _depth in near),
        imagenet=_(" or ").join((", ".join(map(str, _IMAGENET[:-1])), str(_IMAGENET[-1]))),
        basic=", ".join(map(str, basic)),
        deep=", ".join(map(str, deep)),
    )


def _legal_depths(depth: int, per: int) -> tuple[int, ...]:
    """Returns the three legal depths nearest to `depth`, of nets with `per` layers more for each n."""
    n = max(2, min((depth - 2) // per, 332))
    return tuple(sorted(sorted((per * each + 2 for each in range(n - 1, n + 3)), key=lambda it: abs(it - depth))[:3]))
