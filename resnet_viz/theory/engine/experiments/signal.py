"""Experiments of deeper nets by construction, the identity as a task, depth, λ, gates, orders and shattering."""

from collections.abc import Callable
from functools import lru_cache, partial
from itertools import pairwise
from statistics import fmean
from typing import Final

from resnet_viz.attribution.sources.refs import NetKind, NetRef
from resnet_viz.spec.enums import Order, Shortcut
from resnet_viz.theory.engine.gate_product import gate_products
from resnet_viz.theory.engine.growth import grown_nets
from resnet_viz.theory.engine.identity_task import identity_losses
from resnet_viz.theory.engine.order_signals import order_signals
from resnet_viz.theory.engine.shattering import shatter_curves
from resnet_viz.theory.engine.shortcut_factor import factor_gradients, gradients_through_shortcuts
from resnet_viz.theory.experiment import Experiment
from resnet_viz.theory.gate_product import GateQuestion, closed_product
from resnet_viz.theory.gradients import first_to_last
from resnet_viz.theory.identity_task import IdentityQuestion, join, ratios
from resnet_viz.theory.loss_by_depth import Protocol, loss_by_depth
from resnet_viz.theory.order_signals import OrderQuestion, OrderSignals
from resnet_viz.theory.shattering import ShatterCurve, ShatterQuestion, independent_gates
from resnet_viz.theory.shortcut_factor import FactorQuestion, powers
from resnet_viz.theory.trained.growth import Filling, GrownNet, GrowthQuestion
from resnet_viz.training.lab_nets import NetType

_HE_2015: Final = "He et al. 2015"
_HE_2016: Final = "He et al. 2016"
_BALDUZZI: Final = "Balduzzi et al. 2017"
_NETS: Final = (NetRef(NetKind.SHIPPED, "resnet20"), NetRef(NetKind.SHIPPED, "plain20"))
_SEEDS: Final = tuple(range(8))  # of shattered gradients


@lru_cache(maxsize=1)
def _grown_nets() -> tuple[GrownNet, ...]:
    return tuple(grown_nets(GrowthQuestion(nets=_NETS, counts=(9,), images=200)))


def _grown(filling: Filling, value: Callable[[GrownNet], float]) -> tuple[float, ...]:
    return tuple(value(one) for one in _grown_nets() if one.filling is filling)


def _identity(blocks: int) -> tuple[float, ...]:
    return tuple(ratios(join(identity_losses(IdentityQuestion(blocks=blocks)))).values())


def _depth(kind: NetType, shallow: int, deep: int, protocol: Protocol = Protocol.USUAL) -> float:
    return loss_by_depth(protocol).change(kind, shallow, deep).mean


def _product(value: float) -> float:
    return powers(value, 54)[-1]


def _independent(layers: int, place: int) -> float:
    return independent_gates(layers)[place]


def _through_shortcuts(value: float) -> float:
    """Returns the relative error of λ^17."""
    spec = FactorQuestion(value=value).spec(Order.FULL_PREACT)
    _names, norms = gradients_through_shortcuts(spec, seed=0)
    return abs(norms[0] / value**17 - 1)


def _whole(value: float) -> tuple[float, ...]:
    return tuple(first_to_last(one.whole) for one in factor_gradients(FactorQuestion(value=value)))


def _gate(kind: Shortcut, bias: float) -> float:
    (product,) = (one.product for one in gate_products(GateQuestion(biases=(bias,))) if one.kind is kind)
    return product


@lru_cache(maxsize=1)
def _orders() -> tuple[OrderSignals, ...]:
    return tuple(order_signals(OrderQuestion()))


def _order(order: Order, field: str) -> tuple[float, ...]:
    return tuple(getattr(one, field)[-1] for one in _orders() if one.order is order)


def _least_rise(order: Order) -> float:
    """Returns the least change of the mean output from a unit to the next."""
    means = [one.mean for one in _orders() if one.order is order]
    return min(after - before for mean in means for before, after in pairwise(mean))


def _shattered(kind: NetType, layers: int, *, has_norm: bool = True, beta: float = 1.0) -> float:
    question = ShatterQuestion(layers=layers, has_norm=has_norm, beta=beta, seeds=_SEEDS)
    return fmean(one.correlations[1] for one in _curves(question) if one.kind is kind)


@lru_cache(maxsize=8)  # a question has both nets, which are two rows
def _curves(question: ShatterQuestion) -> tuple[ShatterCurve, ...]:
    return tuple(shatter_curves(question))


