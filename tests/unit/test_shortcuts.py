"""The kinds of shortcuts of He et al. 2016, fig. 2: their layers, costs, names and drawings, and what is refused."""

import math
import re
from typing import Any

import pytest

from resnet_viz.analysis.report import Analysis, analyse, totals
from resnet_viz.cli.main import main
from resnet_viz.errors import SpecError
from resnet_viz.export.pytorch import source
from resnet_viz.graph.dot import to_dot
from resnet_viz.graph.levels import picture
from resnet_viz.graph.opening import Opening
from resnet_viz.graph.picture import Arrow, Form, Level, Picture
from resnet_viz.graph.roles import Role
from resnet_viz.plan.keys import torchvision_names
from resnet_viz.plan.lower import lower
from resnet_viz.plan.ops import Conv, Dropout, Scale
from resnet_viz.plan.plan import ShortcutKind
from resnet_viz.present.formulas import sum_katex
from resnet_viz.present.prose import about
from resnet_viz.present.theme import PALETTES, Mode
from resnet_viz.spec.codec import format_field, from_json, from_query, parse_field, to_json, to_query
from resnet_viz.spec.naming import title
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.presets import preset, residual
from resnet_viz.spec.terms import DimMatch, Order, Shortcut, Stem

OF_2016 = [kind for kind in Shortcut if kind not in (Shortcut.NONE, Shortcut.IDENTITY)]
ON_TOP = [kind for kind in OF_2016 if kind is not Shortcut.CONV1X1]
NUMBERS = ("shortcut_scale", "residual_scale", "gate_bias", "dropout")
ONE_STAGE: dict[str, Any] = {"blocks": (2,), "widths": (16,), "stem": Stem.CIFAR, "image_size": 32}

# He et al. 2016, fig. 2 b to f, read from the picture: what stands beside a branch of ResNet-110 and in its sum.
BRANCH = "branch.conv1 branch.norm1 branch.act1 branch.conv2 branch.norm2"
UNITS = [
    (Shortcut.IDENTITY, f"{BRANCH} add post.act"),
    (Shortcut.CONSTANT_SCALING, f"{BRANCH} branch.scale shortcut.scale add post.act"),
    (
        Shortcut.EXCLUSIVE_GATING,
        f"{BRANCH} gate.conv gate.sigmoid gated_branch one_minus_gate gated_shortcut add post.act",
    ),
    (Shortcut.SHORTCUT_ONLY_GATING, f"{BRANCH} gate.conv gate.sigmoid one_minus_gate gated_shortcut add post.act"),
    (Shortcut.CONV1X1, f"{BRANCH} shortcut.conv shortcut.norm add post.act"),
    (Shortcut.DROPOUT, f"{BRANCH} shortcut.dropout add post.act"),
]


def analysed(net: str, **changes: object) -> Analysis:
    return analyse(lower(preset(net, **changes)))


def inside(spec: NetSpec, block: str) -> dict[str, Any]:
    """The nodes of a block by their names in it."""
    return {
        node.name.removeprefix(f"{block}."): node for node in lower(spec).nodes if node.name.startswith(f"{block}.")
    }


def arcs(drawing: Picture) -> list[Arrow]:
    sums = {box.id for box in drawing.boxes if box.form is Form.SUM}
    return [arrow for arrow in drawing.arrows if arrow.role is Role.SHORTCUT and arrow.target in sums]


# --------------------------------------------------------------------------------------------------------------- layers


@pytest.mark.parametrize(("kind", "unit"), UNITS)
def test_a_unit_stands_as_figure_2_draws_it(kind: Shortcut, unit: str) -> None:
    assert list(inside(residual("cifar_resnet110", shortcut=kind), "stage1.block2")) == unit.split()


