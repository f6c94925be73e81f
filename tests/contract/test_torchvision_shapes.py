"""A built net holds torchvision's tensors, one for one: golden/state_dict_shapes.json lists their shapes."""

import json

import pytest

from resnet_viz.nets.build import build
from resnet_viz.resources import ROOT
from resnet_viz.spec.presets import preset

pytestmark = pytest.mark.torch

GOLDEN = json.loads((ROOT / "tests" / "golden" / "state_dict_shapes.json").read_text("utf-8"))


@pytest.mark.parametrize("net", GOLDEN)
def test_state_dict_has_torchvisions_shapes_in_torchvisions_order(net: str) -> None:
    ours = build(preset(net), device="meta").state_dict()
    assert [list(tensor.shape) for tensor in ours.values()] == list(GOLDEN[net]["shapes"].values())


@pytest.mark.parametrize("net", GOLDEN)
def test_each_tensor_is_the_same_kind_as_torchvisions(net: str) -> None:
    kinds = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    ours = build(preset(net), device="meta").state_dict()
    for name, theirs in zip(ours, GOLDEN[net]["shapes"], strict=True):
        assert name.rpartition(".")[2] == theirs.rpartition(".")[2]
        assert name.rpartition(".")[2] in kinds


@pytest.mark.parametrize(("net", "num_entries"), [("resnet18", 122), ("resnet50", 320)])  # torchvision 0.29.2
def test_number_of_entries(net: str, num_entries: int) -> None:
    assert len(build(preset(net), device="meta").state_dict()) == num_entries
