"""Small original modules of the files in tests/weights/made_files.py, as their repositories build and name them."""

from collections import OrderedDict
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn


class BasicBlock(nn.Module):
    """torchvision's and kuangliu's block: they differ in the name of the projection."""

    def __init__(self, before: int, width: int, projection: str) -> None:
        super().__init__()
        stride = 1 if before == width else 2
        self.conv1 = nn.Conv2d(before, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.projection = projection
        pair = (nn.Conv2d(before, width, 1, stride, bias=False), nn.BatchNorm2d(width)) if before != width else ()
        self.add_module(projection, nn.Sequential(*pair))

    def forward(self, x: Tensor) -> Tensor:
        out = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(out + self.get_submodule(self.projection)(x))


class ResNet(nn.Module):
    """torchvision's ResNet with one block a stage; with a 3x3 stem that of the CIFAR repositories."""

    def __init__(
        self,
        widths: tuple[int, ...] = (8, 16, 32, 64),
        *,
        in_channels: int = 3,
        kernel: int = 7,
        projection: str = "downsample",
        head: str = "fc",
        stem_is_sequence: bool = False,
    ) -> None:
        super().__init__()
        conv = nn.Conv2d(in_channels, widths[0], kernel, 2 if kernel == 7 else 1, kernel // 2, bias=False)
        self.stem_is_sequence = stem_is_sequence
        if stem_is_sequence:  # LAMDA-CL/PyCIL
            self.conv1: nn.Module = nn.Sequential(conv, nn.BatchNorm2d(widths[0]), nn.ReLU())
        else:
            self.conv1 = conv
            self.bn1 = nn.BatchNorm2d(widths[0])
        self.pool = nn.MaxPool2d(3, 2, 1) if kernel == 7 else nn.Identity()
        self.num_stages = len(widths)
        for number, (before, width) in enumerate(zip((widths[0], *widths), widths, strict=False), start=1):
            self.add_module(f"layer{number}", nn.Sequential(BasicBlock(before, width, projection)))
        self.head = head
        if head:
            self.add_module(head, nn.Linear(widths[-1], 10))

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x) if self.stem_is_sequence else F.relu(self.bn1(self.conv1(x)))
        x = self.pool(x)
        for number in range(1, self.num_stages + 1):
            x = self.get_submodule(f"layer{number}")(x)
        features = x.mean((2, 3))
        out: Tensor = self.get_submodule(self.head)(features) if self.head else features
        return out


class Recogniser(nn.Module):
    """open-mmlab/mmpretrain: a backbone, and a head beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = ResNet(head="")
        self.head: Any = nn.Module()
        self.head.fc = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.head.fc(self.backbone(x))
        return out


class ResidualFunction(nn.Module):
    """weiaicunzai/pytorch-cifar100: the branch is a sequence."""

    def __init__(self, before: int, width: int) -> None:
        super().__init__()
        stride = 1 if before == width else 2
        self.residual_function = nn.Sequential(
            nn.Conv2d(before, width, 3, stride, 1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, 1, 1, bias=False),
            nn.BatchNorm2d(width),
        )
        pair = (nn.Conv2d(before, width, 1, stride, bias=False), nn.BatchNorm2d(width)) if before != width else ()
        self.shortcut = nn.Sequential(*pair)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.residual_function(x) + self.shortcut(x))


class ResNetOfSequences(nn.Module):
    """weiaicunzai/pytorch-cifar100, with one block a stage."""

    def __init__(self, widths: tuple[int, ...] = (16, 32, 64)) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(
            nn.Conv2d(3, widths[0], 3, padding=1, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU()
        )
        pairs = zip((widths[0], *widths), widths, strict=False)
        self.stages = [f"conv{number}_x" for number in range(2, len(widths) + 2)]
        for name, (before, width) in zip(self.stages, pairs, strict=True):
            self.add_module(name, nn.Sequential(ResidualFunction(before, width)))
        self.fc = nn.Linear(widths[-1], 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)
        for name in self.stages:
            x = self.get_submodule(name)(x)
        out: Tensor = self.fc(x.mean((2, 3)))
        return out


class ConvLayer(nn.Module):
    """huggingface/transformers ResNetConvLayer, and ResNetShortCut where it does not activate."""

    def __init__(self, before: int, width: int, kernel: int, stride: int, *, is_active: bool) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(before, width, kernel, stride, kernel // 2, bias=False)
        self.normalization = nn.BatchNorm2d(width)
        self.is_active = is_active

    def forward(self, x: Tensor) -> Tensor:
        x = self.normalization(self.convolution(x))
        return F.relu(x) if self.is_active else x


class BasicLayer(nn.Module):
    """huggingface/transformers ResNetBasicLayer."""

    def __init__(self, before: int, width: int) -> None:
        super().__init__()
        stride = 1 if before == width else 2
        has_projection = before != width
        self.shortcut = ConvLayer(before, width, 1, stride, is_active=False) if has_projection else nn.Identity()
        self.layer = nn.Sequential(
            ConvLayer(before, width, 3, stride, is_active=True), ConvLayer(width, width, 3, 1, is_active=False)
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.layer(x) + self.shortcut(x))


class ResNetForImageClassification(nn.Module):
    """huggingface/transformers, with one block a stage."""

    def __init__(self, widths: tuple[int, ...] = (8, 16, 32, 64)) -> None:
        super().__init__()
        stem = nn.Module()
        stem.embedder = ConvLayer(3, widths[0], 7, 2, is_active=True)
        stages = nn.ModuleList()
        for before, width in zip((widths[0], *widths), widths, strict=False):
            stage = nn.Module()
            stage.layers = nn.Sequential(BasicLayer(before, width))
            stages.append(stage)
        self.resnet: Any = nn.Module()
        self.resnet.embedder = stem
        self.resnet.encoder = nn.Module()
        self.resnet.encoder.stages = stages
        self.classifier = nn.Sequential(OrderedDict({"0": nn.Flatten(), "1": nn.Linear(widths[-1], 10)}))

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(self.resnet.embedder.embedder(x), 3, 2, 1)
        for stage in self.resnet.encoder.stages:
            x = stage.layers(x)
        out: Tensor = self.classifier(x.mean((2, 3)))
        return out


def _cifar() -> nn.Module:
    return ResNet((16, 32, 64), kernel=3, projection="shortcut", head="linear")


def original(file: str) -> nn.Module:
    """Returns the module that a file of tests/weights/made_files.py is of."""
    match file.partition("_")[0].partition(".")[0]:
        case "R02" | "R05" | "R44" | "R45":
            return _cifar()
        case "base":
            return _cifar() if "cifar" in file else ResNet()
        case "R12":
            return Recogniser()
        case "R14":
            return ResNet(in_channels=13, head="")
        case "R15":
            return ResNetForImageClassification()
        case "R17":
            return ResNetOfSequences()
        case "R18":
            return ResNet(stem_is_sequence=True)
        case _:
            return ResNet()
