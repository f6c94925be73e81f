"""Measures the early exits of trained nets: the head behind each block, and a ridge classifier behind each block.

Shape suffixes: N images, C channels, H and W pixels, K classes.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import torch
from torch import Tensor, nn

from resnet_viz.attribution.engine.lesion import run
from resnet_viz.attribution.engine.limits import batch_size
from resnet_viz.attribution.engine.progress import Tick, no_tick, subtick
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.nets.modules import Net, ResidualBlock
from resnet_viz.theory.engine.trained_nets import NetWithImages, net_with_images, training_images
from resnet_viz.theory.trained.early_exits import RIDGE, TRAIN_IMAGES, Exit, ExitAccuracy, ExitQuestion, head_refusal

_WITHOUT: Final = float("nan")


def exit_accuracies(question: ExitQuestion, tick: Tick = no_tick) -> Iterator[ExitAccuracy]:
    """Yields the accuracy of the head behind the stem and each block of each net, then that of ridge classifiers.

    Raises:
        Refusal: a net is not there, has no blocks, or was not trained on a data set of this machine.
    """
    for place, ref in enumerate(question.nets):
        tested, part = net_with_images(ref, question.images), subtick(tick, place, len(question.nets))
        names = ("", *tested.loaded.net.blocks)
        if len(names) == 1:
            raise SpecError(_("{title} has no blocks.").format(title=tested.loaded.title))
        refusal = head_refusal(tested.loaded.spec)
        if refusal:
            yield ExitAccuracy(net=place, kind=Exit.HEAD, block="", depth=0, accuracy=_WITHOUT, refusal=refusal)
        else:
            for depth, accuracy in enumerate(_head_accuracies(tested, subtick(part, 0, 2))):
                yield ExitAccuracy(net=place, kind=Exit.HEAD, block=names[depth], depth=depth, accuracy=accuracy)
        for depth, accuracy in enumerate(_ridge_accuracies(tested, subtick(part, 1, 2))):
            yield ExitAccuracy(net=place, kind=Exit.RIDGE, block=names[depth], depth=depth, accuracy=accuracy)


def _head_accuracies(tested: NetWithImages, tick: Tick) -> list[float]:
    """Returns the accuracies of the head behind the stem and behind each block, all later branches deleted."""
    net, x_NCHW = tested.loaded.net, tested.x_NCHW
    groups, right = _groups(net), [0] * (1 + len(net.blocks))
    parts = x_NCHW.split(batch_size(net, x_NCHW[:1]))
    with torch.no_grad():
        for number, (part_NCHW, label_N) in enumerate(
            zip(parts, tested.y_N.split(len(parts[0])), strict=True), start=1
        ):
            for depth, group in enumerate(groups):
                part_NCHW = run(group, part_NCHW)  # noqa: PLW2901 - through the net, block by block
                seen_NCHW = part_NCHW
                for later in groups[depth + 1 :]:
                    seen_NCHW = _through_shortcuts(later, seen_NCHW)
                right[depth] += int((net.head(seen_NCHW).argmax(dim=1) == label_N).sum())
            tick(number / len(parts))
    return [num / len(x_NCHW) for num in right]


def _groups(net: Net) -> list[list[nn.Module]]:
    """Returns the modules before the head: the stem, then each block with what follows it in its stage."""
    groups: list[list[nn.Module]] = [[]]
    for name, module in net.pieces.items():
        if name in net.blocks:
            groups.append([])
        if module is not net.head:
            groups[-1].append(module)
    return groups


def _through_shortcuts(modules: Sequence[nn.Module], x_NCHW: Tensor) -> Tensor:
    for module in modules:
        if isinstance(module, ResidualBlock):
            x_NCHW = module.post(module.shortcut(module.pre(x_NCHW)))
        else:
            x_NCHW = module(x_NCHW)
    return x_NCHW


def _ridge_accuracies(tested: NetWithImages, tick: Tick) -> list[float]:
    """Returns the accuracies of ridge classifiers on channel means behind the stem and each block."""
    net = tested.loaded.net
    train_x_NCHW, train_y_N = training_images(tested, TRAIN_IMAGES)
    test_means = _channel_means(net, tested.x_NCHW, subtick(tick, 0, 2))
    train_means = _channel_means(net, train_x_NCHW, subtick(tick, 1, 2))
    num_classes = int(train_y_N.max()) + 1
    return [
        float((_ridge_scores(train_NC, train_y_N, test_NC, num_classes).argmax(dim=1) == tested.y_N).float().mean())
        for train_NC, test_NC in zip(train_means, test_means, strict=True)
    ]


def _channel_means(net: Net, x_NCHW: Tensor, tick: Tick) -> list[Tensor]:
    """Returns the means of all channels behind the stem and each block, (N, C) in float64."""
    groups = _groups(net)
    found: list[list[Tensor]] = [[] for _group in groups]
    parts = x_NCHW.split(batch_size(net, x_NCHW[:1]))
    with torch.no_grad():
        for number, part_NCHW in enumerate(parts, start=1):
            for depth, group in enumerate(groups):
                part_NCHW = run(group, part_NCHW)  # noqa: PLW2901 - through the net, block by block
                found[depth].append(part_NCHW.mean(dim=(2, 3), dtype=torch.float64))
            tick(number / len(parts))
    return [torch.cat(means) for means in found]


def _ridge_scores(train_NC: Tensor, label_N: Tensor, test_NC: Tensor, num_classes: int) -> Tensor:
    """Returns the scores of the classes, (N, K): ridge regression of ones and zeros, with an unpenalised constant."""
    mean_C = train_NC.mean(dim=0)
    centred_NC = train_NC - mean_C
    target_NK = nn.functional.one_hot(label_N, num_classes).double()
    gram_CC = centred_NC.T @ centred_NC + RIDGE * torch.eye(len(mean_C), dtype=torch.float64)
    weight_CK = torch.linalg.solve(gram_CC, centred_NC.T @ (target_NK - target_NK.mean(dim=0)))
    score_NK: Tensor = (test_NC - mean_C) @ weight_CK + target_NK.mean(dim=0)
    return score_NK
