"""Nets that are none of ours are recognised by their keys. Key lists of timm and torchvision are real."""

import json
from typing import Any

import pytest

from resnet_viz.errors import SpecError
from resnet_viz.resources import ROOT
from resnet_viz.spec.titles import title
from resnet_viz.weights import outside
from resnet_viz.weights.identify import identify_weights
from resnet_viz.weights.outside import FAMILIES, PARTS, recognise_family, recognise_parts
from resnet_viz.weights.text import head_message, messages, what_differs

FOREIGN = json.loads((ROOT / "tests" / "weights" / "foreign_shapes.json").read_text("utf-8"))
NORM = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")


def shapes_of(library: str, name: str) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for layer, tensors in FOREIGN[library][name].items():
        for tensor, sides in _tensors(tensors).items():
            found[f"{layer}.{tensor}".removeprefix(".")] = tuple(int(side) for side in sides.split("x") if side)
    return found


def _tensors(packed: Any) -> dict[str, str]:
    if isinstance(packed, dict):
        return packed
    return dict.fromkeys(NORM[:-1], packed.removeprefix("bn ")) | {NORM[-1]: ""}


@pytest.mark.parametrize(
    ("library", "name", "known"),
    [
        ("timm", "resnet18", "ResNet-18"),
        ("timm", "resnet26", "ResNet-26"),
        ("timm", "resnetblur18", "ResNet-18"),
        ("torchvision", "resnet18", "ResNet-18"),
        ("torchvision", "vgg11", "VGG-11"),
        ("timm", "vgg11_bn", "VGG-11, batch norm"),
    ],
)
def test_nets_of_ours_under_real_keys_are_known(library: str, name: str, known: str) -> None:
    found = identify_weights(shapes_of(library, name))
    assert title(found.spec) == known
    assert (found.missing, found.extra, found.spec.num_classes) == ((), (), 1000)


def test_a_net_of_blurred_pools_is_told_apart_by_words_alone() -> None:
    assert shapes_of("timm", "resnetblur18") == shapes_of("timm", "resnet18")
    assert any("BlurPool" in message for message in messages(identify_weights(shapes_of("timm", "resnetblur18"))))


def test_a_segmentation_net_shows_its_backbone() -> None:
    found = identify_weights(shapes_of("torchvision", "fcn_resnet50"))
    assert title(found.spec) == "ResNet-50"
    assert not found.has_head
    assert found.prefix == "backbone."
    assert found.extra[0] == "classifier.0.weight"
    (told,) = (message for message in messages(found) if "backbone of" in message)
    assert "ResNet-50 is the backbone of a fully convolutional segmentation net (FCN)" in told
    assert "other 8 tensors, among them 'classifier.4.weight'" in told
    assert "dilated_stages=3,4" in told


BACKBONE = {
    key.removeprefix("backbone."): shape
    for key, shape in shapes_of("torchvision", "fcn_resnet50").items()
    if key.startswith("backbone.")
}


def backbone(prefix: str) -> dict[str, tuple[int, ...]]:
    return {f"{prefix}{key}": shape for key, shape in BACKBONE.items()}


@pytest.mark.parametrize(
    ("prefix", "around", "what"),
    [
        # torchvision segmentation/deeplabv3.py
        ("backbone.", {"classifier.0.convs.0.0.weight": (256, 2048, 1, 1), "classifier.4.weight": (21, 256, 1, 1)},
         "atrous pyramid pooling (DeepLab)"),
        # VainF/DeepLabV3Plus-Pytorch network/_deeplab.py
        ("backbone.", {"classifier.aspp.convs.0.0.weight": (256, 2048, 1, 1), "classifier.project.1.bias": (48,)},
         "atrous pyramid pooling (DeepLab)"),
        # qubvel/segmentation_models.pytorch decoders/unet, fpn, deeplabv3
        ("encoder.", {"decoder.blocks.0.conv1.0.weight": (256, 3072, 3, 3), "segmentation_head.0.bias": (1,)},
         "a segmentation net."),
        ("encoder.", {"decoder.p5.weight": (256, 2048, 1, 1), "segmentation_head.0.weight": (1, 128, 1, 1)},
         "a segmentation net."),
        ("encoder.", {"decoder.0.convs.0.0.weight": (256, 2048, 1, 1)}, "atrous pyramid pooling (DeepLab)"),
        # open-mmlab/mmsegmentation
        ("backbone.", {"decode_head.conv_seg.weight": (19, 512, 1, 1)}, "a segmentation net."),
        # torchvision detection/faster_rcnn.py, retinanet.py
        ("backbone.body.", {"backbone.fpn.inner_blocks.0.0.bias": (256,), "rpn.head.conv.0.0.weight": (256, 256, 3, 3),
                            "roi_heads.box_head.fc6.weight": (1024, 12544)}, "a detector."),
        ("backbone.body.", {"head.classification_head.cls_logits.weight": (819, 256, 3, 3)}, "a detector."),
        # open-mmlab/mmdetection
        ("backbone.", {"neck.lateral_convs.0.conv.weight": (256, 256, 1, 1)}, "a detector."),
        # facebookresearch/detr models/detr.py
        ("backbone.0.body.", {"class_embed.weight": (92, 256), "query_embed.weight": (100, 256)}, "(DETR)."),
        # microsoft/human-pose-estimation.pytorch lib/models/pose_resnet.py
        ("", {"deconv_layers.0.weight": (2048, 256, 4, 4), "final_layer.weight": (17, 256, 1, 1)}, "a decoder"),
    ],
)  # fmt: skip
def test_what_is_around_a_backbone_is_named(prefix: str, around: dict[str, tuple[int, ...]], what: str) -> None:
    found = identify_weights({**backbone(prefix), **around})
    assert (title(found.spec), found.has_head, found.prefix) == ("ResNet-50", False, prefix)
    told = list(what_differs(found))
    assert what in told[0]
    assert told[0].startswith("In this file ResNet-50 is the backbone of ")
    others = "One other tensor, '" if len(around) == 1 else f"The other {len(around)} tensors, among them '"
    assert others in told[0]
    assert told[1:] == ["Its parameters are counted with a head of 1,000 classes."]
    assert head_message(found.spec, found.other_head, found.extra) == told[0]