@pytest.mark.parametrize("kind", OF_2016)
def test_the_shape_changes_as_without_the_kind_and_scales_gates_and_dropout_act_behind_it(kind: Shortcut) -> None:
    for option, first in ((DimMatch.ZERO_PAD, "shortcut.pad"), (DimMatch.PROJECTION, "shortcut.conv")):
        usual = inside(residual("cifar_resnet20", dim_match=option), "stage2.block1")
        nodes = inside(residual("cifar_resnet20", dim_match=option, shortcut=kind), "stage2.block1")
        assert nodes[first].op == usual[first].op
        assert set(usual) <= set(nodes)
        assert (len(nodes) > len(usual)) == (kind is not Shortcut.CONV1X1)


@pytest.mark.parametrize("kind", OF_2016)
def test_blocks_know_their_kind_and_how_x_gets_its_shape(kind: Shortcut) -> None:
    blocks = lower(preset("cifar_resnet20", shortcut=kind)).blocks
    same = ShortcutKind.CONV1X1 if kind is Shortcut.CONV1X1 else ShortcutKind.IDENTITY
    assert [block.match for block in blocks] == [
        ShortcutKind.ZERO_PAD if block.in_shape != block.shape else same for block in blocks
    ]
    if kind is not Shortcut.CONV1X1:
        assert {block.shortcut.value for block in blocks} == {kind.value}


def test_the_numbers_of_a_kind_are_those_of_its_layers() -> None:
    scaled = inside(residual("cifar_resnet20", shortcut=Shortcut.CONSTANT_SCALING, shortcut_scale=0.3), "stage1.block1")
    assert (scaled["shortcut.scale"].op, scaled["branch.scale"].op) == (Scale(0.3), Scale(0.5))
    dropped = inside(residual("cifar_resnet20", shortcut=Shortcut.DROPOUT, dropout=0.1), "stage1.block1")
    assert dropped["shortcut.dropout"].op == Dropout(0.1)


def test_a_branch_times_one_is_left_alone() -> None:
    changes = {"shortcut": Shortcut.CONSTANT_SCALING, "residual_scale": 1.0}  # He et al. 2016, table 1, third row
    assert "branch.scale" not in inside(residual("cifar_resnet20", **changes), "stage1.block1")


def test_a_gate_reads_what_branch_and_shortcut_read_and_has_a_value_for_each_of_the_sums() -> None:
    for order in Order:
        for block in ("stage1.block1", "stage2.block1", "stage2.block2"):
            spec = residual("cifar_resnet14", order=order, shortcut=Shortcut.EXCLUSIVE_GATING)
            nodes = inside(spec, block)
            first = next(node for name, node in nodes.items() if name.startswith("branch."))
            shared = nodes["gate.conv"].inputs
            assert first.inputs == shared
            assert nodes.get("shortcut.pad", nodes["gated_shortcut"]).inputs[0] == shared[0]
            assert nodes["gate.conv"].shape == nodes["add"].shape
    op = inside(residual("cifar_resnet14", shortcut=Shortcut.EXCLUSIVE_GATING), "stage2.block1")["gate.conv"].op
    assert op == Conv(16, 32, 1, 2, 0, has_bias=True)  # W_g x + b_g: He et al. 2016, section 3.1


@pytest.mark.parametrize("order", Order)
def test_1x1_convolutions_with_projections_are_option_c(order: Order) -> None:
    of_2016 = lower(preset("resnet18", order=order, shortcut=Shortcut.CONV1X1))
    option_c = lower(preset("resnet18", order=order, dim_match=DimMatch.PROJECTION_EVERYWHERE))
    layers = [[(node.name, node.op) for node in plan.nodes] for plan in (of_2016, option_c)]
    if order.is_preact:  # there option C activates for both paths in every block
        assert {op for _, op in layers[0]} == {op for _, op in layers[1]}
    else:
        assert layers[0] == layers[1]


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_have_no_effect_on_another_kind(name: str) -> None:
    owners = {
        "shortcut_scale": {Shortcut.CONSTANT_SCALING},
        "residual_scale": {Shortcut.CONSTANT_SCALING},
        "gate_bias": set(),  # it is where a gate starts, not what it is
        "dropout": {Shortcut.DROPOUT},
    }
    for kind in Shortcut:
        usual = preset("cifar_resnet8", shortcut=kind)
        other = usual.replace(**{name: 0.125})
        assert (lower(usual).nodes == lower(other).nodes) == (kind not in owners[name]), kind
        if kind not in owners[name] and not (name == "gate_bias" and kind.is_gated):
            assert source(usual) == source(other)
            assert title(usual) == title(other)


