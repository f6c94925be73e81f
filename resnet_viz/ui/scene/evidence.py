"""Evidence of a scene: the run or the answer on the screen, and the outcome that its numbers make."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from resnet_viz.errors import QueueError
from resnet_viz.i18n import _
from resnet_viz.jobs.training import client
from resnet_viz.present.scenes import run_outcomes
from resnet_viz.present.training.seeds import CurvesBySeed
from resnet_viz.runs.run import Curve, Run, RunState
from resnet_viz.runs.shipped import RecordedRun
from resnet_viz.scenes.outcomes import OUTCOMES, OutcomeName
from resnet_viz.scenes.scene import Outcome, Scene
from resnet_viz.spec.validation import shown
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


def outcome_of(scene: Scene, run_id: str | None) -> Outcome | None:
    """Returns the outcome of a scene; None where it names none, or where it is not measured yet.

    Args:
        scene: the scene.
        run_id: the run on the screen, stored or shipped; the runs that differ from it in the seed alone count, too.

    Raises:
        Refusal: there is no such run, or it cannot be read.
    """
    if not scene.outcome:
        return None
    name = OutcomeName(scene.outcome)
    if OUTCOMES[name].needs_run:
        return _of_run(name, run_id) if run_id else None
    return None


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
