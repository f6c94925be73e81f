"""VGG nets: a kind of their own, with the same plan, drawing, address, code and names as every other net."""

import pytest
from hypothesis import given, settings

from resnet_viz import describe
from resnet_viz.analysis.compare import compare
from resnet_viz.analysis.identify import identify
from resnet_viz.analysis.report import analyse
from resnet_viz.cli.main import main
from resnet_viz.errors import SpecError
from resnet_viz.export.pytorch import pytorch_source
from resnet_viz.graph.build import draw_net
from resnet_viz.graph.drawing import BoxForm, Level
from resnet_viz.graph.expansion import Expansion
from resnet_viz.graph.roles import Role
from resnet_viz.plan.lower import lower
from resnet_viz.plan.ops import AdaptiveAvgPool, Dropout, Flatten, MaxPool
from resnet_viz.plan.plan import ShortcutKind
from resnet_viz.plan.torchvision_keys import layers_of, state_shapes, torchvision_names
from resnet_viz.present.architecture.summary import net_summary
from resnet_viz.present.tables import stage_table
from resnet_viz.spec import titles
from resnet_viz.spec.codec import from_json, from_query, to_json
from resnet_viz.spec.enums import Norm
from resnet_viz.spec.presets import nearest_preset, preset, residual_preset, series
from resnet_viz.spec.vgg import VggSpec
from resnet_viz.training import recipe
from tests.fakes.spec_strategies import small_vggs

SMALL = VggSpec(blocks=(1, 2), widths=(3, 4), hidden_features=5, image_size=12, num_classes=2)


def test_a_stage_ends_in_a_pool_and_the_head_has_three_fc() -> None:
    plan = lower(SMALL)
    assert [node.name for node in plan.nodes] == [
        "stage1.block1.branch.conv1", "stage1.block1.post.act", "stage1.pool",
        "stage2.block1.branch.conv1", "stage2.block1.post.act",
        "stage2.block2.branch.conv1", "stage2.block2.post.act", "stage2.pool",
        "head.pool", "head.flatten",
        "head.fc1", "head.act1", "head.dropout1", "head.fc2", "head.act2", "head.dropout2", "head.fc",
    ]  # fmt: skip
    assert [part.name for part in plan.parts] == ["stage1", "stage2", "head"]
    assert plan.stages == plan.parts[:-1]
    assert [node.name for node in plan.tail_of(plan.stages[1])] == ["stage2.pool"]
    kinds = [node.op for node in plan.nodes if isinstance(node.op, MaxPool | AdaptiveAvgPool | Flatten | Dropout)]
    assert kinds == [MaxPool(2, 2, 0)] * 2 + [AdaptiveAvgPool(7), Flatten(), Dropout(0.5), Dropout(0.5)]
    assert {block.shortcut for block in plan.blocks} == {ShortcutKind.NONE}


@given(small_vggs())
@settings(deadline=None)
def test_stages_halve_the_picture_and_the_head_reads_7_by_7_whatever_its_size(spec: VggSpec) -> None:
    plan = lower(spec)
    side = spec.square_side
    for stage, width in zip(plan.stages, spec.widths, strict=True):
        assert {block.shape[0] for block in stage.blocks} == {width}
        assert {block.shape[1] for block in stage.blocks} == {side}
        side //= 2
        assert stage.shape == (width, side, side)
    shapes = {node.name: node.shape for node in plan.nodes}
    assert shapes["head.pool"] == (spec.widths[-1], 7, 7)
    assert shapes["head.flatten"] == (spec.widths[-1] * 49,)
    assert plan.parts[0].start == 0
    assert all(a.stop == b.start for a, b in zip(plan.parts, plan.parts[1:], strict=False))


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        (224, (212, 212, 404)),  # 7 px: pieces of one pixel
        (448, (212, 244, 628)),  # 14 px: pieces of two
        (32, (212, 212, 212)),  # 1 px: the same pixel 49 times
        (288, (212, 276, 468)),  # 9 px: pieces overlap, the largest is of three
    ],
)
def test_the_field_of_the_fc_is_the_whole_map(size: int, sizes: tuple[int, ...]) -> None:
    analysis = analyse(lower(preset("vgg16", image_size=size)))
    field = {row.name: row.field for row in analysis.nodes}
    assert tuple(field[name].size for name in ("stage5.pool", "head.pool", "head.fc")) == sizes


