"""Orders of blocks and random damage: exchanges, Kendall's rank correlation, and what cannot run."""

import numpy as np
import pytest

from resnet_viz.attribution.sources.refs import NetRef
from resnet_viz.errors import SpecError
from resnet_viz.spec.enums import Shortcut, Stem
from resnet_viz.spec.net import NetSpec
from resnet_viz.theory.trained.lesions import (
    Damage,
    LesionQuestion,
    RandomDamageQuestion,
    RewiringQuestion,
    check_order,
    damage_sizes,
    draw_deletions,
    draw_order,
    kendall_tau,
    movable_blocks,
    shuffled,
    swapped,
)

NET = NetSpec(stem=Stem.CIFAR, blocks=(3, 3), widths=(4, 8), in_channels=1, image_size=16, num_classes=10)
ORDER = tuple(f"stage{stage}.block{block}" for stage in (1, 2) for block in (1, 2, 3))
STAGES = (("stage1.block1", "stage1.block2", "stage1.block3"), ("stage2.block2", "stage2.block3"))
PLAIN = NetRef.parse("shipped:plain20")


def test_blocks_that_change_the_shape_cannot_move() -> None:
    assert movable_blocks(NET) == STAGES
    assert movable_blocks(NET.replace(shortcut=Shortcut.NONE)) == STAGES


def test_an_exchange_twice_is_none() -> None:
    once = swapped(ORDER, "stage1.block1", "stage1.block3")
    assert once[:3] == ("stage1.block3", "stage1.block2", "stage1.block1")
    assert swapped(once, "stage1.block1", "stage1.block3") == ORDER


def test_rank_correlation_counts_pairs_within_stages() -> None:
    assert kendall_tau(ORDER, STAGES) == 1
    assert kendall_tau(ORDER[::-1], STAGES) == -1
    neighbours = swapped(ORDER, "stage1.block1", "stage1.block2")
    assert kendall_tau(neighbours, STAGES) == pytest.approx(1 - 2 / 4)  # one of four pairs is turned
    assert np.isnan(kendall_tau(ORDER, (("stage1.block1",),)))


@pytest.mark.parametrize(
    ("order", "message"),
    [
        (swapped(ORDER, "stage1.block1", "stage2.block2"), r"stage2\.block2 cannot run in the place of stage1\.block1"),
        (swapped(ORDER, "stage2.block1", "stage2.block2"), r"stage2\.block2 cannot run in the place of stage2\.block1"),
        (ORDER[1:], "each of the 6 blocks once; got 5"),
        (("stage9.block1", *ORDER[1:]), r"no block .stage9\.block1.; its blocks are stage1\.block1 to stage2\.block3"),
    ],
    ids=["another stage", "another shape", "one is missing", "unknown"],
)
def test_an_order_that_no_net_can_run_is_refused(order: tuple[str, ...], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        check_order(NET, order)


def test_random_orders_stay_within_their_stages_and_hang_on_the_seed_alone() -> None:
    for seed in range(20):
        found = shuffled(NET, 8, seed)
        check_order(NET, found)
        assert found == shuffled(NET, 8, seed)
    assert len({shuffled(NET, 8, seed) for seed in range(20)}) > 3  # an even number of exchanges reaches 6
    assert shuffled(NET, 0, 3) == ORDER
    single = NET.replace(blocks=(1, 1))
    assert draw_order(["stage1.block1", "stage2.block1"], movable_blocks(single), 4, np.random.default_rng(0)) == (
        "stage1.block1",
        "stage2.block1",
    )


def test_random_deletions_take_each_block_at_most_once() -> None:
    assert damage_sizes(Damage.DELETE, STAGES) == (1, 2, 4)
    found = draw_deletions(STAGES, 5, np.random.default_rng(0))
    assert sorted(found) == sorted(name for stage in STAGES for name in stage)


def test_questions_refuse_what_cannot_be_measured() -> None:
    with pytest.raises(SpecError, match="images"):
        LesionQuestion(nets=(PLAIN,), images=0)
    with pytest.raises(SpecError, match="nets"):
        RewiringQuestion(nets=(PLAIN, PLAIN))
    with pytest.raises(SpecError, match="draws"):
        RandomDamageQuestion(nets=(PLAIN,), draws=0)
