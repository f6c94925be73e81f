"""Who is timed on the way from a net to its costs, and how each is called.

Packages are imported where they are called: each contestant has a process of its own (turns.py), ours without torch.
All but ours get a module that is built already and look at a forward pass of one image.
"""

import importlib
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from typing import Any, Final

from resnet_viz.analysis.report import analyse
from resnet_viz.plan.lower import lower
from resnet_viz.spec.presets import preset
from resnet_viz.spec.vgg import AnySpec

Act = Callable[[], Any]

OURS: Final = "ours"
OURS_COLD: Final = "ours, cold"
DEVICES: Final = ("cpu", "meta")  # in this order: every peer works on the first, which is quicker for the deepest nets
PACKAGES: Final = ("torchinfo", "torchview", "fvcore", "torchlens")
WARMING_NET: Final = "cifar_resnet8"  # what a package loads at its first call is not charged to the first net


@dataclass(frozen=True, kw_only=True, slots=True)
class Contestant:
    """One way to the costs.

    Attributes:
        package: OURS, OURS_COLD or a peer.
        device: where a peer's module and image are; empty for ours.
    """

    package: str
    device: str = ""

    @property
    def name(self) -> str:
        return f"{self.package} {self.device}".strip()


CONTESTANTS: Final = (
    Contestant(package=OURS),
    Contestant(package=OURS_COLD),
    *(Contestant(package=package, device=device) for package in PACKAGES for device in DEVICES),
)


def versions() -> dict[str, str | None]:
    """Returns each peer's version, None where it is not installed."""
    return {package: _version(package) for package in PACKAGES}


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def prepare(contestant: Contestant, net: str) -> tuple[Act, float]:
    """Returns what is to be timed, and the milliseconds that building the module took before."""
    spec = preset(net)
    if not contestant.device:
        return (lambda: analyse(lower(spec))), 0.0
    torch = importlib.import_module("torch")
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # of the peers, about their own calls
    built = importlib.import_module("resnet_viz.nets.build")
    begun = time.perf_counter()
    module = built.build(spec, device=contestant.device).eval()
    build_ms = (time.perf_counter() - begun) * 1e3
    return _ACTS[contestant.package](module, _size(spec), contestant.device), build_ms


def caches() -> list[Any]:
    """Returns every lru_cache of the loaded modules of resnet_viz."""
    modules = [module for name, module in sys.modules.items() if name.split(".")[0] == "resnet_viz"]
    members = (member for module in modules for member in vars(module).values())
    return list({id(member): member for member in members if hasattr(member, "cache_clear")}.values())


def _size(spec: AnySpec) -> tuple[int, int, int, int]:
    return 1, spec.in_channels, *spec.image_sides


def _torchinfo(module: Any, size: tuple[int, ...], device: str) -> Act:
    torchinfo = importlib.import_module("torchinfo")
    return lambda: torchinfo.summary(module, input_size=size, device=device, verbose=0)


def _torchview(module: Any, size: tuple[int, ...], device: str) -> Act:
    """Makes the graph and renders nothing."""
    torchview = importlib.import_module("torchview")
    return lambda: torchview.draw_graph(module, input_size=size, device=device, expand_nested=True)


def _fvcore(module: Any, size: tuple[int, ...], device: str) -> Act:
    torch, fvcore = importlib.import_module("torch"), importlib.import_module("fvcore.nn")
    x_NCHW = torch.zeros(size, device=device)

    def count() -> Any:
        analysis = fvcore.FlopCountAnalysis(module, x_NCHW)
        return analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).by_module()

    return count


def _torchlens(module: Any, size: tuple[int, ...], device: str) -> Act:
    """Keeps no tensors, which is its quickest way to MACs and the only one on "meta"."""
    torch, torchlens = importlib.import_module("torch"), importlib.import_module("torchlens")
    x_NCHW = torch.zeros(size, device=device)
    capture = torchlens.options.CaptureOptions(structure_only=True)
    return lambda: torchlens.trace(module, x_NCHW, capture=capture)


_ACTS: Final[dict[str, Callable[[Any, tuple[int, ...], str], Act]]] = {
    "torchinfo": _torchinfo,
    "torchview": _torchview,
    "fvcore": _fvcore,
    "torchlens": _torchlens,
}
