"""State, versions and history of a run as text."""

from collections.abc import Mapping, Sequence
from typing import Final, assert_never

from resnet_viz.i18n import _
from resnet_viz.present.units import exact, seconds_text
from resnet_viz.runs.run import Curve, Run, RunState

_MIN_WAIT_S: Final = 2.0  # in the queue


def state_line(run: Run, curves: Sequence[Curve], *, place: int, wait_s: float | None = None) -> str:
    """Returns the state of a run and, while it trains, its step, remaining time and speed.

    Args:
        run: the run.
        curves: of its nets; only their last steps are used.
        place: in the queue, 1 for the next; used for a queued run alone.
        wait_s: expected seconds in the queue; None if unknown.
    """
    total = run.recipe.steps * len(run.recipe.nets)
    done = sum(net.num_steps for net in run.nets)
    now = exact(max((net.num_steps for net in run.nets), default=0))
    match run.state:
        case RunState.QUEUED | RunState.RUNNING if run.is_interrupted:
            return _("interrupted at step {step} of {steps}").format(step=now, steps=exact(run.recipe.steps))
        case RunState.QUEUED | RunState.RUNNING if run.is_paused:
            return _("paused at step {step} of {steps}").format(step=now, steps=exact(run.recipe.steps))
        case RunState.QUEUED if wait_s is not None and wait_s >= _MIN_WAIT_S:
            return _("queued (position {n}), starts in about {time}").format(n=place, time=seconds_text(wait_s))
        case RunState.QUEUED:
            return _("queued (position {n})").format(n=place)
        case RunState.RUNNING if not done:
            return _("starting: loading data and building nets")
        case RunState.RUNNING:
            rate = sum(curve.images_per_s or 0.0 for curve in curves)
            spent = max((curve.seconds[-1] for curve in curves if curve.seconds), default=0.0)
            return _("step {step} of {steps} · {left} left · {rate} images/s").format(
                step=now,
                steps=exact(run.recipe.steps),
                left=seconds_text(spent * (total - done) / done),
                rate=exact(round(rate)),
            )
        case RunState.DONE:
            return _("done in {time}").format(time=seconds_text((run.ended or 0.0) - (run.started or 0.0)))
        case RunState.CANCELLED:
            return _("stopped")
        case RunState.FAILED:
            return _("failed")
        case _:
            assert_never(run.state)


def made_with(versions: Mapping[str, str]) -> str:
    """Returns a run's versions, such as "resnet_viz 0.1.0 · Python 3.11.7"; empty if they were not stored."""
    words = {"python": "Python", "system": "", "cpu": "", "gpu": ""}
    return " · ".join(f"{words.get(name, name)} {text}".strip() for name, text in versions.items())


def history(run: Run) -> tuple[str, ...]:
    """Returns the events of a run: its branch point, an interruption, changes of the learning rate."""
    said, control = [], run.control
    if control.parent is not None:
        said.append(
            _("Branched from run {id} at step {step}.").format(id=control.parent, step=exact(control.parent_step or 0))
        )
    if control.interrupted is not None:
        sentence = (
            _("Interrupted at step {step}.")
            if control.resumed is None
            else _("Interrupted at step {step}; resumed from step {resumed}.")
        )
        said.append(sentence.format(step=exact(control.interrupted), resumed=exact(control.resumed or 0)))
    said += [
        _("Learning rate {lr:g} from step {step} on.").format(lr=rate.lr, step=exact(rate.step))
        for rate in control.rates
    ]
    return tuple(said)
