"""Names as people write them: each leads to one net, to several with a note, or to a reason."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnet_viz import preset as public_preset
from resnet_viz.errors import SpecError
from resnet_viz.spec import codec
from resnet_viz.spec.enums import Order, Stem, StrideOn
from resnet_viz.spec.outside_names import OUTSIDE_NAMES
from resnet_viz.spec.presets import FAMILIES, preset, preset_names
from resnet_viz.spec.resolve import meanings, named_net, named_residual_net, resolve

FOR_CIFAR = {"stem": Stem.CIFAR, "image_size": 32, "num_classes": 10}


@pytest.mark.parametrize(
    ("name", "net", "changes"),
    [
        ("ResNet-50", "resnet50", {}),
        ("ResNet_50", "resnet50", {}),
        ("RESNET50", "resnet50", {}),
        (" resnet 50 ", "resnet50", {}),
        ("Residual Network 50", "resnet50", {}),
        ("microsoft/resnet-50", "resnet50", {}),  # Hugging Face
        ("timm/resnet50.a1_in1k", "resnet50", {}),
        ("resnet50.tv2_in1k", "resnet50", {}),
        ("resnet50.ram_in1k", "resnet50", {}),
        ("resnet18.fb_swsl_ig1b_ft_in1k", "resnet18", {}),
        ("torchvision.models.resnet50", "resnet50", {}),
        ("ResNet50_Weights.IMAGENET1K_V2", "resnet50", {}),
        ("keras.applications.ResNet50", "resnet50", {}),
        ("tf.keras.applications.resnet_v2.ResNet50V2", "preact_resnet50", {}),
        ("resnet50 v1.5", "resnet50", {}),
        ("resnet50_v1b", "resnet50", {}),  # GluonCV
        ("ResNet-50 v1", "resnet50_v1", {}),
        ("resnet_v1_50", "resnet50_v1", {}),  # TF-Slim's spelling
        ("resnet18 v1.5", "resnet18", {}),
        ("resnet200 v1", "resnet200", {"stride_on": StrideOn.FIRST_1X1}),
        ("resnetv2_50", "preact_resnet50", {}),  # timm
        ("ResNet50V2", "preact_resnet50", {}),  # Keras
        ("resnet_v2_101", "preact_resnet101", {}),
        ("PreActResNet18", "preact_resnet18", {}),  # kuangliu/pytorch-cifar
        ("resnet18_cifar", "resnet18", FOR_CIFAR),
        ("cifar_resnet18", "resnet18", FOR_CIFAR),
        ("ResNet-34 (CIFAR-100)", "resnet34", {**FOR_CIFAR, "num_classes": 100}),
        ("resnet10", "resnet18", {"blocks": (1, 1, 1, 1)}),
        ("microsoft/resnet-26", "resnet50", {"blocks": (2, 2, 2, 2)}),
        ("resnet26.bt_in1k", "resnet50", {"blocks": (2, 2, 2, 2)}),  # timm
        ("resnet20", "cifar_resnet20", {}),  # akamaster/pytorch_resnet_cifar10
        ("resnet32", "cifar_resnet32", {}),
        ("resnet56", "cifar_resnet56", {}),
        ("resnet110", "cifar_resnet110", {}),
        ("ResNet-1202", "cifar_resnet1202", {}),
        ("resnet38", "cifar_resnet38", {}),  # 6 * 6 + 2, in no paper
        ("resnet164", "cifar_bottleneck164", {}),
        ("resnet1001", "cifar_bottleneck1001", {}),
        ("resnet47", "cifar_bottleneck47", {}),  # 9 * 5 + 2, no 6n + 2
        ("preact resnet-164", "cifar_preact_bottleneck164", {}),
        ("preresnet110", "cifar_preact_resnet110", {}),
        ("resnet56_cifar100", "cifar_resnet56", {"num_classes": 100}),
        ("plain-34", "plain34", {}),
        ("plain 56", "cifar_plain56", {}),
        ("WRN-34-10", "wrn_34_10", {}),
        ("WRN-28-2", "wrn_28_2", {}),
        ("wrn28x10", "wrn_28_10", {}),
        ("WideResNet-40-4", "wrn_40_4", {}),
        ("Wide ResNet-50-2", "wide_resnet50_2", {}),
        ("wide_resnet101_3", "resnet101", {"width_per_group": 192}),
        ("ResNeXt50", "resnext50_32x4d", {}),
        ("ResNeXt-29 8x64d", "resnext29_8x64d", {}),
        ("resnext29_4x64d", "resnext29_8x64d", {"cardinality": 4, "width_per_group": 64}),
        ("resnext101_32x4d", "resnet101", {"cardinality": 32, "width_per_group": 4}),
        ("VGG16", "vgg16", {}),
        ("vgg-16-bn", "vgg16_bn", {}),
        ("VGG-19 (batch norm)", "vgg19_bn", {}),
        ("vgg_d", "vgg16", {}),  # Simonyan and Zisserman 2014, table 1
        ("d2l ResNet-18", "d2l_resnet18", {}),
    ],
)
def test_a_name_leads_to_its_net_in_every_entrance(name: str, net: str, changes: dict[str, Any]) -> None:
    expected = preset(net, **changes)
    found = resolve(name)
    assert (found.preset, found.spec()) == (net, expected)
    assert codec.from_query({"net": name}, default="resnet18") == expected
    assert public_preset(name) == expected
    assert named_net(name, in_channels=1) == expected.replace(in_channels=1)


@pytest.mark.parametrize("name", preset_names())
def test_a_presets_own_name_is_itself_without_a_note(name: str) -> None:
    assert meanings(name) == ((name, (), ""),)
    assert codec.to_query(preset(name))["net"] == name  # what addresses write


@settings(deadline=None)
@given(st.sampled_from(sorted(FAMILIES)), st.integers(1, 150))
def test_every_member_of_a_family_is_known_by_its_own_name(family: str, n: int) -> None:
    name = f"{family}{FAMILIES[family].layers_per_n * n + 2}"
    assert resolve(name).preset == name


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(2, 16))
def test_every_wide_net_is_known_as_its_paper_writes_it(n: int, k: int) -> None:
    assert resolve(f"WRN-{6 * n + 4}-{k}").preset == f"wrn_{6 * n + 4}_{k}"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("ResNet-50", "resnet50_v1 on its first 1×1"),
        ("resnet18 v1.5", "basic blocks"),
        ("resnet20", "option A"),
        ("resnet164", "cifar_preact_bottleneck164"),
        ("resnetv2_50", "timm and Keras"),
        ("resnet26", "resnet50 with blocks=2,2,2,2"),  # timm
        ("ResNet56v2", "cifar_preact_bottleneck56"),  # Keras's example
        ("ResNeXt50", "32×4d"),
        ("resnet18_cifar", "3×3 stem"),
    ],
)
def test_what_was_chosen_is_noted(name: str, told: str) -> None:
    assert told in resolve(name).note


@pytest.mark.parametrize("name", ["resnet50 v1.5", "ResNet-50 v1", "WRN-28-10", "VGG16", "plain-34"])
def test_a_name_with_one_meaning_has_no_note(name: str) -> None:
    assert [each.note for each in meanings(name)] == [""]


def test_a_name_with_two_meanings_gives_the_usual_one_first() -> None:
    assert [each.preset for each in meanings("ResNet-101")] == ["resnet101", "resnet101_v1"]


def test_the_block_order_of_version_2_is_pre_activation() -> None:
    assert named_residual_net("resnetv2_50").order is Order.FULL_PREACT


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("resnet57", "Near to it: cifar_resnet56, cifar_bottleneck56, cifar_resnet62"),
        ("resnet57", "18, 34, 50, 101, 152 or 200"),
        ("resnet57", "6n + 2 (50, 56, 62)"),
        ("ResNet-51", "9n + 2 (38, 47, 56)"),
        ("cifar_resnet57", "6n + 2 (8, 14, 20, ...); got 57. Near to it: 56, 62."),
        ("WRN-17-2", "6n + 4 (10, 16, 22, 28, ...); got 17"),
        ("WRN-28-100", "width_per_group"),
        ("vgg17", "Near to it: vgg"),
        ("resnet", "Near to it: resnet"),
        ("", "No net is called ''"),
        ("\0\N{SNOWMAN}" * 100, "No net is called"),
        ("resnet" + "9" * 5_000, "Near to it"),
        ("50", "No net is called '50'"),
        ("resnet50.onnx", "No net is called 'resnet50.onnx'"),
    ],
)
def test_an_illegal_depth_or_an_unknown_name_is_refused_with_legal_ones(name: str, told: str) -> None:
    with pytest.raises(SpecError) as refusal:
        resolve(name)
    assert told in str(refusal.value)
    assert len(str(refusal.value)) < 400


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("resnet50d", "average pooling in front of its projections"),
        ("ResNet-50-D", "average pooling in front of its projections"),
        ("timm/resnet50d.ra2_in1k", "average pooling in front of its projections"),
        ("resnet50_v1d", "deep stem"),
        ("resnetv2_50d", "deep stem"),
        ("resnet50c", "deep stem"),
        ("resnet50t", "deep stem"),
        ("resnet26t", "deep stem"),
        ("seresnet50", "squeeze-and-excitation"),
        ("se_resnet50", "squeeze-and-excitation"),
        ("seresnext50_32x4d", "Near to it: resnext50_32x4d"),
        ("ecaresnet50d", "attention over channels"),
        ("resnest50", "split attention"),
        ("resnetrs50", "squeeze-and-excitation, a deep stem"),
        ("resnet50_gn", "normalisation"),
        ("resnetblur18", "blurred pooling"),
        ("resnetv2_50x1_bit", "weight standardisation"),
        ("res2net50", "within a block"),
        ("RN50", "attention pooling"),
        ("densenet121", "concatenation"),
        ("inception_v3", "parallel convolutions"),
        ("googlenet", "parallel convolutions"),
        ("efficientnet_b0", "depthwise"),
        ("mobilenet_v2", "depthwise"),
        ("vit_b_16", "attention"),
        ("ViT-B/16", "attention"),
        ("facebook/ViT-L/32", "attention"),
        ("resnet50_ibn_a", "instance normalisation"),
        ("ResNet18-IBN-b", "instance normalisation"),
        ("ResNet-50-FPN", "heads for other tasks"),
        ("convnext_tiny", "depthwise"),
        ("regnety_400mf", "design space"),
        ("alexnet", "neither"),
        ("highway", "gates"),
        ("shufflenet_v2_x1_0", "shuffled"),
    ],
)
def test_a_known_net_outside_of_the_vocabulary_is_told_by_what_it_has(name: str, told: str) -> None:
    with pytest.raises(SpecError, match="outside the vocabulary") as refusal:
        resolve(name)
    assert told in str(refusal.value)
    assert repr(name) in str(refusal.value)


def test_no_preset_is_taken_for_a_net_outside() -> None:
    assert OUTSIDE_NAMES
    for name in preset_names():
        assert resolve(name.upper().replace("_", "-")).preset


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_a_net_or_refused(text: str) -> None:
    try:
        found = meanings(text)
    except SpecError:
        found = ()
    assert all(each.spec() for each in found)