def test_activations_that_training_keeps_are_counted_by_hand() -> None:
    kept = {row.name: row.kept_bytes for row in analyse(lower(SMALL)).nodes}
    assert kept["stage1.block1.branch.conv1"] == 4 * 3 * 12 * 12  # the picture
    assert kept["stage1.block1.post.act"] == 4 * 3 * 12 * 12
    assert kept["stage1.pool"] == 8 * 3 * 6 * 6  # an index per output; its input is the activation's output
    assert kept["head.pool"] == 4 * 4 * 3 * 3  # its input
    assert kept["head.flatten"] == 0
    assert kept["head.fc1"] == 4 * 4 * 7 * 7  # its input
    assert kept["head.dropout1"] == 4 * 5  # what it multiplied by
    assert kept["head.fc2"] == 4 * 5


def test_what_hands_its_input_on_takes_no_memory_in_a_forward_pass() -> None:
    wide = VggSpec(blocks=(1,), widths=(1,), hidden_features=1000, image_size=4, in_channels=1, num_classes=2)
    assert analyse(lower(wide)).totals.inference_bytes == 4 * (1000 + 1000)  # one hidden layer and the next


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (
            {"image_size": 31},
            "An image of 31 px is too small: stage5.pool, a window of 2×2 px, finds less than that to read; "
            "image_size is at least 32 px (at most 4,096).",
        ),
        ({"image_size": (480, 20)}, "An image of 480×20 px is too small: stage5.pool, a window of 2×2 px, finds less"),
        ({"hidden_features": 0}, "hidden_features is a whole number from 1 to 16,384; got 0."),
        ({"blocks": (2, 2)}, "blocks and widths name the same stages"),
        ({"num_classes": 1}, "num_classes is a whole number from 2"),
        ({"in_channels": 65}, "in_channels is a whole number from 1 to 64"),
        (
            {"order": "full_preact"},
            "vgg16 has no field 'order'; its fields are blocks, widths, norm, conv_bias, ",
        ),
    ],
)
def test_what_is_no_vgg_net_is_refused_in_a_sentence(fields: dict[str, object], said: str) -> None:
    with pytest.raises(SpecError) as refusal:
        preset("vgg16", **fields)
    assert str(refusal.value).startswith(said)


def test_fields_of_one_kind_are_refused_by_the_other() -> None:
    with pytest.raises(SpecError, match="resnet18 has no field 'hidden_features'; its fields are blocks, widths, stem"):
        from_query({"net": "resnet18", "hidden_features": "8"}, default="resnet18")
    with pytest.raises(SpecError, match="vgg16 has no field 'stem'"):
        from_json({**to_json(preset("vgg16")), "stem": "cifar"})
    with pytest.raises(SpecError, match="vgg16 is a VGG net; here it takes a residual net or a plain one"):
        residual_preset("vgg16")
    with pytest.raises(SpecError, match="VGG-16 is a VGG net; a run trains residual nets and plain ones"):
        recipe.from_json({"nets": [to_json(preset("vgg16"))]})


def test_titles_say_what_is_unusual() -> None:
    assert [titles.title(preset(net)) for net in series()["vgg"]] == [
        "VGG-11", "VGG-13", "VGG-16", "VGG-19",
        "VGG-11, batch norm", "VGG-13, batch norm", "VGG-16, batch norm", "VGG-19, batch norm",
    ]  # fmt: skip
    assert titles.title(preset("vgg16", conv_bias=False, hidden_features=512)) == "VGG-16, no biases, fc of 512"
    assert titles.paper_stage(preset("vgg16"), 3) == "conv3_x"