# ---------------------------------------------------------------------------------------------------------------- costs

# ResNet-110 by hand: blocks of 16, 32 and 64 channels, 18 each; 1,727,962 with the identity and option A.
GATES = 18 * (16 * 16 + 16) + (16 * 32 + 32) + 17 * (32 * 32 + 32) + (32 * 64 + 64) + 17 * (64 * 64 + 64)
CONVS = 18 * (16 * 16 + 2 * 16) + 17 * (32 * 32 + 2 * 32) + 17 * (64 * 64 + 2 * 64)  # where the shape stays, with norms
PROJECTIONS = (16 * 32 + 2 * 32) + (32 * 64 + 2 * 64)
# Multiply-adds of one 1x1 convolution per block: pixels of the output times channels in times channels out.
GATE_MACS = 32**2 * 18 * 16**2 + 16**2 * (16 * 32 + 17 * 32**2) + 8**2 * (32 * 64 + 17 * 64**2)
CONV_MACS = 32**2 * 18 * 16**2 + 16**2 * 17 * 32**2 + 8**2 * 17 * 64**2


@pytest.mark.parametrize(
    ("kind", "more_params", "more_macs"),
    [
        (Shortcut.IDENTITY, 0, 0),
        (Shortcut.CONSTANT_SCALING, 0, 0),
        (Shortcut.EXCLUSIVE_GATING, GATES, GATE_MACS),
        (Shortcut.SHORTCUT_ONLY_GATING, GATES, GATE_MACS),
        (Shortcut.CONV1X1, CONVS, CONV_MACS),
        (Shortcut.DROPOUT, 0, 0),
    ],
)
def test_resnet110_costs_what_counting_by_hand_gives(kind: Shortcut, more_params: int, more_macs: int) -> None:
    identity = totals(lower(preset("cifar_resnet110")))
    found = totals(lower(preset("cifar_resnet110", shortcut=kind)))
    assert identity.params == 1_727_962  # He et al. 2015, table 6: 1.7M
    assert found.params == identity.params + more_params
    assert found.macs == identity.macs + more_macs
    projected = totals(lower(preset("cifar_resnet110", shortcut=kind, dim_match=DimMatch.PROJECTION)))
    assert projected.params == found.params + PROJECTIONS


def test_resnet110_with_each_kind_in_digits() -> None:
    counts = {kind: totals(lower(preset("cifar_resnet110", shortcut=kind))).params for kind in Shortcut}
    assert counts[Shortcut.EXCLUSIVE_GATING] == counts[Shortcut.SHORTCUT_ONLY_GATING] == 1_824_186  # by hand, as above
    assert counts[Shortcut.CONV1X1] == 1_823_450  # by hand, as above
    assert counts[Shortcut.NONE] == counts[Shortcut.CONSTANT_SCALING] == counts[Shortcut.DROPOUT] == 1_727_962


@pytest.mark.parametrize("kind", OF_2016)
def test_no_kind_changes_depth_shapes_or_what_the_net_sees(kind: Shortcut) -> None:
    usual, other = analysed("cifar_resnet20"), analysed("cifar_resnet20", shortcut=kind)
    assert other.plan.spec.depth == 20
    assert [(row.name, row.shape, row.field) for row in other.blocks] == [
        (row.name, row.shape, row.field) for row in usual.blocks
    ]


