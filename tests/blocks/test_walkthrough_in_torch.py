"""The walk in numpy and the block in torch: every tensor on the way is the same."""

import numpy as np
import pytest
import torch
from torch import nn

from resnet_viz.blocks.single import single_block
from resnet_viz.blocks.variants import VARIANTS, BlockSettings
from resnet_viz.blocks.walkthrough import IMAGE_HW, KERNELS, Map, can_walk, walk
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Dropout

pytestmark = pytest.mark.torch

RANDOM_HW = np.random.default_rng(0).normal(size=(6, 6))


@pytest.mark.parametrize("image_HW", [IMAGE_HW, IMAGE_HW - 2, RANDOM_HW], ids=["usual", "lower", "random"])
@pytest.mark.parametrize("has_norm", [True, False])
@pytest.mark.parametrize("name", [name for name in VARIANTS if can_walk(VARIANTS[name])])
def test_every_tensor_is_that_of_torch(name: str, has_norm: bool, image_HW: Map) -> None:
    found = single_block(VARIANTS[name], BlockSettings(width=1, size=6, has_norm=has_norm))
    net = build(found.spec, seed=0).double().train()
    block = net.get_submodule(found.block.name)
    heard: dict[str, torch.Tensor] = {}
    for leaf, module in block.named_modules():
        if isinstance(module, nn.Conv2d):
            own = "gate" if leaf.startswith("gate") else "shortcut" if leaf.startswith("shortcut") else leaf[7:]
            weight = {"gate": [[0.0]], "shortcut": [[1.0]]}.get(own)
            with torch.no_grad():
                module.weight[0, 0] = torch.tensor(KERNELS[own] if weight is None else weight)
        if isinstance(module, Dropout):
            module.eval()
        module.register_forward_hook(lambda _m, _i, output, leaf=leaf: heard.update({leaf: output}))
    block(torch.tensor(image_HW)[None, None])
    for step in walk(VARIANTS[name], image_HW, has_norm=has_norm):
        if step.node:
            output = heard[step.node.name.removeprefix(f"{found.block.name}.")]
            assert np.allclose(output[0, 0].detach().numpy(), step.values_HW, rtol=0, atol=1e-6), step.node.name
