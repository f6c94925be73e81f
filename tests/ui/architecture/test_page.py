"""The address is the net: what it says is shown, what is picked stands in it, what it says wrongly is told."""

import pytest

from resnet_viz.analysis.count_parts import count_params
from resnet_viz.spec.resolve import named_net
from tests.fakes.visiting import change, dot, is_whole, metrics, prose, read, value, visit, warnings

# torchvision 0.29.2's model metadata; plain-34 is its ResNet-34 without the three projections and their norms
RESNET_18 = "11,689,512"
RESNET_34 = "21,797,672"
RESNET_50 = "25,557,032"
RESNET_101 = "44,549,160"
PLAIN_34 = "21,623,848"
NUMBERS_OF_SHORTCUTS = ("shortcut_scale", "residual_scale", "gate_bias", "dropout")


def test_without_an_address_it_is_resnet_50() -> None:
    at = visit("architecture")
    assert metrics(at)["Parameters"] == RESNET_50
    assert metrics(at)["Depth"] == "50"
    assert "ResNet-50" in prose(at)


def test_the_address_names_the_net() -> None:
    at = visit("architecture", net="resnet18")
    assert metrics(at)["Parameters"] == RESNET_18
    assert value(at, "depth") == "resnet18"


def test_a_field_of_the_address_changes_the_net() -> None:
    at = visit("architecture", net="resnet34", shortcut="none")
    assert metrics(at)["Parameters"] == PLAIN_34
    assert "plain-34" in prose(at)
    assert RESNET_34 not in prose(at)


def test_a_net_without_shortcuts_is_the_plain_net_of_the_family() -> None:
    assert metrics(visit("architecture", net="plain34"))["Parameters"] == PLAIN_34


def test_picking_a_depth_writes_the_address() -> None:
    at = change(visit("architecture"), "depth", "resnet101")
    assert at.query_params == {"net": "resnet101"}
    assert metrics(at)["Parameters"] == RESNET_101


def test_picking_a_word_writes_the_address_and_the_default_leaves_it() -> None:
    at = change(visit("architecture", net="resnet34"), "shortcut", "none")
    assert at.query_params == {"net": "resnet34", "shortcut": "none"}
    assert metrics(at)["Parameters"] == PLAIN_34
    change(at, "shortcut", "identity")
    assert at.query_params == {"net": "resnet34"}
    change(at, "depth", "resnet50")
    assert at.query_params == {}


@pytest.mark.parametrize(
    ("kind", "numbers", "said"),
    [
        ("constant_scaling", {"shortcut_scale": 0.5, "residual_scale": 0.5}, "shortcut times 0.5, branch times 0.5"),
        ("exclusive_gating", {"gate_bias": -6.0}, "exclusive gating from -6"),
        ("shortcut_only_gating", {"gate_bias": -6.0}, "shortcut-only gating from -6"),
        ("conv1x1", {}, "1×1 convolution shortcuts"),
        ("dropout", {"dropout": 0.5}, "dropout 0.5 on shortcuts"),
    ],
)
def test_picking_a_kind_of_shortcut_writes_the_address_and_shows_its_numbers(
    kind: str, numbers: dict[str, float], said: str
) -> None:
    at = change(visit("architecture", net="cifar_resnet20", level="block"), "shortcut", kind)
    assert at.query_params == {"net": "cifar_resnet20", "level": "block", "shortcut": kind}
    assert (is_whole(at), warnings(at)) == (True, [])
    assert said in prose(at)
    shown = {str(number.key).removeprefix("widget:"): number.value for number in at.number_input}
    assert {name: shown[name] for name in NUMBERS_OF_SHORTCUTS if name in shown} == numbers
    for name, usual in numbers.items():
        change(at, name, usual + 0.25)
        assert at.query_params[name] == f"{usual + 0.25:g}"
        change(at, name, usual)
        assert name not in at.query_params
    change(at, "shortcut", "identity")
    assert at.query_params == {"net": "cifar_resnet20", "level": "block"}


def test_a_kind_and_its_number_in_the_address_are_shown_and_drawn() -> None:
    at = visit("architecture", net="cifar_resnet20", level="block", shortcut="constant_scaling", shortcut_scale="0.25")
    assert (value(at, "shortcut"), value(at, "shortcut_scale")) == ("constant_scaling", 0.25)
    assert "scale 0.25" in dot(at)


def test_what_is_typed_writes_the_address() -> None:
    at = change(visit("architecture", net="resnet18"), "num_classes", 10)
    change(at, "blocks", "3,4,6,3")
    assert at.query_params == {"net": "resnet18", "num_classes": "10", "blocks": "3,4,6,3"}
    assert metrics(at)["Depth"] == "34"