_CONSTRUCTION: Final = (
    Experiment(
        id="construction_identity_difference", instrument="construction", source=f"{_HE_2015}, section 1",
        expected="0: 20 layers grown to 56 by blocks that do nothing, largest difference of a logit",
        measure=partial(_grown, Filling.IDENTITY, lambda one: one.difference), low=0.0, high=0.0, is_cheap=False,
    ),
    Experiment(
        id="construction_identity_accuracy", instrument="construction", source=f"{_HE_2015}, section 1",
        expected="that of the trained nets, 0.93", measure=partial(_grown, Filling.IDENTITY, lambda one: one.accuracy),
        low=0.88, high=0.97, is_cheap=False,
    ),
    Experiment(
        id="construction_random_accuracy", instrument="construction", source="guessing among ten classes",
        expected="0.1", measure=partial(_grown, Filling.RANDOM, lambda one: one.accuracy), low=0.05, high=0.2,
        is_cheap=False,
    ),
    *(
        Experiment(
            id=f"nothing_{blocks}", instrument="nothing", source=f"{_HE_2015}, section 3.1; the task is ours",
            expected=f"plain / residual above {least:g} after 200 steps", measure=partial(_identity, blocks),
            low=least, high=1e4, is_cheap=False,
        )
        for blocks, least in ((1, 10.0), (3, 4.0), (9, 1.4))
    ),
    Experiment(
        id="depth_plain_8_20", instrument="depth", source=f"{_HE_2015}, figure 1 in small; stored, eight seeds",
        expected="above 0: degradation", measure=partial(_depth, NetType.PLAIN, 8, 20), low=0.05, high=0.2,
    ),
    Experiment(
        id="depth_residual_8_20", instrument="depth", source=f"{_HE_2015}, figure 4 in small; stored, eight seeds",
        expected="below 0: deeper is better", measure=partial(_depth, NetType.RESIDUAL, 8, 20), low=-0.1, high=-0.01,
    ),
    Experiment(
        id="depth_plain_20_56_identity", instrument="depth",
        source=f"{_HE_2015}, figure 1 in small; stored, twelve fresh seeds", expected="above 0: degradation",
        measure=partial(_depth, NetType.PLAIN, 20, 56, Protocol.IDENTITY), low=0.4, high=0.9,
    ),
    Experiment(
        id="depth_residual_8_20_identity", instrument="depth",
        source=f"{_HE_2015}, figure 4 in small; stored, twelve fresh seeds", expected="below 0: deeper is better",
        measure=partial(_depth, NetType.RESIDUAL, 8, 20, Protocol.IDENTITY), low=-0.12, high=-0.03,
    ),
    Experiment(
        id="depth_residual_20_56_identity", instrument="depth",
        source=f"{_HE_2015}, figure 4 in small; stored, twelve fresh seeds", expected="below 0: deeper is better",
        measure=partial(_depth, NetType.RESIDUAL, 20, 56, Protocol.IDENTITY), low=-0.06, high=-0.005,
    ),
)  # fmt: skip

_FACTORS: Final = (
    *(
        Experiment(
            id=f"lambda_product_{value:g}", instrument="lambda", source=f"{_HE_2016}, equation 6",
            expected=f"{value:g}^54 = {value**54:.3g}", measure=partial(_product, value),
            low=value**54 * (1 - 1e-12), high=value**54 * (1 + 1e-12),
        )
        for value in (0.5, 0.8, 0.9, 1.1, 2.0)
    ),
    *(
        Experiment(
            id=f"lambda_through_shortcuts_{value:g}", instrument="lambda", source=f"{_HE_2016}, equation 8, first term",
            expected=f"{value:g}^17 = {value**17:.4g}; relative error", measure=partial(_through_shortcuts, value),
            low=0.0, high=1e-10,
        )
        for value in (0.5, 0.9, 1.0, 1.1)
    ),
    *(
        Experiment(
            id=f"lambda_whole_gradient_{value:g}", instrument="lambda", source=f"{_HE_2016}, equation 8, ResNet-110",
            expected=expected, measure=partial(_whole, value), low=low, high=high, is_cheap=False,
        )
        for value, expected, low, high in (
            (0.5, "not 0.5^53 = 1.1e-16: it grows", 1e4, 1e8),
            (0.9, "not 0.9^53 = 0.0038: it grows", 50.0, 1e4),
            (1.1, "1.1^53 = 156", 50.0, 3e3),
            (2.0, "2^53 = 9.0e15", 1e15, 1e17),
        )
    ),
    *(
        Experiment(
            id=f"lambda_product_gate_{bias:g}", instrument="lambda", source=f"{_HE_2016}, section 3.1, W_g x = 0",
            expected=f"(1 - σ({bias:g}))^54 = {expected:g}", measure=partial(closed_product, bias, 54),
            low=expected * 0.99, high=expected * 1.01,
        )
        for bias, expected in ((0.0, 5.55e-17), (-3.0, 0.0725), (-5.0, 0.696), (-6.0, 0.875), (-7.0, 0.952))
    ),
    Experiment(
        id="gate_exclusive_-6", instrument="lambda", source=f"{_HE_2016}, section 3.1, built ResNet-110",
        expected="0.875 where W_g x = 0", measure=partial(_gate, Shortcut.EXCLUSIVE_GATING, -6.0), low=0.78, high=0.88,
    ),
    Experiment(
        id="gate_shortcut_only_-6", instrument="lambda", source=f"{_HE_2016}, section 3.1, built ResNet-110",
        expected="far below 0.875, for activations grow", measure=partial(_gate, Shortcut.SHORTCUT_ONLY_GATING, -6.0),
        low=0.01, high=0.2,
    ),
)  # fmt: skip

