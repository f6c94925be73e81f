"""Uploaded weights: read, identified, and settled under the choices of a person.

A file that is a shipped net, byte for byte, is treated as this net. Elsewhere data set and classes are unknown. Where a
net has the input and the number of outputs of Fashion-MNIST's nets, each possible architecture predicts some of its
test images: how many labels it agrees with is evidence, which the page shows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch
from torch import Tensor

from resnet_viz.attribution.engine.nets.preprocessing import guess
from resnet_viz.attribution.sources import uploads
from resnet_viz.attribution.sources.class_names import are_there
from resnet_viz.attribution.sources.images import preprocess, read_image
from resnet_viz.attribution.sources.net_settings import TOP
from resnet_viz.attribution.sources.refs import ImageKind, ImageRef, NetRef
from resnet_viz.attribution.sources.shipped_nets import ShippedNet, shipped_nets
from resnet_viz.attribution.upload_facts import NUM_COMPARED, OpenField, UploadFacts, is_choosable, settle
from resnet_viz.data.datasets import DataName
from resnet_viz.data.fashion_mnist import CLASS_NAMES
from resnet_viz.data.idx import SIDE
from resnet_viz.errors import DataError, Refusal, SpecError
from resnet_viz.i18n import _
from resnet_viz.nets.build import build
from resnet_viz.nets.weights import load
from resnet_viz.nets.weights_file import WeightsInFile, read_weights
from resnet_viz.spec.enums import Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.titles import field_name, title
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.weights.files.entries import SeveralEntriesError
from resnet_viz.weights.identified import Choice, Identified
from resnet_viz.weights.identify import identify_weights
from resnet_viz.weights.text import head_message

_CIFAR_SIDE: Final = 32
_MAX_BYTES: Final = uploads.MAX_BYTES[uploads.UploadKind.NET]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class UploadedWeights:
    """Weights of an uploaded net.

    Attributes:
        facts: what they tell.
        state: all tensors, by the file's keys; empty where one of several mappings has to be chosen first.
        shipped: the shipped net that the file is; None for others.
    """

    facts: UploadFacts
    state: Mapping[str, Tensor]
    shipped: ShippedNet | None


def read_upload(ref: NetRef) -> UploadedWeights:
    """Returns the weights of an uploaded net.

    Raises:
        Refusal: the file is not there or not read, or no architecture fits.
    """
    path = uploads.find(ref.name, uploads.UploadKind.NET)
    entry = ref.settings.entry
    try:
        weights = read_weights(path, entry=None if not entry else entry.removeprefix(TOP), max_bytes=_MAX_BYTES)
    except SeveralEntriesError as several:
        facts = UploadFacts(specs=(), entries=tuple(map(_place, several.places)))
        return UploadedWeights(facts=facts, state={}, shipped=None)
    prefix = ref.settings.prefix
    found = identify_weights(weights.shapes, weights.spec, prefix=None if not prefix else prefix.removeprefix(TOP))
    state = {key: weights.tensors[key] for key in found.keys} if prefix else weights.tensors
    shipped = next((net for net in _shipped() if net.sha256 == ref.name), None)
    facts = _facts(found, weights, state) if shipped is None else _facts_of(shipped)
    if not are_there(ref.settings.classes):
        facts = replace(facts, notes=(*facts.notes, _("The names of its classes are no longer here; give them again.")))
    return UploadedWeights(facts=facts, state=state, shipped=shipped)


def settled_spec(weights: UploadedWeights, ref: NetRef) -> tuple[AnySpec, str]:
    """Returns the architecture of an uploaded net under its settings, and its title.

    Raises:
        SpecError: something has to be chosen first, or cannot be chosen.
        DataError: the weights are without a head.
    """
    facts = weights.facts
    if not facts.has_head:
        raise DataError(
            _("{head} Attribution explains the logit of a class: bring the weights of a whole net.").format(
                head=head_message(facts.specs[0], facts.other_head, facts.extra)
            )
        )
    settled = settle(facts, ref.settings)
    if settled.spec is None:
        names = [field_name(choice.field) for choice in settled.choices if not choice.value]
        names += [] if facts.specs else [_("the weights, one of {places}").format(places=", ".join(facts.entries))]
        raise SpecError(_("The file does not tell this, so choose first: {names}.").format(names=", ".join(names)))
    spec = settled.spec
    if ref.settings.image_size:
        spec = spec.replace(image_size=ref.settings.image_size)
    return spec, _("{title} (assumed)").format(title=title(spec)) if settled.is_assumed else title(spec)


def _shipped() -> tuple[ShippedNet, ...]:
    try:
        return shipped_nets()
    except Refusal:  # of a damaged list: nothing is known by it
        return ()


def _facts_of(net: ShippedNet) -> UploadFacts:
    return UploadFacts(specs=(net.spec,), is_stated=True, known_as=net.title)


def _facts(found: Identified, weights: WeightsInFile, state: Mapping[str, Tensor]) -> UploadFacts:
    specs = found.specs[:1] if found.is_stated else tuple(dict.fromkeys(map(_sized, found.specs)))
    return UploadFacts(
        specs=specs,
        open_fields=_fields(found.choices),
        unseen_fields=_fields(found.unseen),
        agreement=_agreement(specs, state) if found.has_head else (),
        entry=_place(weights.entry),
        entries=tuple(map(_place, weights.entries)),
        naming=found.naming,
        missing=found.missing,
        extra=found.extra,
        heads=found.heads,
        other_head=found.other_head,
        prefixes=tuple(map(_place, found.prefixes)),
        remarks=found.remarks,
        is_stated=found.is_stated,
        contradicted=() if found.contradicted is None else (found.contradicted,),
        notes=weights.notes,
    )


def _fields(choices: Iterable[Choice]) -> tuple[OpenField, ...]:
    return tuple(
        OpenField(field=choice.field, values=tuple(map(str, choice.values)))
        for choice in choices
        if is_choosable(choice.field)
    )


def _place(entry: str) -> str:
    return entry or TOP


def _sized(spec: AnySpec) -> AnySpec:
    """Returns an architecture at the image size that its stem is made for; its global pooling takes any."""
    if isinstance(spec, NetSpec) and spec.stem is Stem.CIFAR:
        return spec.replace(image_size=max(SIDE if spec.in_channels == 1 else _CIFAR_SIDE, spec.total_stride))
    return spec


def _agreement(specs: tuple[AnySpec, ...], state: Mapping[str, Tensor]) -> tuple[int, ...]:
    if specs[0].num_classes != len(CLASS_NAMES) or specs[0].in_channels != 1:
        return ()
    return tuple(_num_agreeing(spec, state) for spec in specs)


def _num_agreeing(spec: AnySpec, state: Mapping[str, Tensor]) -> int:
    """Returns the number of Fashion-MNIST's first test images whose label a net predicts."""
    net = build(spec)
    try:
        load(net, state)
    except DataError:  # of the architectures for these shapes only the first is certain to fit
        return 0
    net.eval()
    preprocessing = guess(spec)
    images = [
        read_image(ImageRef(ImageKind.DATA, DataName.FASHION_MNIST_SUBSET, index)) for index in range(NUM_COMPARED)
    ]
    x_NCHW = torch.from_numpy(
        np.stack([preprocessing.normalised(preprocess(one, preprocessing).pixels_CHW) for one in images])
    )
    with torch.no_grad():
        predicted_N = net(x_NCHW).argmax(dim=1).tolist()
    return sum(predicted == one.label for predicted, one in zip(predicted_N, images, strict=True))
