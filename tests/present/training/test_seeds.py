"""Losses and accuracies over the seeds of a recipe: means, standard deviations, and how often depth costs."""

import math
from dataclasses import replace

import pytest

from resnet_viz.present.training import seeds
from resnet_viz.runs.run import Curve
from resnet_viz.spec.presets import residual_preset
from resnet_viz.spec.titles import run_titles

PLAIN = (residual_preset("cifar_plain20"), residual_preset("cifar_plain56"))
TITLES = run_titles(PLAIN)


def curve(net: str, loss: float, accuracy: float = 0.5) -> Curve:
    return Curve(
        net=net,
        attempt=1,
        steps=(0, 1),
        loss=(loss, loss),
        accuracy=(0.5, 0.5),
        seconds=(0.1, 0.2),
        test_steps=(1,),
        test_loss=(loss,),
        test_accuracy=(accuracy,),
        images_per_s=1.0,
    )


def test_the_message_counts_seeds_and_gives_means_and_deviations() -> None:
    by_seed = {
        seed: [curve("plain-20", shallow), curve("plain-56", deep)]
        for seed, (shallow, deep) in enumerate([(0.6, 1.5), (0.7, 1.3), (0.5, 1.7)])
    }
    (message,) = seeds.sentences(PLAIN, by_seed)
    deep, shallow = message.index("plain-56"), message.index("plain-20")
    assert deep < shallow < message.index("3 of 3") < message.index("1.50 ± 0.20") < message.index("0.60 ± 0.10")


def test_the_table_has_means_and_deviations_over_the_seeds() -> None:
    by_seed = {0: [curve("plain-20", 0.6, 0.7)], 1: [curve("plain-20", 0.8, 0.9)]}
    (row,) = seeds.table(TITLES, by_seed)
    assert list(row.values()) == ["plain-20", 2, 0.7, 0.1414, 0.8, 0.1414]


def test_a_seed_that_diverged_has_no_mean_and_is_said() -> None:
    by_seed = {
        0: [curve("plain-20", 0.6), curve("plain-56", math.nan)],
        1: [curve("plain-20", 0.8), curve("plain-56", 1)],
    }
    _shallow, deep = seeds.table(TITLES, by_seed)
    assert list(deep.values())[2:4] == [None, None]
    (message,) = seeds.sentences(PLAIN, by_seed)
    assert "1 of 2" in message
    assert message.index("not finite") < message.index("0.70 ± 0.14")


def over(*pairs: tuple[float, float]) -> str:
    """The message about pairs of losses of plain-20 and plain-56, one for each seed."""
    by_seed = {n: [curve("plain-20", a), curve("plain-56", b)] for n, (a, b) in enumerate(pairs)}
    (message,) = seeds.sentences(PLAIN, by_seed)
    return message


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (
            ((0.38, 0.32), (0.37, 0.33), (0.39, 0.395)),
            "plain-56 has a lower loss (last 50 steps) than plain-20 in 2 of 3",
        ),
        (
            ((0.38, 0.42), (0.37, 0.33), (0.39, 0.395)),
            "plain-56 has a higher loss (last 50 steps) than plain-20 in 2 of 3",
        ),
        (((0.4, 0.5), (0.5, 0.4)), "plain-56 has a higher loss (last 50 steps) than plain-20 in 1 of 2"),
    ],
)
def test_the_more_frequent_result_is_counted(pairs: tuple[tuple[float, float], ...], message: str) -> None:
    assert over(*pairs).startswith(message)


def test_a_small_spread_has_a_digit_more() -> None:
    assert "0.319 ± 0.002 against 0.40 ± 0.01" in over((0.39, 0.317), (0.41, 0.321), (0.40, 0.319))


def test_of_several_depths_each_is_counted_against_the_next_shallower_one() -> None:
    nets = [residual_preset(f"cifar_plain{depth}") for depth in (8, 20, 56)]
    seed = [curve("plain-8", 0.5), curve("plain-20", 0.4), curve("plain-56", 1.0)]
    first, second = seeds.sentences(nets, {0: seed, 1: seed, 2: seed})
    assert first.startswith("plain-20 has a lower loss (last 50 steps) than plain-8 in 3 of 3 seeds")
    assert second.startswith("plain-56 has a higher loss (last 50 steps) than plain-20 in 3 of 3 seeds")


def test_two_nets_that_guess_in_every_seed_are_not_counted() -> None:
    message = over((2.3040, 2.3041), (2.3049, 2.3048), (2.3044, 2.3045))  # recipe no_norm
    assert message.startswith("Neither plain-20 nor plain-56 learns in any of 3 seeds")
    assert "higher" not in message


def test_a_seed_in_which_both_guess_is_counted_apart() -> None:
    message = over((0.5, 1.5), (2.303, 2.304), (0.6, 1.6))
    assert "in 2 of 2 seeds" in message
    assert message.endswith("; in 1 more seed both guess.")
    assert "0.55" in message


@pytest.mark.parametrize(
    ("pairs", "overlaps"),
    [
        (
            ((0.43, 0.49), (0.47, 0.59), (0.51, 0.53)),
            True,
        ),  # recipe degradation, pre-activation: 0.54 ± 0.05, 0.47 ± 0.04
        (((0.60, 1.46), (0.61, 1.78), (0.60, 1.23)), False),  # its plain nets
        (((0.50, 0.50), (0.50, 0.50)), True),
    ],
)
def test_means_that_overlap_within_their_deviations_are_said_to(
    pairs: tuple[tuple[float, float], ...], *, overlaps: bool
) -> None:
    assert ("overlap" in over(*pairs)) is overlaps


def test_a_loss_that_is_not_finite_overlaps_with_nothing() -> None:
    assert "overlap" not in over((0.6, math.nan), (0.7, 0.8))


def test_a_net_that_ended_long_before_the_others_is_not_compared_by_its_last_loss() -> None:
    def seed(shallow: float) -> list[Curve]:
        whole = replace(curve("plain-20", shallow), steps=(198, 199))
        return [whole, curve("plain-56", 1230.0)]  # diverged after step 1

    (message,) = seeds.sentences(PLAIN, {0: seed(2.0), 1: seed(2.1)})
    assert "1230" not in message
    assert "not compared: not finite in some seed against 2.05" in message
    assert "higher" not in message


def test_one_seed_has_no_spread() -> None:
    by_seed = {0: [curve("plain-20", 0.6), curve("plain-56", 1.0)]}
    assert seeds.sentences(PLAIN, by_seed) == []
    assert seeds.table(TITLES, by_seed) == []
