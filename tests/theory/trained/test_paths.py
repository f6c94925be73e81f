"""Binomials of path lengths, and the measures of gradients by length on constructed ones."""

import math

import numpy as np
import pytest

from resnet_viz.errors import SpecError
from resnet_viz.spec.enums import Order, Shortcut
from resnet_viz.theory.trained.paths import (
    PathGradient,
    PathQuestion,
    binomial,
    effective_lengths,
    factor_from_shortest,
    factor_of,
    log_totals,
    middle_lengths,
    mode_of,
    path_shares,
    sampled_lengths,
    untrained_net,
    weight_between,
)


def geometric(blocks: int, factor: float) -> list[PathGradient]:
    """Gradients that each branch multiplies by the same factor."""
    return [
        PathGradient(blocks=blocks, length=length, norm=2.0 * factor**length, spread=0.0)
        for length in sampled_lengths(blocks)
    ]


def test_lengths_of_paths_are_binomial() -> None:
    # Veit et al. 2016, section 3: of 2^54 paths more than 95 % have 19 to 35 modules, 0.45 % have 5 to 17
    shares = path_shares(54)
    assert weight_between(shares, 19, 35) == pytest.approx(0.98017, abs=5e-6)
    assert weight_between(shares, 5, 17) == pytest.approx(0.004537, abs=5e-7)
    assert path_shares(4).tolist() == pytest.approx([1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16], rel=1e-12)
    for blocks in (1, 7, 120):
        assert path_shares(blocks).sum() == pytest.approx(1, abs=1e-11)
    assert binomial(3, 0.0).tolist() == [1, 0, 0, 0]
    assert binomial(3, 1.0).tolist() == [0, 0, 0, 1]


def test_with_a_factor_of_a_quarter_short_paths_hold_the_weight() -> None:
    # Veit et al. 2016, section 5: r = 0.25, effective paths of 5 to 17 modules; r/(1 + r) = 0.2
    assert weight_between(binomial(54, 0.2), 5, 17) == pytest.approx(0.9750, abs=5e-5)


@pytest.mark.parametrize("blocks", [1, 2, 9, 27, 54, 120])
def test_the_middle_holds_its_share_and_nothing_shorter_does(blocks: int) -> None:
    low, high = middle_lengths(blocks)
    assert low + high == blocks
    assert weight_between(path_shares(blocks), low, high) >= 0.95
    if high - low > 1:
        assert weight_between(path_shares(blocks), low + 1, high - 1) < 0.95


@pytest.mark.parametrize(("blocks", "factor"), [(27, 0.43), (54, 0.25), (9, 1.0)])
def test_constant_factors_give_a_binomial_total(blocks: int, factor: float) -> None:
    records = geometric(blocks, factor)
    logs = log_totals(records)
    totals = np.exp(logs - logs.max())
    np.testing.assert_allclose(totals / totals.sum(), binomial(blocks, factor / (1 + factor)), atol=1e-10)
    assert factor_of(records) == pytest.approx(factor, rel=1e-9)
    assert factor_from_shortest(records, records[3].length) == pytest.approx(factor, rel=1e-9)
    assert mode_of(records) == int(np.argmax(binomial(blocks, factor / (1 + factor))))
    low, high = effective_lengths(records)
    assert weight_between(binomial(blocks, factor / (1 + factor)), low, high) >= 0.95


def test_lengths_that_have_not_come_yet_are_unknown() -> None:
    records = geometric(27, 0.4)[:4]
    logs = log_totals(records)
    assert np.isfinite(logs[: records[-1].length + 1]).all()
    assert np.isnan(logs[records[-1].length + 1 :]).all()
    assert math.isfinite(factor_of(records))


def test_lengths_go_from_none_to_all_blocks() -> None:
    for blocks in (1, 2, 5, 27, 54, 120):
        lengths = sampled_lengths(blocks)
        assert lengths[0] == 0
        assert lengths[-1] == blocks
        assert lengths == tuple(sorted(set(lengths)))
        assert len(lengths) <= 16


def test_a_net_without_shortcuts_is_a_single_path() -> None:
    plain = untrained_net(Order.ORIGINAL, 20).replace(shortcut=Shortcut.NONE)
    with pytest.raises(SpecError, match="single path"):
        PathQuestion(nets=(), untrained=(plain,))
    with pytest.raises(SpecError, match="nets"):
        PathQuestion(nets=())
