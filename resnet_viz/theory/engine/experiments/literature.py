"""Published results and formulas of the literature: the program's own counts and tables against them."""

from itertools import accumulate
from math import comb, pi, prod, sqrt
from typing import Final

from resnet_viz.analysis.report import analyse
from resnet_viz.plan.lower import lower
from resnet_viz.plan.ops import Conv, MaxPool
from resnet_viz.plan.plan import Section
from resnet_viz.published import files
from resnet_viz.published.result import PublishedQuantity
from resnet_viz.spec.presets import preset
from resnet_viz.theory.experiment import Experiment
from resnet_viz.theory.small_tables import (
    Weights,
    effective_field,
    field_std,
    fixup_scale,
    jacobian_rank,
    scatter_for_large_width,
)

_LAYERS: Final = 10
_PATHS: Final = 54


def _published(group: str, net: str, case: str = "", data: str = "CIFAR-10") -> float:
    """Returns the test error of a net in a table of `assets/published`."""
    rows = files.groups()[group].results
    (row,) = (
        row
        for row in rows
        if (row.net, row.case, row.quantity) == (net, case, PublishedQuantity.TEST_ERROR) and row.protocol.data == data
    )
    return row.value


def _millions(name: str) -> float:
    return analyse(lower(preset(name))).totals.params / 1e6


def _ratio_of_macs() -> float:
    """Returns the work of ResNet-50 with the stride on the 3x3, against that on the first 1x1."""
    new, old = (analyse(lower(preset(name))).totals.macs for name in ("resnet50", "resnet50_v1"))
    return new / old


def _field_difference() -> float:
    """Returns the receptive field of ResNet-18's last block less 1 + Σ (k_l - 1) ∏ s_i over stem and branches."""
    analysis = analyse(lower(preset("resnet18")))
    field, jump = 1, 1
    for node in analysis.plan.nodes:
        if isinstance(node.op, Conv | MaxPool) and node.section in (Section.STEM, Section.BRANCH):
            field += (node.op.kernel - 1) * jump
            jump *= node.op.stride
    rows = [
        row for row, node in zip(analysis.nodes, analysis.plan.nodes, strict=True) if node.section is Section.BRANCH
    ]
    return float(rows[-1].field_sides[0] - field)


def _share(lengths: range) -> float:
    """Returns the share of the paths through 54 blocks that have these lengths."""
    return float(sum(comb(_PATHS, k) for k in lengths) / 2**_PATHS)


def _with_norm() -> float:
    """Returns the correlation of gradients at ten layers with batch norm, for independent gates."""
    return prod((2 * place + 1) / (2 * place + 2) for place in range(1, _LAYERS + 1))


def _gap(net: str) -> float:
    """Returns how much larger the published error is without shortcuts."""
    return _published("loss_surface", net, "without shortcuts") - _published("loss_surface", net, "with shortcuts")


def _field_error() -> float:
    """Returns the largest difference between the formula of the effective field and the convolved taps."""
    cases = [(n, has_shortcuts) for n in (5, 10, 20, 40) for has_shortcuts in (False, True)]
    pairs = [(field_std(n, has_shortcuts=s), effective_field(n, has_shortcuts=s).std) for n, s in cases]
    return max(abs(formula - measured) for formula, measured in pairs)


def _shortcut_shares() -> tuple[float, ...]:
    """Returns l·(branch/shortcut)² by block: a branch with batch norm adds one to a variance that is l."""
    variances = accumulate([1.0] * 32)
    return tuple(block * 1.0 / variance for block, variance in enumerate(variances, start=1))[::31]


