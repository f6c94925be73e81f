"""Attribution through the two paths of an addition: the residual branch and the shortcut.

At an addition y = F + h the gradient g of a class's logit is the same for both, so that the attribution of y is exactly
the sum of those of F and h: along the straight path from a baseline to the image (conductance, Dhamdhere et al. 2019,
1805.12233), the integral of g dy is that of g dF plus that of g dh.

Every path from image to logit passes through every block's output, so that both parts sum to the same number at every
addition, the logit's change from baseline to image, except for the error of finite steps. A profile of whole blocks
over depth is therefore flat; blocks differ in the split.

Shape suffixes: P points of the path, C channels, H and W pixels.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import nan
from typing import Any, Final, NamedTuple

import torch
from torch import Tensor, nn

from resnet_viz.attribution.engine.hooks import instrumented
from resnet_viz.attribution.engine.limits import batch_size, check_finite, check_target
from resnet_viz.attribution.engine.progress import Tick, no_tick
from resnet_viz.nets.modules import Add, Net

STEPS: Final = 200  # with 50 the first additions of a trained ResNet-56 are off by half of the logit's change


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class AdditionShare:
    """Attribution through one addition, in logits.

    Attributes:
        block: its name.
        branch: through the residual branch.
        shortcut: through the shortcut.
        whole: measured at their sum.
        branch_HW: `branch` pixel by pixel of the block's map.
        shortcut_HW: `shortcut` likewise.
    """

    block: str
    branch: float
    shortcut: float
    whole: float
    branch_HW: Tensor
    shortcut_HW: Tensor

    @property
    def branch_share(self) -> float:
        """|branch| / (|branch| + |shortcut|), as the branch share of training is defined; NaN for 0 / 0."""
        both = abs(self.branch) + abs(self.shortcut)
        return abs(self.branch) / both if both else nan


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class DepthProfile:
    """Attribution over depth.

    Attributes:
        shares: of all additions in running order; () for a plain net.
        change: logit of the image minus logit of the baseline, which each `whole` should equal.
    """

    shares: tuple[AdditionShare, ...]
    change: float

    @property
    def delta(self) -> float:
        """Largest distance of a `whole` from `change`, the error of the finite steps."""
        return max((abs(share.whole - self.change) for share in self.shares), default=0.0)


class _AdditionInputs(NamedTuple):
    """Inputs and output of an addition, one row for each point."""

    branch_PCHW: Tensor
    shortcut_PCHW: Tensor
    sum_PCHW: Tensor


class _Split(NamedTuple):
    """Attribution of an addition, pixel by pixel and in float64, for sums of many parts."""

    branch_HW: Tensor
    shortcut_HW: Tensor
    whole_HW: Tensor


def along_path(
    net: Net, x_1CHW: Tensor, *, target: int, baseline_1CHW: Tensor, steps: int = STEPS, tick: Tick = no_tick
) -> DepthProfile:
    """Returns the shares of conductance along the straight path from a baseline to an image.

    All additions at once, by the trapezoid rule: one forward and backward pass for each of `steps` + 1 points, a few
    points together.

    Args:
        net: in evaluation mode.
        x_1CHW: the image, as the net sees it.
        target: class whose logit is explained.
        baseline_1CHW: start of the path.
        steps: of the path.
        tick: receives the share that is done; it may raise, which ends the work.

    Raises:
        SpecError: there is no such class, or its logits are not finite.
    """
    check_target(net, target)
    alphas_P = torch.linspace(0.0, 1.0, steps + 1, dtype=x_1CHW.dtype)
    splits: dict[str, _Split] = {}
    last: dict[str, tuple[_AdditionInputs, Tensor]] = {}
    logits: list[float] = []
    with instrumented(net, tick=tick, forwards=steps + 1):
        for some_P in alphas_P.split(batch_size(net, x_1CHW)):
            x_PCHW = baseline_1CHW + some_P[:, None, None, None] * (x_1CHW - baseline_1CHW)
            logits_P, meetings, gradients = _through(net, x_PCHW, target)
            check_finite([logits_P])
            for block, meeting in meetings.items():
                now = (meeting, gradients[block])
                piece = _conductance(*(_behind(last[block], now) if block in last else now))
                splits[block] = _Split(*map(torch.add, splits[block], piece)) if block in splits else piece
                last[block] = _AdditionInputs(*(part[-1:].clone() for part in meeting)), gradients[block][-1:].clone()
            logits += logits_P.tolist()
    return DepthProfile(shares=_shares(splits), change=logits[-1] - logits[0])


@contextmanager
def watched_additions(net: Net) -> Iterator[dict[str, _AdditionInputs]]:
    """Keeps the inputs and output of each block's addition in forward passes inside; removes its hooks afterwards."""
    found: dict[str, _AdditionInputs] = {}
    handles = []
    try:
        for name, block in net.blocks.items():
            handles += [add.register_forward_hook(_hook(name, found)) for add in additions(block)]
        yield found
    finally:
        for handle in handles:
            handle.remove()


def additions(block: nn.Module) -> tuple[Add, ...]:
    """Returns the additions of a block; () for a plain one."""
    return tuple(module for module in block.children() if isinstance(module, Add))


def _hook(name: str, found: dict[str, _AdditionInputs]) -> Any:
    def keep(_module: nn.Module, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        found[name] = _AdditionInputs(*inputs, output)

    return keep


def _through(net: Net, x_PCHW: Tensor, target: int) -> tuple[Tensor, dict[str, _AdditionInputs], dict[str, Tensor]]:
    """Returns the target's logits, and by block the inputs of its addition and the logit's gradient there."""
    with torch.enable_grad(), watched_additions(net) as meetings:
        logits_P = net(x_PCHW.detach().requires_grad_())[:, target]
    sums = [meeting.sum_PCHW for meeting in meetings.values()]
    found = torch.autograd.grad(logits_P.sum(), sums) if sums else ()
    detached = {
        block: _AdditionInputs(*(part_PCHW.detach() for part_PCHW in meeting)) for block, meeting in meetings.items()
    }
    return logits_P.detach(), detached, dict(zip(meetings, found, strict=True))


def _behind(
    before: tuple[_AdditionInputs, Tensor], now: tuple[_AdditionInputs, Tensor]
) -> tuple[_AdditionInputs, Tensor]:
    """Returns rows of points with the row of the last point before them in front."""
    return _AdditionInputs(*(torch.cat(pair) for pair in zip(before[0], now[0], strict=True))), torch.cat(
        [before[1], now[1]]
    )


def _conductance(meeting: _AdditionInputs, gradient_PCHW: Tensor) -> _Split:
    between_PCHW = (gradient_PCHW[1:] + gradient_PCHW[:-1]) / 2
    return _Split(*(_summed(between_PCHW * part_PCHW.diff(dim=0)) for part_PCHW in meeting))


def _summed(values_PCHW: Tensor) -> Tensor:
    return values_PCHW.sum(dim=(0, 1), dtype=torch.float64)


def _shares(splits: dict[str, _Split]) -> tuple[AdditionShare, ...]:
    return tuple(
        AdditionShare(
            block=block,
            branch=float(split.branch_HW.sum()),
            shortcut=float(split.shortcut_HW.sum()),
            whole=float(split.whole_HW.sum()),
            branch_HW=split.branch_HW.float(),
            shortcut_HW=split.shortcut_HW.float(),
        )
        for block, split in splits.items()
    )
