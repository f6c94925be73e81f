"""A net of MNIST gets grey images normalised as everybody does, even where the images themselves are not here."""

from pathlib import Path

import pytest

from resnet_viz.attribution.engine.nets import preprocessing
from resnet_viz.data import datasets
from resnet_viz.data.datasets import DataName
from resnet_viz.errors import DataError
from resnet_viz.spec.presets import residual_preset

pytestmark = pytest.mark.torch


def test_the_published_mean_and_std_take_the_place_of_missing_images(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(datasets.MNIST_VARIABLE, str(tmp_path))
    spec = residual_preset("cifar_resnet8", in_channels=1, image_size=28)
    found = preprocessing.of_data(spec, DataName.MNIST)
    assert (found.mean, found.std, found.is_grey) == ((0.1307,), (0.3081,), True)  # pytorch/examples, mnist/main.py
    with pytest.raises(DataError, match="lacks train-images-idx3-ubyte"):
        preprocessing.of_data(spec.replace(image_size=14), DataName.MNIST)  # pooled pixels have another std