def test_two_quick_clicks_both_count() -> None:
    at = visit("architecture", net="resnet34")
    before = dict(at.query_params)
    change(at, "shortcut", "none")
    at.query_params = before  # the second click left the browser before the first one's address had reached it
    change(at, "level", "block")
    assert at.query_params == {**before, "shortcut": "none", "level": "block"}
    assert metrics(at)["Parameters"] == PLAIN_34


def test_back_returns_to_the_net_before() -> None:
    at = visit("architecture", net="resnet34")
    before = dict(at.query_params)
    change(at, "shortcut", "none")
    at.query_params = before
    at.run()
    assert at.query_params == before
    assert metrics(at)["Parameters"] == RESNET_34
    change(at, "level", "block")
    assert at.query_params == {**before, "level": "block"}


def test_another_depth_keeps_the_order_and_forgets_the_blocks() -> None:
    at = visit("architecture", net="resnet50", order="full_preact", blocks="1,1,1,1")
    change(at, "depth", "resnet101")
    assert at.query_params == {"net": "resnet101", "order": "full_preact"}
    assert metrics(at)["Depth"] == "101"
    assert "full pre-activation" in prose(at)


def test_another_family_resets_the_fields_and_takes_the_nearest_depth() -> None:
    at = visit("architecture", net="resnet101", order="full_preact", shortcut="none", num_classes="7")
    change(at, "family", "cifar_resnet")
    assert at.query_params == {"net": "cifar_resnet110"}
    assert (value(at, "order"), value(at, "shortcut"), value(at, "num_classes")) == ("original", "identity", 10)


def test_a_depth_that_no_menu_offers_is_offered_too() -> None:
    at = visit("architecture", net="cifar_resnet14")
    assert warnings(at) == []
    assert metrics(at)["Depth"] == "14"
    assert value(at, "depth") == "cifar_resnet14"


def test_the_graph_is_of_the_net_and_at_the_level_of_the_address() -> None:
    blocks = dot(visit("architecture", net="plain18", level="block"))
    layers = dot(visit("architecture", net="plain18", level="layer", part="stage2"))
    assert blocks != layers
    assert "3×3" in layers


def test_the_part_and_the_folding_are_kept_in_the_address() -> None:
    at = visit("architecture", net="resnet34", level="block")
    folded = dot(at)
    change(at, "fold", False)
    assert at.query_params["fold"] == "false"
    assert len(dot(at)) > len(folded)
    change(at, "part", "stage3")
    assert at.query_params == {"net": "resnet34", "level": "block", "fold": "false", "part": "stage3"}


@pytest.mark.parametrize(
    ("name", "query", "told"),
    [
        ("ResNet-50", {}, "ResNet-50 means two nets"),  # the page's own net: the address goes on empty
        ("resnet20", {"net": "cifar_resnet20"}, "option A"),
        ("WRN-34-10", {"net": "wrn_34_10"}, ""),
        (
            "resnet18_cifar",
            {"net": "resnet18", "stem": "cifar", "image_size": "32", "num_classes": "10"},
            "the 3×3 stem",
        ),
    ],
)
def test_an_address_may_come_with_any_name_of_a_net(name: str, query: dict[str, str], told: str) -> None:
    at = visit("architecture", net=name)
    assert is_whole(at)
    assert warnings(at) == []
    assert at.query_params == query
    assert [told in read(note.value) for note in at.info] == ([True] if told else [])
    assert metrics(at)["Parameters"] == f"{count_params(named_net(name)):,}"


def test_the_note_on_a_name_goes_with_the_net_and_its_fields_can_be_changed() -> None:
    at = visit("architecture", net="resnet18_cifar")
    change(at, "stem", "imagenet")
    assert at.query_params == {"net": "resnet18", "image_size": "32", "num_classes": "10"}
    assert len(at.info) == 1
    change(at, "depth", "resnet34")
    assert (at.query_params["net"], len(at.info)) == ("resnet34", 0)


def test_a_second_net_may_come_with_any_name_too() -> None:
    at = visit("architecture", net="resnet34", **{"b.net": "ResNet-50 v1"})
    assert is_whole(at)
    assert at.query_params == {"net": "resnet34", "b.net": "resnet50_v1"}


def test_a_net_outside_of_the_vocabulary_is_told_by_what_it_has() -> None:
    at = visit("architecture", net="resnet50d")
    assert is_whole(at)
    assert ["average pooling in front of its projections" in sentence for sentence in warnings(at)] == [True]


def test_who_counts_what_stands_beside_the_macs() -> None:
    at = visit("architecture", net="resnet50", details="flops")
    text = prose(at)
    for figure in ("4,089,184,256", "8,178,368,512", "4,111,512,576", "4,121,925,096", "3,857,973,248 MACs"):
        assert figure in text
    assert "FLOPs" in next(metric.help for metric in at.metric if metric.label == "MACs")


