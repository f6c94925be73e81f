"""Messages of the instruments against numbers that are made up: each of their cases, and what has not come yet."""

import re

import pytest

from resnet_viz.present.theory import identity_task, loss_by_depth, order_signals, shattering, shortcut_factor
from resnet_viz.present.theory.numbers import listed, short
from resnet_viz.present.theory.trained import growth
from resnet_viz.spec.enums import Order, Shortcut
from resnet_viz.theory.gate_product import GateProduct
from resnet_viz.theory.identity_task import STEPS, IdentityCurve
from resnet_viz.theory.loss_by_depth import Change, DepthLosses, LossByDepth
from resnet_viz.theory.order_signals import OrderSignals
from resnet_viz.theory.shattering import MOST_LAG, POINTS, ShatterCurve
from resnet_viz.theory.shortcut_factor import FactorGradients
from resnet_viz.theory.trained.growth import Filling, GrownNet
from resnet_viz.training.lab_nets import NetType


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.00338, "0.00338"),
        (172.4, "172"),
        (9.998, "10.0"),
        (99_999, "1.0×10⁵"),
        (1530, "1,530"),
        (1.8e16, "1.8×10¹⁶"),
        (5.6e-17, "5.6×10⁻¹⁷"),
        (9.99e-8, "1.0×10⁻⁷"),
        (-0.5, "-0.5"),
        (float("nan"), "not a number"),
        (float("inf"), "not a number"),
    ],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert short(value) == text


def test_numbers_are_listed() -> None:
    assert listed([851.2, 0.5]) == "851, 0.5"


# ------------------------------------------------------------------------------------------------------------- λ


def gradients(first: float, *, seed: int = 0, value: float = 0.9) -> FactorGradients:
    return FactorGradients(
        seed=seed,
        blocks=("stage1.block1", "stage1.block2", "stage2.block1"),
        whole=(3.0 * first, 4.0, 3.0),
        last_stage=("stage2.block1",),
        through_shortcuts=(1.0,),
    )


@pytest.mark.parametrize(
    ("value", "ratios", "part"),
    [
        (0.9, (851.0, 316.0), "does not vanish, it grows"),
        (0.9, (0.2, 0.3), "shrinks"),
        (0.9, (0.2, 3.0), "Seeds differ"),
        (2.0, (9e15, 4e15), "The product decides"),
        (2.0, (1e3, 2e3), "not as λⁿ"),
        (1.0, (30.0, 20.0), "λ = 1"),
        (1.1, (0.5, 0.2), "Seeds differ"),
        (0.9, (float("nan"), 2.0), "no comparison"),
        (0.9, (0.0, 2.0), "no comparison"),
    ],
)
def test_the_verdict_on_a_factor_follows_the_numbers(value: float, ratios: tuple[float, ...], part: str) -> None:
    assert part in shortcut_factor.verdict(value, value**53, ratios)


def test_the_whole_gradient_names_each_seed() -> None:
    text = shortcut_factor.whole_text(0.9, 3, [gradients(851.0), gradients(316.0, seed=1)])
    assert "851, 316" in text
    assert shortcut_factor.whole_text(0.9, 3, []) == ""


def test_the_product_stands_alone_until_something_is_measured() -> None:
    assert "0.00376" in shortcut_factor.product_text(0.9, 54, [])
    assert "alone" not in shortcut_factor.product_text(0.9, 54, [])


def test_gates_are_compared_with_the_closed_form() -> None:
    records = [
        GateProduct(kind=Shortcut.EXCLUSIVE_GATING, bias=-6.0, product=0.833),
        GateProduct(kind=Shortcut.SHORTCUT_ONLY_GATING, bias=-6.0, product=0.0875),
    ]
    text = shortcut_factor.gate_text(records, 54)
    assert "shortcut-only" in text
    assert "10.0 times less" in text
    (row,) = shortcut_factor.gate_rows(records, 54)
    assert list(row.values()) == [-6.0, "0.875", "0.833", "0.0875"]
    assert shortcut_factor.gate_text([], 54) == ""


# -------------------------------------------------------------------------------------------------------- growth


