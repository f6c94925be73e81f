"""How far a run is, as one line of text."""

from collections.abc import Sequence
from typing import assert_never

from resnet_viz.i18n import _
from resnet_viz.present.units import exact, seconds_text
from resnet_viz.runs.run import Curve, Run, RunState


def state_line(run: Run, curves: Sequence[Curve], *, place: int) -> str:
    """Returns where a run is in its life and, while it trains, its step, the time left and its speed.

    Args:
        run: the run.
        curves: of its nets; only their last steps are looked at.
        place: in the queue, 1 for the next; without effect on a run that does not wait.
    """
    total = run.recipe.steps * len(run.recipe.nets)
    done = sum(net.num_steps for net in run.nets)
    match run.state:
        case RunState.QUEUED:
            return _("waiting: number {n} in the queue").format(n=place)
        case RunState.RUNNING if not done:
            return _("starting: loading data and building nets")
        case RunState.RUNNING:
            rate = sum(curve.images_per_s or 0.0 for curve in curves)
            spent = max((curve.seconds[-1] for curve in curves if curve.seconds), default=0.0)
            return _("step {step} of {steps} · {left} left · {rate} images/s").format(
                step=exact(max(net.num_steps for net in run.nets)),
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