def test_both_countings_of_a_wide_nets_depth_are_on_the_page() -> None:
    at = visit("architecture", net="wrn_28_10")
    assert "**WRN-28-10** has 26 weighted layers" in prose(at)
    assert "Its paper counts 28" in prose(at)
    assert "Its paper counts 28" in next(metric.help for metric in at.metric if metric.label == "Depth")


def test_a_drawing_too_large_for_a_screen_is_told_and_the_rest_is_there() -> None:
    at = visit("architecture", net="cifar_resnet1202", level="layer", fold="false")
    assert is_whole(at)
    assert len(at.info) == 1
    assert "4,812 boxes" in at.info[0].value
    assert "Fold equal blocks" in at.info[0].value
    assert metrics(at)["Depth"] == "1,202"


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"net": "resnet51"}, "No net is called 'resnet51'. Near to it: "),
        ({"net": "cifar_resnet21"}, "CIFAR depths of this family are 6n + 2 (8, 14, 20, ...); got 21."),
        ({"net": "cifar_resnet999999"}, "CIFAR depths"),
        (
            {"net": "vgg16", "image_size": "16"},
            "An image of 16 px is too small: stage5.pool, a window of 2×2 px, finds",
        ),
        ({"image_size": "480x9999"}, "image_size is a whole number from 1 to 4,096, or height x width of such numbers"),
        ({"image_size": "999999"}, "image_size is a whole number from 1 to "),
        ({"image_size": "9" * 5_000}, "image_size is a whole number, or height x width such as 480x640; got '999"),
        ({"image_size": "٣٢"}, "image_size is a whole number, or height x width such as 480x640; got '٣٢'."),
        ({"image_size": "-1"}, "image_size is a whole number from 1 to "),
        ({"num_classes": "1e3"}, "num_classes is a whole number; got '1e3'."),
        ({"in_channels": ""}, "in_channels is a whole number; got ''."),
        ({"blocks": "10000"}, "blocks "),
        ({"blocks": "10000,1,1,1"}, "blocks is a whole number from 1 to "),
        ({"blocks": "1,2,x,4"}, "blocks is one whole number a stage with commas between"),
        ({"blocks": "," * 100}, "blocks is at most "),
        ({"widths": "512,256,128,64", "dim_match": "zero_pad"}, "Zero padding (option A) can add channels"),
        ({"order": "sideways"}, "order is one of original, "),
        ({"shortcut": "nan"}, "shortcut is one of "),
        ({"shortcut": "dropout", "dropout": "1"}, "dropout is a number from 0 up to but not including 1; got 1."),
        ({"shortcut": "dropout", "dropout": "nan"}, "dropout is a number; got 'nan'."),
        ({"shortcut": "constant_scaling", "residual_scale": "0"}, "residual_scale is a number above 0 and up to 10;"),
        ({"shortcut": "exclusive_gating", "gate_bias": "-300"}, "gate_bias is a number from -20 to 20; got -300."),
        (
            {"shortcut": "exclusive_gating", "dim_match": "projection_everywhere"},
            "Option C (dim_match=projection_every",
        ),
        ({"conv_bias": "perhaps"}, "conv_bias is one of true, false; got 'perhaps'."),
        ({"zero_init_residual": "true", "shortcut": "none"}, "zero_init_residual needs a residual net"),
        ({"level": "attic"}, "level is one of stage, block, layer; got 'attic'."),
        ({"level": "network"}, "level is one of stage, block, layer; got 'network'."),
        ({"color": "mauve"}, "color is one of kind, params, macs, memory, field, gradient; got 'mauve'."),
        ({"level": "block", "part": "stage9"}, "part is one of all, stem, stage1, "),
        ({"level": "block", "fold": "2"}, "fold is one of true, false; got '2'."),
    ],
)
def test_what_makes_no_net_is_told_in_a_sentence_and_the_page_goes_on(query: dict[str, str], told: str) -> None:
    at = visit("architecture", **query)
    assert is_whole(at)
    assert any(sentence.startswith(told) for sentence in warnings(at)), warnings(at)
    assert metrics(at)["Parameters"]
    assert dot(at)


def test_every_wrong_field_gets_its_sentence() -> None:
    at = visit("architecture", net="nothing", order="sideways", blocks="x", level="attic")
    assert len(warnings(at)) == 4
    assert metrics(at)["Parameters"] == RESNET_50