def grown(
    *, count: int = 5, filling: Filling = Filling.IDENTITY, accuracy: float = 0.93, difference: float = 0.0,
    is_plain: bool = False,
) -> GrownNet:  # fmt: skip
    return GrownNet(
        place=int(is_plain), title="plain-20" if is_plain else "ResNet-20", is_plain=is_plain, filling=filling,
        old=(3, 3, 3), count=count, depth=6 * count + 2, accuracy=accuracy, difference=difference,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "parts"),
    [
        (grown(), ["6 blocks that do nothing", "10,000 logits", "same to the last bit", "0.930"]),
        (grown(difference=2e-7), ["should do nothing", "2.0×10⁻⁷"]),
        (grown(filling=Filling.RANDOM, accuracy=0.101, difference=33.0), ["random", "guessing"]),
        (grown(filling=Filling.RANDOM, accuracy=0.5, difference=33.0), ["random", "0.500"]),
        (grown(count=3), ["as it was trained"]),
    ],
)
def test_a_grown_net_is_described_by_its_numbers(one: GrownNet, parts: list[str]) -> None:
    text = growth.net_text(one, 1_000)
    assert all(part in text for part in parts), text
    assert ("guessing" in text) == (growth.is_guess(one.accuracy))


def test_the_lesson_needs_both_nets_and_no_difference() -> None:
    both = [grown(), grown(is_plain=True)]
    assert "plain block can be the identity" in growth.lesson(both)
    assert growth.lesson(both[:1]) == ""
    assert growth.lesson([grown(), grown(is_plain=True, difference=1e-9)]) == ""
    assert growth.lesson([grown(count=3), grown(count=3, is_plain=True)]) == ""


def test_nets_grow_while_their_sizes_come() -> None:
    records = [grown(count=3), grown(count=4), grown(count=6, filling=Filling.RANDOM)]
    assert growth.largest_count(records, 9, Filling.IDENTITY) == 4
    assert growth.largest_count(records, 3, Filling.IDENTITY) == 3
    assert growth.largest_count([], 7, Filling.IDENTITY) == 7


def test_an_exact_zero_is_shown_as_one() -> None:
    assert (growth.difference_text(0.0), growth.difference_text(2e-7)) == ("0.0", "2.0×10⁻⁷")


@pytest.mark.parametrize(("filling", "sign"), [(Filling.IDENTITY, "="), (Filling.RANDOM, "?")])
def test_the_picture_has_every_block_and_marks_the_new_ones(filling: Filling, sign: str) -> None:
    from resnet_viz.present.theme import Mode

    html = growth.picture([grown(count=7, filling=filling)], Mode.LIGHT)
    assert len(re.findall(r'title="trained"', html)) == 9
    assert len(re.findall(rf">\{sign}</div>", html)) == 12


# ------------------------------------------------------------------------------------------------------- nothing


def curve(kind: NetType, start: float, end: float, seed: int = 0) -> IdentityCurve:
    return IdentityCurve(kind=kind, seed=seed, losses=(start,) * 20 + (end,) * (STEPS - 20))


@pytest.mark.parametrize(
    ("curves", "parts"),
    [
        (
            [curve(NetType.PLAIN, 1.3, 0.05), curve(NetType.RESIDUAL, 0.6, 0.001)],
            ["50 times as far", "start nearer to it, too: 0.6 against 1.30"],
        ),
        (
            [curve(NetType.PLAIN, 1.4, 0.12), curve(NetType.RESIDUAL, 6.5, 0.06)],
            ["2 times", "start worse, 6.50 against 1.40", "from step 20 on"],
        ),
        (
            [curve(NetType.PLAIN, 1.4, 0.1), curve(NetType.RESIDUAL, 6.5, 0.4)],
            ["residual blocks are farther", "stay so"],
        ),
        (
            [curve(NetType.PLAIN, 1.4, 0.1), curve(NetType.RESIDUAL, 1.0, 0.4),
             curve(NetType.PLAIN, 1.4, 0.1, 1), curve(NetType.RESIDUAL, 1.0, 0.05, 1)],
            ["seeds differ", "0.25, 2"],
        ),
    ],
)  # fmt: skip
def test_the_race_to_the_identity_is_told_from_its_losses(curves: list[IdentityCurve], parts: list[str]) -> None:
    text = identity_task.identity_text(3, curves)
    assert all(part in text for part in parts), text


