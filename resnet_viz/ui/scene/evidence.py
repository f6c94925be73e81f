"""Evidence of a scene: the run or the answer on the screen, and the outcome that its numbers make."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from resnet_viz.attribution import result_cache
from resnet_viz.attribution.defaults import default_queries
from resnet_viz.attribution.result import MapsResult
from resnet_viz.attribution.sources.net_sources import net_source, pin_steps
from resnet_viz.errors import QueueError
from resnet_viz.i18n import _
from resnet_viz.jobs.training import client
from resnet_viz.present.gradients.nets import PLAIN, BenchNet
from resnet_viz.present.scenes import count_outcomes, run_outcomes, theory_outcomes
from resnet_viz.present.training.seeds import CurvesBySeed
from resnet_viz.runs.run import Curve, Run, RunState
from resnet_viz.runs.shipped import RecordedRun
from resnet_viz.scenes.outcomes import OutcomeName
from resnet_viz.scenes.questions import question_of
from resnet_viz.scenes.scene import Outcome, Scene
from resnet_viz.spec.net import NetSpec
from resnet_viz.spec.titles import title
from resnet_viz.spec.validation import shown
from resnet_viz.theory import answers
from resnet_viz.theory.answers import Records
from resnet_viz.theory.gradients import GradientQuestion, StepsQuestion
from resnet_viz.theory.instruments import instrument_of
from resnet_viz.theory.order_signals import OrderQuestion
from resnet_viz.theory.question import Question
from resnet_viz.theory.shortcut_factor import FactorQuestion
from resnet_viz.theory.trained.growth import GrowthQuestion
from resnet_viz.theory.trained.lesions import LesionQuestion
from resnet_viz.theory.trained.paths import PathQuestion
from resnet_viz.training.recipe import Recipe
from resnet_viz.ui.widgets.run_library import library
from resnet_viz.ui.widgets.shared_cache import shared_cache

_FRESH_S: Final = 0.9
_KEPT_S: Final = 600.0  # curves of a run that has ended
_OF_RUN: Final[Mapping[OutcomeName, Callable[[Recipe, CurvesBySeed], Outcome]]] = MappingProxyType(
    {
        OutcomeName.DEEPER_OR_SHALLOWER: run_outcomes.deeper_or_shallower,
        OutcomeName.DEPTH_WITH_SHORTCUTS: run_outcomes.depth_with_shortcuts,
        OutcomeName.OVERFITTING: run_outcomes.overfitting,
        OutcomeName.BEST_ORDER: run_outcomes.best_order,
    }
)


_COUNTED: Final[Mapping[OutcomeName, Callable[[], Outcome]]] = MappingProxyType(
    {
        OutcomeName.BLOCK_AT_ZERO: count_outcomes.block_at_zero,
        OutcomeName.WIDER_BLOCK: count_outcomes.wider_block,
        OutcomeName.PROJECTION_PARAMS: count_outcomes.projection_params,
    }
)


def outcome_of(scene: Scene, run_id: str | None) -> Outcome | None:
    """Returns the outcome of a scene; None where it names none, or where it is not measured yet.

    Args:
        scene: the scene.
        run_id: the run on the screen, stored or shipped; the runs that differ from it in the seed alone count, too.

    Raises:
        Refusal: there is no such run or net, or it cannot be read.
    """
    if not scene.outcome:
        return None
    name = OutcomeName(scene.outcome)
    if name in _OF_RUN:
        return _of_run(name, run_id) if run_id else None
    if name in _COUNTED:
        return _COUNTED[name]()
    if name is OutcomeName.SAME_PIXELS:
        return _of_maps()
    question = question_of(name, scene.query)
    records = None if question is None else _records(question)
    return None if question is None or records is None else _of_records(name, question, records)


def _of_records(name: OutcomeName, question: Question, records: Records) -> Outcome | None:
    match question:
        case GrowthQuestion():
            return theory_outcomes.construction(records, question.images)
        case OrderQuestion():
            return theory_outcomes.largest_mean(records)
        case FactorQuestion():
            return theory_outcomes.shortcut_factor(question.value, records)
        case GradientQuestion():
            return theory_outcomes.gradient_at_birth(_first_net(question), 0, records)
        case StepsQuestion():
            return theory_outcomes.gradient_after_steps(_first_net(question), records)
        case LesionQuestion():
            spec = net_source(question.nets[0]).spec()
            return theory_outcomes.deleted_block(title(spec) if spec else str(question.nets[0]), records)
        case PathQuestion():
            return theory_outcomes.path_length(records)
        case _:
            raise AssertionError(f"{name} has no outcome of records")


def _first_net(question: GradientQuestion | StepsQuestion) -> BenchNet:
    spec = question.nets[0]
    assert isinstance(spec, NetSpec)  # other nets have no blocks, and the question refuses them
    return BenchNet(id=PLAIN, title=title(spec), spec=spec)


def _records(question: Question) -> Records | None:
    """Returns the answer that is shipped, or that the page has kept; None as long as nobody has asked."""
    key = answers.key_of(question.pinned())
    return shared_cache.get(("scene", key), lambda: answers.load(instrument_of(question), key), fresh_s=_FRESH_S)


def _of_maps() -> Outcome | None:
    query = pin_steps(default_queries()[0])
    key = result_cache.key_of(query)
    found = shared_cache.get(("scene", key), lambda: result_cache.load(key), fresh_s=_FRESH_S)
    return theory_outcomes.same_pixels(found.agreement) if isinstance(found, MapsResult) else None


def _of_run(name: OutcomeName, run_id: str) -> Outcome | None:
    run = library().read(run_id)
    if run is None:
        raise QueueError(_("There is no run {id}.").format(id=shown(run_id)))
    by_seed = {run.recipe.seed: run.curves} if isinstance(run, RecordedRun) else _ended_seeds(run)
    return _OF_RUN[name](run.recipe, by_seed) if by_seed else None


def _ended_seeds(run: Run) -> dict[int, tuple[Curve, ...]]:
    """Returns the curves of a run that has ended, and of those of other seeds that are done, by seed."""
    if not run.state.is_final:
        return {}
    found = shared_cache.get(("seeds", run.id, run.state), lambda: client.store().seeds(run), fresh_s=_FRESH_S)
    ended = {each.seed: (each.id, each.attempt) for each in found if each.state is RunState.DONE}
    return {seed: _curves(*which) for seed, which in ({run.recipe.seed: (run.id, 0)} | ended).items()}


def _curves(run_id: str, attempt: int) -> tuple[Curve, ...]:
    key = ("scene", run_id, attempt)
    return shared_cache.get(key, lambda: library().snapshot(run_id).curves, fresh_s=_KEPT_S)
