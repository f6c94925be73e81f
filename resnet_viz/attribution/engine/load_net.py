"""Nets from any source, in evaluation mode, with their preprocessing.

Readers check their files: sizes, checksums, and that no code in them is ever run.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import torch
from torch import Tensor, nn

from resnet_viz.attribution.engine.nets import torchvision_download
from resnet_viz.attribution.engine.nets.preprocessing import (
    IMAGENET,
    guess,
    of_data,
    of_fashion_mnist,
    of_photographs,
    per_channel,
)
from resnet_viz.attribution.engine.nets.uploaded_net import read_upload, settled_spec
from resnet_viz.attribution.engine.over_training import nets_at
from resnet_viz.attribution.engine.progress import Tick, no_tick
from resnet_viz.attribution.sources.class_names import is_here, names_of
from resnet_viz.attribution.sources.images import Preprocessing
from resnet_viz.attribution.sources.net_settings import BGR
from resnet_viz.attribution.sources.net_sources import RunSource
from resnet_viz.attribution.sources.refs import NetKind, NetRef
from resnet_viz.attribution.sources.shipped_nets import MAX_BYTES, shipped_net
from resnet_viz.attribution.sources.torchvision import MEAN, STD, TORCHVISION_WEIGHTS
from resnet_viz.data import datasets
from resnet_viz.data.datasets import DataName
from resnet_viz.errors import DataError, SpecError
from resnet_viz.i18n import _
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.nets.weights import load
from resnet_viz.nets.weights_file import read_weights
from resnet_viz.runs.paths import store_path
from resnet_viz.runs.sql.checkpoints import folder
from resnet_viz.spec.presets import preset
from resnet_viz.spec.titles import title
from resnet_viz.spec.vgg import AnySpec

_SHORT: Final = 16  # digits of a checksum that are enough to tell weights apart


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class LoadedNet:
    """Net with its weights.

    Attributes:
        ref: its source.
        title: its name on a page.
        net: in evaluation mode, on the CPU.
        spec: its architecture.
        preprocessing: of its images.
        data: name of the data set that it was trained on; None where unknown.
        class_names: of its first outputs; () where unknown.
        weights: checksum of all its tensors.
        step: of its training; None where unknown.
        test_accuracy: 0 to 1; None where it was not measured.
        is_guess: whether `preprocessing` is guessed from the shapes of the weights.
    """

    ref: NetRef
    title: str
    net: Net
    spec: AnySpec
    preprocessing: Preprocessing
    data: str | None
    class_names: tuple[str, ...]
    weights: str
    step: int | None = None
    test_accuracy: float | None = None
    is_guess: bool = False


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _LoadedState:
    """Weights of a net before it is built. Fields as in `LoadedNet`; `is_bgr`: whether it reads blue first."""

    spec: AnySpec
    state: Mapping[str, Tensor]
    preprocessing: Preprocessing
    data: str | None
    title: str = ""
    class_names: tuple[str, ...] = ()
    step: int | None = None
    test_accuracy: float | None = None
    is_guess: bool = False
    is_bgr: bool = False


def open_net(ref: NetRef, tick: Tick | None = None) -> LoadedNet:
    """Returns a net.

    Args:
        ref: its source.
        tick: receives the downloaded share.

    Raises:
        Refusal: it is not there, no architecture fits, or its file is damaged.
    """
    found = _READERS[ref.kind](ref, tick or no_tick)
    net = build(found.spec)
    load(net, found.state)
    if found.is_bgr:
        _reverse_channels(net)
    net.eval()
    return LoadedNet(
        ref=ref,
        title=found.title or title(found.spec),
        net=net,
        spec=found.spec,
        preprocessing=found.preprocessing,
        data=found.data,
        class_names=found.class_names or _class_names(found.data, found.spec.num_classes),
        weights=checksum(net.state_dict()),
        step=found.step,
        test_accuracy=found.test_accuracy,
        is_guess=found.is_guess,
    )


@torch.no_grad()
def _reverse_channels(net: Net) -> None:
    """Makes a net that reads blue, green and red compute the same of red, green and blue."""
    first = next(module for module in net.modules() if isinstance(module, nn.Conv2d))
    first.weight.copy_(first.weight.flip(1))


def checksum(state: Mapping[str, Tensor]) -> str:
    """Returns a checksum of tensors and their names, without counts of batches, which no prediction depends on."""
    digest = hashlib.sha256()
    for name in sorted(name for name in state if state[name].is_floating_point()):
        tensor = state[name].detach().contiguous()
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.numpy().tobytes())
    return digest.hexdigest()[:_SHORT]


def _class_names(data: str | None, num_classes: int) -> tuple[str, ...]:
    """Returns the names of a net's outputs as far as its data set names them."""
    return datasets.class_names(DataName(data))[:num_classes] if data in list(DataName) else ()


