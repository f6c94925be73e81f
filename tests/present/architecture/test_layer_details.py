"""What is said of a part, a block or a layer: the arithmetic on the card gives the counts of the analysis."""

from math import prod

import pytest
from hypothesis import given, settings

from resnet_viz.analysis import cost
from resnet_viz.analysis.report import Analysis, analyse
from resnet_viz.plan.lower import lower
from resnet_viz.plan.ops import Conv
from resnet_viz.present.architecture.layer_details import NetDetails, macs_worked_out, params_worked_out
from resnet_viz.spec.net import NetSpec
from tests.fakes.drawings import analysed, names_of
from tests.fakes.spec_strategies import small_specs, specs


def told(explainer: NetDetails, name: str) -> dict[str, str]:
    explained = explainer.details(name)
    assert explained is not None
    lines = dict(explained.lines)
    assert len(lines) == len(explained.lines), "a name stands twice"
    return lines


def number(text: str) -> int:
    return int(text.replace(",", ""))


def worked_out(text: str) -> int:
    """Does the sum "3 · 3 · 64 · 64 + 64 = 36,928" over again; what stands behind = must be its result."""
    if text == "0":
        return 0
    left, right = text.split(" = ")
    value = sum(prod(number(factor) for factor in term.split(" · ")) for term in left.split(" + "))
    assert value == number(right), text
    return value


def check_arithmetic(spec: NetSpec) -> None:
    for node in lower(spec).nodes:
        assert worked_out(params_worked_out(node.op)) == cost.params(node.op)
        assert worked_out(macs_worked_out(node.op, node.shape)) == cost.macs(node.op, node.shape)


@given(small_specs())
@settings(deadline=None, max_examples=100)
def test_the_factors_on_a_card_multiply_to_the_counts_of_the_analysis(spec: NetSpec) -> None:
    check_arithmetic(spec)


@given(specs())
@settings(deadline=None, max_examples=15)
def test_so_they_do_in_large_nets(spec: NetSpec) -> None:
    check_arithmetic(spec)


@pytest.mark.parametrize(
    ("net", "layer", "params", "macs"),
    [
        ("resnet50", "stage1.block1.branch.conv2", "3 · 3 · 64 · 64 = 36,864", "36,864 · 56 · 56 = 115,605,504"),
        ("resnet50", "head.fc", "2048 · 1000 + 1000 = 2,049,000", "2048 · 1000 = 2,048,000"),
        ("resnext50_32x4d", "stage1.block1.branch.conv2", "3 · 3 · 4 · 128 = 4,608", "4,608 · 56 · 56 = 14,450,688"),
        ("d2l_resnet18", "stem.conv", "7 · 7 · 1 · 64 + 64 = 3,200", None),  # 3,328 with the norm: d2l-ai/d2l-zh
        ("resnet18", "stem.norm", "2 · 64 = 128", None),
    ],
)
def test_a_layer_is_worked_out_factor_by_factor(net: str, layer: str, params: str, macs: str | None) -> None:
    lines = told(NetDetails(analysed(net)), layer)
    assert lines["params"] == params
    assert macs is None or lines["MACs"] == macs


@given(small_specs())
@settings(deadline=None, max_examples=40)
def test_everything_in_a_net_is_explained_with_its_figures(spec: NetSpec) -> None:
    analysis = analyse(lower(spec))
    explainer = NetDetails(analysis)
    shapes = {row.name: row.shape for row in (*analysis.nodes, *analysis.blocks, *analysis.parts)}
    for name, shape in shapes.items():
        lines = told(explainer, name)
        assert lines["out"] == "×".join(map(str, shape))
        assert all(value and "None" not in value for value in lines.values())


def shares(analysis: Analysis, quantity: str) -> tuple[int, float]:
    explainer = NetDetails(analysis)
    lines = [told(explainer, part.name)[quantity].split(" · ") for part in analysis.plan.parts]
    return sum(number(count) for count, _share in lines), sum(float(share.split(" %")[0]) for _count, share in lines)


@given(small_specs())
@settings(deadline=None, max_examples=40)
def test_counts_and_shares_of_the_parts_add_up_to_the_net(spec: NetSpec) -> None:
    analysis = analyse(lower(spec))
    for quantity, total in (("params", analysis.totals.params), ("MACs", analysis.totals.macs)):
        count, share = shares(analysis, quantity)
        assert count == total
        assert share == pytest.approx(100, abs=0.05 * len(analysis.plan.parts) + 1e-6)  # each rounded to 0.1


def test_a_layer_without_weights_says_no_zero() -> None:
    lines = told(NetDetails(analysed("resnet50")), "stage2.block1.branch.act1")
    assert lines["computes"] == "y = max(0, x)"
    assert not {"params", "MACs"} & set(lines)


def test_an_addition_names_both_shapes_that_come_in() -> None:
    explainer = NetDetails(analysed("resnet50"))
    assert told(explainer, "stage2.block1.add")["in"] == "512×28×28 + 512×28×28"
    explained = explainer.details("stage2.block1.add")
    assert explained is not None
    assert explained.title == "addition"


def test_a_block_says_what_its_shortcut_does() -> None:
    explainer = NetDetails(analysed("cifar_resnet20"))  # option A: He et al. 2015, section 4.2
    assert [told(explainer, f"stage2.block{n}")["shortcut"] for n in (1, 2)] == ["zero padding", "identity"]


def test_a_bias_is_in_the_formula_where_there_is_one() -> None:
    for net, formula in (("resnet50", "y = W * x"), ("d2l_resnet18", "y = W * x + b")):
        analysis = analysed(net)
        (first, *_rest) = (node.name for node in analysis.plan.nodes if isinstance(node.op, Conv))
        assert told(NetDetails(analysis), first)["computes"] == formula


@pytest.mark.parametrize("name", ["", "input", "output", "stage9", "stage1.block1.sum", "<script>", "__class__"])
def test_of_any_other_name_nothing_is_known(name: str) -> None:
    explainer = NetDetails(analysed("resnet18"))
    assert (explainer.details(name), explainer.figures(name), explainer.node(name)) == (None, None, None)


def test_every_part_and_block_has_figures() -> None:
    analysis = analysed("resnet34")
    explainer = NetDetails(analysis)
    assert all(explainer.figures(name) for name in names_of(analysis.plan) if not name.endswith(".more"))
