"""The layers of two nets by name: each stands there once, and what differs is told."""

from collections import Counter
from typing import Any

from hypothesis import given, settings

from resnet_viz.analysis.compare import LayerChange, LayerPair, pair_layers
from resnet_viz.analysis.report import Analysis, analyse
from resnet_viz.plan.lower import lower
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset
from tests.fakes.spec_strategies import small_specs


def analysed(net: str, **changes: Any) -> Analysis:
    return analyse(lower(preset(net, **changes)))


def of(net_a: str, net_b: str) -> tuple[LayerPair, ...]:
    return pair_layers(analysed(net_a), analysed(net_b))


@given(small_specs())
@settings(deadline=None, max_examples=30)
def test_a_net_does_not_differ_from_itself_in_any_layer(spec: NetSpec) -> None:
    net = analyse(lower(spec))
    pairs = pair_layers(net, analyse(lower(spec.replace())))
    assert [pair.name for pair in pairs] == [node.name for node in net.plan.nodes]
    assert {pair.change for pair in pairs} == {LayerChange.NONE}


@given(small_specs(), small_specs())
@settings(deadline=None, max_examples=50)
def test_every_layer_of_both_nets_stands_there_once_in_the_order_of_a(spec_a: NetSpec, spec_b: NetSpec) -> None:
    a, b = analyse(lower(spec_a)), analyse(lower(spec_b))
    pairs = pair_layers(a, b)
    assert [pair.name for pair in pairs if pair.a] == [node.name for node in a.plan.nodes]
    assert Counter(pair.name for pair in pairs if pair.b) == Counter(node.name for node in b.plan.nodes)


@given(small_specs(), small_specs())
@settings(deadline=None, max_examples=50)
def test_differences_of_layers_sum_up_to_those_of_the_whole(spec_a: NetSpec, spec_b: NetSpec) -> None:
    a, b = analyse(lower(spec_a)), analyse(lower(spec_b))
    pairs = pair_layers(a, b)
    assert sum(pair.params for pair in pairs) == b.totals.params - a.totals.params
    assert sum(pair.macs for pair in pairs) == b.totals.macs - a.totals.macs
    assert sum(pair.kept_bytes for pair in pairs) == b.totals.training_bytes - a.totals.training_bytes


def test_a_residual_net_has_shortcuts_that_the_plain_one_has_not_and_else_the_same_layers() -> None:
    changes = Counter(pair.change for pair in of("plain34", "resnet34"))
    # 16 additions and 3 projections with a norm each: He et al. 2015, section 3.3 and fig. 3
    assert changes == {LayerChange.ONLY_B: 16 + 2 * 3, LayerChange.INPUTS: 16, LayerChange.NONE: 86}


def test_the_place_of_the_stride_changes_the_size_of_maps_and_the_sight_behind_it() -> None:
    pairs = of("resnet50_v1", "resnet50")
    sized = [pair.name for pair in pairs if pair.change is LayerChange.SIZE]
    # conv1 with its norm and activation work on the larger map, and conv2 has the stride, in 3 stages
    assert sized == [
        f"stage{stage}.block1.branch.{layer}" for stage in (2, 3, 4) for layer in ("conv1", "norm1", "act1", "conv2")
    ]
    assert {pair.change for pair in pairs} == {LayerChange.SIZE, LayerChange.SIGHT, LayerChange.NONE}


def test_layers_of_b_alone_stand_behind_those_of_a_alone_and_before_the_next_that_both_have() -> None:
    names = [pair.name for pair in of("cifar_resnet20", "cifar_preact_resnet20")]
    assert names[:6] == [
        *("stem.conv", "stem.norm", "stem.act"),
        *("stage1.block1.pre.norm1", "stage1.block1.pre.act1", "stage1.block1.branch.conv1"),
    ]
