"""State dicts of nets under the names of other repositories, written from those repositories and not from our tables.

Each naming says how its repository names the layers outside of the blocks, and those in block `b` of stage `s`, counted
as there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from resnet_viz.spec.enums import BlockKind, DimMatch, Order, Shortcut, Stem, StrideOn
from resnet_viz.spec.net import NetSpec

T = TypeVar("T")
InBlock = Callable[[int, int], Mapping[str, str]]  # stage and block, both from 0 -> their name of each leaf


@dataclass(frozen=True, kw_only=True)
class Renaming:
    """Names of a repository.

    Attributes:
        name: of our table.
        ends: their names of stem.conv, stem.norm, head.norm and head.fc.
        in_block: their names in a block, by our leaf: conv1, norm1, shortcut.conv, shortcut.norm.
        key_of: key of a layer's tensor; None where the files have none.
        nets: of which the repository has some.
    """

    name: str
    ends: Mapping[str, str]
    in_block: InBlock
    nets: tuple[NetSpec, ...] = field(default=())
    key_of: Callable[[str, str], str | None] = "{}.{}".format


def small(**changes: Any) -> NetSpec:
    """A net with the stem for photographs, of four stages."""
    return NetSpec(**{"blocks": (2, 1, 2, 1), "widths": (4, 8, 12, 16), "num_classes": 7, "image_size": 64, **changes})


def small_cifar(**changes: Any) -> NetSpec:
    """A net with the stem for CIFAR, of three stages."""
    usual = {"blocks": (2, 2, 1), "widths": (4, 8, 16), "stem": Stem.CIFAR, "num_classes": 7, "image_size": 32}
    return NetSpec(**{**usual, **changes})


PHOTOGRAPHS = (
    small(),
    small(block=BlockKind.BOTTLENECK),
    small(block=BlockKind.BOTTLENECK, cardinality=2, width_per_group=32),
    small(in_channels=13),
)
CIFAR = (
    small_cifar(dim_match=DimMatch.ZERO_PAD),
    small_cifar(dim_match=DimMatch.ZERO_PAD, shortcut=Shortcut.NONE),
    small_cifar(),
    small_cifar(block=BlockKind.BOTTLENECK),
)
PREACT = (
    small_cifar(order=Order.FULL_PREACT, width_per_group=128),
    small_cifar(order=Order.FULL_PREACT, block=BlockKind.BOTTLENECK),
    small_cifar(order=Order.FULL_PREACT, dim_match=DimMatch.ZERO_PAD),
)
BARE = (small(conv_bias=True, projection_norm=False, in_channels=1),)


def _numbered(block: str, shortcut: str) -> dict[str, str]:
    convs = {f"conv{n}": f"{block}.conv{n}" for n in (1, 2, 3)} | {f"norm{n}": f"{block}.bn{n}" for n in (1, 2, 3)}
    return convs | {"shortcut.conv": f"{block}.{shortcut}.0", "shortcut.norm": f"{block}.{shortcut}.1"}


def _residual_function(stage: int, block: int) -> dict[str, str]:
    at = f"conv{stage + 2}_x.{block}"
    places = {"conv1": 0, "norm1": 1, "conv2": 3, "norm2": 4, "conv3": 6, "norm3": 7}
    shortcut = {"shortcut.conv": f"{at}.shortcut.0", "shortcut.norm": f"{at}.shortcut.1"}
    return {leaf: f"{at}.residual_function.{place}" for leaf, place in places.items()} | shortcut


def _hugging_face(stage: int, block: int) -> dict[str, str]:
    at = f"resnet.encoder.stages.{stage}.layers.{block}"
    names = {"conv": "convolution", "norm": "normalization"}
    inside = {f"{kind}{n}": f"{at}.layer.{n - 1}.{name}" for kind, name in names.items() for n in (1, 2, 3)}
    return inside | {f"shortcut.{kind}": f"{at}.shortcut.{name}" for kind, name in names.items()}


def _detectron2(stage: int, block: int) -> dict[str, str]:
    at = f"res{stage + 2}.{block}"
    inside = {f"conv{n}": f"{at}.conv{n}" for n in (1, 2, 3)} | {f"norm{n}": f"{at}.conv{n}.norm" for n in (1, 2, 3)}
    return inside | {"shortcut.conv": f"{at}.shortcut", "shortcut.norm": f"{at}.shortcut.norm"}


def _caffe2(norm: str, stage: int, block: int) -> dict[str, str]:
    at = f"res{stage + 2}_{block}_branch"
    convs = {"conv1": f"{at}2a", "conv2": f"{at}2b", "conv3": f"{at}2c", "shortcut.conv": f"{at}1"}
    return convs | {leaf.replace("conv", "norm"): f"{name}_{norm}" for leaf, name in convs.items()}


def caffe2_blob(layer: str, tensor: str) -> str | None:
    """Returns the name of a blob; Caffe2 counts no batches."""
    of_norm = {"weight": "s", "bias": "b", "running_mean": "rm", "running_var": "riv"}
    words = of_norm if layer.endswith(("_bn", "_gn")) else {"weight": "w", "bias": "b"}
    return f"{layer}_{words[tensor]}" if tensor in words else None


def _conv_1_3x3(stage: int, block: int) -> dict[str, str]:
    at = f"stage_{stage + 1}.{block}"
    letters = {"conv1": "conv_a", "norm1": "bn_a", "conv2": "conv_b", "norm2": "bn_b"}
    shortcut = {"shortcut.conv": "downsample.0", "shortcut.norm": "downsample.1"}
    return {leaf: f"{at}.{name}" for leaf, name in (letters | shortcut).items()}


def _resnext_words(at: str, shortcut: Mapping[str, str]) -> dict[str, str]:
    words = {"conv1": "conv_reduce", "norm1": "bn_reduce", "conv2": "conv_conv", "norm2": "bn", "conv3": "conv_expand"}
    return {leaf: f"{at}.{name}" for leaf, name in (words | {"norm3": "bn_expand"} | dict(shortcut)).items()}


def _d2l(at: str) -> dict[str, str]:
    inside = {f"conv{n}": f"{at}.conv{n}" for n in (1, 2)} | {f"norm{n}": f"{at}.bn{n}" for n in (1, 2)}
    return inside | {"shortcut.conv": f"{at}.conv3"}


def _children(first: int, shortcut: str, head: str) -> Renaming:
    return Renaming(
        name=f"numbered children, stages from {first}",
        ends={"stem.conv": "0", "stem.norm": "1", "head.fc": head},
        in_block=lambda s, b: _numbered(f"{first + s}.{b}", shortcut),
        nets=PHOTOGRAPHS[:2] if first == 4 else CIFAR[1:3],
    )


TORCHVISION_ENDS = {"stem.conv": "conv1", "stem.norm": "bn1", "head.fc": "fc"}
NAMINGS = (
    Renaming(
        name="torchvision",
        ends=TORCHVISION_ENDS,
        in_block=lambda s, b: _numbered(f"layer{s + 1}.{b}", "downsample"),
        nets=PHOTOGRAPHS,
    ),
    Renaming(  # bearpaw/pytorch-classification models/cifar/preresnet.py
        name="torchvision",
        ends={"stem.conv": "conv1", "head.norm": "bn", "head.fc": "fc"},
        in_block=lambda s, b: _numbered(f"layer{s + 1}.{b}", "downsample"),
        nets=PREACT,
    ),
    Renaming(
        name="torchvision",
        ends={"stem.conv": "conv1", "stem.norm": "bn1", "head.fc": "linear"},
        in_block=lambda s, b: _numbered(f"layer{s + 1}.{b}", "shortcut"),
        nets=CIFAR,
    ),
    Renaming(  # meliketoy/wide-resnet.pytorch
        name="torchvision",
        ends={"stem.conv": "conv1", "head.norm": "bn1", "head.fc": "linear"},
        in_block=lambda s, b: _numbered(f"layer{s + 1}.{b}", "shortcut"),
        nets=(*PREACT[:2], PREACT[0].replace(conv_bias=True)),
    ),
    Renaming(
        name="sequential stem",
        ends={"stem.conv": "conv1.0", "stem.norm": "conv1.1", "head.fc": "fc"},
        in_block=lambda s, b: _numbered(f"layer{s + 1}.{b}", "downsample"),
        nets=PHOTOGRAPHS,
    ),
    Renaming(
        name="sequential stem",
        ends={"stem.conv": "conv1.0", "stem.norm": "conv1.1", "head.fc": "fc"},
        in_block=lambda s, b: _numbered(f"layer{s + 1}.{b}", "shortcut"),
        nets=(small_cifar(),),
    ),
    Renaming(
        name="residual_function",
        ends={"stem.conv": "conv1.0", "stem.norm": "conv1.1", "head.fc": "fc"},
        in_block=_residual_function,
        nets=(small_cifar(), small_cifar(block=BlockKind.BOTTLENECK)),
    ),
    Renaming(
        name="Hugging Face",
        ends={
            "stem.conv": "resnet.embedder.embedder.convolution",
            "stem.norm": "resnet.embedder.embedder.normalization",
            "head.fc": "classifier.1",
        },
        in_block=_hugging_face,
        nets=PHOTOGRAPHS,
    ),
    Renaming(
        name="detectron2",
        ends={"stem.conv": "stem.conv1", "stem.norm": "stem.conv1.norm", "head.fc": "stem.fc"},
        in_block=_detectron2,
        nets=PHOTOGRAPHS,
    ),
    *(
        Renaming(
            name="Caffe2",
            ends={"stem.conv": "conv1", "stem.norm": stem_norm, "head.fc": head},
            in_block=partial(_caffe2, norm),
            nets=(PHOTOGRAPHS[0], PHOTOGRAPHS[1].replace(stride_on=StrideOn.FIRST_1X1)),
            key_of=caffe2_blob,
        )
        for norm, stem_norm, head in (("bn", "res_conv1_bn", "fc1000"), ("gn", "conv1_gn", "pred"))
    ),
    Renaming(
        name="xternalz",
        ends={"stem.conv": "conv1", "head.norm": "bn1", "head.fc": "fc"},
        in_block=lambda s, b: (
            _numbered(f"block{s + 1}.layer.{b}", "") | {"shortcut.conv": f"block{s + 1}.layer.{b}.convShortcut"}
        ),
        nets=PREACT[:1],
    ),
    Renaming(
        name="conv_1_3x3",
        ends={"stem.conv": "conv_1_3x3", "stem.norm": "bn_1", "head.fc": "classifier"},
        in_block=_conv_1_3x3,
        nets=CIFAR[:3],
    ),
    Renaming(
        name="conv_1_3x3",
        ends={"stem.conv": "conv_1_3x3", "stem.norm": "bn_1", "head.fc": "classifier"},
        in_block=lambda s, b: _resnext_words(
            f"stage_{s + 1}.{b}", {"shortcut.conv": "downsample.0", "shortcut.norm": "downsample.1"}
        ),
        nets=CIFAR[3:],
    ),
    Renaming(
        name="bottleneck names",
        ends={"stem.conv": "conv_1_3x3", "stem.norm": "bn_1", "head.fc": "classifier"},
        in_block=lambda s, b: _resnext_words(
            f"stage_{s + 1}.stage_{s + 1}_bottleneck_{b}",
            {"shortcut.conv": "shortcut.shortcut_conv", "shortcut.norm": "shortcut.shortcut_bn"},
        ),
        nets=(small_cifar(block=BlockKind.BOTTLENECK, cardinality=2),),
    ),
    Renaming(
        name="d2l, class",
        ends={"stem.conv": "net.0.0", "stem.norm": "net.0.1", "head.fc": "net.last.2"},
        in_block=lambda s, b: _d2l(f"net.b{s + 2}.{b}"),
        nets=BARE,
    ),
    Renaming(
        name="d2l, sequence",
        ends={"stem.conv": "0.0", "stem.norm": "0.1", "head.fc": "7"},
        in_block=lambda s, b: _d2l(f"{s + 1}.{b}"),
        nets=BARE,
    ),
    _children(4, "downsample", "9"),
    _children(4, "shortcut", "fc"),
    _children(3, "downsample", "8"),
    _children(3, "shortcut", "linear"),
    _children(2, "downsample", "7"),
    _children(2, "shortcut", "fc"),
)
CASES = [(naming, spec) for naming in NAMINGS for spec in naming.nets]


def case_id(case: tuple[Renaming, NetSpec]) -> str:
    naming, spec = case
    at = next(number for number, other in enumerate(NAMINGS) if other is naming)
    return f"{at}-{naming.name}-{naming.nets.index(spec)}"


def renamed(state: Mapping[str, T], naming: Renaming) -> dict[str, T]:
    """Returns a state dict under the names of a repository."""
    keys = {key: _their_key(key, naming) for key in state}
    return {theirs: state[key] for key, theirs in keys.items() if theirs is not None}


def _their_key(key: str, naming: Renaming) -> str | None:
    layer, _dot, tensor = key.rpartition(".")
    if layer in naming.ends:
        return naming.key_of(naming.ends[layer], tensor)
    stage, block, section, leaf = layer.split(".")
    names = naming.in_block(int(stage.removeprefix("stage")) - 1, int(block.removeprefix("block")) - 1)
    return naming.key_of(names[f"shortcut.{leaf}" if section == "shortcut" else leaf], tensor)