def test_what_training_keeps_of_one_block_by_hand() -> None:
    one_map = 4 * 16 * 32 * 32  # bytes of float32
    usual = totals(lower(NetSpec(**ONE_STAGE)))
    per_block = {  # beyond the branch, whose input every shortcut and gate reads
        Shortcut.CONSTANT_SCALING: 0,
        Shortcut.EXCLUSIVE_GATING: 3,  # g, 1 - g and the branch's output
        Shortcut.SHORTCUT_ONLY_GATING: 2,  # g and 1 - g
        Shortcut.CONV1X1: 1,  # what its norm reads
        Shortcut.DROPOUT: 1,  # which values it dropped
    }
    for kind, maps in per_block.items():
        assert totals(lower(NetSpec(**ONE_STAGE, shortcut=kind))).training_bytes == (
            usual.training_bytes + 2 * maps * one_map
        ), kind
    assert totals(lower(NetSpec(**ONE_STAGE, shortcut=Shortcut.DROPOUT, dropout=0.0))) == usual


# ------------------------------------------------------------------------------------------------------------- drawings

ARCS = [
    (Shortcut.CONSTANT_SCALING, "scale 0.5"),
    (Shortcut.EXCLUSIVE_GATING, "gate"),
    (Shortcut.SHORTCUT_ONLY_GATING, "gate"),
    (Shortcut.CONV1X1, "1×1 conv"),
    (Shortcut.DROPOUT, "dropout 0.5"),
]


@pytest.mark.parametrize(("kind", "word"), ARCS)
def test_the_arc_says_what_the_shortcut_does(kind: Shortcut, word: str) -> None:
    analysis = analysed("cifar_resnet20", shortcut=kind)
    changed = "zero padding" if kind is Shortcut.CONV1X1 else f"zero padding, {word}"
    blocks = picture(analysis, Opening(level=Level.BLOCK))
    assert [arc.label for arc in arcs(blocks)] == [word, f"2 × {word}", changed, word, word, changed, word, word]
    notes = [box.note for box in picture(analysis, Opening()).boxes if box.cells]
    assert notes == [f"3 {word}", f"2 {word}, 1 {changed}", f"2 {word}, 1 {changed}"]
    assert word in to_dot(blocks, PALETTES[Mode.LIGHT])


@pytest.mark.parametrize(
    ("kind", "word"),
    [(Shortcut.CONSTANT_SCALING, "scale 0.5"), (Shortcut.EXCLUSIVE_GATING, "gate"), (Shortcut.DROPOUT, "")],
)
def test_the_line_of_the_branch_says_what_is_done_to_it(kind: Shortcut, word: str) -> None:
    drawing = picture(analysed("cifar_resnet20", shortcut=kind), Opening(level=Level.BLOCK))
    assert {arrow.label for arrow in drawing.arrows if arrow.role is Role.BRANCH} == {word}


def test_the_layers_of_a_gated_block_are_drawn_with_the_gate_beside_both_paths() -> None:
    analysis = analysed("cifar_resnet8", shortcut=Shortcut.EXCLUSIVE_GATING)
    drawing = picture(analysis, Opening(level=Level.LAYER), only="stage2")
    name = "stage2.block1"
    box = {b.id.removeprefix(f"{name}."): (b.role, b.title) for b in drawing.boxes if b.id.startswith(name)}
    assert box["gate.sigmoid"] == (Role.SHORTCUT, "sigmoid")
    assert box["gated_branch"] == (Role.BRANCH, "× gate")
    assert box["gated_shortcut"] == (Role.SHORTCUT, "× (1 − gate)")
    lines = {(a.source.removeprefix(f"{name}."), a.target.removeprefix(f"{name}.")): a.role for a in drawing.arrows}
    assert lines["row1.from", "shortcut.pad"] is lines["shortcut.pad", "gated_shortcut"] is Role.SHORTCUT
    assert lines["gated_shortcut", "add"] is Role.SHORTCUT
    assert lines["branch.norm2", "gated_branch"] is lines["gated_branch", "add"] is Role.BRANCH
    assert lines["row1.from", "gate.conv"] is lines["gate.sigmoid", "gated_branch"] is Role.DATA
    assert lines["one_minus_gate", "gated_shortcut"] is Role.DATA