_ORDERS: Final = (
    *(
        Experiment(
            id=f"relu_monotone_mean_{order}", instrument="orders", source=f"{_HE_2016}, figure 4", expected=expected,
            measure=partial(_order, order, "mean"), low=low, high=high, is_cheap=False,
        )
        for order, expected, low, high in (
            (Order.ORIGINAL, "3.9 after 30 units", 3.6, 4.2),
            (Order.BN_AFTER_ADD, "0.24", 0.19, 0.30),
            (Order.RELU_BEFORE_ADD, "12.1", 11.6, 12.6),
            (Order.RELU_ONLY_PREACT, "0", -0.05, 0.05),
            (Order.FULL_PREACT, "0", -0.6, 0.6),
        )
    ),
    Experiment(
        id="relu_monotone_rise", instrument="orders", source=f"{_HE_2016}, section 4.1, order (c)",
        expected="never below 0: F >= 0", measure=partial(_least_rise, Order.RELU_BEFORE_ADD), low=0.0, high=1.0,
        is_cheap=False,
    ),
    *(
        Experiment(
            id=f"relu_monotone_cut_{order}", instrument="orders", source=f"{_HE_2016}, figure 4, last ReLU",
            expected=expected, measure=partial(_order, order, "cut"), low=low, high=high, is_cheap=False,
        )
        for order, expected, low, high in (
            (Order.ORIGINAL, "0.10 of the sums", 0.07, 0.13),
            (Order.BN_AFTER_ADD, "0.70 of the sums", 0.65, 0.75),
        )
    ),
)  # fmt: skip

_SHATTERING: Final = (
    *(
        Experiment(
            id=f"shattered_gates_{name}_{layers}", instrument="shattering", source=f"{_BALDUZZI}, independent gates",
            expected=f"{expected:.5g}", measure=partial(_independent, layers, place),
            low=expected * (1 - 1e-6), high=expected * (1 + 1e-6),
        )
        for name, place, layers, expected in (
            ("feed_forward", 0, 5, 2**-5), ("residual", 1, 5, 0.75**5), ("residual_norm", 2, 5, 0.4511718750),
            ("feed_forward", 0, 10, 2**-10), ("residual", 1, 10, 0.75**10), ("residual_norm", 2, 10, 0.3363761902),
        )
    ),
    *(
        Experiment(
            id=f"shattered_acf_{name}", instrument="shattering", source=f"{_BALDUZZI}, figure 1; our reading",
            expected=expected, measure=partial(_shattered, kind, layers, has_norm=has_norm, beta=beta),
            low=low, high=high, is_cheap=False,
        )
        for name, kind, layers, has_norm, beta, expected, low, high in (
            ("feed_forward_10", NetType.PLAIN, 10, True, 1.0, "0.20: shattering", 0.08, 0.32),
            ("feed_forward_24", NetType.PLAIN, 24, True, 1.0, "0: shattered", -0.15, 0.10),
            ("residual_10", NetType.RESIDUAL, 10, True, 1.0, "0.81", 0.70, 0.90),
            ("residual_24", NetType.RESIDUAL, 24, True, 1.0, "0.65", 0.53, 0.76),
            ("residual_50", NetType.RESIDUAL, 50, True, 1.0, "0.54", 0.42, 0.66),
            ("residual_50_beta_0.1", NetType.RESIDUAL, 50, True, 0.1, "0.83", 0.70, 0.93),
            ("feed_forward_24_no_norm", NetType.PLAIN, 24, False, 1.0, "0.86: not shattered", 0.75, 1.0),
        )
    ),
)  # fmt: skip

EXPERIMENTS: Final = (*_CONSTRUCTION, *_FACTORS, *_ORDERS, *_SHATTERING)
