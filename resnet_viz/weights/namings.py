"""Tables of the names that layers have in files of weights. Each is data: rows of two names, and a source.

Names have places for numbers: "layer{stage}.{block-1}.conv{conv}" means that the file counts stages and convolutions
from 1 as we do, and blocks from 0. Rows are tried in order. The head is in no table: many names of it are in use with
every naming, see `HEADS`. Names in front of all ("module.", "backbone.") are no part of a row, see `weights.prefixes`.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from resnet_viz.spec.enums import StrideOn

_BLOCK: Final = "stage{stage}.block{block}"
_CONV: Final = f"{_BLOCK}.branch.conv{{conv}}"
_NORM: Final = f"{_BLOCK}.branch.norm{{conv}}"
_SHORTCUT: Final = f"{_BLOCK}.shortcut.conv"
_SHORTCUT_NORM: Final = f"{_BLOCK}.shortcut.norm"
STEM: Final = "stem.conv"
STEM_NORM: Final = "stem.norm"
HEAD_NORM: Final = "head.norm"
HEAD: Final = "head.fc"
FIRST_CONV: Final = "stage1.block1.branch.conv1"  # every net has it, so that it shows where a net's names begin

Row = tuple[str, str]


class Naming(NamedTuple):
    """One way to name the layers of a residual net.

    Attributes:
        name: short name, for reports.
        source: repository or documentation in which the names are in use.
        rows: template of the file's name of a layer, and of ours.
        stride_on: downsampling convolution of its bottlenecks in that source.
    """

    name: str
    source: str
    rows: tuple[Row, ...]
    stride_on: StrideOn = StrideOn.CONV_3X3


def _numbered(block: str) -> tuple[Row, ...]:
    """Returns the rows of the usual names in a block, convN and bnN."""
    return ((f"{block}.conv{{conv}}", _CONV), (f"{block}.bn{{conv}}", _NORM))


def _pair(shortcut: str) -> tuple[Row, ...]:
    """Returns the rows of a projection that is a sequence of convolution and norm."""
    return ((f"{shortcut}.0", _SHORTCUT), (f"{shortcut}.1", _SHORTCUT_NORM))


def _children(offset: int) -> Naming:
    """Returns the names in nn.Sequential(*net.children()), whose stages begin at number 1 + `offset`."""
    block = f"{{stage+{offset}}}.{{block-1}}"
    return Naming(
        f"numbered children, stages from {1 + offset}",
        "nn.Sequential(*list(net.children())): torch.nn.Sequential names its modules by number",
        (("0", STEM), ("1", STEM_NORM), *_numbered(block), *_pair(f"{block}.downsample"), *_pair(f"{block}.shortcut")),
    )


_TORCHVISION_BLOCK: Final = "layer{stage}.{block-1}"
_TORCHVISION_BLOCKS: Final = (
    *_numbered(_TORCHVISION_BLOCK),
    *_pair(f"{_TORCHVISION_BLOCK}.downsample"),
    *_pair(f"{_TORCHVISION_BLOCK}.shortcut"),
)
_RESIDUAL_FUNCTION: Final = "conv{stage+1}_x.{block-1}"
_HUGGING_FACE: Final = "encoder.stages.{stage-1}.layers.{block-1}"
_DETECTRON2: Final = "res{stage+1}.{block-1}"
_XTERNALZ: Final = "block{stage}.layer.{block-1}"
_DXY: Final = "stage_{stage}.{block-1}"
_PRLZ77: Final = "stage_{stage}.stage_{stage}_bottleneck_{block-1}"


def _resnext(block: str) -> tuple[Row, ...]:
    """Returns the rows of ResNeXt's bottleneck as its first ports to torch have them."""
    return (
        (f"{block}.conv_reduce", f"{_BLOCK}.branch.conv1"),
        (f"{block}.bn_reduce", f"{_BLOCK}.branch.norm1"),
        (f"{block}.conv_conv", f"{_BLOCK}.branch.conv2"),
        (f"{block}.bn", f"{_BLOCK}.branch.norm2"),
        (f"{block}.conv_expand", f"{_BLOCK}.branch.conv3"),
        (f"{block}.bn_expand", f"{_BLOCK}.branch.norm3"),
    )


_CAFFE2: Final = "res{stage+1}_{block-1}_branch"

