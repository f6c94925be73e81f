"""Formulas of the gradient bench: where they hold, and their lines."""

from math import pi, sqrt

import pytest

from resnet_viz.spec.enums import Init, Norm
from resnet_viz.theory.gradient_lines import (
    PLAIN_NORM,
    PLAIN_TORCH,
    RESIDUAL_BARE,
    GradientLaw,
    branch_to_shortcut,
    factor_per_step,
    gradient_law,
    gradient_line,
    is_signal_counted,
    signal_std,
)
from resnet_viz.theory.gradients import bench_net, first_to_last, lambda_fields


@pytest.mark.parametrize(
    ("variant", "norm", "init", "law"),
    [
        ("plain", Norm.BATCH, Init.HE, PLAIN_NORM),
        ("plain", Norm.BATCH, Init.TORCH_DEFAULT, PLAIN_NORM),  # norm takes the scale of the weights away
        ("plain", Norm.NONE, Init.TORCH_DEFAULT, PLAIN_TORCH),
        ("plain", Norm.NONE, Init.HE, None),
        ("a_original", Norm.NONE, Init.HE, RESIDUAL_BARE),
        ("e_full_preact", Norm.NONE, Init.HE, RESIDUAL_BARE),
        ("a_original", Norm.NONE, Init.TORCH_DEFAULT, None),
        ("a_original", Norm.BATCH, Init.HE, None),
        ("exclusive_gating", Norm.NONE, Init.HE, None),
    ],
)
def test_a_net_has_the_law_of_its_kind(variant: str, norm: Norm, init: Init, law: GradientLaw | None) -> None:
    assert gradient_law(bench_net(variant, norm=norm), init) is law


def test_factors_are_those_of_the_papers() -> None:
    assert PLAIN_NORM.factor == pytest.approx(1.2111738962363165)  # Yang et al. 2019: sqrt(1.46694)
    assert PLAIN_NORM.factor**2 == pytest.approx(pi / (pi - 1))
    assert PLAIN_TORCH.factor == pytest.approx(0.40824829)
    assert RESIDUAL_BARE.factor == pytest.approx(1.41421356)


@pytest.mark.parametrize(("law", "steps"), [(PLAIN_NORM, 52), (PLAIN_TORCH, 52), (RESIDUAL_BARE, 26)])
def test_a_line_ends_at_the_last_block_and_grows_by_its_factor(law: GradientLaw, steps: int) -> None:
    spec = bench_net("plain", depth=56)
    line = gradient_line(law, spec, 0.5)
    assert (len(line), line[-1]) == (27, 0.5)
    assert first_to_last(line) == pytest.approx(law.factor**steps)
    assert factor_per_step(law, spec, first_to_last(line)) == pytest.approx(law.factor)


def test_signals_are_counted_anew_in_each_stage() -> None:
    spec = bench_net("e_full_preact", depth=20)
    assert signal_std(spec) == pytest.approx((1, sqrt(2), sqrt(3)) * 3)
    assert branch_to_shortcut(spec) == pytest.approx((1, 1 / 2, 1 / 3) * 3)


def test_signals_are_counted_where_the_shortcut_is_clean_and_normed() -> None:
    assert is_signal_counted(bench_net("e_full_preact"))
    for variant in ("a_original", "d_relu_only_preact", "plain"):
        assert not is_signal_counted(bench_net(variant))
    assert not is_signal_counted(bench_net("e_full_preact", norm=Norm.NONE))
    assert not is_signal_counted(bench_net({**lambda_fields(0.9), "order": "full_preact"}))