EXPERIMENTS: Final = (
    Experiment(
        id="veit2016", instrument="paths", source="Veit et al. 2016", low=0.980165, high=0.980166,
        expected="98.0 % of 2^54 paths have 19 to 35 blocks", measure=lambda: _share(range(19, 36)),
    ),
    Experiment(
        id="veit2016_effective", instrument="paths", source="Veit et al. 2016", low=0.00453, high=0.00454,
        expected="0.45 % have 5 to 17 blocks", measure=lambda: _share(range(5, 18)),
    ),
    Experiment(
        id="huang2016", instrument="tables", source="Huang et al. 2016, table 1", low=1.1599, high=1.1601,
        expected="published: 6.41 − 5.25 = 1.16 % less error with 40.25 of 54 blocks",
        measure=lambda: _published("stochastic_depth", "ResNet-110", "constant depth")
        - _published("stochastic_depth", "ResNet-110", "stochastic depth"),
    ),
    Experiment(
        id="balduzzi2017", instrument="shattering", source="Balduzzi et al. 2017; derived", low=0.33635, high=0.33645,
        expected="L = 10, with norm: ∏(2l + 1)/(2l + 2) = 0.3364; 2^−L and (3/4)^L without", measure=_with_norm,
    ),
    Experiment(
        id="yang2019", instrument="gradients", source="Yang et al. 2019, theorem 8", low=1.21117, high=1.21118,
        expected="sqrt(π/(π − 1)) = 1.21117 per layer", measure=lambda: sqrt(pi / (pi - 1)),
    ),
    Experiment(
        id="de_smith2020", instrument="gradients", source="De and Smith 2020", low=1.0, high=1.0,
        expected="l·(branch/shortcut)² = 1 at l = 1 and 32, as the variance is l", measure=_shortcut_shares,
    ),
    Experiment(
        id="fixup2019", instrument="tables", source="Zhang et al. 2019", low=0.5 - 1e-12, high=0.5 + 1e-12,
        expected="L^(−1/(2m−2)) = 0.5 for L = 16, m = 3", measure=lambda: fixup_scale(16, 3),
    ),
    Experiment(
        id="orhan_pitkow2018", instrument="tables", source="Orhan and Pitkow 2018; derived", low=6, high=6,
        expected="the shortcut saves 6 of 42 directions at a singularity",
        measure=lambda: float(
            jacobian_rank(Weights.OVERLAP, 0, has_shortcut=True) - jacobian_rank(Weights.OVERLAP, 0, has_shortcut=False)
        ),
    ),
    Experiment(
        id="li2018", instrument="surface", source="Li et al. 2018, figure 5", low=7.419, high=7.421,
        expected="published, 56 layers: 13.31 − 5.89 = 7.42 %", measure=lambda: _gap("ResNet-56"),
    ),
    Experiment(
        id="li2018_110", instrument="surface", source="Li et al. 2018, figure 5", low=10.649, high=10.651,
        expected="published, 110 layers: 16.44 − 5.79 = 10.65 %", measure=lambda: _gap("ResNet-110"),
    ),
    Experiment(
        id="hanin2018", instrument="tables", source="Hanin and Rolnick 2018", low=4.4816, high=4.4817,
        expected="exp(5L/n) = 4.4817 for 30 layers of 100", measure=lambda: scatter_for_large_width(100, 30),
    ),
    Experiment(
        id="araujo2019", instrument="", source="Araujo et al. 2019", low=0.0, high=0.0, measure=_field_difference,
        expected="1 + Σ (k − 1) ∏ s for ResNet-18 = 435: difference 0",
    ),
    Experiment(
        id="luo2016", instrument="tables", source="Luo et al. 2016", low=0.0, high=1e-12, measure=_field_error,
        expected="sqrt(2n/3) for n = 5, 10, 20, 40, half the variance with shortcuts: difference 0",
    ),
    Experiment(
        id="resnext2017", instrument="", source="Xie et al. 2017, table 7", low=34.35, high=34.45,
        expected="8×64d: 34.4 M parameters", measure=lambda: _millions("resnext29_8x64d"),
    ),
    Experiment(
        id="resnext2017_16x64d", instrument="", source="Xie et al. 2017, table 7", low=68.05, high=68.16,
        expected="16×64d: 68.1 M parameters", measure=lambda: _millions("resnext29_16x64d"),
    ),
    Experiment(
        id="wrn2016", instrument="", source="Zagoruyko and Komodakis 2016", low=36.45, high=36.55,
        expected="WRN-28-10: 36.5 M parameters", measure=lambda: _millions("wrn_28_10"),
    ),
    Experiment(
        id="v15", instrument="", source="NVIDIA, ResNet-50 v1.5", low=1.04, high=1.08, measure=_ratio_of_macs,
        expected="published: about 5 % slower; here MACs of v1.5 / v1",
    ),
)  # fmt: skip
