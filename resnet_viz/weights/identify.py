"""Identification of the net that weights belong to, by the names and shapes of the tensors."""

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from resnet_viz.errors import SpecError
from resnet_viz.i18n import N_, _
from resnet_viz.plan.lower import lower
from resnet_viz.plan.torchvision_keys import BATCHES_SEEN, layers_of, state_shapes
from resnet_viz.spec.enums import BlockKind, Norm, Order, Shortcut, Stem, StrideOn
from resnet_viz.spec.net import CONVS_PER_BLOCK, NetSpec
from resnet_viz.spec.titles import title
from resnet_viz.spec.vgg import AnySpec, VggSpec
from resnet_viz.weights.by_structure import BY_STRUCTURE
from resnet_viz.weights.fields import Fields, Given, residual_fields, shortcut_kinds, vgg_fields
from resnet_viz.weights.heads import linear_layers
from resnet_viz.weights.identified import Choice, Identified, Remark
from resnet_viz.weights.key_map import RUNNING, KeyMap, Shapes, placed, read_keys
from resnet_viz.weights.namings import HEAD, HEAD_NORM, OURS
from resnet_viz.weights.outside import (
    DEEP_STEM,
    Evidence,
    evidence_text,
    quote,
    recognise_family,
    recognise_parts,
    shape_text,
)

MAX_TENSORS: Final = 100_000  # ResNet-1202 has 7,206; a file of weights may hold several nets and an optimiser's state
IMAGE_SIZES: Final = {Stem.IMAGENET: 224, Stem.CIFAR: 32}
_VGG_SIZE: Final = 224
_MOST_QUOTED: Final = 3
_ASKED: Final = ("shortcut", "stride_on")
_SAME_TENSORS: Final = (Order.ORIGINAL, Order.RELU_BEFORE_ADD, Order.RELU_ONLY_PREACT)
_NO_LAST_NORM: Final = N_("no norm between its last block and its head, as kuangliu/pytorch-cifar's PreActResNet")
_NO_STATISTICS: Final = N_("norms without running statistics: group, layer or instance norms")


def identify_weights(
    shapes: Mapping[str, Sequence[int]], stated: AnySpec | None = None, *, prefix: str | None = None
) -> Identified:
    """Returns the nets whose weights have these names and shapes.

    The head may be missing or another one, num_batches_tracked too; tensors that belong to no layer may be there.

    Args:
        shapes: of all tensors in the file, by the file's keys.
        stated: the net that the file says its weights belong to.
        prefix: one of `Identified.prefixes`, where the file has several nets; None for the main one.

    Raises:
        SpecError: no net here has them; the message quotes the file and names the obstacle.
    """
    if len(shapes) > MAX_TENSORS:
        raise SpecError(_("No net has {got:,} weight tensors.").format(got=len(shapes)))
    plain = {str(key): tuple(shape) for key, shape in shapes.items()}
    _check_sides(plain)
    keys = read_keys(plain, prefix)
    if keys is None or (keys.naming is BY_STRUCTURE and recognise_family(plain) is not None):
        raise unknown_names(plain)
    given = Given(keys.own_shapes(plain), keys)
    body = {key: plain[key] for key in (*keys.keys, *keys.inside)}
    try:
        specs = _specs(given)
    except SpecError as error:
        outside = _outside(body, given, None)
        if outside is None:
            raise
        raise outside from error
    complaint = next(_complaints(specs[0], given, body), None)
    if complaint is not None:
        raise _outside(body, given, specs[0]) or SpecError(complaint)
    return _identified(given, specs, stated, plain)


def _check_sides(shapes: Shapes) -> None:
    for key, shape in shapes.items():
        if not all(type(side) is int and side >= 0 for side in shape):
            raise SpecError(
                _("{key} has the shape {got}, which no tensor has.").format(key=quote(key), got=shape_text(shape))
            )


def _identified(given: Given, specs: tuple[AnySpec, ...], stated: AnySpec | None, plain: Shapes) -> Identified:
    keys = given.keys
    is_stated = stated is not None and next(_complaints(stated, given, {}), None) is None
    if stated is not None and is_stated:
        specs = tuple(dict.fromkeys((stated, *specs)))
    expected = state_shapes(layers_of(lower(specs[0])))
    names = {key.rpartition(".")[0] for key in expected}
    own = {theirs: placed_key(ours, names, keys) for theirs, ours in keys.keys.items()}
    present = set(own.values())
    implied = (BATCHES_SEEN, *RUNNING) if keys.has_affine_norms else BATCHES_SEEN
    missing = tuple(key for key in expected if not key.endswith(implied) and key not in present)
    return Identified(
        specs=specs,
        keys=own,
        naming=keys.naming.name,
        prefix=keys.prefix,
        missing=missing,
        extra=keys.rest,
        choices=() if is_stated else tuple(_choices(specs)),
        unseen=() if is_stated else tuple(_unseen(specs[0])),
        heads=keys.heads if len(keys.heads) > 1 else (),
        other_head=() if f"{HEAD}.weight" in present else linear_layers(keys.rest, plain),
        prefixes=(keys.prefix, *keys.others) if keys.others else (),
        remarks=() if is_stated else tuple(_remarks(specs[0], keys)),
        is_stated=is_stated,
        contradicted=None if is_stated else stated,
    )