CAFFE2: Final = Naming(
    "Caffe2",
    "facebookresearch/Detectron detectron/modeling/ResNet.py; STRIDE_1X1 is True by default; dots by `caffe2_keys`",
    (
        ("conv1", STEM),
        ("res_conv1_bn", STEM_NORM),
        ("conv1_gn", STEM_NORM),
        *(
            row
            for number, letter in enumerate("abc", 1)
            for row in (
                (f"{_CAFFE2}2{letter}", f"{_BLOCK}.branch.conv{number}"),
                (f"{_CAFFE2}2{letter}_bn", f"{_BLOCK}.branch.norm{number}"),
                (f"{_CAFFE2}2{letter}_gn", f"{_BLOCK}.branch.norm{number}"),
            )
        ),
        (f"{_CAFFE2}1", _SHORTCUT),
        (f"{_CAFFE2}1_bn", _SHORTCUT_NORM),
        (f"{_CAFFE2}1_gn", _SHORTCUT_NORM),
    ),
    StrideOn.FIRST_1X1,
)
OURS: Final = Naming(
    "resnet_viz",
    "nodes of `plan.lower`",
    tuple(
        (layer, layer)
        for layer in (
            STEM,
            STEM_NORM,
            HEAD_NORM,
            HEAD,
            "head.fc1",
            "head.fc2",
            _CONV,
            _NORM,
            _SHORTCUT,
            _SHORTCUT_NORM,
            f"{_BLOCK}.pre.norm{{conv}}",
            f"{_BLOCK}.post.norm",
            f"{_BLOCK}.gate.conv",
        )
    ),
)
NAMINGS: Final = (
    OURS,
    Naming(
        "torchvision",
        "pytorch/vision torchvision/models/resnet.py; huggingface/pytorch-image-models timm/models/resnet.py; "
        "open-mmlab/mmpretrain mmpretrain/models/backbones/resnet.py; bearpaw/pytorch-classification; with shortcut "
        "kuangliu/pytorch-cifar, akamaster/pytorch_resnet_cifar10, meliketoy/wide-resnet.pytorch",
        (("conv1", STEM), ("bn1", STEM_NORM), ("bn", HEAD_NORM), *_TORCHVISION_BLOCKS),
    ),
    Naming(
        "sequential stem",
        "LAMDA-CL/PyCIL convs/resnet.py",
        (("conv1.0", STEM), ("conv1.1", STEM_NORM), *_TORCHVISION_BLOCKS),
    ),
    Naming(
        "residual_function",
        "weiaicunzai/pytorch-cifar100 models/resnet.py",
        (
            ("conv1.0", STEM),
            ("conv1.1", STEM_NORM),
            *(
                (f"{_RESIDUAL_FUNCTION}.residual_function.{number}", f"{_BLOCK}.branch.{layer}")
                for number, layer in (
                    (0, "conv1"),
                    (1, "norm1"),
                    (3, "conv2"),
                    (4, "norm2"),
                    (6, "conv3"),
                    (7, "norm3"),
                )
            ),
            *_pair(f"{_RESIDUAL_FUNCTION}.shortcut"),
        ),
    ),
    Naming(
        "Hugging Face",
        "huggingface/transformers src/transformers/models/resnet/modeling_resnet.py",
        (
            ("embedder.embedder.convolution", STEM),
            ("embedder.embedder.normalization", STEM_NORM),
            (f"{_HUGGING_FACE}.layer.{{conv-1}}.convolution", _CONV),
            (f"{_HUGGING_FACE}.layer.{{conv-1}}.normalization", _NORM),
            (f"{_HUGGING_FACE}.shortcut.convolution", _SHORTCUT),
            (f"{_HUGGING_FACE}.shortcut.normalization", _SHORTCUT_NORM),
        ),
    ),
    Naming(
        "detectron2",
        "facebookresearch/detectron2 detectron2/modeling/backbone/resnet.py; STRIDE_IN_1X1 is True by default",
        (
            ("stem.conv1", STEM),
            ("stem.conv1.norm", STEM_NORM),
            (f"{_DETECTRON2}.conv{{conv}}", _CONV),
            (f"{_DETECTRON2}.conv{{conv}}.norm", _NORM),
            (f"{_DETECTRON2}.shortcut", _SHORTCUT),
            (f"{_DETECTRON2}.shortcut.norm", _SHORTCUT_NORM),
        ),
        StrideOn.FIRST_1X1,
    ),
    CAFFE2,
    Naming(
        "xternalz",
        "xternalz/WideResNet-pytorch wideresnet.py",
        (
            ("conv1", STEM),
            ("bn1", HEAD_NORM),
            *_numbered(_XTERNALZ),
            (f"{_XTERNALZ}.convShortcut", _SHORTCUT),
        ),
    ),
    Naming(
        "conv_1_3x3",
        "D-X-Y/ResNeXt-DenseNet models/resnet.py and resnext.py; LAMDA-CL/PyCIL convs/cifar_resnet.py",
        (
            ("conv_1_3x3", STEM),
            ("bn_1", STEM_NORM),
            (f"{_DXY}.conv_a", f"{_BLOCK}.branch.conv1"),
            (f"{_DXY}.bn_a", f"{_BLOCK}.branch.norm1"),
            (f"{_DXY}.conv_b", f"{_BLOCK}.branch.conv2"),
            (f"{_DXY}.bn_b", f"{_BLOCK}.branch.norm2"),
            *_resnext(_DXY),
            *_pair(f"{_DXY}.downsample"),
        ),
    ),
    Naming(
        "bottleneck names",
        "prlz77/ResNeXt.pytorch models/model.py",
        (
            ("conv_1_3x3", STEM),
            ("bn_1", STEM_NORM),
            *_resnext(_PRLZ77),
            (f"{_PRLZ77}.shortcut.shortcut_conv", _SHORTCUT),
            (f"{_PRLZ77}.shortcut.shortcut_bn", _SHORTCUT_NORM),
        ),
    ),
    Naming(
        "d2l, class",
        "d2l-ai/d2l-en chapter_convolutional-modern/resnet.md, class ResNet",
        (
            ("0.0", STEM),
            ("0.1", STEM_NORM),
            ("b{stage+1}.{block-1}.conv3", _SHORTCUT),
            *_numbered("b{stage+1}.{block-1}"),
        ),
    ),
    Naming(
        "d2l, sequence",
        "d2l-ai/d2l-zh chapter_convolutional-modern/resnet.md, nn.Sequential(b1, ..., b5, ...)",
        (
            ("0.0", STEM),
            ("0.1", STEM_NORM),
            ("{stage}.{block-1}.conv3", _SHORTCUT),
            *_numbered("{stage}.{block-1}"),
        ),
    ),
    _children(3),
    _children(2),
    _children(1),
)

