"""The differences from our counts to torchinfo's, by arithmetic from the plan."""

import json
from dataclasses import replace

from hypothesis import given, settings

from resnet_viz.analysis.report import Analysis, analyse
from resnet_viz.analysis.torchinfo import (
    Cause,
    TorchinfoLayer,
    TorchinfoReport,
    bytes_besides,
    compare,
    differing_layers,
    from_json,
    mult_adds_besides,
    to_json,
)
from resnet_viz.plan.lower import lower
from resnet_viz.plan.ops import BatchNorm, Conv, Linear
from resnet_viz.present.architecture.torchinfo import difference_table, layers_message, signed_exact, totals_message
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset
from tests.fakes.spec_strategies import specs


def analysis_of(name: str, **changes: object) -> Analysis:
    return analyse(lower(preset(name, **changes)))


# torchinfo 1.8.0 on ResNet-50, one image of 224 px
RESNET_50 = TorchinfoReport(
    version="1.8.0",
    params=25_557_032,
    trainable=25_557_032,
    mult_adds=4_089_238_376,
    activation_bytes=177_831_744,
    layers=(),
    summary="",
)


def test_torchinfos_figures_of_resnet_50_are_ours_and_what_it_counts_besides() -> None:
    params, macs, activations = compare(analysis_of("resnet50"), RESNET_50)
    assert (params.difference, params.reasons) == (0, ())
    assert macs.reasons == ((Cause.NORM, 53_120), (Cause.FC_BIAS, 1_000))
    assert (macs.difference, macs.unexplained, activations.unexplained) == (54_120, 0, 0)


def test_a_bias_of_a_convolution_is_work_at_every_pixel() -> None:
    without, with_biases = (
        dict(mult_adds_besides(lower(preset("cifar_resnet8", conv_bias=has_bias)))) for has_bias in (False, True)
    )
    assert Cause.CONV_BIAS not in without
    # the stem and one block of two convolutions at 32 px, then a block each at 16 and at 8 px
    assert with_biases[Cause.CONV_BIAS] == 3 * 16 * 32**2 + 2 * 32 * 16**2 + 2 * 64 * 8**2


def test_only_a_net_with_a_max_pool_has_its_index() -> None:
    assert dict(bytes_besides(lower(preset("resnet18"))))[Cause.POOL_INDEX] == -8 * 64 * 56**2
    assert Cause.POOL_INDEX not in dict(bytes_besides(lower(preset("cifar_resnet20"))))


@given(specs())
@settings(deadline=None)
def test_the_ledger_of_bytes_ends_at_twice_the_outputs_of_layers_with_parameters(spec: NetSpec) -> None:
    plan = lower(spec)
    outputs = sum(
        row.output_bytes
        for row, node in zip(analyse(plan).nodes, plan.nodes, strict=True)
        if isinstance(node.op, Conv | BatchNorm | Linear)
    )
    assert analyse(plan).totals.training_bytes + sum(amount for _cause, amount in bytes_besides(plan)) == 2 * outputs


def test_a_count_that_the_reasons_do_not_reach_is_said() -> None:
    analysis = analysis_of("resnet50")
    findings = compare(analysis, RESNET_50)
    assert "explained **exactly**" in totals_message(findings, RESNET_50)
    wrong = replace(RESNET_50, mult_adds=RESNET_50.mult_adds - 7)
    assert "Unexplained: multiply-adds (−7)" in totals_message(compare(analysis, wrong), wrong)
    assert "| unexplained | −7 |" in difference_table(compare(analysis, wrong)[1])


def test_a_ledger_begins_with_ours_and_ends_with_theirs() -> None:
    rows = difference_table(compare(analysis_of("resnet50"), RESNET_50)[1]).splitlines()
    assert rows[0] == "| multiply-adds | +54,120 |"
    assert (rows[2], rows[-1]) == ("| ours | 4,089,184,256 |", "| torchinfo | 4,089,238,376 |")
    assert difference_table(compare(analysis_of("resnet50"), RESNET_50)[0]).startswith("| parameters | the same |")


def test_layers_unseen_and_unknown_ones_differ() -> None:
    plan = lower(preset("cifar_resnet8"))
    stray = replace(RESNET_50, layers=(TorchinfoLayer("attic", (1,), 0, 0),))
    differing = differing_layers(plan, stray)
    assert len(differing) == len(plan.nodes) + 1
    assert differing[-1] == "attic"
    assert layers_message(len(plan.nodes), differing).endswith(f"the first is {plan.nodes[0].name}.")
    assert "All 31" in layers_message(31, ())


def test_an_opinion_survives_json() -> None:
    opinion = replace(RESNET_50, layers=(TorchinfoLayer("stem.conv", (64, 112, 112), 9_408, 118_013_952),))
    assert from_json(json.loads(json.dumps(to_json(opinion)))) == opinion


def test_a_difference_has_a_sign() -> None:
    assert (signed_exact(1_000), signed_exact(-7), signed_exact(0)) == ("+1,000", "−7", "0")
