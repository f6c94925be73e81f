"""ImageNet weights that torchvision publishes, under the names of the presets. No torch.

Addresses and accuracies are those of torchvision 0.20's documentation (`IMAGENET1K_V1`, the recipes of the papers; for
ResNeXt-101 64x4d the only one). The eight digits in a file's name begin its SHA-256: they are checked.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

BASE_URL: Final = "https://download.pytorch.org/models/"
MEAN: Final = (0.485, 0.456, 0.406)
STD: Final = (0.229, 0.224, 0.225)


class TorchvisionWeights(NamedTuple):
    """Weights to download.

    Attributes:
        file: its name after BASE_URL.
        num_bytes: approximate size.
        accuracy: top-1 on ImageNet's validation images with one central crop, 0 to 1.
    """

    file: str
    num_bytes: int
    accuracy: float

    @property
    def url(self) -> str:
        """Address of the file."""
        return f"{BASE_URL}{self.file}"


def _mb(megabytes: float) -> int:
    return round(megabytes * 2**20)


TORCHVISION_WEIGHTS: Final[Mapping[str, TorchvisionWeights]] = {
    "resnet18": TorchvisionWeights("resnet18-f37072fd.pth", _mb(44.661), 0.69758),
    "resnet34": TorchvisionWeights("resnet34-b627a593.pth", _mb(83.275), 0.73314),
    "resnet50": TorchvisionWeights("resnet50-0676ba61.pth", _mb(97.781), 0.76130),
    "resnet101": TorchvisionWeights("resnet101-63fe2227.pth", _mb(170.511), 0.77374),
    "resnet152": TorchvisionWeights("resnet152-394f9c45.pth", _mb(230.434), 0.78312),
    "resnext50_32x4d": TorchvisionWeights("resnext50_32x4d-7cdf4587.pth", _mb(95.789), 0.77618),
    "resnext101_32x8d": TorchvisionWeights("resnext101_32x8d-8ba56ff5.pth", _mb(339.586), 0.79312),
    "resnext101_64x4d": TorchvisionWeights("resnext101_64x4d-173b62eb.pth", _mb(319.318), 0.83246),
    "wide_resnet50_2": TorchvisionWeights("wide_resnet50_2-95faca4d.pth", _mb(131.82), 0.78468),
    "wide_resnet101_2": TorchvisionWeights("wide_resnet101_2-32ee1156.pth", _mb(242.896), 0.78848),
    "vgg11": TorchvisionWeights("vgg11-8a719046.pth", _mb(506.84), 0.69020),
    "vgg13": TorchvisionWeights("vgg13-19584684.pth", _mb(507.545), 0.69928),
    "vgg16": TorchvisionWeights("vgg16-397923af.pth", _mb(527.796), 0.71592),
    "vgg19": TorchvisionWeights("vgg19-dcbb9e9d.pth", _mb(548.051), 0.72376),
    "vgg11_bn": TorchvisionWeights("vgg11_bn-6002323d.pth", _mb(506.881), 0.70370),
    "vgg13_bn": TorchvisionWeights("vgg13_bn-abd245e5.pth", _mb(507.59), 0.71586),
    "vgg16_bn": TorchvisionWeights("vgg16_bn-6c64b313.pth", _mb(527.866), 0.73360),
    "vgg19_bn": TorchvisionWeights("vgg19_bn-c79401a0.pth", _mb(548.143), 0.74218),
}