COUNTERS: Final = ("total_ops", "total_params")  # left by Lyken17/pytorch-OpCounter in every module
HEADS: Final = (  # names of the last layer, and who uses them; any other is known by its shape
    "fc",  # torchvision
    "linear",  # kuangliu/pytorch-cifar
    "head.fc",  # open-mmlab/mmpretrain; timm
    "classifier.1",  # huggingface/transformers
    "classifier",  # D-X-Y/ResNeXt-DenseNet
    "last_linear",  # Cadene/pretrained-models.pytorch
    "stem.fc",  # detectron2's tool for torchvision's files
    "head",
    "fc.1",  # after a dropout
    "classifier.fc",
    "linear_1",
    "fc1000",  # Caffe2 and Detectron
    "pred",  # Caffe2
    "last.2",  # d2l-ai/d2l-en
    "9",  # numbered children of torchvision's class
    "7",  # d2l-ai/d2l-zh
)

_PLACE: Final = re.compile(r"\{(stage|block|conv)([+-][1-9])?\}")


class _Compiled(NamedTuple):
    pattern: re.Pattern[str]
    offsets: dict[str, int]


def read_numbers(template: str, name: str) -> dict[str, int] | None:
    """Returns our numbers of stage, block and convolution in a layer's name, None where it does not fit."""
    pattern, offsets = _compiled(template)
    match = pattern.fullmatch(name)
    if match is None:
        return None
    numbers = {place: int(match[place]) - offset for place, offset in offsets.items()}
    return numbers if all(number > 0 for number in numbers.values()) else None


def fill_numbers(template: str, numbers: Mapping[str, int]) -> str | None:
    """Returns the layer's name of these numbers, None where one is wanting."""
    if any(place not in numbers for place in _compiled(template).offsets):
        return None
    return _PLACE.sub(lambda match: str(numbers[match[1]] + int(match[2] or 0)), template)


@lru_cache(maxsize=1024)
def _compiled(template: str) -> _Compiled:
    parts, offsets, end = [], dict[str, int](), 0
    for match in _PLACE.finditer(template):
        parts.append(re.escape(template[end : match.start()]))
        parts.append(f"(?P={match[1]})" if match[1] in offsets else f"(?P<{match[1]}>0|[1-9][0-9]{{0,3}})")
        offsets[match[1]] = int(match[2] or 0)
        end = match.end()
    return _Compiled(re.compile("".join([*parts, re.escape(template[end:])]), re.ASCII), offsets)
