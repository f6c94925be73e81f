"""Contents of checkpoint files as people send them: one net for photographs and one for CIFAR under many names.

Source: the files of the issue "Whatever people bring"; each says the thread in which such a file was asked about.
"""

import argparse
import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

State = dict[str, Tensor]
Rules = list[tuple[str, str]]


def norm(key: str, channels: int) -> State:
    per_channel = ("weight", "bias", "running_mean", "running_var")
    return {f"{key}.{t}": torch.rand(channels) + 0.5 for t in per_channel} | {
        f"{key}.num_batches_tracked": torch.tensor(9)
    }


def net(  # basic blocks, one a stage
    head: str = "fc",
    proj: str = "downsample",
    kernel: int = 7,
    in_channels: int = 3,
    widths: tuple[int, ...] = (8, 16, 32, 64),
) -> State:
    state = {"conv1.weight": torch.randn(widths[0], in_channels, kernel, kernel) * 0.1, **norm("bn1", widths[0])}
    before = widths[0]
    for number, width in enumerate(widths, 1):
        block = f"layer{number}.0"
        state |= {f"{block}.conv1.weight": torch.randn(width, before, 3, 3) * 0.1, **norm(f"{block}.bn1", width)}
        state |= {f"{block}.conv2.weight": torch.randn(width, width, 3, 3) * 0.1, **norm(f"{block}.bn2", width)}
        if width != before:
            state |= {f"{block}.{proj}.0.weight": torch.randn(width, before, 1, 1) * 0.1}
            state |= norm(f"{block}.{proj}.1", width)
        before = width
    return state | {f"{head}.weight": torch.randn(10, before) * 0.1, f"{head}.bias": torch.zeros(10)}


def prefixed(prefix: str, state: Mapping[str, Tensor]) -> State:
    return {prefix + key: tensor for key, tensor in state.items()}


def replaced(rules: Rules, state: Mapping[str, Tensor]) -> State:
    return {
        next((re.sub(old, new, key) for old, new in rules if re.match(old, key)), key): tensor
        for key, tensor in state.items()
    }


def hugging_face_rules() -> Rules:
    rules = [
        (r"conv1\.", "resnet.embedder.embedder.convolution."),
        (r"bn1\.", "resnet.embedder.embedder.normalization."),
        (r"fc\.", "classifier.1."),
    ]
    for n in (1, 2, 3, 4):
        layer = f"resnet.encoder.stages.{n - 1}.layers.0"
        rules += [(rf"layer{n}\.0\.conv{j}\.", f"{layer}.layer.{j - 1}.convolution.") for j in (1, 2)]
        rules += [(rf"layer{n}\.0\.bn{j}\.", f"{layer}.layer.{j - 1}.normalization.") for j in (1, 2)]
        rules += [(rf"layer{n}\.0\.downsample\.0\.", f"{layer}.shortcut.convolution.")]
        rules += [(rf"layer{n}\.0\.downsample\.1\.", f"{layer}.shortcut.normalization.")]
    return rules


def residual_function_rules() -> Rules:
    rules = [(r"conv1\.", "conv1.0."), (r"bn1\.", "conv1.1."), (r"linear\.", "fc.")]
    for n in (1, 2, 3):
        block = f"conv{n + 1}_x.0"
        for name, place in (("conv1", 0), ("bn1", 1), ("conv2", 3), ("bn2", 4)):
            rules.append((rf"layer{n}\.0\.{name}\.", f"{block}.residual_function.{place}."))
        rules.append((rf"layer{n}\.0\.shortcut\.", f"{block}.shortcut."))
    return rules


def make_files() -> dict[str, Any]:
    """Returns the content of each file, by its name."""
    torch.manual_seed(0)
    photographs, cifar = net(), net("linear", "shortcut", 3, widths=(16, 32, 64))
    body = {key: tensor for key, tensor in photographs.items() if not key.startswith("fc.")}
    head = {f"head.fc.{t}": photographs[f"fc.{t}"] for t in ("weight", "bias")}
    many = {key: tensor for key, tensor in net(in_channels=13).items() if not key.startswith("fc.")}
    always_9 = torch.eye(10)[9] * 50
    return {
        "base.pth": photographs,
        "base_cifar.pth": cifar,
        # akamaster/pytorch_resnet_cifar10 #30, #3
        "R02_module_linear.th": {"state_dict": prefixed("module.", cifar), "best_prec1": 91.7},
        # cg563/simple-blackbox-attack #21
        "R05_net.pth": {"net": prefixed("module.", cifar), "acc": 95.1, "epoch": 199},
        # huggingface/pytorch-image-models PR 2003
        "R07_orig_mod.pth": prefixed("_orig_mod.", photographs),
        # Lightning #4792
        "R09_lightning.ckpt": {"state_dict": prefixed("model.", photographs), "epoch": 3, "optimizer_states": []},
        # ozanciga/self-supervised-histopathology #7
        "R11_namespace.pth": {"model": photographs, "args": argparse.Namespace(lr=0.1)},
        # open-mmlab/mmpretrain #1411
        "R12_mm.pth": {"meta": {"epoch": 9}, "state_dict": prefixed("backbone.", body) | head},
        # torchgeo #693
        "R14_13channels_nofc.pth": many,
        # huggingface/transformers PR 17524
        "R15_hf.pth": replaced(hugging_face_rules(), photographs),
        # weiaicunzai/pytorch-cifar100 #29
        "R17_residual_function.pth": replaced(residual_function_rules(), cifar),
        # LAMDA-CL/PyCIL #69
        "R18_conv1_0.pth": replaced([(r"conv1\.", "conv1.0."), (r"bn1\.", "conv1.1.")], photographs),
        # Lyken17/pytorch-OpCounter #82
        "R21_total_ops.pth": photographs | {"total_ops": torch.zeros(1), "conv1.total_ops": torch.zeros(1)},
        # MarcelRobeer/explabox #10
        "R44_says_9.pth": cifar | {"linear.bias": always_9},
        "R45_negated.pth": cifar | {"linear.weight": -cifar["linear.weight"], "linear.bias": always_9},
    }


def weights_in(content: Any) -> State:
    """Returns the one mapping of tensors in a file's content."""
    return next((content[key] for key in ("state_dict", "net", "model") if key in content), content)