def _specs(given: Given) -> tuple[AnySpec, ...]:
    """Returns every net that the shapes leave possible, the likeliest first."""
    if given.is_vgg:
        return (_sized(VggSpec, vgg_fields(given), _VGG_SIZE),)
    fields = residual_fields(given)
    size = IMAGE_SIZES[fields["stem"]]
    made = (
        _residual({**fields, "shortcut": shortcut, "stride_on": stride_on}, size)
        for shortcut, stride_on in itertools.product(shortcut_kinds(given), _strides(given, fields["stem"]))
    )
    return tuple(dict.fromkeys(made))


def _residual(fields: Fields, size: int) -> AnySpec:
    """Returns a residual net, or the plain one where zero padding cannot serve its shapes."""
    try:
        return _sized(NetSpec, fields, size)
    except SpecError:
        return _sized(NetSpec, {**fields, "shortcut": Shortcut.NONE}, size)


def _sized(kind: type[NetSpec] | type[VggSpec], fields: Fields, size: int) -> AnySpec:
    """Returns a net for images of `size`, or of the larger usual size where that is too small for it."""
    try:
        return kind(**fields, image_size=size)
    except SpecError:
        return kind(**fields, image_size=IMAGE_SIZES[Stem.IMAGENET])


def _strides(given: Given, stem: Stem) -> tuple[StrideOn, ...]:
    """Returns the possible places of a bottleneck's stride, the one that the file's source has first."""
    if given.kind is BlockKind.BASIC or len(given.blocks) == 1:
        return (StrideOn.CONV_3X3,)
    is_papers = given.keys.naming is OURS and stem is Stem.CIFAR  # as the presets of such nets here have it
    first = StrideOn.FIRST_1X1 if is_papers else given.keys.naming.stride_on
    return (first, *(stride_on for stride_on in StrideOn if stride_on is not first))


def _complaints(spec: AnySpec, given: Given, body: Shapes) -> Iterator[str]:
    """Yields the differences between the tensors of `spec` and those given, a missing head and counts left out."""
    expected = state_shapes(layers_of(lower(spec)))
    names, keys = {key.rpartition(".")[0] for key in expected}, given.keys
    theirs_of = {ours: theirs for theirs, ours in keys.keys.items()}
    own = {placed_key(ours, names, keys): (shape, theirs_of[ours]) for ours, shape in given.own.items()}
    for key, shape in expected.items():
        if key not in own:
            if not _is_optional(key, own, keys):
                yield _("These weights are near to {title}, but {key} is missing.").format(
                    title=title(spec), key=quote(keys.their_key(key))
                )
        elif own[key][0] != shape:
            yield _("These weights are near to {title}, but {key} has the shape {got} and not {needed}.").format(
                title=title(spec), key=quote(own[key][1]), got=shape_text(own[key][0]), needed=shape_text(shape)
            )
    besides = [*(theirs for key, (_shape, theirs) in own.items() if key not in expected), *keys.inside]
    for theirs in besides if body else besides[: len(besides) - len(keys.inside)]:
        yield _("These weights are near to {title}, but have {key} besides, of the shape {got}.").format(
            title=title(spec), key=quote(theirs), got=shape_text(body.get(theirs, ()))
        )


def _is_optional(key: str, own: Collection[str], keys: KeyMap) -> bool:
    """Whether a tensor may be missing: statistics, the last layer as a whole or its bias; of a VGG net all three."""
    if key.endswith(BATCHES_SEEN) or (keys.has_affine_norms and key.endswith(RUNNING)):
        return True
    if f"{HEAD}.weight" in own:
        return key == f"{HEAD}.bias" and keys.has_head_without_bias
    has_hidden = any(ours.startswith(HEAD) for ours in own)
    return key.startswith(f"{HEAD}." if has_hidden else HEAD)


def placed_key(ours: str, names: Collection[str], keys: KeyMap) -> str:
    """Returns the key that a tensor of a map has in a net with these names of layers."""
    layer, _dot, tensor = ours.rpartition(".")
    return ours if keys.naming is OURS else f"{placed(layer, names)}.{tensor}"