def _shipped(ref: NetRef, _tick: Tick) -> _LoadedState:
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
        state=read_weights(known.path, max_bytes=MAX_BYTES).tensors,
        title=known.title,
        preprocessing=of_fashion_mnist(known.spec, (known.mean,), (known.std,)),
        data=known.data,
        step=known.steps,
        test_accuracy=known.test_accuracy,
    )


def _of_run(ref: NetRef, _tick: Tick) -> _LoadedState:
    source = RunSource(ref)
    run = source.run()
    if run is None:
        raise DataError(_("There is no run {run} on this machine.").format(run=ref.name))
    if ref.index >= len(run.recipe.nets):
        raise DataError(
            _("Run {run} trains {num} nets, numbered from 0; got {index}.").format(
                run=ref.name, num=len(run.recipe.nets), index=ref.index
            )
        )
    spec, kept = run.recipe.nets[ref.index], source.checkpoint()
    (net,) = nets_at(run.recipe.nets, kept, (ref.index,), folder=folder(store_path()))
    return _LoadedState(
        spec=spec,
        state=net.state_dict(),
        preprocessing=of_data(spec, run.recipe.data),
        data=run.recipe.data.value,
        step=kept.step,
    )


def _uploaded(ref: NetRef, _tick: Tick) -> _LoadedState:
    weights = read_upload(ref)
    spec, name = settled_spec(weights, ref)
    settings, shipped = ref.settings, weights.shipped
    if settings.channels == BGR and spec.in_channels != len(MEAN):
        raise SpecError(
            _("channels=bgr is for nets of colour images; this one has {channels} input channels.").format(
                channels=spec.in_channels
            )
        )
    classes = settings.classes or (shipped.data if shipped else "")
    guessed = of_fashion_mnist(spec, (shipped.mean,), (shipped.std,)) if shipped else guess(spec)
    return _LoadedState(
        spec=spec,
        state=weights.state,
        preprocessing=replace(
            guessed,
            mean=per_channel("mean", settings.mean, spec.in_channels) or guessed.mean,
            std=per_channel("std", settings.std, spec.in_channels) or guessed.std,
        ),
        data=classes if is_here(classes) else None,
        title=name,
        class_names=names_of(classes, spec.num_classes),
        test_accuracy=shipped.test_accuracy if shipped else None,
        is_guess=shipped is None and not (settings.mean and settings.std),
        is_bgr=settings.channels == BGR,
    )


def _published(ref: NetRef, tick: Tick) -> _LoadedState:
    state = torchvision_download.fetch_weights(ref.name, tick)
    spec = preset(ref.name)
    return _LoadedState(
        spec=spec,
        state=state,
        preprocessing=of_photographs(spec, MEAN, STD),
        data=IMAGENET,
        test_accuracy=TORCHVISION_WEIGHTS[ref.name].accuracy,
    )


_READERS: Final[Mapping[NetKind, Callable[[NetRef, Tick], _LoadedState]]] = {
    NetKind.SHIPPED: _shipped,
    NetKind.RUN: _of_run,
    NetKind.UPLOAD: _uploaded,
    NetKind.TORCHVISION: _published,
}
