"""Which net is it whose weights somebody sent? Shapes leave a choice, what the net says to pictures often decides.

A plain net and a residual one with zero padding (option A) have the same tensors, and so have nets that downsample in
another convolution. Where such weights may be of Fashion-MNIST, the net that is right most often is taken; elsewhere
the first one that shapes allow, which is residual.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch
from torch import Tensor

from resnet_viz.analysis.identify_weights import specs_of
from resnet_viz.attribution.engine.preprocessing import guess
from resnet_viz.attribution.sources.images import as_seen, read
from resnet_viz.attribution.sources.refs import PictureKind, PictureRef
from resnet_viz.data.fashion_mnist import CLASS_NAMES, SIDE
from resnet_viz.data.names import DataName
from resnet_viz.errors import DataError
from resnet_viz.nets.build import build
from resnet_viz.nets.weights import load
from resnet_viz.spec.enums import Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.vgg import AnySpec

_NUM_PICTURES: Final = 200
_CIFAR_SIDE: Final = 32


def recognise(state: Mapping[str, Tensor]) -> AnySpec:
    """Returns the net of a state dict with our keys.

    Raises:
        SpecError: no net of ours has these shapes.
    """
    found = specs_of({key: tuple(tensor.shape) for key, tensor in state.items()})
    specs = list(dict.fromkeys(_sized(spec) for spec in found))
    if len(specs) == 1 or specs[0].num_classes != len(CLASS_NAMES) or specs[0].in_channels != 1:
        return specs[0]
    return max(specs, key=lambda spec: _num_right(spec, state))  # of equals the first


def _sized(spec: AnySpec) -> AnySpec:
    """Returns a net at the size of pictures that its stem is made for; pooling over the whole map takes any."""
    if isinstance(spec, NetSpec) and spec.stem is Stem.CIFAR:
        return spec.replace(image_size=max(SIDE if spec.in_channels == 1 else _CIFAR_SIDE, spec.total_stride))
    return spec


def _num_right(spec: AnySpec, state: Mapping[str, Tensor]) -> int:
    net = build(spec)
    try:
        load(net, state)
    except DataError:  # of the choice that shapes leave only the first is certain to fit
        return -1
    net.eval()
    wanted = guess(spec)[0]
    pictures = [
        read(PictureRef(PictureKind.DATA, DataName.FASHION_MNIST_SUBSET, index)) for index in range(_NUM_PICTURES)
    ]
    x_NCHW = torch.from_numpy(np.stack([wanted.normalised(as_seen(one, wanted).pixels_CHW) for one in pictures]))
    with torch.no_grad():
        predicted_N = net(x_NCHW).argmax(dim=1).tolist()
    return sum(said == one.label for said, one in zip(predicted_N, pictures, strict=True))
