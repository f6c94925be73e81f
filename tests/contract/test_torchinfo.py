"""torchinfo as the second opinion: it finds our parameters, and the rest but for what it counts by rules of its own."""

from dataclasses import replace

import pytest

from resnet_viz.analysis.report import analyse
from resnet_viz.analysis.torchinfo import compare, differing_layers
from resnet_viz.errors import BudgetError
from resnet_viz.jobs.queries import torchinfo
from resnet_viz.jobs.queries.queue import QueryState
from resnet_viz.nets.torchinfo import MOST_NODES, answer, summarise
from resnet_viz.plan.lower import lower
from resnet_viz.spec import codec
from resnet_viz.spec.enums import DimMatch, Norm, Order
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import nearest_preset, preset, preset_names
from tests.fakes.waiting import over

pytestmark = pytest.mark.torch

TOO_DEEP = ("cifar_resnet1202", "cifar_preact_bottleneck1001")  # seconds each, and nothing new in them
UNUSUAL = (
    *(preset("cifar_resnet8", order=order) for order in Order),
    preset("resnet18", norm=Norm.NONE),
    preset("resnet18", conv_bias=True, projection_norm=False),
    preset("cifar_resnet14", dim_match=DimMatch.PROJECTION_EVERYWHERE, in_channels=1, image_size=28),
    preset("resnet50", dilated_stages=(3, 4), image_size=65),
    preset("resnet18", dilated_stages=(4,), image_size=(33, 50)),
    preset("vgg11", image_size=(40, 64)),
)


@pytest.mark.parametrize(
    "spec", [*(preset(name) for name in preset_names() if name not in TOO_DEEP), *UNUSUAL], ids=nearest_preset
)
def test_the_reasons_account_for_every_difference_in_total_and_by_layer(spec: NetSpec) -> None:
    analysis, opinion = analyse(lower(spec)), summarise(spec)
    params, macs, activations = compare(analysis, opinion)
    assert (params.difference, macs.unexplained, activations.unexplained) == (0, 0, 0)
    assert opinion.trainable == opinion.params
    assert differing_layers(analysis.plan, opinion) == ()


def test_of_a_net_too_deep_to_list_its_layers_the_summary_lists_blocks() -> None:
    opinion = summarise(preset("resnet200"))
    assert len(opinion.layers) > MOST_NODES
    assert "ResidualBlock (block36)" in opinion.summary
    assert "Conv2d (conv1)" not in opinion.summary


def test_a_layer_that_is_seen_otherwise_is_named() -> None:
    spec = preset("cifar_resnet8")
    opinion = summarise(spec)
    first, *others = opinion.layers
    changed = replace(opinion, layers=(first._replace(params=first.params + 1), *others))
    assert differing_layers(lower(spec), changed) == (first.name,)
    assert differing_layers(lower(spec), replace(opinion, layers=opinion.layers[1:])) == (first.name,)


def test_a_process_of_its_own_says_the_same_as_torchinfo_here() -> None:
    spec = preset("resnet18")
    request = torchinfo.request_for(spec)
    torchinfo.SERVICE.ask(request, owner="me")
    ended = over(lambda: torchinfo.SERVICE.status(request, owner="me"))
    torchinfo.SERVICE.close()
    assert (ended.state, ended.message) == (QueryState.DONE, "")
    assert ended.result == summarise(spec)


def test_a_net_too_large_to_build_is_refused_in_a_sentence() -> None:
    spec = preset("resnet50", widths=(4096, 4096, 4096, 4096))
    with pytest.raises(BudgetError, match="nets of up to 500,000,000 are built"):
        answer(codec.to_json(spec), lambda _share: None)
