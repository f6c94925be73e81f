"""The training loop against three peers: the plainest PyTorch loop, d2l's, and the fastest plain setting of this CPU.

The loops take turns of STEPS steps in changing order; the ratio of two loops is taken turn by turn. One torch thread,
process CPU time, so that other processes count as little as possible. Our loop has what a run has by default: records
with loss and accuracy, schedule, probes every ten steps.

The DataLoader makes batches of tensors that lie ready. d2l's loop reads every image on its own, as bytes, and turns it
into a small picture of numbers when it is asked for, as its transforms ToTensor and Resize do; here in the same
process, so that its CPU time counts.

The race is measured by the clock on the wall: four nets in threads of their own with all that is recorded, against the
plainest loop for one net after the other in the fastest of all settings of threads, memory layout and fused optimiser.
On a machine with other work the latter says little.
"""

import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset, TensorDataset

from benchmarks import outcome
from resnet_viz.nets.build import build
from resnet_viz.nets.modules import Net
from resnet_viz.spec.presets import residual_preset
from resnet_viz.training import budget, recipe_files
from resnet_viz.training.engine.images import ImageData, batches, load_images
from resnet_viz.training.engine.loop import train
from resnet_viz.training.engine.race import race
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import Step

TURNS = 30
STEPS = 10
RACE_STEPS = 60
RACE_TURNS = 7
TRIAL_STEPS = 15
CASES = ((20, 4), (56, 4), (20, 8))  # depth, width; 14 px, batch 64


def recipe_of(depth: int, width: int, **fields: Any) -> Recipe:
    spec = residual_preset(f"cifar_resnet{depth}", widths=(width, 2 * width, 4 * width), in_channels=1, image_size=14)
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


class Pictures(Dataset[tuple[torch.Tensor, torch.Tensor]]):
    """Images as bytes, each of which is turned into numbers when it is asked for."""

    def __init__(self, data: ImageData) -> None:
        low, high = data.train_x_NCHW.aminmax()
        self._bytes_NCHW = ((data.train_x_NCHW - low) / (high - low) * 255).round().to(torch.uint8)
        self._y_N = data.train_y_N

    def __len__(self) -> int:
        return len(self._y_N)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        x_CHW = self._bytes_NCHW[index].to(torch.float32).div(255)
        size = (x_CHW.shape[-2], x_CHW.shape[-1])
        return F.interpolate(x_CHW.unsqueeze(0), size=size, mode="bilinear").squeeze(0), self._y_N[index]


def as_in_d2l(data: ImageData, recipe: Recipe) -> Iterator[Any]:
    loader = DataLoader(Pictures(data), batch_size=recipe.batch_size, shuffle=True, drop_last=True)
    return _plain_steps(build(recipe.nets[0]), recipe, itertools.chain.from_iterable(itertools.repeat(loader)))


class Setting(NamedTuple):
    """How the plainest loop may be set."""

    threads: int
    is_channels_last: bool
    is_fused: bool


def race_against_fastest(data: ImageData) -> dict[str, Any]:
    """Returns images per second of a race and of the plainest loop in its fastest setting, by the clock on the wall."""
    recipe = recipe_of(20, 4, steps=RACE_STEPS).replace(nets=recipe_files.make("degradation", {}).nets)
    cores = budget.num_cores()
    settings = [Setting(*one) for one in itertools.product(sorted({1, cores}), (False, True), (False, True))]
    tried = {setting: _plain_images_per_s(data, recipe, setting, TRIAL_STEPS) for setting in settings}
    fastest = max(tried, key=lambda setting: tried[setting])
    taken: dict[str, list[float]] = {"ours": [], "fastest_plain": []}
    for turn in range(RACE_TURNS):
        for name in list(taken) if turn % 2 else list(reversed(taken)):
            if name == "ours":
                taken[name].append(_race_images_per_s(data, recipe))
            else:
                taken[name].append(_plain_images_per_s(data, recipe, fastest, recipe.steps))
    ratios = [own / other for own, other in zip(taken["ours"], taken["fastest_plain"], strict=True)]
    return {
        "fastest": fastest._asdict(),
        "images_per_s": {name: outcome.spread(values) for name, values in taken.items()},
        "ours_times_fastest": outcome.spread(ratios),
    }


def _race_images_per_s(data: ImageData, recipe: Recipe) -> float:
    """Counts from the first step to the last but one: building nets and looking at the test images is no training."""
    torch.set_num_threads(1)
    moments: dict[int, float] = {}
    for record in race(recipe, data=data):
        if isinstance(record, Step):
            moments[record.step] = time.perf_counter()
    last = recipe.steps - 2
    return recipe.batch_size * last * len(recipe.nets) / (moments[last] - moments[0])


def _plain_images_per_s(data: ImageData, recipe: Recipe, setting: Setting, steps: int) -> float:
    torch.set_num_threads(setting.threads)
    spent = 0.0
    for spec in recipe.nets:
        net = build(spec)
        if setting.is_channels_last:
            net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        order = batches(len(data.train_y_N), batch_size=recipe.batch_size, seed=recipe.seed)
        pairs = ((data.train_x_NCHW[i], data.train_y_N[i]) for i in order)
        loop = _plain_steps(net, recipe, pairs, is_fused=setting.is_fused)
        next(loop)
        begun = time.perf_counter()
        for _ in range(steps):
            next(loop)
        spent += time.perf_counter() - begun
    torch.set_num_threads(1)
    return recipe.batch_size * steps * len(recipe.nets) / spent


def _plain_steps(net: Net, recipe: Recipe, pairs: Iterator[Any], *, is_fused: bool = False) -> Iterator[float]:
    optimizer = torch.optim.SGD(
        net.parameters(),
        lr=recipe.lr,
        momentum=recipe.momentum,
        weight_decay=recipe.weight_decay,
        fused=is_fused or None,
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
    data = load_images(recipe_of(20, 4).data, image_size=14)
    measured = {}
    heads = "".join(f"{name:>10}" for name in ("ours", "plainest", "loader", "d2l"))
    print(f"{'net':<14}{heads}   CPU ms per step; plainest, loader, d2l / ours")
    for depth, width in CASES:
        recipe = recipe_of(depth, width)
        loops = {
            "ours": ours(data, recipe),
            "plainest": plainest(data, recipe),
            "loader": with_loader(data, recipe),
            "d2l": as_in_d2l(data, recipe),
        }
        case = compare(take_turns(loops, time.process_time), "ours")
        measured[f"resnet{depth}-w{width}"] = case
        ms, times = case["cpu_ms_per_step"], case["ratio_of_medians"]
        print(
            f"{f'ResNet-{depth} w{width}':<14}"
            + "".join(f"{ms[name]['median']:>10.2f}" for name in loops)
            + f"   {times['plainest']:.3f}, {times['loader']:.3f}, {times['d2l']:.3f}",
            flush=True,
        )
    case = measured["race"] = race_against_fastest(data)
    rates, ratio = case["images_per_s"], case["ours_times_fastest"]
    print(
        f"race of four: {rates['ours']['median']:,.0f} images/s, fastest plain {rates['fastest_plain']['median']:,.0f} "
        f"({case['fastest']}); ours / fastest {ratio['median']:.3f} ({ratio['q1']:.3f} to {ratio['q3']:.3f})"
    )
    outcome.write("training_loop", measured, load_before=before)


if __name__ == "__main__":
    main()
