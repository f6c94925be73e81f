"""Who counts what: sums of other programs, read from their output on torchvision's nets, and figures found by them.

fvcore 0.1.5.post20221221, ptflops 0.6.9 and 0.7.5 (backend pytorch), thop 0.0.31.post2005241907 and
0.1.1.post2209072238, torch.utils.flop_counter of torch 2.13, in evaluation mode, one image of 3 × 224 × 224.
"""

import pytest
from hypothesis import given, settings

from resnet_viz.analysis.identify import identify_text
from resnet_viz.analysis.mac_conventions import CONVENTIONS, MACS, work_counts
from resnet_viz.analysis.report import totals
from resnet_viz.analysis.torchinfo import mult_adds_besides
from resnet_viz.errors import SpecError
from resnet_viz.plan.lower import lower
from resnet_viz.present.work_counts import stride_note, work_rows, work_table
from resnet_viz.spec.presets import preset
from resnet_viz.spec.vgg import AnySpec
from tests.fakes.spec_strategies import small_nets

SUMS = {
    "resnet50": {
        "MACs": 4_089_184_256,
        "2 × MACs": 8_178_368_512,
        "fvcore 0.1.5": 4_111_512_576,
        "ptflops 0.6.9": 4_121_925_096,
        "ptflops 0.7.5": 4_132_436_968,
        "thop 0.0.31": 4_111_514_624,
        "thop 0.1.1": 4_133_742_592,
        "torchinfo 1.8.0": 4_089_238_376,
    },
    "resnet18": {
        "2 × MACs": 3_628_146_688,
        "fvcore 0.1.5": 1_819_065_856,
        "ptflops 0.7.5": 1_825_313_768,
        "thop 0.0.31": 1_819_066_368,
        "thop 0.1.1": 1_824_033_792,
    },
    "resnext50_32x4d": {
        "2 × MACs": 8_460_959_744,
        "fvcore 0.1.5": 4_259_381_248,
        "ptflops 0.7.5": 4_286_878_696,
        "thop 0.1.1": 4_288_184_320,
    },
    "vgg16": {
        "2 × MACs": 30_940_528_640,
        "fvcore 0.1.5": 15_470_289_408,
        "ptflops 0.6.9": 15_503_523_304,
        "ptflops 0.7.5": 15_523_225_576,
        "thop 0.0.31": 15_483_862_016,
        "thop 0.1.1": 15_470_314_496,
    },
}


@pytest.mark.parametrize("net", SUMS)
def test_each_programs_sum_is_its_own(net: str) -> None:
    ours = {found.convention.name: found.work for found in work_counts(preset(net))}
    assert {name: ours[name] for name in SUMS[net]} == SUMS[net]


@given(small_nets())
@settings(deadline=None, max_examples=60)
def test_macs_and_torchinfos_sum_are_those_of_the_page(spec: AnySpec) -> None:
    plan = lower(spec)
    ours = {found.convention.name: found.work for found in work_counts(spec)}
    assert ours["MACs"] == totals(plan).macs
    assert ours["torchinfo 1.8.0"] == ours["MACs"] + sum(reason.amount for reason in mult_adds_besides(plan))


@pytest.mark.parametrize(
    ("text", "net", "convention", "work"),
    [
        ("4.1G", "resnet50", "MACs", 4_089_184_256),
        ("4.09 GMACs", "resnet50", "MACs", 4_089_184_256),
        ("4.1 GFLOPs", "resnet50", "MACs", 4_089_184_256),
        ("4089184256", "resnet50", "MACs", 4_089_184_256),
        ("4,089,184,256 MACs", "resnet50", "MACs", 4_089_184_256),
        ("8.2G", "resnet50", "2 × MACs", 8_178_368_512),
        ("8.18 GFLOPs", "resnet50", "2 × MACs", 8_178_368_512),
        ("4.11 GFLOPs", "resnet50", "fvcore 0.1.5", 4_111_512_576),
        ("4111514624", "resnet50", "thop 0.0.31", 4_111_514_624),
        ("4.12 GMac", "resnet50", "ptflops 0.6.9", 4_121_925_096),
        ("4089238376", "resnet50", "torchinfo 1.8.0", 4_089_238_376),
        ("3.8 GFLOPs", "resnet50_v1", "MACs", 3_857_973_248),  # He et al. 2015, table 1, cut off
        ("3.8×10^9", "resnet50_v1", "MACs", 3_857_973_248),
        ("11.3 billion FLOPs", "vgg13", "MACs", 11_308_466_176),  # nearer than ResNet-152, which has its own test
        ("15.3G", "vgg16", "convolutions alone", 15_346_630_656),  # He et al. 2015, section 4.1
        ("19.6G", "vgg19", "MACs", 19_632_062_464),  # He et al. 2015, fig. 3
        ("1.8 GFLOPS", "resnet18", "MACs", 1_814_073_344),
        ("41 MFLOPs", "cifar_resnet20", "MACs", 40_551_040),
        ("0.56G", "resnet18", "MACs", 555_422_720),  # kuangliu/pytorch-cifar at 32 px
    ],
)
def test_a_figure_of_work_finds_the_net_and_who_counts_so(text: str, net: str, convention: str, work: int) -> None:
    first = identify_text(text)[0]
    assert first.work is not None
    assert (first.preset, first.work.convention.name, first.work.work) == (net, convention, work)
    assert f"{work:,}" in first.sentence


def test_of_two_nets_that_round_to_a_figure_both_are_named() -> None:
    found = {match.preset: match.work for match in identify_text("11.3 billion FLOPs")}
    work = found["resnet152_v1"]
    assert work is not None
    assert work.work == 11_282_415_616  # He et al. 2015, table 1
    assert "vgg13" in found


def test_a_figure_that_no_net_has_is_refused_with_the_conventions() -> None:
    with pytest.raises(SpecError, match=r"777G.*fvcore, ptflops, thop and torchinfo"):
        identify_text("777G")


def test_a_number_of_parameters_is_no_figure_of_work() -> None:
    assert all(match.work is None for text in ("11.2M", "25,557,032", "25.6M params") for match in identify_text(text))


def test_the_table_has_every_convention_with_its_rule() -> None:
    rows = work_rows(preset("resnet50"))
    assert [name for name, _work, _rule in rows] == [convention.name for convention in CONVENTIONS]
    assert rows[0][1:] == ("4,089,184,256", MACS.rule)
    assert "| fvcore 0.1.5 | 4,111,512,576 |" in work_table(preset("resnet50"))


def test_the_placement_of_the_stride_is_told_where_it_counts() -> None:
    assert "3,857,973,248 MACs" in stride_note(preset("resnet50"))
    assert "4,089,184,256" in stride_note(preset("resnet50_v1"))
    assert [stride_note(preset(net)) for net in ("resnet18", "vgg16")] == ["", ""]
