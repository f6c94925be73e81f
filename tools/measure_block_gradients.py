"""Measures the gradient at the blocks of untrained nets and writes `assets/measured/block_gradients.toml`.

`python -m tools.measure_block_gradients`: about half a minute on one core. The net is a CIFAR net of one kind of block;
the ratio is the norm of the gradient at the output of its first block divided by that at its last.
"""

from typing import Final

import torch
from torch.nn import functional as F

from resnet_viz.blocks.measured import FILE, block_gradients
from resnet_viz.blocks.variants import VARIANTS, VariantGroup, variants_of
from resnet_viz.data.datasets import DataName
from resnet_viz.nets.build import build
from resnet_viz.spec.presets import preset
from resnet_viz.training.engine.images import batches, load_images

HOW: Final = (
    "CIFAR net of widths 4, 8 and 16 with batch norm, untrained, He initialisation, one batch of 64 Fashion-MNIST "
    "images of 14 px, training mode, cross entropy, float64; seeds 0, 1, 2 for weights and batch"
)
SEEDS: Final = (0, 1, 2)
DEPTHS: Final = {VariantGroup.ORDERS: (56, 110), VariantGroup.SHORTCUTS: (110,)}
BANDS: Final = {  # set on seeds 0 to 2, then tried on seeds 3 to 12 without a miss; depth 56
    "a_original": (6, 40),
    "b_bn_after_add": (25, 300),
    "c_relu_before_add": (3, 30),
    "d_relu_only_preact": (6, 40),
    "e_full_preact": (12, 90),
    "plain": (1_000, 20_000),
}
_BATCH: Final = 64
_SIDE: Final = 14


def first_to_last(variant: str, depth: int, seed: int) -> float:
    """Returns the ratio of the first block's gradient to the last's."""
    spec = preset(
        f"cifar_resnet{depth}", widths=(4, 8, 16), in_channels=1, image_size=_SIDE, **VARIANTS[variant].fields
    )
    net = build(spec, seed=seed).double().train()
    data = load_images(DataName.FASHION_MNIST_SUBSET, image_size=_SIDE)
    images_N = next(batches(len(data.train_y_N), batch_size=_BATCH, seed=seed))
    outputs: list[torch.Tensor] = []
    blocks = list(net.blocks.values())
    for block in (blocks[0], blocks[-1]):
        block.register_forward_hook(lambda _module, _inputs, output: outputs.append(output))
    with torch.random.fork_rng():  # of dropout
        torch.manual_seed(seed)
        loss = F.cross_entropy(net(data.train_x_NCHW[images_N].double()), data.train_y_N[images_N])
    first, last = torch.autograd.grad(loss, outputs)
    return float(first.norm() / last.norm())


def main() -> None:
    """Measures every order and every operation on the shortcut, and writes the file."""
    rows = []
    for group, depths in DEPTHS.items():
        for variant in variants_of(group):
            for depth in depths:
                ratios = ", ".join(f"{first_to_last(variant.id, depth, seed):.4g}" for seed in SEEDS)
                band = f", band = {list(BANDS[variant.id])}" if depth == 56 else ""
                rows.append(f'  {{ variant = "{variant.id}", depth = {depth}, ratios = [{ratios}]{band} }},')
                print(rows[-1])
    head = f'# Written by `python -m tools.measure_block_gradients`.\nhow = "{HOW}"\n\nresults = [\n'
    FILE.write_text(head + "\n".join(rows) + "\n]\n", encoding="utf-8")
    block_gradients.cache_clear()
    assert block_gradients().how == HOW


if __name__ == "__main__":
    main()