@pytest.mark.parametrize(
    "around",
    [
        {"projector.0.weight": (2048, 2048), "projector.2.weight": (128, 2048)},  # self-supervised
        {"classifier.0.weight": (512, 2048), "classifier.1.running_mean": (512,), "classifier.4.weight": (10, 512)},
        {"queue": (128, 4096)},
        {},
    ],
)
def test_another_head_is_no_larger_net(around: dict[str, tuple[int, ...]]) -> None:
    assert not [said for said in messages(identify_weights({**backbone("encoder."), **around})) if "backbone" in said]


def test_a_whole_net_in_a_larger_one_is_told_with_its_head() -> None:
    whole = {f"encoder.{key}": shape for key, shape in shapes_of("torchvision", "resnet18").items()}
    found = identify_weights(
        {**whole, "decoder.blocks.0.conv1.0.weight": (256, 768, 3, 3), "classifier.4.weight": (9, 9)}
    )
    assert found.has_head
    assert list(what_differs(found)) == [
        "In this file ResNet-18 is the backbone of a segmentation net. The other 2 tensors, among them "
        "'decoder.blocks.0.conv1.0.weight', are of layers that are not described here."
    ]


@pytest.mark.parametrize(
    ("library", "name", "words"),
    [
        ("timm", "resnet10t", ["ResNet-10", "deep stem", "'conv1.3.weight', 32×24×3×3", "average pooling"]),
        ("timm", "resnet14t", ["ResNet-14", "deep stem", "average pooling"]),
        ("timm", "resnet18d", ["ResNet-18", "deep stem", "average pooling"]),
        ("timm", "resnet50d", ["ResNet-50", "deep stem", "'layer1.0.downsample.1.weight', 256×64×1×1"]),
        ("timm", "resnet50c", ["ResNet-50", "deep stem"]),
        ("timm", "resnet26t", ["ResNet-26", "deep stem"]),
        ("timm", "resnetrs50", ["ResNet-50", "deep stem", "ResNet-RS", "squeeze-and-excitation", "'maxpool.0.weight'"]),
        ("timm", "resnet50_gn", ["ResNet-50", "without running statistics: group", "'bn1.weight'"]),
        ("timm", "seresnet18", ["ResNet-18", "squeeze-and-excitation", "'layer1.0.se.fc1.weight', 8×64×1×1"]),
        ("timm", "ecaresnet26t", ["ResNet-26", "efficient channel attention", "1×1×5"]),
        ("timm", "res2net50_26w_4s", ["Res2Net", "'layer1.0.convs.0.weight'"]),
        ("timm", "resnest14d", ["ResNeSt"]),
        ("timm", "skresnet18", ["selective kernel"]),
        ("timm", "densenet121", ["DenseNet", "denseblock1"]),
        ("timm", "vit_tiny_patch16_224", ["vision transformer", "'cls_token', 1×1×192"]),
        ("timm", "convnext_atto", ["ConvNeXt"]),
        ("timm", "regnetx_002", ["RegNet"]),
        ("timm", "mobilenetv2_050", ["MobileNet"]),
        ("timm", "efficientnet_b0", ["EfficientNet"]),
        ("timm", "resnetv2_50", ["ResNetV2"]),
        ("timm", "nf_resnet50", ["standardised weights"]),
        ("torchvision", "mobilenet_v2", ["MobileNet"]),
        ("torchvision", "regnet_x_400mf", ["RegNet"]),
        ("torchvision", "vit_b_16", ["vision transformer"]),
        ("torchvision", "shufflenet_v2_x0_5", ["ShuffleNet"]),
        ("torchvision", "squeezenet1_0", ["SqueezeNet"]),
    ],
)
def test_a_net_of_another_build_is_named_with_the_key_that_shows_it(library: str, name: str, words: list[str]) -> None:
    with pytest.raises(SpecError) as refused:
        identify_weights(shapes_of(library, name))
    assert [word for word in words if word not in str(refused.value)] == []


