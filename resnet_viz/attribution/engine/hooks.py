"""Context managers that install hooks on a net, and restore modules and random state afterwards.

Captum works with hooks on the modules and with the global random generators.
"""

import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from resnet_viz.attribution.engine.progress import Tick
from resnet_viz.nets.modules import Net

_HOOKS: Final = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
_LEFT_BY_DEEP_LIFT: Final = ("input", "output")  # set on each rectifier, deleted by a backward pass that comes through


@contextmanager
def instrumented(net: Net, *, tick: Tick, forwards: int) -> Iterator[None]:
    """Reports progress from inside the passes of a net, and restores its hooks afterwards.

    Args:
        net: its hooks are the same afterwards, also after a failure.
        tick: receives the share that is done at each block, forwards and backwards; it may raise.
        forwards: number of images that will pass through the net.
    """
    with _left_as_it_was(net), ExitStack() as hooks, warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="captum")  # it warns at each hook and gradient
        for hook in _ticking(net, tick, forwards):
            hooks.callback(hook.remove)
        yield


@contextmanager
def separate_inputs(net: Net) -> Iterator[None]:
    """Gives each module whose gradient Captum replaces an input tensor of its own.

    Captum hooks the input tensor. Where another module reads the same tensor, as the shortcut does
    in front of a rectifier that comes first in its branch (relu_only_preact), it would replace their gradient too.
    Behind a rectifier, a pool's hook would come too late. Overlapping pools are left out: Captum's rule for them drops
    what a pixel gives to all but one window, so that it is better that the rule comes too late.
    """
    with ExitStack() as hooks:
        for module in net.modules():
            if _has_rule(module):
                hooks.callback(module.register_forward_pre_hook(_copied).remove)
        yield


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seeds the global generators of torch and numpy inside, and restores their state afterwards.

    GradientShap draws its noise from torch's and the points of the path from numpy's.
    """
    state = np.random.get_state()
    try:
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            np.random.seed(seed % 2**32)
            yield
    finally:
        np.random.set_state(state)


@contextmanager
def _left_as_it_was(net: Net) -> Iterator[None]:
    before = {module: {name: set(getattr(module, name)) for name in _HOOKS} for module in net.modules()}
    try:
        yield
    finally:
        for module, known in before.items():
            for name in _HOOKS:
                hooks: dict[int, Any] = getattr(module, name)
                for key in hooks.keys() - known[name]:
                    del hooks[key]
            for name in _LEFT_BY_DEEP_LIFT:
                module.__dict__.pop(name, None)


def _ticking(net: Net, tick: Tick, forwards: int) -> Iterator[Any]:
    blocks = net.blocks.values()
    total = forwards * len(blocks)
    done = 0

    def report(_grad: Tensor | None = None) -> None:
        tick(min(1.0, done / total))

    def on_block(_block: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal done
        done += len(output)
        report()
        if output.requires_grad:
            output.register_hook(report)

    for block in blocks:
        yield block.register_forward_hook(on_block)


def _has_rule(module: nn.Module) -> bool:
    if isinstance(module, nn.MaxPool2d):
        return module.kernel_size == module.stride
    return isinstance(module, nn.ReLU | nn.Sigmoid)


def _copied(_module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return tuple(each.clone() for each in inputs)