def test_a_scaled_block_is_drawn_with_both_factors() -> None:
    drawing = picture(
        analysed("cifar_resnet8", shortcut=Shortcut.CONSTANT_SCALING), Opening(level=Level.LAYER), only="stage1"
    )
    factors = {b.id.removeprefix("stage1.block1."): (b.role, b.title) for b in drawing.boxes if "scale" in b.id}
    assert factors == {"branch.scale": (Role.BRANCH, "× 0.5"), "shortcut.scale": (Role.SHORTCUT, "× 0.5")}
    (dot_line,) = [
        line
        for line in to_dot(drawing, PALETTES[Mode.LIGHT]).splitlines()
        if '"stage1.block1.row1.from" -> "stage1.block1.shortcut.scale"' in line
    ]
    assert PALETTES[Mode.LIGHT][Role.SHORTCUT].line in dot_line
    assert "penwidth=2.6" in dot_line


# ---------------------------------------------------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"shortcut": Shortcut.CONSTANT_SCALING}, "ResNet-110, shortcut times 0.5, branch times 0.5"),
        (
            {"shortcut": Shortcut.CONSTANT_SCALING, "shortcut_scale": 0.0, "residual_scale": 1.0},
            "ResNet-110, shortcut times 0, branch times 1",
        ),
        ({"shortcut": Shortcut.EXCLUSIVE_GATING}, "ResNet-110, exclusive gating from -6"),
        ({"shortcut": Shortcut.SHORTCUT_ONLY_GATING, "gate_bias": -0.5}, "ResNet-110, shortcut-only gating from -0.5"),
        ({"shortcut": Shortcut.CONV1X1}, "ResNet-110, 1×1 convolution shortcuts"),
        ({"shortcut": Shortcut.DROPOUT, "dropout": 0.25}, "ResNet-110, dropout 0.25 on shortcuts"),
        ({"dropout": 0.25}, "ResNet-110"),
    ],
)
def test_a_title_says_the_kind_and_its_numbers(changes: dict[str, Any], said: str) -> None:
    assert title(preset("cifar_resnet110", **changes)) == said


@pytest.mark.parametrize(
    ("kind", "formula", "words"),
    [
        (Shortcut.CONSTANT_SCALING, r"0.5\,F(x) + 0.5\,x", "52 are the identity and 2 pad with zeros (A)"),
        (Shortcut.EXCLUSIVE_GATING, r"g(x)\,F(x) + (1 - g(x))\,x", "it starts at -6"),
        (Shortcut.SHORTCUT_ONLY_GATING, r"F(x) + (1 - g(x))\,x", r"A gate $g(x) = \sigma(W_g x + b_g)$ closes"),
        (Shortcut.CONV1X1, "F(x) + W_s x", "52 are 1×1 convolutions and 2 pad with zeros (A)"),
        (Shortcut.DROPOUT, "F(x) + d(x)", "Dropout sets 0.5 of each shortcut's values to zero"),
        (Shortcut.IDENTITY, "F(x) + x", "52 are the identity"),
    ],
)
def test_the_text_about_a_net_and_the_formula_say_the_kind(kind: Shortcut, formula: str, words: str) -> None:
    spec = residual("cifar_resnet110", shortcut=kind)
    text = about(analyse(lower(spec)))
    assert sum_katex(spec) == formula
    assert words in text
    assert (f"${formula}$" in text) == (kind in ON_TOP)


def test_numbers_in_formulas_are_set_without_an_e() -> None:
    spec = residual("resnet18", shortcut=Shortcut.CONSTANT_SCALING, shortcut_scale=2e-5, residual_scale=1.0)
    assert sum_katex(spec) == r"F(x) + 2 \cdot 10^{-5}\,x"
    assert sum_katex(residual("resnet18", dim_match=DimMatch.PROJECTION_EVERYWHERE)) == "F(x) + W_s x"


# ----------------------------------------------------------------------------------------------------------------- code


