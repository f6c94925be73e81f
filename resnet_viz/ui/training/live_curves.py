"""Curves of a run, shared by all sessions that watch it: a poll reads from the store only the steps that are new."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import replace
from typing import Final, NamedTuple

from resnet_viz.jobs.training import client
from resnet_viz.present.training import race_data
from resnet_viz.runs.run import Curve, Run
from resnet_viz.ui.widgets.shared_cache import shared_cache

_KEPT_S: Final = 60.0  # after the last poll that had new steps


class _Read(NamedTuple):
    """Curves read so far, by net, and the last step that was read of each."""

    curves: Mapping[str, Curve]
    until: Mapping[str, int]


def last_steps(run: Run) -> dict[str, int]:
    """Returns the last step of each net that has started, -1 before its first."""
    return {net.label: net.num_steps - 1 for net in run.nets}


def curves_of(run: Run) -> tuple[Curve, ...]:
    """Returns the curves of a run's nets up to `last_steps` or a little beyond, every `race_data.step_stride` steps."""
    key = ("live curves", run.id, run.attempt)
    read = shared_cache.get(key, lambda: _Read({}, {}), fresh_s=_KEPT_S)
    until = last_steps(run)
    if any(step > read.until.get(net, -2) for net, step in until.items()):
        new = client.store().curves(run.id, after=read.until, until=until, every=race_data.step_stride(run.recipe))
        # A newer attempt is read under its own key, once the run itself has been read again.
        if all(curve.attempt == run.attempt for curve in new):
            read = _Read({curve.net: _joined(read.curves.get(curve.net), curve) for curve in new}, until)
            shared_cache.put(key, read, fresh_s=_KEPT_S)
    return tuple(read.curves.values())


def between(curve: Curve, after: int, until: int) -> Curve:
    """Returns the part of a curve after one step and up to another."""
    steps = slice(bisect_right(curve.steps, after), bisect_right(curve.steps, until))
    tests = slice(bisect_right(curve.test_steps, after), bisect_right(curve.test_steps, until))
    return replace(
        curve,
        steps=curve.steps[steps],
        loss=curve.loss[steps],
        accuracy=curve.accuracy[steps],
        seconds=curve.seconds[steps],
        test_steps=curve.test_steps[tests],
        test_loss=curve.test_loss[tests],
        test_accuracy=curve.test_accuracy[tests],
    )


def _joined(old: Curve | None, new: Curve) -> Curve:
    if old is None:
        return new
    return replace(
        new,
        steps=old.steps + new.steps,
        loss=old.loss + new.loss,
        accuracy=old.accuracy + new.accuracy,
        seconds=old.seconds + new.seconds,
        test_steps=old.test_steps + new.test_steps,
        test_loss=old.test_loss + new.test_loss,
        test_accuracy=old.test_accuracy + new.test_accuracy,
        images_per_s=old.images_per_s if new.images_per_s is None else new.images_per_s,
    )
