"""Inception block against residual blocks in words and as rows of a table."""

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np

from resnet_viz.analysis.cost import macs, params
from resnet_viz.blocks.inception import BRANCH, FIXED_CONV, IN_SHAPE, PATHS, InceptionPath, Join, joined_by_fixed_conv
from resnet_viz.blocks.single import single_block
from resnet_viz.blocks.variants import VARIANTS, BlockSettings
from resnet_viz.blocks.walk_inputs import IMAGE_HW
from resnet_viz.blocks.walkthrough import walk
from resnet_viz.i18n import _
from resnet_viz.present.tables import Rows
from resnet_viz.present.units import exact
from resnet_viz.spec.enums import BlockKind

# F(x) + x as a concatenation: the fixed 1x1 convolution has the weights of two identities.
SUM_KATEX: Final = r"F(x) + x \;=\; \begin{bmatrix} I & I \end{bmatrix} \begin{bmatrix} F(x) \\ x \end{bmatrix}"
_EXPANSION: Final = 4


def path_title(name: str) -> str:
    """Returns the name of a path: its layers."""
    path = next(path for path in (*PATHS, BRANCH) if path.id == name)
    layers = [_("max pool 3×3")] if path.has_pool else []
    layers += [f"{conv.kernel}×{conv.kernel}, {conv.out_channels}" for conv in path.convs]
    return " → ".join(layers)


def path_rows(paths: Collection[InceptionPath]) -> Rows:
    """Returns a row for each path and their sum."""
    rows: Rows = [_row(path_title(path.id), path.channels, path.params, path.macs) for path in paths]
    total = [sum(getattr(path, name) for path in paths) for name in ("channels", "params", "macs")]
    return [*rows, _row(_("concatenated"), *total)]


def join_title(join: Join) -> str:
    """Returns a way to join paths as it is offered."""
    return {
        Join.CONCAT: _("concatenation"),
        Join.FIXED: _("concatenation, then [I I]"),
        Join.SUM: _("sum"),
    }[join]


def residual_rows(join: Join) -> Rows:
    """Returns a row for each of the two paths of a residual block, and what joins them."""
    channels = IN_SHAPE[0]
    f = _row(_("F(x): {layers}").format(layers=path_title(BRANCH.id)), channels, BRANCH.params, BRANCH.macs)
    x = _row(_("identity"), channels, 0, 0)
    if join is Join.SUM:
        return [f, x, _row(_("sum"), channels, 0, 0)]
    fixed = _row(_("[I I], fixed"), channels, params(FIXED_CONV), macs(FIXED_CONV, IN_SHAPE))
    return [f, x, _row(_("concatenated"), 2 * channels, 0, 0), fixed]


def sameness_text() -> str:
    """Returns the largest difference between both ways on the image of the walk-through."""
    x_NCHW = IMAGE_HW[None, None]
    by_leaf = {step.node.leaf: step for step in walk(VARIANTS["a_original"], x_NCHW, has_norm=False) if step.node}
    f_NCHW = by_leaf["conv2"].values_NCHW
    difference = np.abs(joined_by_fixed_conv(f_NCHW, x_NCHW) - (f_NCHW + x_NCHW)).max()
    text = _(
        "Both ways compute the same: on the image of the walk-through they differ by {difference:g} at most. The fixed "
        "convolution has {params} weights, none of which is learnt, and {macs} MACs; the sum has none."
    )
    return text.format(difference=difference, params=exact(params(FIXED_CONV)), macs=exact(macs(FIXED_CONV, IN_SHAPE)))


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