@pytest.mark.parametrize(
    ("kind", "equation", "line"),
    [
        (Shortcut.CONSTANT_SCALING, "relu(0.5 F(x) + 0.5 h(x))", "self.post(0.5 * self.branch(x) + 0.5 * self.short"),
        (Shortcut.EXCLUSIVE_GATING, "relu(g(x) F(x) + (1 - g(x)) h(x))", "g * self.branch(x) + (1 - g) * self.short"),
        (Shortcut.SHORTCUT_ONLY_GATING, "relu(F(x) + (1 - g(x)) h(x))", "self.branch(x) + (1 - g) * self.shortcut(x)"),
        (Shortcut.CONV1X1, "relu(F(x) + h(x))", "self.post(self.branch(x) + self.shortcut(x))"),
        (Shortcut.DROPOUT, "relu(F(x) + dropout(h(x)))", "self.branch(x) + self.dropout(self.shortcut(x))"),
    ],
)
def test_the_code_reads_like_the_equation_and_names_the_paper(kind: Shortcut, equation: str, line: str) -> None:
    text = source(preset("cifar_resnet20", shortcut=kind))
    assert f'"""Returns {equation}."""' in text
    assert line in text
    assert "1603.05027" in text
    assert re.search(r"\(He\s+et\s+al\.\s+2016,\s+fig\.\s+2\s+[b-f]\)", text)


@pytest.mark.parametrize("word", ["gate", "dropout", "scale", "Scale"])
def test_code_without_a_kind_has_nothing_of_it(word: str) -> None:
    assert word not in source(preset("cifar_resnet20")).replace("norms at scale one", "")
    assert "nn.init.constant_(parameter, -6)" in source(preset("cifar_resnet20", shortcut=Shortcut.EXCLUSIVE_GATING))


# ------------------------------------------------------------------------------------------------- values and refusals


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"shortcut_scale": -0.1}, "shortcut_scale is a number from 0 to 10; got -0.1."),
        ({"shortcut_scale": 11.0}, "shortcut_scale is a number from 0 to 10; got 11."),
        ({"shortcut_scale": math.nan}, "shortcut_scale is a number from 0 to 10; got nan."),
        ({"residual_scale": 0.0}, "residual_scale is a number above 0 and up to 10; got 0."),
        ({"residual_scale": math.inf}, "residual_scale is a number above 0 and up to 10; got inf."),
        ({"gate_bias": -20.5}, "gate_bias is a number from -20 to 20; got -20.5."),
        ({"gate_bias": -math.inf}, "gate_bias is a number from -20 to 20; got -inf."),
        ({"dropout": 1.0}, "dropout is a number from 0 up to but not including 1; got 1."),
        ({"dropout": -0.5}, "dropout is a number from 0 up to but not including 1; got -0.5."),
        ({"dropout": math.nan}, "dropout is a number from 0 up to but not including 1; got nan."),
    ],
)
def test_a_number_out_of_its_range_is_refused_with_the_range(changes: dict[str, Any], said: str) -> None:
    for kind in Shortcut:  # without effect or not
        with pytest.raises(SpecError) as refusal:
            NetSpec(**ONE_STAGE, shortcut=kind, **changes)
        assert str(refusal.value) == said


def test_the_ends_of_the_ranges_make_nets() -> None:
    NetSpec(**ONE_STAGE, shortcut=Shortcut.CONSTANT_SCALING, shortcut_scale=0.0, residual_scale=10.0)
    NetSpec(**ONE_STAGE, shortcut=Shortcut.EXCLUSIVE_GATING, gate_bias=-20.0)
    NetSpec(**ONE_STAGE, shortcut=Shortcut.DROPOUT, dropout=0.0)


@pytest.mark.parametrize("kind", OF_2016)
def test_option_c_leaves_no_shortcut_for_another_kind(kind: Shortcut) -> None:
    with pytest.raises(SpecError) as refusal:
        preset("resnet18", shortcut=kind, dim_match=DimMatch.PROJECTION_EVERYWHERE)
    assert str(refusal.value) == (
        "Option C (dim_match=projection_everywhere) puts a projection on every shortcut, so that none is left for "
        f"shortcut={kind}. Choose dim_match=projection or zero_pad, or shortcut=identity."
    )