@pytest.mark.parametrize(
    ("key", "shape", "words"),
    [
        ("layer1.0.se_module.fc1.weight", (4, 64, 1, 1), "squeeze-and-excitation"),
        ("layer1.0.cbam.ChannelGate.mlp.1.weight", (4, 64), "CBAM"),
        ("layer1.0.bn1.IN.weight", (32,), "instance norms"),
        ("layer1.0.gamma", (64,), "learnt factor"),
        ("layer1.0.relu1.weight", (1,), "PReLU"),
        ("layer1.0.conv1.weight_mask", (64, 64, 3, 3), "pruned"),
        ("layer1.0.conv1.weight_g", (64, 1, 1, 1), "parametrisation"),
        ("layer2.0.downsample.0.filt", (64, 1, 3, 3), "BlurPool"),
        ("layer1.0.conv2_offset.weight", (18, 64, 3, 3), "deformable"),
        ("layer1.0.conv1.lora_A", (4, 64), "LoRA"),
        ("layer1.0.conv1.activation_post_process.zero_point", (1,), "quantised"),
        ("attnpool.q_proj.weight", (512, 512), "attention in place of the mean"),
    ],
)
def test_a_part_that_nets_here_have_not_is_named(key: str, shape: tuple[int, ...], words: str) -> None:
    with pytest.raises(SpecError, match=words) as refused:
        identify_weights({**shapes_of("torchvision", "resnet18"), key: shape})
    assert repr(key)[:40] in str(refused.value)


def test_channel_attention_of_one_kind_is_not_told_as_another() -> None:
    with pytest.raises(SpecError, match="channel attention") as refused:
        identify_weights(shapes_of("timm", "ecaresnet26t"))
    assert "squeeze-and-excitation" not in str(refused.value)


def test_the_visual_part_of_clip_is_named_with_its_own_keys() -> None:
    resnet = shapes_of("torchvision", "resnet18")
    clip = {f"visual.{key}": shape for key, shape in resnet.items() if not key.startswith(("conv1", "fc."))}
    stem = {"conv1": (32, 3, 3, 3), "conv2": (32, 32, 3, 3), "conv3": (64, 32, 3, 3)}
    clip |= {f"visual.{key}.weight": shape for key, shape in stem.items()} | {"visual.attnpool.q_proj.weight": (8, 8)}
    with pytest.raises(SpecError) as refused:
        identify_weights({**clip, "transformer.resblocks.0.attn.in_proj_weight": (9, 3)})
    assert "ResNet-18 with a deep stem" in str(refused.value)
    assert "'visual.conv2.weight', 32×32×3×3" in str(refused.value)
    assert "attention in place of the mean" in str(refused.value)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (["res_conv1_bn_s", "res2_0_branch2a_w"], "Caffe2"),
        (["conv1/kernel:0", "conv1/bias:0"], "TensorFlow"),
        (["conv1._conv.weight", "conv1._batch_norm._mean"], "PaddlePaddle"),
        (["resnetv10_conv0_weight", "resnetv10_batchnorm0_gamma"], "MXNet"),
        (["params.conv1.kernel"], "Flax"),
        (["model.layers.0.self_attn.q_proj.weight", "model.embed_tokens.weight"], "language model"),
        (["lstm.weight_ih_l0"], "recurrent"),
        (["state.0.exp_avg"], "optimiser"),
        (["down_blocks.0.resnets.0.conv1.weight"], "diffusion"),
        (["model.0.conv.weight", "model.2.cv1.conv.weight"], "YOLO"),
        (["rpn.head.cls_logits.weight"], "detector"),
        (["inc.double_conv.0.weight", "up1.conv.double_conv.0.weight"], "segmentation"),
    ],
)
def test_files_of_something_else_are_named(keys: list[str], words: str) -> None:
    with pytest.raises(SpecError, match=words):
        identify_weights(dict.fromkeys(keys, (4, 4)))


def test_what_lies_outside_of_the_net_is_no_sign_of_its_kind() -> None:
    detector = {f"backbone.body.{key}": shape for key, shape in shapes_of("torchvision", "resnet18").items()}
    found = identify_weights(
        {**detector, "rpn.head.conv.weight": (256, 256, 3, 3), "backbone.fpn.a.weight": (256, 512, 1, 1)}
    )
    assert title(found.spec) == "ResNet-18"
    assert found.extra == ("rpn.head.conv.weight", "backbone.fpn.a.weight")


@pytest.mark.parametrize("library", ["timm", "torchvision"])
@pytest.mark.parametrize("name", ["resnet18"])
def test_nets_of_ours_show_no_sign(library: str, name: str) -> None:
    shapes = shapes_of(library, name)
    assert recognise_family(shapes) is None
    assert recognise_parts(shapes) == ()


def test_each_sign_has_a_source() -> None:
    assert all(sign.source and sign.meaning for sign in (*FAMILIES, *PARTS))
    assert outside.shape_text((64, 3)) == "64×3"
