"""Inception block against residual blocks in words and as rows of a table."""

from collections.abc import Collection, Sequence
from typing import Final

from resnet_viz.blocks.inception import PATHS, InceptionPath
from resnet_viz.blocks.single import single_block
from resnet_viz.blocks.variants import VARIANTS, BlockSettings
from resnet_viz.i18n import _
from resnet_viz.present.tables import Rows
from resnet_viz.present.units import exact
from resnet_viz.spec.enums import BlockKind

# F(x) + x as a concatenation: the fixed 1x1 convolution has the weights of two identities.
SUM_KATEX: Final = r"F(x) + x \;=\; \begin{bmatrix} I & I \end{bmatrix} \begin{bmatrix} F(x) \\ x \end{bmatrix}"
_EXPANSION: Final = 4


def path_title(name: str) -> str:
    """Returns the name of a path: its layers."""
    path = next(path for path in PATHS if path.id == name)
    layers = [_("max pool 3×3")] if path.has_pool else []
    layers += [f"{conv.kernel}×{conv.kernel}, {conv.out_channels}" for conv in path.convs]
    return " → ".join(layers)


def path_rows(paths: Collection[InceptionPath]) -> Rows:
    """Returns a row for each path and their sum."""
    rows: Rows = [_row(path_title(path.id), path.channels, path.params, path.macs) for path in paths]
    total = [sum(getattr(path, name) for path in paths) for name in ("channels", "params", "macs")]
    return [*rows, _row(_("concatenated"), *total)]


def comparison_text(paths: Sequence[InceptionPath]) -> str:
    """Returns the comparison with residual blocks of as many channels, where there are paths."""
    if not paths:
        return _("Without a path nothing comes out.")
    channels = sum(path.channels for path in paths)
    basic = _params(BlockKind.BASIC, channels)
    text = _("{params} parameters for {channels} channels. A basic block of {channels} channels has {basic} weights")
    found = text.format(params=exact(sum(path.params for path in paths)), channels=exact(channels), basic=exact(basic))
    if channels % _EXPANSION:
        return f"{found}."
    bottleneck = _params(BlockKind.BOTTLENECK, channels // _EXPANSION)
    return found + _(", a bottleneck {bottleneck}.").format(bottleneck=exact(bottleneck))


def _params(kind: BlockKind, width: int) -> int:
    return single_block(VARIANTS[kind.value], BlockSettings(width=width, size=28, has_norm=False)).params


def _row(name: str, channels: int, num_params: int, num_macs: int) -> dict[str, str | int]:
    return {_("path"): name, _("channels"): channels, _("params"): num_params, _("MACs"): num_macs}