def test_nothing_is_claimed_before_a_pair_is_whole() -> None:
    half = IdentityCurve(kind=NetType.RESIDUAL, seed=0, losses=(1.0,) * 50)
    assert identity_task.identity_text(3, [curve(NetType.PLAIN, 1.3, 0.05), half]) == ""
    rows = identity_task.identity_rows([curve(NetType.PLAIN, 1.3, 0.05), half])
    assert (len(rows), list(rows[60].values())) == (STEPS, [60, 0.05, None])


# --------------------------------------------------------------------------------------------------------- depth


@pytest.mark.parametrize(
    ("differences", "part"),
    [
        ((0.1, 0.2, 0.3), "higher loss with 3 of 3 seeds, on average by +0.200 ± 0.058"),
        ((-0.1, -0.2, 0.01), "lower loss with 2 of 3 seeds"),
        ((0.1, 0.1, -0.5), "disagree"),
        ((-0.1, 0.3), "disagree"),
        ((0.1,), "settles nothing"),
    ],
)
def test_a_change_of_depth_counts_seeds(differences: tuple[float, ...], part: str) -> None:
    assert part in loss_by_depth.change_text(NetType.PLAIN, Change(8, 20, differences))


@pytest.mark.parametrize(
    ("plain", "residual", "part"),
    [(0.8, 0.05, "16 times less"), (0.1, -0.04, "they help"), (-0.1, -0.2, ""), (0.1, 0.2, "")],
)
def test_both_kinds_are_compared_only_where_depth_harms_plain_nets_more(
    plain: float, residual: float, part: str
) -> None:
    text = loss_by_depth.cost_text(Change(20, 56, (plain,)), Change(20, 56, (residual,)))
    assert part in text
    assert bool(text) == bool(part)


def test_neighbours_are_sorted_by_what_all_seeds_say() -> None:
    rows = tuple(
        DepthLosses(NetType.PLAIN, depth, losses)
        for depth, losses in ((8, (1.0, 1.0)), (14, (1.1, 1.2)), (20, (1.0, 1.1)), (32, (0.9, 1.3)))
    )
    text = loss_by_depth.neighbours_text(NetType.PLAIN, rows)
    assert "higher with every seed: 8 → 14 (+0.15)" in text
    assert "lower with every seed: 14 → 20 (-0.10)" in text
    assert "seeds differ: 20 → 32 (+0.05)" in text


def test_a_pair_has_a_message_for_both_kinds() -> None:
    rows = tuple(DepthLosses(kind, depth, (depth / 10, depth / 10)) for kind in NetType for depth in (8, 20))
    texts = loss_by_depth.pair_texts(LossByDepth("", "degradation", {}, rows), 8, 20)
    assert [text.split(",")[0] for text in texts] == ["Plain nets", "Residual nets"]
    plain, residual = rows[:2], (DepthLosses(NetType.RESIDUAL, 8, (1.0,)), DepthLosses(NetType.RESIDUAL, 20, (0.9,)))
    texts = loss_by_depth.pair_texts(LossByDepth("", "degradation", {}, (*plain, *residual)), 8, 20)
    assert [text[:8] for text in texts] == ["12 more ", "Plain ne", "Residual"]


@pytest.mark.parametrize(
    ("residual", "plain", "parts"),
    [
        ((0.3, 0.3, 0.5), (0.9, 0.9, 0.9), ("train better than 8 in 2 of 3 seeds", "worse in 3 of 3")),
        ((0.5, 0.5, 0.3), (0.1, 0.9, 0.1), ("train worse than 8 in 2 of 3 seeds", "better in 2 of 3")),
    ],
)
def test_the_headline_is_that_of_the_fresh_seeds(
    residual: tuple[float, ...], plain: tuple[float, ...], parts: tuple[str, str]
) -> None:
    rows = [
        DepthLosses(kind, depth, (100.0 / depth, *losses))  # the first seed chose the protocol
        for kind, deep in ((NetType.PLAIN, plain), (NetType.RESIDUAL, residual))
        for depth, losses in ((8, (0.4, 0.4, 0.4)), (20, deep))
    ]
    text = loss_by_depth.headline(LossByDepth("", "degradation", {}, tuple(rows), num_chosen=1), 8, 20)
    assert [part in text for part in parts] == [True, True]
    assert ("identity" in text) == ("better than 8" in text)


