"""A net from wherever it comes, ready to be looked at: in evaluation mode, with what it wants done to a picture.

What belongs to the files is checked by their readers: sizes, checksums, and that no code in them is ever run.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, assert_never

import numpy as np
import torch
from torch import Tensor

from resnet_viz.analysis.identify_weights import specs_of_shapes
from resnet_viz.attribution.engine import torchvision_download
from resnet_viz.attribution.engine.over_training import nets_at
from resnet_viz.attribution.engine.preprocessing import IMAGENET, guess, of_data, of_fashion_mnist, of_photographs
from resnet_viz.attribution.sources import uploads
from resnet_viz.attribution.sources.checksums import checkpoint_of
from resnet_viz.attribution.sources.images import Preprocessing, preprocess, read_image
from resnet_viz.attribution.sources.refs import ImageKind, ImageRef, NetKind, NetRef
from resnet_viz.attribution.sources.shipped_nets import MAX_BYTES, shipped_net
from resnet_viz.attribution.sources.torchvision import MEAN, STD, TORCHVISION_WEIGHTS
from resnet_viz.data import datasets
from resnet_viz.data.datasets import DataName
from resnet_viz.data.fashion_mnist import CLASS_NAMES, SIDE
from resnet_viz.errors import DataError
from resnet_viz.i18n import _
from resnet_viz.nets import load_checkpoint
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.nets.weights import load
from resnet_viz.plan.torchvision_keys import own_key, own_vgg_keys
from resnet_viz.runs.paths import store_path
from resnet_viz.runs.sql.checkpoints import folder
from resnet_viz.runs.store import RunStore
from resnet_viz.spec.enums import Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset
from resnet_viz.spec.titles import title
from resnet_viz.spec.vgg import AnySpec

_NUM_IMAGES: Final = 200
_CIFAR_SIDE: Final = 32


def identify_spec(state: Mapping[str, Tensor]) -> AnySpec:
    """Returns the net of a state dict with our keys.

    Raises:
        SpecError: no net of ours has these shapes.
    """
    found = specs_of_shapes({key: tuple(tensor.shape) for key, tensor in state.items()})
    specs = list(dict.fromkeys(_sized(spec) for spec in found))
    if len(specs) == 1 or specs[0].num_classes != len(CLASS_NAMES) or specs[0].in_channels != 1:
        return specs[0]
    return max(specs, key=lambda spec: _num_correct(spec, state))  # of equals the first


def _sized(spec: AnySpec) -> AnySpec:
    """Returns a net at the size of pictures that its stem is made for; pooling over the whole map takes any."""
    if isinstance(spec, NetSpec) and spec.stem is Stem.CIFAR:
        return spec.replace(image_size=max(SIDE if spec.in_channels == 1 else _CIFAR_SIDE, spec.total_stride))
    return spec


def _num_correct(spec: AnySpec, state: Mapping[str, Tensor]) -> int:
    net = build(spec)
    try:
        load(net, state)
    except DataError:  # of the choice that shapes leave only the first is certain to fit
        return -1
    net.eval()
    wanted = guess(spec)[0]
    pictures = [
        read_image(ImageRef(ImageKind.DATA, DataName.FASHION_MNIST_SUBSET, index)) for index in range(_NUM_IMAGES)
    ]
    x_NCHW = torch.from_numpy(np.stack([wanted.normalised(preprocess(one, wanted).pixels_CHW) for one in pictures]))
    with torch.no_grad():
        predicted_N = net(x_NCHW).argmax(dim=1).tolist()
    return sum(said == one.label for said, one in zip(predicted_N, pictures, strict=True))


Tick = Callable[[float], None]
"""Told which share of the work is done; what it raises ends the work."""

_SHORT: Final = 16  # digits of a checksum that are enough to tell weights apart


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class LoadedNet:
    """A net that can be asked.

    Attributes:
        ref: where it comes from.
        title: what it is called.
        net: in evaluation mode, on the CPU.
        spec: what it is.
        wanted: what it wants done to a picture.
        data: name of the data set that it was trained on; None where nobody knows.
        class_names: name of each of its outputs.
        weights: checksum of all its tensors.
        step: of its training, where it comes from a run.
        test_accuracy: share of the test pictures that are right, where somebody measured it.
        is_guess: whether `wanted` and `data` are guessed from the shapes of the weights.
    """

    ref: NetRef
    title: str
    net: Net
    spec: AnySpec
    wanted: Preprocessing
    data: str | None
    class_names: tuple[str, ...]
    weights: str
    step: int | None = None
    test_accuracy: float | None = None
    is_guess: bool = False


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _LoadedState:
    """A net before it is built: what its source says of it. Fields as in `LoadedNet`."""

    spec: AnySpec
    state: Mapping[str, Tensor]
    wanted: Preprocessing
    data: str | None
    title: str = ""
    step: int | None = None
    test_accuracy: float | None = None
    is_guess: bool = False


def open_net(ref: NetRef, tick: Tick | None = None) -> LoadedNet:
    """Returns a net.

    Args:
        ref: where it comes from.
        tick: told the share of a download that has come.

    Raises:
        Refusal: it is not there, is none of ours, or its file is not what it should be.
    """
    found = _found(ref, tick)
    net = build(found.spec)
    load(net, found.state)
    net.eval()
    return LoadedNet(
        ref=ref,
        title=found.title or title(found.spec),
        net=net,
        spec=found.spec,
        wanted=found.wanted,
        data=found.data,
        class_names=_class_names(found.data, found.spec.num_classes),
        weights=checksum(net.state_dict()),
        step=found.step,
        test_accuracy=found.test_accuracy,
        is_guess=found.is_guess,
    )


def checksum(state: Mapping[str, Tensor]) -> str:
    """Returns a checksum of tensors and their names; counts of batches make no difference to what a net says."""
    digest = hashlib.sha256()
    for name in sorted(name for name in state if state[name].is_floating_point()):
        tensor = state[name].detach().contiguous()
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.numpy().tobytes())
    return digest.hexdigest()[:_SHORT]


def _class_names(data: str | None, num_classes: int) -> tuple[str, ...]:
    """Returns the names of a net's outputs: the data set's, numbers for what it has beyond them."""
    known = datasets.class_names(DataName(data)) if data in list(DataName) else ()
    return (*known, *(_("class {n}").format(n=n) for n in range(len(known), num_classes)))


def _found(ref: NetRef, tick: Tick | None) -> _LoadedState:
    match ref.kind:
        case NetKind.SHIPPED:
            return _shipped(ref)
        case NetKind.RUN:
            return _of_run(ref)
        case NetKind.UPLOAD:
            return _uploaded(ref)
        case NetKind.TORCHVISION:
            return _published(ref, tick)
        case _:
            assert_never(ref.kind)


def _shipped(ref: NetRef) -> _LoadedState:
    known = shipped_net(ref.name)
    try:
        found = hashlib.sha256(known.path.read_bytes()).hexdigest()
    except OSError:
        found = ""
    if found != known.sha256:
        raise DataError(
            _("The weights of {title} are missing or altered: {path}. Install the program again.").format(
                title=known.title, path=known.path
            )
        )
    return _LoadedState(
        spec=known.spec,
        state=load_checkpoint.read_state_dict(known.path, max_bytes=MAX_BYTES),
        title=known.title,
        wanted=of_fashion_mnist(known.spec, (known.mean,), (known.std,)),
        data=known.data,
        step=known.steps,
        test_accuracy=known.test_accuracy,
    )


def _of_run(ref: NetRef) -> _LoadedState:
    run = RunStore(store_path()).run(ref.name)
    if run is None:
        raise DataError(_("There is no run {run} on this machine.").format(run=ref.name))
    if ref.index >= len(run.recipe.nets):
        raise DataError(
            _("Run {run} trains {num} nets, numbered from 0; got {index}.").format(
                run=ref.name, num=len(run.recipe.nets), index=ref.index
            )
        )
    spec, kept = run.recipe.nets[ref.index], checkpoint_of(ref)
    (net,) = nets_at(run.recipe.nets, kept, (ref.index,), folder=folder(store_path()))
    return _LoadedState(
        spec=spec,
        state=net.state_dict(),
        wanted=of_data(spec, run.recipe.data),
        data=run.recipe.data.value,
        step=kept.step,
    )


def _uploaded(ref: NetRef) -> _LoadedState:
    path = uploads.find(ref.name, uploads.UploadKind.NET)
    state = load_checkpoint.read_state_dict(path, max_bytes=uploads.MAX_BYTES[uploads.UploadKind.NET])
    own = _own_state(state)
    spec = identify_spec(own)
    wanted, data = guess(spec)
    return _LoadedState(spec=spec, state=own, wanted=wanted, data=data, is_guess=True)


def _published(ref: NetRef, tick: Tick | None) -> _LoadedState:
    state = torchvision_download.fetch_weights(ref.name, tick)
    spec = preset(ref.name)
    return _LoadedState(
        spec=spec,
        state=state,
        wanted=of_photographs(spec, MEAN, STD),
        data=IMAGENET,
        test_accuracy=TORCHVISION_WEIGHTS[ref.name].accuracy,
    )


def _own_state(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Returns weights under our keys, float32; counts of batches say nothing of a net that is only looked at."""
    plain = {key.removeprefix("module."): tensor.float() for key, tensor in state.items() if tensor.is_floating_point()}
    if any(key.startswith(("features.", "classifier.")) for key in plain):
        keys: Iterable[str] = own_vgg_keys({key: tuple(tensor.shape) for key, tensor in plain.items()})
    else:
        keys = map(own_key, plain)
    return dict(zip(keys, plain.values(), strict=True))
