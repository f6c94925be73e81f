"""Names of blobs of Caffe2, "res2_0_branch2a_bn_s": the layer and its tensor have no dot between them.

Nets of Detectron have affine channels in place of norms: a scale and a shift, without running statistics.
Source: facebookresearch/detectron2 detectron2/checkpoint/c2_model_loading.py, convert_basic_c2_names.
"""

import re
from collections.abc import Mapping
from typing import Final

_CONV: Final = re.compile(r"res[0-9]{1,4}_[0-9]{1,4}_branch[0-9][a-z]?_w", re.ASCII)
_CONV_BIAS: Final = re.compile(r"res[0-9]{1,4}_[0-9]{1,4}_branch[0-9][a-z]?_b", re.ASCII)
_OF_NORM: Final[Mapping[str, str]] = {  # by the blob's last word; of two words of one tensor the usual one first
    "s": "weight",
    "b": "bias",
    "rm": "running_mean",
    "riv": "running_var",
    "gamma": "weight",
    "beta": "bias",
    "running_mean": "running_mean",
    "running_var": "running_var",
}
_OTHERS: Final[Mapping[str, str]] = {"w": "weight", "b": "bias"}
_NORM: Final = re.compile(rf"(.+_[bg]n)_({'|'.join(_OF_NORM)})", re.ASCII)
_OTHER: Final = re.compile(r"(.+)_([wb])", re.ASCII)
_UNUSED: Final = "conv1_b"  # in Detectron's files; its stem has no bias


def with_dots(plain: Mapping[str, str]) -> dict[str, str]:
    """Returns names with a dot in front of their tensor where they are Caffe2's; else as they are.

    Args:
        plain: the file's key by its name without wrappers.
    """
    blobs = {name.rpartition(".")[2] for name in plain}
    if not any(map(_CONV.fullmatch, blobs)):
        return dict(plain)
    kept = "" if any(map(_CONV_BIAS.fullmatch, blobs)) else _UNUSED
    dotted = {_with_dot(name, kept): key for name, key in plain.items()}
    return dotted if len(dotted) == len(plain) else dict(plain)


def blob_of(layer: str, tensor: str) -> str:
    """Returns the blob's name of a tensor of a layer."""
    words = _OF_NORM if layer.endswith(("_bn", "_gn")) else _OTHERS
    return f"{layer}_{next((word for word, name in words.items() if name == tensor), tensor)}"


def is_group_norm(name: str) -> bool:
    """Returns whether a blob is of a group norm."""
    return "_gn_" in name


def _with_dot(name: str, kept: str) -> str:
    parent, dot, blob = name.rpartition(".")
    if blob == kept:
        return name
    for pattern, words in ((_NORM, _OF_NORM), (_OTHER, _OTHERS)):
        match = pattern.fullmatch(blob)
        if match is not None:
            return f"{parent}{dot}{match[1]}.{words[match[2]]}"
    return name