def _choices(specs: tuple[AnySpec, ...]) -> Iterator[Choice]:
    for field in _ASKED:
        values: tuple[Any, ...] = tuple(dict.fromkeys(getattr(spec, field, None) for spec in specs))
        if len(values) > 1:
            yield Choice(field=field, values=values)


def _unseen(spec: AnySpec) -> Iterator[Choice]:
    yield Choice(field="image_size")
    if isinstance(spec, VggSpec):
        return
    orders = tuple(Order) if spec.norm is Norm.NONE else _SAME_TENSORS
    if spec.order in orders:
        yield Choice(field="order", values=(spec.order, *(order for order in orders if order is not spec.order)))
    if len(spec.blocks) > 1 and spec.block is BlockKind.BOTTLENECK:
        yield Choice(field="dilated_stages")


def _remarks(spec: AnySpec, keys: KeyMap) -> Iterator[Remark]:
    is_preact = isinstance(spec, NetSpec) and spec.order is Order.FULL_PREACT
    is_projected = any(".shortcut.conv." in ours for ours in keys.keys.values())
    if keys.has_affine_norms:
        yield Remark.AFFINE_NORMS
    if is_preact and is_projected and keys.naming.name == "torchvision":
        yield Remark.PROJECTION_INPUT


def unknown_names(shapes: Shapes) -> SpecError:
    """Returns the refusal of weights whose keys are in no table: the kind of net that they show, or the first keys."""
    family = recognise_family(shapes)
    if family is not None:
        return _of_family(family)
    if not shapes:
        return SpecError(_("These weights hold no tensor."))
    parts = recognise_parts(shapes)
    if parts:
        return SpecError(
            _("These are weights of a net with {parts}. No net here has that.").format(
                parts=_(", and ").join(map(evidence_text, parts))
            )
        )
    first = [f"{quote(key)} ({shape_text(shape)})" for key, shape in itertools.islice(shapes.items(), _MOST_QUOTED)]
    return SpecError(
        _(
            "The names of these weights are of no known net; they begin with {first}. Looked for are residual, plain "
            "and VGG nets as torchvision, timm, Hugging Face, mmpretrain, detectron2, d2l.ai and the repositories for "
            "CIFAR name their layers, behind any prefix."
        ).format(first=", ".join(first))
    )


def _outside(body: Shapes, given: Given, near: AnySpec | None) -> SpecError | None:
    """Returns the refusal of a net whose keys show a part that nets here have not; None where none shows."""
    theirs = {key.removeprefix(given.keys.prefix): key for key in body}
    relative = {key: body[whole] for key, whole in theirs.items()}
    family = recognise_family(relative)
    if family is not None:
        return _of_family(family._replace(key=theirs[family.key]))
    found = (part._replace(key=theirs[part.key]) for part in recognise_parts(relative))
    parts = [*found, *_norms(body, given), *_bare_head(given)]
    if not parts:
        return None
    is_deep = any(found.meaning == DEEP_STEM for found in parts)
    name = title(near) if near is not None and not is_deep else f"ResNet-{_depth(given)}"
    return SpecError(
        _("These are weights of {title} with {parts}. No net here has that.").format(
            title=name, parts=_(", and ").join(map(evidence_text, parts))
        )
    )


def _depth(given: Given) -> int:
    """Returns the weighted layers of a residual net, as in its name, whatever its stem."""
    return 2 + CONVS_PER_BLOCK[given.kind] * sum(given.blocks)


def _of_family(family: Evidence) -> SpecError:
    return SpecError(
        _("These are weights of {what}. Only residual, plain and VGG nets are known here.").format(
            what=evidence_text(family)
        )
    )


def _bare_head(given: Given) -> Iterator[Evidence]:
    """Yields the last convolution of a pre-activation net that has no norm in front of its head."""
    if given.order is Order.FULL_PREACT and f"{HEAD_NORM}.weight" not in given.own:
        ours = [key for key in given.own if ".branch.conv" in key and key.endswith(".weight")][-1]
        yield Evidence(_NO_LAST_NORM, given.keys.their_key(ours), given.own[ours])


def _norms(body: Shapes, given: Given) -> Iterator[Evidence]:
    """Yields the first norm where no norm has running statistics."""
    norms = [key for key in given.own if key.endswith((".norm.weight", ".norm1.weight", ".norm2.weight"))]
    has_statistics = given.keys.has_affine_norms or any(key.endswith(".running_mean") for key in given.own)
    if norms and not has_statistics:
        theirs = given.keys.their_key(norms[0])
        yield Evidence(_NO_STATISTICS, theirs, body[theirs])
