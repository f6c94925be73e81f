"""What measuring gradients and signals costs: whole steps in turns, and the extra calls alone.

Three copies of one net train in turns of ten steps: without probes, with the default (every ten steps) and with probes
at every step. Of the calls alone, the norms of the weights' gradients, in float64, are also measured by themselves.
One torch thread, process CPU time. The calls alone are the surer figure: whole steps scatter by a few per cent.
"""

import time
from typing import Any

import torch
import torch.nn.functional as F

from benchmarks import outcome
from benchmarks.training_loop import compare, ours, recipe_of, take_turns
from resnet_viz.nets.build import build
from resnet_viz.training.engine import gradients as probes
from resnet_viz.training.engine.activations import measure_activations, standard_deviation
from resnet_viz.training.engine.images import ImageData, load_images
from resnet_viz.training.engine.norms import norms
from resnet_viz.training.recipe import Recipe

DEPTHS = (20, 56)
WIDTH = 4
REPEATS = 40


def calls_alone_ms(data: ImageData, recipe: Recipe) -> list[float]:
    """Returns CPU milliseconds of all that a probed step does beyond a plain one, time after time.

    The norms of the blocks' gradients and the signals of the forward pass are taken of tensors of the same shapes,
    since they happen inside backward and forward.
    """
    net = build(recipe.nets[0])
    watched = probes.measured_layers(net)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, fused=True)
    outputs: list[torch.Tensor] = []
    handles = [
        block.register_forward_hook(lambda _m, _i, output: outputs.append(output.detach()))
        for block in watched.blocks.values()
    ]
    x_BCHW, y_B = data.train_x_NCHW[: recipe.batch_size], data.train_y_N[: recipe.batch_size]
    F.cross_entropy(net(x_BCHW), y_B).backward()
    optimizer.step()
    for handle in handles:
        handle.remove()

    taken = []
    for _ in range(REPEATS):
        begun = time.process_time()
        with probes.measure_block_gradients(watched) as found, measure_activations(watched.blocks) as signals:
            pass
        for name, output in zip(watched.blocks, outputs, strict=True):
            found[name] = norms([output])
            signals.activation_std[name] = standard_deviation(output)
            signals.paths[name] = norms([output, output])
        measurement = probes.Measurement(watched, optimizer, found, signals)
        measurement.before_update()
        measurement.after_update()
        measurement.unpack(measurement.packed().tolist(), lr=0.1)
        taken.append((time.process_time() - begun) * 1e3)
    return taken[REPEATS // 4 :]


def weight_norms_alone_ms(data: ImageData, recipe: Recipe) -> list[float]:
    """Returns CPU milliseconds of the norms of all convolutions' weight gradients, read back, time after time."""
    net = build(recipe.nets[0])
    x_BCHW, y_B = data.train_x_NCHW[: recipe.batch_size], data.train_y_N[: recipe.batch_size]
    F.cross_entropy(net(x_BCHW), y_B).backward()
    gradients = [weight.grad for weight in probes.measured_layers(net).convs.values() if weight.grad is not None]
    taken = []
    for _ in range(REPEATS):
        begun = time.process_time()
        norms(gradients).tolist()
        taken.append((time.process_time() - begun) * 1e3)
    return taken[REPEATS // 4 :]


def measure(depth: int, data: ImageData) -> dict[str, Any]:
    default = recipe_of(depth, WIDTH)
    loops = {
        name: ours(data, recipe_of(depth, WIDTH, probe_every=every))
        for name, every in (("none", 100_000), ("default", default.probe_every), ("every_step", 1))
    }
    case = compare(take_turns(loops, time.process_time), "none")
    step_ms = case["cpu_ms_per_step"]["none"]["median"]
    alone = outcome.spread(calls_alone_ms(data, default))
    weights = outcome.spread(weight_norms_alone_ms(data, default))
    return {
        "weight_norms_alone_ms": weights,
        "percent_of_step_weight_norms_every_step": weights["median"] / step_ms * 100,
        "probe_every": default.probe_every,
        "whole_steps": case,
        "calls_alone_ms": alone,
        "percent_of_step_default": alone["median"] / default.probe_every / step_ms * 100,
        "percent_of_step_every_step": alone["median"] / step_ms * 100,
    }


def main() -> None:
    torch.set_num_threads(1)
    before = outcome.machine()
    data = load_images(recipe_of(20, WIDTH).data, image_size=14)
    measured = {}
    print(
        "net          step ms   calls alone ms   % of step: alone (default, every step), whole (default, every step);"
    )
    print(f"{'':<31}weight gradients' norms alone, every step")
    for depth in DEPTHS:
        case = measured[f"resnet{depth}-w{WIDTH}"] = measure(depth, data)
        ratios = case["whole_steps"]["times_ours"]
        whole = [(ratios[name]["median"] - 1) * 100 for name in ("default", "every_step")]
        print(
            f"ResNet-{depth:<6}{case['whole_steps']['cpu_ms_per_step']['none']['median']:>7.2f}"
            f"{case['calls_alone_ms']['median']:>17.3f}   "
            f"{case['percent_of_step_default']:.2f}, {case['percent_of_step_every_step']:.2f}; "
            f"{whole[0]:+.2f}, {whole[1]:+.2f}; {case['percent_of_step_weight_norms_every_step']:.2f}"
        )
    outcome.write("telemetry", measured, load_before=before)


if __name__ == "__main__":
    main()
