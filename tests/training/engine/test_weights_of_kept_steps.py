"""A file of a run's kept step opens like any other weights file: net by net, each as what it is."""

from pathlib import Path

import pytest
import torch

from resnet_viz.errors import DataError
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.nets.weights_file import read_weights
from resnet_viz.spec.presets import preset
from resnet_viz.training.engine import checkpoint_file
from resnet_viz.training.engine.checkpoint_file import RaceState
from resnet_viz.weights.files.shapes import read_shapes

pytestmark = pytest.mark.torch


def written(path: Path, **labelled: Net) -> Path:
    states = tuple(
        checkpoint_file.capture(net, torch.optim.SGD(net.parameters(), lr=0.1), label=label, seconds=1.0, is_over=False)
        for label, net in labelled.items()
    )
    checkpoint_file.write(RaceState(step=3, nets=states), path)
    return path


def test_each_net_of_a_step_is_read_as_what_it_is(tmp_path: Path) -> None:
    nets = {"plain": build(preset("cifar_plain8")), "residual": build(preset("cifar_resnet8"))}
    path = written(tmp_path / "step.pt", **nets)
    with pytest.raises(DataError, match=r"2 sets of weights.*plain \(tensors: \d+\), residual"):
        read_shapes(path)
    for label, net in nets.items():
        read = read_weights(path, entry=label)
        assert (read.spec, read.entries) == (net.spec, ("plain", "residual"))
        assert read.tensors.keys() == net.state_dict().keys()
        assert all(torch.equal(read.tensors[key], tensor) for key, tensor in net.state_dict().items())
        assert read_shapes(path, entry=label).shapes == {key: tuple(t.shape) for key, t in read.tensors.items()}


def test_the_only_net_of_a_step_needs_no_choice(tmp_path: Path) -> None:
    net = build(preset("cifar_plain8"))
    assert read_weights(written(tmp_path / "step.pt", only=net)).spec == net.spec


def test_the_spec_of_a_kept_step_goes_on_with_it(tmp_path: Path) -> None:
    path = written(tmp_path / "step.pt", only=build(preset("cifar_plain8")))
    checkpoint_file.write(checkpoint_file.read(path), tmp_path / "again.pt")
    assert read_shapes(tmp_path / "again.pt").spec == preset("cifar_plain8")