@pytest.mark.parametrize("kind", OF_2016)
def test_zero_padding_still_cannot_take_channels_away(kind: Shortcut) -> None:
    with pytest.raises(SpecError, match="Zero padding"):
        NetSpec(blocks=(1, 1), widths=(64, 32), dim_match=DimMatch.ZERO_PAD, shortcut=kind)


@pytest.mark.parametrize(
    ("kind", "says"), [(k, "scaled, gated or dropped") for k in ON_TOP] + [("conv1x1", "option C")]
)
def test_torchvision_has_none_of_these_nets(kind: str, says: str) -> None:
    with pytest.raises(SpecError, match=f"torchvision has no counterpart.*{says}"):
        torchvision_names(lower(preset("resnet18", shortcut=Shortcut(kind))))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "0.5"),
        (1.0, "1"),
        (-6.0, "-6"),
        (0.0, "0"),
        (-0.0, "0"),
        (1e-5, "1e-05"),
        (0.1 + 0.2, "0.30000000000000004"),
    ],
)
def test_a_number_has_one_short_text_that_reads_back_as_itself(value: float, text: str) -> None:
    assert format_field(value) == text
    assert parse_field("gate_bias", text) == value


@pytest.mark.parametrize(
    "text",
    [
        "nan",
        "inf",
        "-inf",
        "Infinity",
        "1e999",
        "1e3",
        "-1e+99",
        "1" * 4_000,
        "0x1p3",
        "1_0",
        "",
        " 1",
        "+1",
        "1.",
        ".5",
        "٣",
        "1,5",
        "true",
    ],
)
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    for name in NUMBERS:
        with pytest.raises(SpecError) as refusal:
            parse_field(name, text)
        assert str(refusal.value) == f"{name} is a number such as 0.5; got {text[:60]!r}."


def test_an_address_holds_the_kind_and_the_numbers_that_differ() -> None:
    gated = preset("cifar_resnet110", shortcut=Shortcut.EXCLUSIVE_GATING, gate_bias=-7.0)
    address = {"net": "cifar_resnet110", "shortcut": "exclusive_gating", "gate_bias": "-7"}
    assert to_query(gated) == address
    assert from_query(address, default="resnet18") == gated
    assert from_query({**address, "gate_bias": "-7.0"}, default="resnet18") == gated
    assert from_json(to_json(gated)) == gated


@pytest.mark.parametrize("value", [math.nan, math.inf, True, None, [0.5], "half", 10**400])
def test_json_that_holds_no_finite_number_is_refused(value: Any) -> None:
    with pytest.raises(SpecError, match="shortcut_scale is a number"):
        from_json({"blocks": [2], "widths": [8], "shortcut_scale": value})


def test_json_may_write_a_number_whole() -> None:
    spec = from_json({"blocks": [2], "widths": [8], "shortcut": "constant_scaling", "residual_scale": 1})
    assert spec == NetSpec(blocks=(2,), widths=(8,), shortcut=Shortcut.CONSTANT_SCALING, residual_scale=1.0)


def test_json_from_before_these_kinds_reads_as_it_was_meant() -> None:
    old = {field: value for field, value in to_json(preset("resnet50")).items() if field not in NUMBERS}
    assert from_json(old) == preset("resnet50")


def test_the_command_takes_kinds_and_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--set", "shortcut=constant_scaling", "--set", "shortcut_scale=0.25"]
    assert main(["describe", "cifar_resnet110", *words]) == 0
    assert "shortcut times 0.25" in capsys.readouterr().out
    assert main(["describe", "cifar_resnet110", "--set", "dropout=nan"]) == 2
    assert capsys.readouterr().err.strip().endswith("dropout is a number such as 0.5; got 'nan'.")
