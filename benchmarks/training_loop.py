"""The training loop against the plainest PyTorch loop and one with a DataLoader: same net, batches and process.

The loops take turns of STEPS steps in changing order; the ratio of two loops is taken turn by turn. One torch thread,
process CPU time, so that other processes count as little as possible. Our loop has what a run has by default: records
with loss and accuracy, schedule, probes every ten steps.
"""

import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

from benchmarks import outcome
from resnet_viz.data.images import ImageData, batches, load
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.spec.presets import residual
from resnet_viz.training.loop import train
from resnet_viz.training.recipe import Recipe

TURNS = 30
STEPS = 10
CASES = ((20, 4), (56, 4), (20, 8))  # depth, width; 14 px, batch 64


def recipe_of(depth: int, width: int, **fields: Any) -> Recipe:
    spec = residual(f"cifar_resnet{depth}", widths=(width, 2 * width, 4 * width), in_channels=1, image_size=14)
    return Recipe(nets=(spec,), **{"steps": 100_000, "eval_every": 100_000, **fields})


def ours(data: ImageData, recipe: Recipe) -> Iterator[Any]:
    records = train(build(recipe.nets[0]), data, recipe, label=recipe.labels[0])
    next(records)
    return records


def plainest(data: ImageData, recipe: Recipe) -> Iterator[Any]:
    order = batches(len(data.train_y_N), batch_size=recipe.batch_size, seed=recipe.seed)
    return _plain_steps(build(recipe.nets[0]), recipe, ((data.train_x_NCHW[i], data.train_y_N[i]) for i in order))


def with_loader(data: ImageData, recipe: Recipe) -> Iterator[Any]:
    loader = DataLoader(
        TensorDataset(data.train_x_NCHW, data.train_y_N), batch_size=recipe.batch_size, shuffle=True, drop_last=True
    )
    return _plain_steps(build(recipe.nets[0]), recipe, itertools.chain.from_iterable(itertools.repeat(loader)))


def _plain_steps(net: Net, recipe: Recipe, pairs: Iterator[Any]) -> Iterator[float]:
    optimizer = torch.optim.SGD(
        net.parameters(), lr=recipe.lr, momentum=recipe.momentum, weight_decay=recipe.weight_decay
    )
    for x_BCHW, y_B in pairs:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x_BCHW), y_B)
        loss.backward()
        optimizer.step()
        yield loss.item()


def take_turns(loops: dict[str, Iterator[Any]], clock: Callable[[], float]) -> dict[str, list[float]]:
    """Returns milliseconds per step of each loop, turn by turn; the first turn warms up and is dropped."""
    taken: dict[str, list[float]] = {name: [] for name in loops}
    names = list(loops)
    for turn in range(TURNS + 1):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            begun = clock()
            for _ in range(STEPS):
                next(loops[name])
            taken[name].append((clock() - begun) / STEPS * 1e3)
    return {name: values[1:] for name, values in taken.items()}


def compare(taken: dict[str, list[float]], ours_name: str) -> dict[str, Any]:
    """Returns the spread of each loop's ms per step, and of the ratio of every other loop to ours."""
    ratios = {
        name: outcome.spread([other / own for other, own in zip(values, taken[ours_name], strict=True)])
        for name, values in taken.items()
        if name != ours_name
    }
    return {
        "cpu_ms_per_step": {name: outcome.spread(values) for name, values in taken.items()},
        "times_ours": ratios,
        "ratio_of_medians": {
            name: statistics.median(values) / statistics.median(taken[ours_name]) for name, values in taken.items()
        },
    }


def main() -> None:
    torch.set_num_threads(1)
    before = outcome.machine()
    data = load(recipe_of(20, 4).data, image_size=14)
    measured = {}
    print(f"{'net':<14}{'ours':>10}{'plainest':>10}{'loader':>10}   CPU ms per step; plainest / ours, loader / ours")
    for depth, width in CASES:
        recipe = recipe_of(depth, width)
        loops = {"ours": ours(data, recipe), "plainest": plainest(data, recipe), "loader": with_loader(data, recipe)}
        case = compare(take_turns(loops, time.process_time), "ours")
        measured[f"resnet{depth}-w{width}"] = case
        ms, times = case["cpu_ms_per_step"], case["ratio_of_medians"]
        print(
            f"{f'ResNet-{depth} w{width}':<14}"
            + "".join(f"{ms[name]['median']:>10.2f}" for name in loops)
            + f"   {times['plainest']:.3f}, {times['loader']:.3f}"
        )
    outcome.write("training_loop", measured, load_before=before)


if __name__ == "__main__":
    main()
