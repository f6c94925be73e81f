"""Curves by block over seeds."""

from dataclasses import replace
from math import inf, isnan, nan

import pytest

from resnet_viz.present.gradients.curves import View, curves_of, squared_ratio
from tests.present.gradients.made import curve, net, record


def test_blocks_are_counted_from_1_and_convolutions_lie_around_them() -> None:
    of = net(depth=8)
    blocks, weights = (curves_of([of], [record(of)], view)[0] for view in (View.BLOCK, View.WEIGHT))
    assert [place.x for place in blocks.places] == [1, 2, 3]
    assert [place.x for place in weights.places] == [0.75, 1.25, 1.75, 2.25, 2.75, 3.25]
    assert weights.places[0].name.startswith("stage1.block1.branch")


def test_each_net_has_its_own_records() -> None:
    nets = [net("plain"), net("a_original"), net("e_full_preact")]
    records = [record(nets[1], place=1, factor=2.0), record(nets[0], place=0, factor=3.0)]
    found = curves_of(nets, records, View.BLOCK)
    assert [one.net.id for one in found] == ["plain", "a_original"]
    assert found[0].ratios[0] == pytest.approx(3.0**16)
    assert found[1].ratios[0] == pytest.approx(2.0**16)


def test_a_place_has_the_geometric_mean_of_its_seeds() -> None:
    first = curve(net(), 1.0, 100.0).places[0]
    assert first.mean == pytest.approx(10.0)
    assert first.drawn == (1.0, 100.0)


def test_zero_and_nan_are_kept_apart_from_what_is_drawn() -> None:
    first, *_rest = curve(net(), 0.0, nan, 4.0).places
    assert (first.drawn, first.mean, first.has_zero, first.is_broken) == ((4.0,), 4.0, True, True)
    assert isnan(curve(net(), 0.0).places[0].mean)


def test_a_plain_net_has_no_shares() -> None:
    nets = [net("plain"), net("a_original")]
    records = [record(one, place=place) for place, one in enumerate(nets)]
    (only,) = curves_of(nets, records, View.SHARE)
    assert only.net.id == "a_original"


@pytest.mark.parametrize(("share", "ratio"), [(0.5, 1.0), (0.2, 0.0625), (0.0, 0.0), (1.0, inf)])
def test_a_share_becomes_the_squared_ratio(share: float, ratio: float) -> None:
    assert squared_ratio(share) == pytest.approx(ratio)


def test_ratios_over_nothing() -> None:
    of = net()
    silent = replace(record(of), block_grad=(0.0,) * 9)
    assert isnan(curves_of([of], [silent], View.BLOCK)[0].ratios[0])