def test_one_wrong_value_of_an_address_leaves_the_others_in_force() -> None:
    at = visit("architecture", net="resnet18", image_size="0", in_channels="1", num_classes="10")
    assert len(warnings(at)) == 1
    assert warnings(at)[0].endswith("got 0. Shown without image_size=0.")
    assert metrics(at)["Parameters"] == "11,175,370"  # 11,689,512 - 2 * 3,136 of the stem - 990 * 513 of the fc
    assert value(at, "image_size") == "0"


def test_an_image_of_any_height_and_width_is_typed_into_one_field() -> None:
    at = change(visit("architecture", net="resnet50"), "image_size", "480 × 640")
    assert (warnings(at), at.query_params) == ([], {"net": "resnet50", "image_size": "480x640"})
    assert value(at, "image_size") == "480x640"
    assert "2048×15×20" in dot(at)
    change(at, "image_size", "224,224")
    assert (warnings(at), at.query_params) == ([], {"net": "resnet50"})


def test_bad_input_keeps_the_last_good_net() -> None:
    at = visit("architecture", net="resnet18")
    change(at, "blocks", "2,2,2")
    assert any("blocks and widths name the same stages" in sentence for sentence in warnings(at))
    assert metrics(at)["Parameters"] == RESNET_18
    assert value(at, "blocks") == "2,2,2"  # what was typed is there to be mended
    change(at, "blocks", "2,2,2,2")
    assert (warnings(at), at.query_params) == ([], {"net": "resnet18"})


def test_of_a_parameter_given_twice_the_last_counts() -> None:
    at = visit("architecture", net=["resnet18", "resnet34"])
    assert metrics(at)["Parameters"] == RESNET_34


def test_the_code_of_the_net_on_the_screen_can_be_taken_home() -> None:
    at = visit("architecture", net="resnet18", details="code")
    assert f"{RESNET_18} parameters" in at.code[0].value
    change(at, "details", "layer")
    assert not at.code
    assert at.query_params["details"] == "layer"


@pytest.mark.parametrize(
    ("net", "params"),
    [
        ("vgg16", "138,357,544"),  # torchvision 0.29.2
        ("vgg16_bn", "138,365,992"),  # torchvision 0.29.2
        ("vgg19", "143,667,240"),  # torchvision 0.29.2
        ("vgg19_bn", "143,678,248"),  # torchvision 0.29.2
    ],
)
def test_a_vgg_net_is_shown_without_the_controls_of_residual_nets(net: str, params: str) -> None:
    at = visit("architecture", net=net, details="code", level="block")
    assert (warnings(at), is_whole(at)) == ([], True)
    assert metrics(at)["Parameters"] == params
    assert (value(at, "family"), value(at, "depth")) == ("vgg", net)
    assert f"{params} parameters" in at.code[0].value
    assert "max pool" in dot(at)
    for name in ("blocks", "widths", "norm", "conv_bias", "hidden_features", "image_size"):
        value(at, name)  # opens the drawer
    for name in ("shortcut", "dim_match", "block", "order", "stride_on", "stem", "zero_init_residual", "cardinality"):
        with pytest.raises(KeyError):
            at.get_by_key(f"widget:{name}")


def test_picking_vgg_and_its_norm_writes_the_address() -> None:
    at = change(visit("architecture", net="resnet34", shortcut="none"), "family", "vgg")
    assert at.query_params == {"net": "vgg19"}  # the nearest in depth
    change(at, "norm", "batch")
    assert metrics(at)["Parameters"] == "143,678,248"  # torchvision 0.29.2, vgg19_bn
    change(at, "hidden_features", 512)
    change(at, "depth", "vgg16")
    assert at.query_params == {"net": "vgg16", "norm": "batch", "hidden_features": "512"}
    change(at, "family", "resnet")
    assert at.query_params == {"net": "resnet18"}
    assert warnings(at) == []


def test_a_field_that_a_kind_lacks_is_told_and_the_net_is_shown_without_it() -> None:
    at = visit("architecture", net="vgg16", order="full_preact")
    assert "vgg16 has no field 'order'; its fields are " in warnings(at)[0].replace("\\", "")
    assert metrics(at)["Parameters"] == "138,357,544"  # torchvision 0.29.2
    change(at, "depth", "vgg19")
    assert metrics(at)["Parameters"] == "143,667,240"  # torchvision 0.29.2
    at = visit("architecture", net="resnet18", hidden_features="9")
    assert "resnet18 has no field 'hidden_features'" in warnings(at)[0].replace("\\", "")
    assert metrics(at)["Parameters"] == RESNET_18


def test_groups_on_basic_blocks_are_refused_and_the_page_stays() -> None:
    at = visit("architecture", net="resnet18", cardinality="2")
    assert "groups need block=bottleneck" in warnings(at)[0].replace("\\", "")
    assert metrics(at)["Parameters"] == RESNET_18