def test_the_nearest_preset_is_of_its_kind() -> None:
    assert nearest_preset(preset("vgg19", norm=Norm.BATCH)) == "vgg19_bn"
    assert nearest_preset(SMALL) in ("vgg16", "vgg19")


def test_described_like_every_net() -> None:
    said = describe(preset("vgg16"))
    assert said["spec"] == to_json(preset("vgg16"))
    assert (said["name"], said["params"], said["depth"]) == ("VGG-16", 138_357_544, 16)  # torchvision 0.29.2
    assert [stage["name"] for stage in said["stages"]] == [*(f"stage{n}" for n in range(1, 6)), "head"]
    flat = next(layer for layer in said["layers"] if layer["kind"] == "Flatten")
    assert flat["shape"] == [25_088, 1, 1]  # torchvision 0.29.2: classifier.0 has 25,088 inputs


def test_compared_with_a_residual_net_the_stem_stands_first_and_alone() -> None:
    for nets in (("vgg16", "resnet18"), ("resnet18", "vgg16")):
        found = compare(*(analyse(lower(preset(net))) for net in nets))
        assert [part.name for part in found.parts] == ["stem", *(f"stage{n}" for n in range(1, 6)), "head"]
        assert found.parts[0].is_alone
        assert sum(part.params for part in found.parts) == found.totals.params
        changed = {field.name: (field.a, field.b) for field in found.changed_fields}
        assert sorted(changed["hidden_features"], key=str) == [4096, None]


@pytest.mark.parametrize("net", series()["vgg"])
def test_its_tensors_are_recognised_under_both_names(net: str) -> None:
    shapes = state_shapes(layers_of(lower(preset(net))))
    theirs = {name: shapes[own] for own, name in torchvision_names(lower(preset(net))).items()}
    for known in (shapes, theirs):
        assert [match.preset for match in identify(known)] == [net]


@given(small_vggs())
@settings(deadline=None)
def test_shapes_tell_every_vgg_net_up_to_the_size_of_its_picture(spec: VggSpec) -> None:
    shapes = state_shapes(layers_of(lower(spec)))
    found = identify(shapes)[0].spec
    assert found.replace(image_size=spec.image_size) == spec


def test_other_tensors_are_refused_with_the_first_that_does_not_fit() -> None:
    shapes = state_shapes(layers_of(lower(SMALL)))
    with pytest.raises(SpecError, match=r"'head\.fc2\.weight' is missing"):
        identify({key: shape for key, shape in shapes.items() if key != "head.fc2.weight"})
    with pytest.raises(SpecError, match=r"have 'stage2\.more' besides"):
        identify({**shapes, "stage2.more": (1,)})
    with pytest.raises(SpecError, match=r"'stage2\.block2\.branch\.conv1\.weight' has the shape"):
        identify({**shapes, "stage2.block2.branch.conv1.weight": (4, 3, 3, 3)})
    with pytest.raises(SpecError, match=r"they begin with 'classifier\.0\.weight' \(4×4\)"):
        identify({"classifier.0.weight": (4, 4)})


@pytest.mark.parametrize(
    ("clue", "found"),
    [
        ("VGG-16", "vgg16"),
        ("VGG-19 BN", "vgg19_bn"),
        ("vgg16 batch norm", "vgg16_bn"),
        ("VGG-A", "vgg11"),  # Simonyan and Zisserman 2014, table 1
        ("VGG-13-BN", "vgg13_bn"),
        (132_868_840, "vgg11_bn"),  # torchvision 0.29.1
        ("VGG-E", "vgg19"),  # Simonyan and Zisserman 2014, table 1
        (138_357_544, "vgg16"),  # torchvision 0.29.2
        (143_678_248, "vgg19_bn"),  # torchvision 0.29.2
        (134_301_514, "vgg16"),  # 10 classes: 990 * 4,097 fewer
    ],
)
def test_found_by_name_and_by_count(clue: str | int, found: str) -> None:
    assert identify(clue)[0].preset == found


