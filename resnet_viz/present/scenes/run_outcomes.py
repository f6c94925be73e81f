"""Outcomes of training runs: verdicts and sentences from the curves of one seed or several.

With one seed two losses differ where one is `results.DEGRADED` times the other; with several, where their means are
farther apart than the sum of their standard deviations. Between the two the numbers do not decide.
"""

from collections.abc import Sequence
from math import isfinite
from statistics import fmean
from typing import Final

from resnet_viz.i18n import _
from resnet_viz.present.theory.order_signals import order_name
from resnet_viz.present.training import seeds
from resnet_viz.present.training.results import DEGRADED, chance_loss, degradation, is_guess, nets_by_architecture
from resnet_viz.present.training.seeds import CurvesBySeed, final_losses
from resnet_viz.scenes.scene import Outcome
from resnet_viz.spec.enums import Order
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.titles import run_labels
from resnet_viz.training.recipe import Recipe

CLOSE: Final = "close"
_MIN_ORDERS: Final = 2
Named = tuple[str, NetSpec]


def deeper_or_shallower(recipe: Recipe, by_seed: CurvesBySeed) -> Outcome:
    """Returns which depth has the lower training loss; plain nets decide where there are any."""
    nets = _ends(recipe, by_seed)
    if nets is None:
        return _one_depth()
    verdict = _depth_verdict(recipe, by_seed, nets)
    return Outcome(verdict="" if verdict == CLOSE else verdict, messages=_loss_messages(recipe, by_seed, nets))


def depth_with_shortcuts(recipe: Recipe, by_seed: CurvesBySeed) -> Outcome:
    """Returns which depth of the residual nets has the lower training loss, or that the two are close."""
    nets = _ends(recipe, by_seed, is_plain=False)
    if nets is None:
        return _one_depth()
    return Outcome(verdict=_depth_verdict(recipe, by_seed, nets), messages=_loss_messages(recipe, by_seed, nets))


def overfitting(recipe: Recipe, by_seed: CurvesBySeed) -> Outcome:
    """Returns whether the deepest net overfits: against the shallowest a lower training loss, a lower test accuracy."""
    nets = _ends(recipe, by_seed)
    if nets is None:
        return _one_depth()
    shallow, deep = (_accuracies(by_seed, label) for label, _spec in nets)
    messages = _loss_messages(recipe, by_seed, nets)
    if not shallow or not deep:
        return Outcome(verdict="", messages=(*messages, _("This run has not measured a test accuracy.")))
    titles = recipe.titles
    message = _("Test accuracy: {deep} {b:.3f}, {shallow} {a:.3f}.").format(
        deep=titles[nets[1][0]], shallow=titles[nets[0][0]], a=fmean(shallow), b=fmean(deep)
    )
    match _depth_verdict(recipe, by_seed, nets):
        case "shallower":
            verdict = "not_overfitting"
        case "deeper" if fmean(deep) < fmean(shallow):
            verdict = "overfitting"
        case _:
            verdict = ""
    return Outcome(verdict=verdict, messages=(*messages, message))


def best_order(recipe: Recipe, by_seed: CurvesBySeed) -> Outcome:
    """Returns the activation order with the lowest training loss among nets that differ in nothing else."""
    labels = dict(zip(run_labels(recipe.nets), recipe.nets, strict=True))
    losses = {net.order: _losses(by_seed, label) for label, net in labels.items()}
    alike = len({net.replace(order=Order.ORIGINAL) for net in recipe.nets}) == 1
    if not alike or len(losses) < _MIN_ORDERS:
        return Outcome(verdict="", messages=(_("This run does not compare activation orders of one net."),))
    learned = {order: own for order, own in losses.items() if own and all(map(isfinite, own))}
    if len(learned) < len(losses):
        return Outcome(verdict="", messages=(_("Some order has no loss that is finite: the orders are not compared."),))
    ranked = sorted(learned, key=lambda order: fmean(learned[order]))
    first = learned[ranked[0]]
    is_ahead = all(_differ(first, learned[other]) for other in ranked[1:])
    listed = ", ".join(f"{order_name(order)} {_mean(learned[order])}" for order in ranked)
    messages = [_("Training loss at the end: {listed}.").format(listed=listed)]
    near = [order_name(order) for order in ranked[1:] if not _differ(first, learned[order])]
    if near:
        message = _("{first} is the lowest, but too close to {near} to be called the best.")
        messages.insert(0, message.format(first=order_name(ranked[0]), near=", ".join(near)))
    return Outcome(verdict=ranked[0].value if is_ahead else "", messages=tuple(messages))


def _ends(recipe: Recipe, by_seed: CurvesBySeed, *, is_plain: bool | None = None) -> tuple[Named, Named] | None:
    """Returns the shallowest and the deepest net of the first architecture with several depths, or None."""
    trained = {curve.net for curves in by_seed.values() for curve in curves if curve.steps}
    found = nets_by_architecture(recipe.nets, trained)
    own = next((nets for nets in found if is_plain is None or nets[0][1].is_plain is is_plain), None)
    return None if own is None else (own[0], own[-1])


def _depth_verdict(recipe: Recipe, by_seed: CurvesBySeed, nets: tuple[Named, Named]) -> str:
    """Returns "shallower" or "deeper" for the lower loss, CLOSE where they do not differ, "" without a comparison."""
    shallow, deep = (_losses(by_seed, label) for label, _spec in nets)
    chance = chance_loss(nets[0][1], recipe.data)
    if len(shallow) != len(deep) or not shallow or not all(map(isfinite, (*shallow, *deep))):
        return ""
    if is_guess(fmean(shallow), chance) and is_guess(fmean(deep), chance):
        return ""
    if not _differ(shallow, deep):
        return CLOSE
    return "shallower" if fmean(shallow) < fmean(deep) else "deeper"


def _differ(one: Sequence[float], other: Sequence[float]) -> bool:
    if min(len(one), len(other)) >= seeds.MIN_SEEDS:
        return seeds.are_apart(one, other)
    low, high = sorted((fmean(one), fmean(other)))
    return high > DEGRADED * low


def _losses(by_seed: CurvesBySeed, label: str) -> list[float]:
    """Returns the loss of a net with each seed that has trained it; NaN where it ended early."""
    return [losses[label] for curves in by_seed.values() if label in (losses := final_losses(curves))]


def _accuracies(by_seed: CurvesBySeed, label: str) -> list[float]:
    tested = [curve for curves in by_seed.values() for curve in curves if curve.net == label and curve.test_accuracy]
    return [curve.test_accuracy[-1] for curve in tested]


def _loss_messages(recipe: Recipe, by_seed: CurvesBySeed, nets: tuple[Named, Named]) -> tuple[str, ...]:
    """Returns the sentence of the lab about two nets, over all seeds where there are several."""
    if len(by_seed) >= seeds.MIN_SEEDS:
        messages = seeds.sentences(recipe.nets, by_seed, data=recipe.data)
    else:
        messages = [one for curves in by_seed.values() for one in degradation(recipe.nets, curves, data=recipe.data)]
    trained = {curve.net for curves in by_seed.values() for curve in curves if curve.steps}
    ends = [own[-1] for own in nets_by_architecture(recipe.nets, trained)]
    return (messages[ends.index(nets[1])],) if len(messages) == len(ends) else tuple(messages)


def _one_depth() -> Outcome:
    message = _("This run has no two depths of one architecture to compare.")
    return Outcome(verdict="", messages=(message,))


def _mean(losses: Sequence[float]) -> str:
    return f"{fmean(losses):.3f}"
