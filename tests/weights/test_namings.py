"""Weights under every naming in use are known, and in a net they compute what they computed before."""

import pytest
import torch
from torch import Tensor

from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.nets.weights import load
from resnet_viz.plan.lower import lower
from resnet_viz.plan.torchvision_keys import layers_of, state_shapes
from resnet_viz.spec.enums import StrideOn
from resnet_viz.spec.net import NetSpec
from resnet_viz.weights import key_map
from resnet_viz.weights.by_structure import BY_STRUCTURE
from resnet_viz.weights.identify import identify_weights
from resnet_viz.weights.namings import NAMINGS, OURS, Naming
from tests.weights.renamed import CASES, Renaming, case_id, renamed


def trained(spec: NetSpec, *, seed: int) -> Net:
    """A net in which no tensor has the value that another net of its kind begins with."""
    net = build(spec, seed=seed)
    generator = torch.Generator().manual_seed(seed)
    for key, tensor in net.state_dict().items():
        if tensor.is_floating_point() and tensor.dim() == 1:
            shift = 0.5 if key.endswith(("running_var", "weight")) else -0.5
            tensor.copy_(torch.rand(tensor.shape, generator=generator) + shift)
    return net.eval()


@torch.no_grad()
def logits(net: Net, spec: NetSpec) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    found: Tensor = net.eval()(torch.randn(2, spec.in_channels, *spec.image_sides, generator=generator))
    return found


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_shapes_lead_to_the_net_and_to_all_that_they_cannot_tell_from_it(case: tuple[Renaming, NetSpec]) -> None:
    naming, spec = case
    found = identify_weights(renamed(state_shapes(layers_of(lower(spec))), naming))
    assert found.naming == naming.name
    sized = [one.replace(image_size=spec.image_size) for one in found.specs]
    assert spec in sized
    for other in sized:
        assert isinstance(other, NetSpec)
        assert other.replace(shortcut=spec.shortcut, stride_on=spec.stride_on) == spec
    assert (found.missing, found.extra) == ((), ())


@pytest.mark.torch
@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_loaded_weights_give_equal_logits(case: tuple[Renaming, NetSpec]) -> None:
    naming, spec = case
    net, other = trained(spec, seed=1), build(spec, seed=2)
    expected = logits(net, spec)
    assert not torch.allclose(logits(other, spec), expected)
    assert load(other, renamed(net.state_dict(), naming)) == ()
    assert torch.equal(logits(other, spec), expected)
    assert all(torch.equal(tensor, net.state_dict()[key]) for key, tensor in other.state_dict().items())


@pytest.mark.parametrize("naming", NAMINGS, ids=lambda naming: naming.name)
def test_every_row_of_a_table_is_needed(naming: Naming, monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = [
        renamed(state_shapes(layers_of(lower(spec))), renaming)
        for renaming, spec in CASES
        if renaming.name == naming.name
    ]
    assert shapes or naming is OURS
    whole = [key_map.read_keys(one) for one in shapes]
    for row in naming.rows if naming is not OURS else ():
        shorter = naming._replace(rows=tuple(other for other in naming.rows if other is not row))
        monkeypatch.setattr(key_map, "NAMINGS", (shorter,))
        maps = [key_map.read_keys(one) for one in shapes]
        pairs = zip(maps, whole, strict=True)
        assert any(
            found is None or known is None or found.naming is BY_STRUCTURE or found.keys != known.keys
            for found, known in pairs
        ), row


def test_each_naming_has_a_source_and_a_name_of_its_own() -> None:
    assert len({naming.name for naming in NAMINGS}) == len(NAMINGS)
    assert all("/" in naming.source or "." in naming.source for naming in NAMINGS)


def test_a_source_that_strides_on_the_first_1x1_has_that_first() -> None:
    spec = {
        naming.name: identify_weights(renamed(state_shapes(layers_of(lower(net))), naming)).spec
        for naming, net in CASES
        if net.block == "bottleneck"
    }
    strides = {name: one.stride_on for name, one in spec.items() if isinstance(one, NetSpec)}
    assert strides.pop("detectron2") is StrideOn.FIRST_1X1  # MODEL.RESNETS.STRIDE_IN_1X1 = True
    assert strides.pop("Caffe2") is StrideOn.FIRST_1X1  # RESNETS.STRIDE_1X1 = True
    assert set(strides.values()) == {StrideOn.CONV_3X3}
