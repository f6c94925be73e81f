"""Nets that are no nets of this program, recognised by the keys of their weights. A table, each row with its source."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from resnet_viz.i18n import N_, _
from resnet_viz.plan.ops import Shape
from resnet_viz.weights.prefixes import LONGEST_KEY

LONGEST_QUOTED: Final = 60  # characters of a foreign key
_MOST_SIDES: Final = 8


class Sign(NamedTuple):
    """Sign of a kind of net: a key of its weights.

    Attributes:
        pattern: regular expression that is searched in a key.
        meaning: what has such a key, as part of a message.
        source: code in which these names are in use.
        num_sides: of the tensor's shape; None for any.
        note: further message on such a net; "" for most.
    """

    pattern: str
    meaning: str
    source: str
    num_sides: int | None = None
    note: str = ""


class Surroundings(NamedTuple):
    """Net around one of this program: what it is, the key that shows it, and a further message on it or ""."""

    meaning: str
    key: str
    note: str


class Evidence(NamedTuple):
    """Tensor that shows a kind of net: the meaning of its sign, its key and its shape."""

    meaning: str
    key: str
    shape: Shape


FAMILIES: Final = (  # nets of another build; the first sign that is found counts
    Sign(r"lora_(A|B|up|down)\b|\bhada_w", N_("low-rank additions to another net (LoRA)"), "microsoft/LoRA; peft"),
    Sign(
        r"_packed_params|\bzero_points?$|fake_quant|activation_post_process|\bw_zero_point",
        N_("a quantised net"),
        "torch.ao.quantization",
    ),
    Sign(r"(^|\.)(exp_avg|exp_avg_sq|momentum_buffer|square_avg)$", N_("the state of an optimiser"), "torch.optim"),
    Sign(r"(^|[./])kernel(:0)?$|/gamma(:0)?$", N_("a net of TensorFlow or Flax"), "tensorflow; google/flax"),
    Sign(r"\._mean$|\._variance$|_batch_norm\.", N_("a net of PaddlePaddle"), "PaddlePaddle/PaddleClas"),
    Sign(r"_(gamma|beta|moving_mean|running_mean)$", N_("a net of MXNet"), "apache/mxnet gluon model_zoo"),
    Sign(
        r"\.conv_kxk\.|\.conv1_1x1\.|\.conv1_kxk\.|conv_exp\.|conv_down\.",
        N_("a net of other blocks (CSPNet, DarkNet, RepVGG, timm's byobnet)"),
        "timm byobnet.py",
    ),
    Sign(r"down_blocks\.[0-9]+\.|\btime_embed", N_("a diffusion model"), "huggingface/diffusers"),
    Sign(
        r"relative_position_bias_table",
        N_("a transformer with relative positions (Swin, MaxViT)"),
        "microsoft/Swin-Transformer; timm; torchvision",
    ),
    Sign(
        r"(^|\.)(cls_token|class_token|class_embedding)$|patch_embed(dings)?\.|(^|\.)conv_proj\.|in_proj_weight"
        r"|(^|\.)pos_embed(ding)?$",
        N_("a vision transformer"),
        "timm vision_transformer.py; torchvision vision_transformer.py; huggingface/transformers vit",
    ),
    Sign(r"mlp_tokens\.", N_("an MLP-Mixer"), "timm mlp_mixer.py"),
    Sign(
        r"embed_tokens|word_embeddings|(^|\.)wte\.|layers\.[0-9]+\.self_attn\.|attention\.self\.",
        N_("a language model"),
        "huggingface/transformers",
    ),
    Sign(r"weight_(ih|hh)_l[0-9]", N_("a recurrent net"), "torch.nn.LSTM"),
    Sign(r"denseblock[0-9]|denselayer[0-9]", N_("a DenseNet"), "torchvision densenet.py; timm densenet.py"),
    Sign(
        r"stages\.[0-9]+\.(blocks\.)?[0-9]+\.(gamma|dwconv|conv_dw)|layer_scale(_parameter)?$",
        N_("a net of ConvNeXt's blocks"),
        "facebookresearch/ConvNeXt; timm convnext.py; torchvision convnext.py",
    ),
    Sign(
        r"(^|\.)s[1-4]\.b[0-9]+\.|trunk_output\.block[0-9]",
        N_("a RegNet"),
        "timm regnet.py; torchvision regnet.py",
    ),
    Sign(r"\.conv2\.(radix|bn0|fc1)\.", N_("a ResNeSt (split attention)"), "zhanghang1989/ResNeSt; timm resnest.py"),
    Sign(
        r"\.convs\.[0-9]+\.weight|\.bns\.[0-9]+\.", N_("a Res2Net"), "Res2Net/Res2Net-PretrainedModels; timm res2net.py"
    ),
    Sign(
        r"\.paths\.[0-9]+\.|fc_select|\.sk\.",
        N_("a selective kernel net (SKNet)"),
        "timm sknet.py",
    ),
    Sign(
        r"stages\.[0-9]+\.blocks\.[0-9]+\.norm1\.weight",
        N_("a pre-activation net of timm (ResNetV2, BiT), whose stem differs"),
        "timm resnetv2.py",
    ),
    Sign(r"block[1-4]\.unit[0-9]{2}\.", N_("a BiT net"), "google-research/big_transfer"),
    Sign(
        r"(^|\.)(transition[123]|stage[234]\.[0-9]+\.branches)\.|fuse_layers",
        N_("an HRNet"),
        "HRNet/HRNet-Image-Classification; timm hrnet.py",
    ),
    Sign(
        r"conv_dw\b|conv_pwl?\b|_depthwise_conv|_expand_conv|conv_stem|features\.[0-9]+\.conv\.0\.0\."
        r"|features\.[0-9]+(\.[0-9]+)?\.block\.0\.0\.|(^|\.)ghost[12]\.",
        N_("a net of depthwise convolutions (MobileNet, EfficientNet)"),
        "timm _efficientnet_blocks.py; torchvision mobilenetv2.py, mobilenetv3.py, efficientnet.py",
    ),
    Sign(r"(^|\.)stage[234]\.[0-9]+\.branch[12]\.", N_("a ShuffleNet"), "torchvision shufflenetv2.py"),
    Sign(r"features\.[0-9]+\.squeeze\.", N_("a SqueezeNet"), "torchvision squeezenet.py"),
    Sign(
        r"Conv2d_1a_3x3|inception[3-5][a-e]|Mixed_[5-7][a-e]",
        N_("an Inception net"),
        "torchvision inception.py, googlenet.py",
    ),
    Sign(r"(^|\.)model\.[0-9]+\.(cv[0-9]|m\.[0-9])", N_("a YOLO detector"), "ultralytics/ultralytics"),
    Sign(r"(^|\.)base_layer\.|(^|\.)level[0-9]\.tree", N_("a DLA"), "ucbdrive/dla; timm dla.py"),
    Sign(
        r"(^|\.)(rpn|roi_heads|fpn|bbox_head|neck|proposal_generator)\.",
        N_("a detector"),
        "torchvision detection; open-mmlab/mmdetection; facebookresearch/detectron2",
    ),
    Sign(
        r"(^|\.)(decoder|segmentation_head|up[1-4]|aux_classifier)\.",
        N_("a segmentation net"),
        "qubvel/segmentation_models.pytorch; milesial/Pytorch-UNet",
    ),
    Sign(r"", N_("a net of 3-D convolutions, as for video"), "torchvision video/resnet.py", num_sides=5),
)
DEEP_STEM: Final = N_("a deep stem of several 3×3 convolutions (ResNet-C, ResNet-D)")
PARTS: Final = (  # of residual nets; all that are found are named
    Sign(
        r"(^|\.)conv1\.[36]\.weight|(^|\.)stem\.[36]\.weight|(^|\.)stem\.conv1?_?[23](\.conv)?\.weight|^conv[23]\.weight",
        DEEP_STEM,
        "timm resnet.py, stem_type='deep'; open-mmlab/mmpretrain ResNetV1d; openai/CLIP",
        num_sides=4,
    ),
    Sign(
        r"(^|\.)maxpool\.0\.weight",
        N_("a convolution in place of the max pool (ResNet-RS)"),
        "timm resnet.py",
        num_sides=4,
    ),
    Sign(
        r"\.(downsample|shortcut)\.1\.weight",
        N_("average pooling in front of the projections (ResNet-D)"),
        "timm resnet.py, avg_down=True",
        num_sides=4,
    ),
    Sign(r"\.(se|eca|attn)\.conv\.weight", N_("efficient channel attention (ECA)"), "timm eca.py", num_sides=3),
    Sign(
        r"\.(se|se_module|se_layer|SE|selayer|squeeze_excitation|excitation)\.(?!conv\.)"
        r"|layer[0-9]\.[0-9]+\.(fc1|fc2|conv_du)\.",
        N_("squeeze-and-excitation (SE)"),
        "timm squeeze_excite.py; moskomule/senet.pytorch; Cadene/pretrained-models.pytorch; kuangliu/pytorch-cifar",
    ),
    Sign(
        r"\.(cbam|ca|sa|bam|ChannelGate|SpatialGate|channel_attention|spatial_attention)\.",
        N_("channel and spatial attention (CBAM)"),
        "Jongchan/attention-module",
    ),
    Sign(r"\.(mhsa|self_attn|rel_h|rel_w|nl|non_local)\b", N_("self-attention"), "timm bottleneck_attn.py"),
    Sign(r"(^|\.)attnpool\.", N_("attention in place of the mean in front of the head"), "openai/CLIP clip/model.py"),
    Sign(r"\.(IN|BN)\.(weight|bias)", N_("instance norms beside batch norms (IBN)"), "XingangPan/IBN-Net"),
    Sign(
        r"\.(gamma|layer_scale|ls[12]?|skipinit_gain|resweight|res_scale|residual_scale)(\.[a-z]+)?$",
        N_("a learnt factor on every branch"),
        "timm nfnet.py; majumderb/rezero",
    ),
    Sign(r"\.gain$", N_("standardised weights (norm-free nets)"), "timm std_conv.py"),
    Sign(
        r"\.(weight_[guv]|parametrizations\.)",
        N_("weights given by a parametrisation"),
        "torch.nn.utils.parametrizations",
    ),
    Sign(r"\.weight_(mask|orig)$", N_("pruned weights with their masks"), "torch.nn.utils.prune"),
    Sign(r"(relu|act|activation|prelu)[0-9]?\.weight$", N_("learnt activations (PReLU)"), "torch.nn.PReLU"),
    Sign(r"\.(filt|blur_filter)$", N_("blurred pooling (BlurPool)"), "adobe/antialiased-cnns"),
    Sign(r"offset", N_("deformable convolutions"), "open-mmlab/mmcv deform_conv.py"),
    Sign(r"\.conv[123]\.(bias_)?experts", N_("mixed convolutions"), "timm cond_conv2d.py"),
)

_DILATED: Final = N_("torchvision dilates stages 3 and 4 of such backbones; dilated_stages=3,4 says so here.")
SURROUNDINGS: Final = (  # nets of which a net here can be a part; the first sign that is found counts
    Sign(
        r"(^|\.)(class_embed|bbox_embed|query_embed)\.",
        N_("a detector with a transformer (DETR)"),
        "facebookresearch/detr models/detr.py",
    ),
    Sign(
        r"(^|\.)(rpn|rpn_head|roi_heads?|bbox_head|mask_head|proposal_generator|fpn|fpn_(lateral|output)[2-5])\."
        r"|(^|\.)(classification|regression)_head\.|(^|\.)neck\.(lateral_|fpn_|pafpn_)?convs\."
        r"|^(fpn_(inner|res)|rpn_|conv_rpn|bbox_pred|retnet_)",
        N_("a detector"),
        "torchvision detection; open-mmlab/mmdetection; facebookresearch/detectron2; facebookresearch/Detectron",
    ),
    Sign(
        r"(^|\.)classifier\.0\.(convs|project)\.",
        N_("a segmentation net with atrous pyramid pooling (DeepLab)"),
        "torchvision segmentation/deeplabv3.py",
        note=_DILATED,
    ),
    Sign(
        r"(^|\.)aspp\.|(^|\.)decoder\.0\.(convs|project)\.",
        N_("a segmentation net with atrous pyramid pooling (DeepLab)"),
        "VainF/DeepLabV3Plus-Pytorch; jfzhang95/pytorch-deeplab-xception; qubvel/segmentation_models.pytorch",
    ),
    Sign(
        r"(^|\.)aux_classifier\.|(^|\.)classifier\.4\.weight$",
        N_("a fully convolutional segmentation net (FCN)"),
        "torchvision segmentation/fcn.py",
        num_sides=4,
        note=_DILATED,
    ),
    Sign(
        r"(^|\.)(segmentation_head|decode_head|auxiliary_head|sem_seg_head)\.|(^|\.)decoder\.blocks\.",
        N_("a segmentation net"),
        "qubvel/segmentation_models.pytorch; open-mmlab/mmsegmentation; facebookresearch/detectron2",
    ),
    Sign(
        r"(^|\.)(decoder|deconv_layers|up|up_?(blocks?|convs?|samples?|[1-5]))\.",
        N_("a net with a decoder, as for segmentation or poses"),
        "usuyama/pytorch-unet; microsoft/human-pose-estimation.pytorch",
    ),
)


def recognise_family(shapes: Mapping[str, Shape]) -> Evidence | None:
    """Returns the sign of a net of another build; None where there is none."""
    return next(_found(FAMILIES, shapes), None)


def recognise_parts(shapes: Mapping[str, Shape]) -> tuple[Evidence, ...]:
    """Returns the signs of parts that residual nets of this program have not."""
    return tuple(_found(PARTS, shapes))


def recognise_surroundings(keys: Iterable[str], linear: Sequence[str] | None) -> Surroundings | None:
    """Returns the sign of a net of which an identified one is a part; None where there is none.

    Args:
        keys: of tensors that belong to no layer of the identified net.
        linear: names of the fully connected layers among them; None where they are not known.
    """
    short = [key for key in keys if len(key) <= LONGEST_KEY]
    for sign in SURROUNDINGS:
        is_any = sign.num_sides is None
        fitting = (
            short if is_any else () if linear is None else (k for k in short if k.rpartition(".")[0] not in linear)
        )
        key = next((key for key in fitting if _compiled(sign.pattern).search(key)), None)
        if key is not None:
            return Surroundings(sign.meaning, key, sign.note)
    return None


def evidence_text(found: Evidence) -> str:
    """Returns the meaning of a sign with its tensor: "a DenseNet ('features.denseblock1...', 128×64×1×1)"."""
    return _("{meaning} ({key}, {shape})").format(
        meaning=_(found.meaning), key=quote(found.key), shape=shape_text(found.shape)
    )


def quote(key: str) -> str:
    """Returns a foreign key in quotation marks, escaped and shortened."""
    return repr(key if len(key) <= LONGEST_QUOTED else f"{key[: LONGEST_QUOTED - 1]}…")


def shape_text(shape: Shape) -> str:
    """Returns the sides of a tensor: "64×3×7×7"; "1 number" of a scalar."""
    return "×".join(map(str, shape[:_MOST_SIDES])) if shape else _("one number")


def _found(signs: tuple[Sign, ...], shapes: Mapping[str, Shape]) -> Iterator[Evidence]:
    keys = [key for key in shapes if len(key) <= LONGEST_KEY]
    for sign in signs:
        search = _compiled(sign.pattern).search
        fitting = (key for key in keys if sign.num_sides in (None, len(shapes[key])))
        key = next((key for key in fitting if search(key)), None)
        if key is not None:
            yield Evidence(sign.meaning, key, shapes[key])


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)
