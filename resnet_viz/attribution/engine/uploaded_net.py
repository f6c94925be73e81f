"""Uploaded weights: read, identified, and settled under the choices of a person.

A file that is a shipped net, byte for byte, is treated as this net. Elsewhere data set and classes are unknown. Where a
net has the input and the number of outputs of Fashion-MNIST's nets, each possible architecture predicts some of its
test images: how many labels it agrees with is evidence, which the page shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from resnet_viz.attribution.engine.preprocessing import guess
from resnet_viz.attribution.sources import uploads
from resnet_viz.attribution.sources.images import preprocess, read_image
from resnet_viz.attribution.sources.refs import ImageKind, ImageRef, NetRef
from resnet_viz.attribution.sources.shipped_nets import ShippedNet, shipped_nets
from resnet_viz.attribution.upload_facts import NUM_COMPARED, OpenField, UploadFacts, is_choosable, settle
from resnet_viz.data.datasets import DataName
from resnet_viz.data.fashion_mnist import CLASS_NAMES, SIDE
from resnet_viz.errors import DataError, Refusal, SpecError
from resnet_viz.i18n import _
from resnet_viz.nets import load_checkpoint
from resnet_viz.nets.build import build
from resnet_viz.nets.weights import load
from resnet_viz.spec.enums import Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.titles import field_name, title
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.weights.identified import Identified
from resnet_viz.weights.identify import identify_weights

_CIFAR_SIDE = 32


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class UploadedWeights:
    """Weights of an uploaded net.

    Attributes:
        facts: what they tell.
        state: the tensors of its layers, float32, under this program's keys.
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
    tensors = load_checkpoint.read_state_dict(path, max_bytes=uploads.MAX_BYTES[uploads.UploadKind.NET])
    found = identify_weights({key: tuple(tensor.shape) for key, tensor in tensors.items()})
    state = {own: tensors[key].float() for key, own in found.keys.items() if tensors[key].is_floating_point()}
    shipped = next((net for net in _shipped() if net.sha256 == ref.name), None)
    if shipped is not None:
        facts = UploadFacts(specs=(shipped.spec,), is_stated=True, known_as=shipped.title)
    else:
        facts = _facts(found, state)
    return UploadedWeights(facts=facts, state=state, shipped=shipped)


def settled_spec(weights: UploadedWeights, ref: NetRef) -> tuple[AnySpec, str]:
    """Returns the architecture of an uploaded net under its settings, and its title.

    Raises:
        SpecError: something has to be chosen first, or cannot be chosen.
        DataError: the weights are without a head.
    """
    if not weights.facts.has_head:
        raise DataError(
            _(
                "These weights are without their last layer, so that the net predicts nothing: attribution explains "
                "the logit of a class. Save the whole net."
            )
        )
    settled = settle(weights.facts, ref.settings)
    if settled.spec is None:
        names = ", ".join(field_name(choice.field) for choice in settled.choices if not choice.value)
        raise SpecError(_("Weights do not tell this, so choose first: {names}.").format(names=names))
    spec = settled.spec
    if ref.settings.image_size:
        spec = spec.replace(image_size=ref.settings.image_size)
    return spec, _("{title} (assumed)").format(title=title(spec)) if settled.is_assumed else title(spec)


def _shipped() -> tuple[ShippedNet, ...]:
    try:
        return shipped_nets()
    except Refusal:  # of a damaged list: nothing is known by it
        return ()


def _facts(found: Identified, state: Mapping[str, Tensor]) -> UploadFacts:
    specs = tuple(dict.fromkeys(map(_sized, found.specs)))
    return UploadFacts(
        specs=specs,
        open_fields=tuple(
            OpenField(field=choice.field, values=tuple(map(str, choice.values)))
            for choice in found.choices
            if is_choosable(choice.field)
        ),
        agreement=_agreement(specs, state) if found.has_head else (),
        naming=found.naming,
        prefix=found.prefix,
        missing=found.missing,
        extra=found.extra,
        others=found.others,
        is_stated=found.is_stated,
        contradicted=() if found.contradicted is None else (found.contradicted,),
    )


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
