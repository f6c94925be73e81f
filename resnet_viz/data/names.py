"""What the data sets are called. The values stand in addresses and saved runs."""

from enum import StrEnum


class DataName(StrEnum):
    """Data sets to train on."""

    FASHION_MNIST_SUBSET = "fashion_mnist_subset"  # 10,000 + 2,000 images, shipped
    FASHION_MNIST = "fashion_mnist"  # 60,000 + 10,000 images
    GRATINGS = "gratings"  # 8,000 + 1,600 images, computed
    CIFAR10 = "cifar10"  # 50,000 + 10,000 images in colour
