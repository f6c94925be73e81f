"""resnet_viz: residual networks described, drawn, counted, built and trained.

from resnet_viz import preset, lower, describe, build
spec = preset("resnet50", num_classes=10)
describe(spec)["params"]        # exact, without torch
net = build(spec)               # imports torch
"""

from typing import TYPE_CHECKING, Any

from resnet_viz.analysis.report import analyse
from resnet_viz.analysis.report import describe as _describe
from resnet_viz.plan.lower import lower
from resnet_viz.spec.codec import to_json
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.resolve import named_net as preset
from resnet_viz.spec.titles import title
from resnet_viz.spec.vgg import AnySpec, VggSpec
from resnet_viz.version import VERSION

if TYPE_CHECKING:
    from resnet_viz.nets.modules import Net

__version__ = VERSION
__all__ = ["NetSpec", "VggSpec", "build", "describe", "lower", "preset"]


def describe(spec: AnySpec) -> dict[str, Any]:
    """Returns all figures of a net as one JSON object: spec, params, macs, depth, stages and layers."""
    return _describe(analyse(lower(spec)), name=title(spec), spec=to_json(spec))


def build(spec: AnySpec, *, seed: int = 0) -> "Net":
    """Returns the torch module of `spec`; torch is imported here and not before."""
    from resnet_viz.nets.build import build as build_net  # noqa: PLC0415 - keeps torch out of the web process

    return build_net(spec, seed=seed)