def test_with_norms_it_is_the_other_with_one_change() -> None:
    assert identify("vgg16_bn")[0].sentence == "vgg16_bn has 138,365,992 parameters: vgg16 with norm=batch (+8,448)."


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"conv_bias": False}, "its convolutions have no biases"),
        ({"hidden_features": 512}, "torchvision's hidden layers have 4096 outputs, its have 512"),
        ({"widths": (8, 8, 8, 8, 8)}, "torchvision's last stage is 512 wide, its is 8"),
    ],
)
def test_what_torchvisions_class_cannot_make_is_said(changes: dict[str, object], said: str) -> None:
    with pytest.raises(SpecError, match=said):
        torchvision_names(lower(preset("vgg16", **changes)))


@pytest.mark.parametrize("level", Level)
def test_a_drawing_has_no_shortcut_and_shows_every_pool(level: Level) -> None:
    drawing = draw_net(analyse(lower(preset("vgg16"))), Expansion(level=level), is_folded=False)
    assert Role.SHORTCUT not in {arrow.role for arrow in drawing.arrows} | {box.role for box in drawing.boxes}
    assert BoxForm.SUM not in {box.form for box in drawing.boxes}
    said = [line for box in drawing.boxes for line in (box.title, *box.lines)]
    assert said.count("max pool 2×2 /2") == (0 if level is Level.STAGE else 5)  # torchvision 0.29.2
    assert said.count("fc") == 3


@pytest.mark.parametrize("level", [Level.BLOCK, Level.LAYER])
def test_a_stage_drawn_alone_ends_behind_its_pool(level: Level) -> None:
    drawing = draw_net(analyse(lower(preset("vgg16"))), Expansion(level=level), only="stage3")
    assert drawing.turns[-1].source == "stage3.pool"
    assert drawing.boxes[-1].lines == ("256×28×28",)
    assert {row.frame for row in drawing.rows for box in row.boxes if box.id == "stage3.pool"} == {"stage3"}


def test_prose_and_table_are_of_this_net() -> None:
    analysis = analyse(lower(preset("vgg16")))
    said = net_summary(analysis)
    assert said.startswith("**VGG-16** has 16 weighted layers: 13 3×3 convolutions in 5 stages")
    assert "It is a plain net" in said
    assert "hold 89.4% of its parameters and perform 0.8% of its multiply-adds" in said  # 123,642,856 / 138,357,544
    assert "212 × 212 px" in said  # google-research/receptive_field, vgg_16
    assert [row["paper"] for row in stage_table(analysis)] == [*(f"conv{n}_x" for n in range(1, 6)), ""]


def test_the_code_cites_the_paper_and_the_exact_count() -> None:
    text = pytorch_source(preset("vgg16"))
    assert "arXiv 1409.1556" in text
    assert "138,357,544 parameters" in text
    assert "138_357_544" in text
    assert "BatchNorm" not in text
    assert "resnet_viz import" not in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["describe", "vgg16"], "VGG-16: 138,357,544 parameters"),
        (["describe", "vgg16", "--json"], '"hidden_features": 4096'),
        (["graph", "vgg19_bn", "--level", "block"], "max pool"),
        (["code", "vgg16_bn", "--set", "num_classes=10"], "134,309,962 parameters"),  # 990 * 4,097 fewer
        (["which", "143667240"], "vgg19 has 143,667,240 parameters."),
    ],
)
def test_every_command_takes_it(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    assert said in capsys.readouterr().out


def test_a_field_that_it_lacks_is_refused_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "vgg16", "--set", "shortcut=none"]) == 2
    assert capsys.readouterr().err.startswith("vgg16 has no field 'shortcut'; its fields are ")