def test_means_are_of_the_fresh_seeds() -> None:
    rows = [DepthLosses(kind, depth, (9.0, depth / 10, depth / 10)) for kind in NetType for depth in (8, 20)]
    text = loss_by_depth.means_text(LossByDepth("", "degradation", {}, tuple(rows), num_chosen=1))
    assert text == ("Mean training loss of 2 seeds at 8, 20 layers: Residual nets 0.80 → 2.00, Plain nets 0.80 → 2.00.")


# -------------------------------------------------------------------------------------------------------- orders


def signals(order: Order, mean: tuple[float, ...], cut: tuple[float, ...] = ()) -> OrderSignals:
    return OrderSignals(order=order, seed=0, mean=mean, least=mean, std=mean, cut=cut)


def all_signals(rising: tuple[float, ...]) -> list[OrderSignals]:
    cuts = {Order.ORIGINAL: (0.0, 0.4, 0.1), Order.BN_AFTER_ADD: (0.0, 0.5, 0.7)}
    return [
        signals(order, rising if order is Order.RELU_BEFORE_ADD else (0.4, 1.0, 2.0), cuts.get(order, ()))
        for order in Order
    ]


def test_orders_are_told_at_the_chosen_unit() -> None:
    text = order_signals.orders_text(all_signals((0.4, 3.0, 6.0)), 2)
    assert "(a) 2.0" in text
    assert "(c) 6.0" in text
    assert "(c) never falls" in text
    assert "10% of the sums in (a) and 70% in (b)" in text
    assert "40% of the sums in (a) and 50% in (b)" in order_signals.orders_text(all_signals((0.4, 3.0, 6.0)), 1)


def test_that_c_never_falls_is_claimed_only_where_it_does_not() -> None:
    assert "never falls" not in order_signals.orders_text(all_signals((0.4, 3.0, 2.9)), 2)


def test_nothing_is_told_before_all_orders_have_come() -> None:
    assert order_signals.orders_text(all_signals((0.4, 3.0, 6.0))[:4], 2) == ""


# ---------------------------------------------------------------------------------------------------- shattering


def shattered(kind: NetType, correlation: float, seed: int = 0) -> ShatterCurve:
    return ShatterCurve(
        kind=kind, seed=seed, derivative=(0.5,) * POINTS, correlations=(1.0, correlation, *(0.0,) * (MOST_LAG - 1))
    )


@pytest.mark.parametrize(
    ("plain", "residual", "has_norm", "part"),
    [
        (0.0, 0.55, True, "feed-forward net is noise"),
        (0.1, 0.1, True, "Both gradients are noise"),
        (0.9, 0.95, True, "Neither gradient has shattered"),
        (0.9, 0.95, False, "Without batch norm"),
        (0.5, 0.7, True, "sooner"),
        (0.7, 0.5, True, "not ahead"),
    ],
)
def test_shattering_is_judged_by_neighbours(plain: float, residual: float, has_norm: bool, part: str) -> None:
    records = [shattered(NetType.PLAIN, plain), shattered(NetType.RESIDUAL, residual)]
    text = shattering.shatter_text(records, 24, has_norm=has_norm)
    assert part in text
    assert f"{plain:.2f}" in text


def test_several_seeds_have_a_spread() -> None:
    records = [shattered(kind, value, seed) for kind in NetType for seed, value in enumerate((0.1, 0.3))]
    assert "0.20 ± 0.14" in shattering.shatter_text(records, 24, has_norm=True)
    assert shattering.shatter_text(records[:2], 24, has_norm=True) == ""


def test_gates_are_told_at_the_chosen_number_of_layers() -> None:
    text = shattering.gates_text(10)
    assert "9.8×10⁻⁴" in text
    assert "0.336" in text
