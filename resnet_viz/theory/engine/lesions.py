"""Measures trained nets with blocks deleted, exchanged and shuffled.

Shape suffixes: N images, C channels, H and W pixels.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np
import torch

from resnet_viz.attribution.engine.lesion import accuracy_per_lesion, blocks_removed, run
from resnet_viz.attribution.engine.limits import batch_size
from resnet_viz.attribution.engine.progress import Tick, no_tick, subtick
from resnet_viz.attribution.sources.refs import NetRef
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.plan.lower import lower
from resnet_viz.theory.engine.trained_nets import NetWithImages, net_with_images
from resnet_viz.theory.trained.lesions import (
    Damage,
    DeletedBlock,
    LesionQuestion,
    RandomDamage,
    RandomDamageQuestion,
    RewiredAccuracy,
    RewiringQuestion,
    check_order,
    damage_sizes,
    draw_deletions,
    draw_order,
    kendall_tau,
    movable_blocks,
    swapped,
    unknown_block,
)

_WITHOUT: Final = float("nan")


def block_lesions(question: LesionQuestion, tick: Tick = no_tick) -> Iterator[DeletedBlock]:
    """Yields the accuracy of each net: whole, then without each of its blocks in running order.

    Raises:
        Refusal: a net is not there, has no blocks, or was not trained on a data set of this machine.
    """
    for place, ref in enumerate(question.nets):
        tested = net_with_images(ref, question.images)
        part = subtick(tick, place, len(question.nets))
        for lesion in accuracy_per_lesion(tested.loaded.net, tested.x_NCHW, tested.y_N, tick=part):
            accuracy = _WITHOUT if lesion.accuracy is None else lesion.accuracy
            yield DeletedBlock(net=place, block=lesion.block, accuracy=accuracy, refusal=lesion.refusal)


def rewired_accuracy(question: RewiringQuestion, tick: Tick = no_tick) -> Iterator[RewiredAccuracy]:
    """Yields the accuracy of a net with blocks deleted and exchanged.

    Raises:
        Refusal: the net is not there, has no such blocks, cannot run them in this order, or no path is left.
    """
    tested = net_with_images(question.nets[0], question.images)
    spec = tested.loaded.spec
    order = question.order or tuple(block.name for block in lower(spec).blocks)
    check_order(spec, order)
    whole = accuracy_of(tested, tick=subtick(tick, 0, 2))
    yield RewiredAccuracy(
        accuracy=accuracy_of(tested, deleted=question.deleted, order=order, tick=subtick(tick, 1, 2)),
        whole=whole,
        tau=kendall_tau(order, movable_blocks(spec)),
    )


def order_after(ref: NetRef, pairs: Iterable[tuple[str, str]], *, num_images: int) -> tuple[str, ...]:
    """Returns the order of a net's blocks after exchanges of two, one after the other.

    Raises:
        Refusal: the net is not there, or has no such blocks.
    """
    order = tuple(net_with_images(ref, num_images).loaded.net.blocks)
    for one, other in pairs:
        for name in (one, other):
            if name not in order:
                raise SpecError(unknown_block(name, order))
        order = swapped(order, one, other)
    return order


def random_damage(question: RandomDamageQuestion, tick: Tick = no_tick) -> Iterator[RandomDamage]:
    """Yields the accuracies after random deletions, then after random exchanges, more and more of them.

    Raises:
        Refusal: the net is not there, or has no two blocks that could be exchanged.
    """
    tested = net_with_images(question.nets[0], question.images)
    order, stages = list(tested.loaded.net.blocks), movable_blocks(tested.loaded.spec)
    if not any(len(stage) > 1 for stage in stages):
        raise SpecError(
            _("{title} has no two blocks of equal shape in a stage, so that none can be exchanged.").format(
                title=tested.loaded.title
            )
        )
    sizes = [(kind, number) for kind in Damage for number in damage_sizes(kind, stages)]
    rng, done, total = np.random.default_rng(question.seed), 0, len(sizes) * question.draws
    for kind, number in sizes:
        accuracies, taus = [], []
        for _draw in range(question.draws):
            deleted = draw_deletions(stages, number, rng) if kind is Damage.DELETE else ()
            drawn = draw_order(order, stages, number, rng) if kind is Damage.SWAP else order
            accuracies.append(accuracy_of(tested, deleted=deleted, order=drawn, tick=subtick(tick, done, total)))
            taus.append(kendall_tau(drawn, stages))
            done += 1
        yield RandomDamage(kind=kind, number=number, accuracies=tuple(accuracies), tau=float(np.mean(taus)))


def accuracy_of(
    tested: NetWithImages, *, deleted: Sequence[str] = (), order: Sequence[str] = (), tick: Tick = no_tick
) -> float:
    """Returns the accuracy of a net without some blocks, the others in an order; () for that of training."""
    net = tested.loaded.net
    blocks = net.blocks
    runs = iter(order or blocks)
    modules = [blocks[next(runs)] if name in blocks else module for name, module in net.pieces.items()]
    size, num_right, done = batch_size(net, tested.x_NCHW[:1]), 0, 0
    with torch.no_grad(), blocks_removed(net, deleted):
        for part_NCHW, label_N in zip(tested.x_NCHW.split(size), tested.y_N.split(size), strict=True):
            num_right += int((run(modules, part_NCHW).argmax(dim=1) == label_N).sum())
            done += len(part_NCHW)
            tick(done / len(tested.x_NCHW))
    return num_right / done
