"""Nets of the gradients page: a row for each choice, and their address in the training lab.

Ids are part of addresses. They are those of the page of blocks, whose table has the fields, and `lambda`: a shortcut
times a constant in front of a whole branch (He et al. 2016, equations 6 to 8).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from resnet_viz.blocks.variants import VARIANTS
from resnet_viz.graph.roles import Role
from resnet_viz.i18n import _
from resnet_viz.spec import codec
from resnet_viz.spec.enums import Init, Norm
from resnet_viz.spec.net import NetSpec
from resnet_viz.theory.gradients import DEPTHS, bench_net, lambda_fields
from resnet_viz.training import recipe_text
from resnet_viz.training.recipe_values import MAX_NETS

LAMBDA: Final = "lambda"
PLAIN: Final = "plain"
MAX_DEPTH: Final = 1_000  # that may be asked for; the nearest depth is shown


@dataclass(frozen=True, kw_only=True, slots=True)
class NetLook:
    """Look of a net in all charts of the page: the hue of a role, and a symbol.

    Attributes:
        role: whose colour the net has.
        symbol: of its points, as Plotly names it.
    """

    role: Role
    symbol: str = "circle"


LOOKS: Final[Mapping[str, NetLook]] = MappingProxyType(
    {
        PLAIN: NetLook(role=Role.BRANCH),
        "a_original": NetLook(role=Role.SHORTCUT),
        "b_bn_after_add": NetLook(role=Role.CONV),
        "c_relu_before_add": NetLook(role=Role.POOL),
        "d_relu_only_preact": NetLook(role=Role.ACT),
        "e_full_preact": NetLook(role=Role.NORM),
        "scaled_half": NetLook(role=Role.NORM, symbol="square-open"),
        "exclusive_gating": NetLook(role=Role.POOL, symbol="diamond-open"),
        "shortcut_only_gating": NetLook(role=Role.ACT, symbol="triangle-up-open"),
        "conv1x1": NetLook(role=Role.CONV, symbol="cross-open"),
        "dropout": NetLook(role=Role.HEAD, symbol="x-open"),
        LAMBDA: NetLook(role=Role.SHORTCUT, symbol="star-open"),
    }
)
BENCH_NETS: Final = tuple(LOOKS)


@dataclass(frozen=True, kw_only=True, slots=True)
class BenchNet:
    """One net of the page.

    Attributes:
        id: in addresses.
        title: on screen.
        spec: the net.
    """

    id: str
    title: str
    spec: NetSpec

    @property
    def has_norm(self) -> bool:
        """Whether the net has batch norm."""
        return self.spec.norm is Norm.BATCH


def net_title(id: str, scale: float) -> str:
    """Returns the name of a net on screen; `scale` is the factor of `lambda`."""
    if id == LAMBDA:
        return f"λ = {scale:g}"
    return _("plain") if id == PLAIN else _(VARIANTS[id].title)


def named_net(id: str, *, depth: int, width: int, norm: Norm, scale: float) -> BenchNet:
    """Returns a net of the page.

    Args:
        id: of `BENCH_NETS`.
        depth: weighted layers, 6n + 2.
        width: channels of the first stage.
        norm: of the net.
        scale: factor of the shortcuts of `lambda`.

    Raises:
        SpecError: a depth or width that is not allowed.
    """
    variant = lambda_fields(scale) if id == LAMBDA else id
    return BenchNet(id=id, title=net_title(id, scale), spec=bench_net(variant, depth=depth, width=width, norm=norm))


def nearest_depth(depth: int) -> int:
    """Returns the depth 6n + 2 that is nearest; of two equally near the smaller."""
    return min(DEPTHS, key=lambda near: abs(near - depth))


def lab_query(nets: Sequence[BenchNet], *, init: Init, num_seeds: int) -> dict[str, str]:
    """Returns the address of the training lab with these nets, as many as it takes."""
    query: dict[str, str] = {}
    width = nets[0].spec.widths[0]
    for letter, net in zip(recipe_text.LETTERS, nets[:MAX_NETS], strict=False):
        base = f"cifar_{'plain' if net.spec.is_plain else 'resnet'}{net.spec.depth}"
        own = {name: text for name, text in codec.to_query(net.spec, base=base).items() if name in recipe_text.OF_NET}
        query |= {f"{letter}.{name}": text for name, text in own.items() if name != "widths"}
    given = {"width": str(width), "init": init.value, "seeds": str(num_seeds)}
    usual = {"width": recipe_text.SHAPE["width"], "init": recipe_text.DEFAULTS["init"], "seeds": "1"}
    return query | {name: text for name, text in given.items() if text != usual[name]}
