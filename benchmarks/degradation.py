"""The lecture's default run, through store, daemon and worker: when the effect is to be seen, and when all is done.

To be seen: the mean training loss of the last twenty steps of plain-56 is above that of plain-20 by more than 0.3, and
stays so to the end. Counted from Start, that is, from the submission; the daemon is warm, as on a server that has been
up for some seconds.
"""

import os
import tempfile
import time
from collections.abc import Sequence
from typing import Any

from benchmarks import outcome
from benchmarks.jobs import first_point_s, stop_s
from resnet_viz.jobs.training import client
from resnet_viz.present.training.net_styles import SMOOTHED_STEPS
from resnet_viz.runs.run import Curve, RunState
from resnet_viz.training import recipe_files

SEEDS = (0, 1, 2, 3, 4)
SHALLOW, DEEP = "plain-20", "plain-56"
APART = 0.3  # nats
PATIENCE_S = 600.0


def smoothed(losses: Sequence[float]) -> list[float]:
    """Returns the mean of each step's loss and those before it, SMOOTHED_STEPS of them."""
    windows = (losses[max(0, end - SMOOTHED_STEPS) : end] for end in range(1, len(losses) + 1))
    return [sum(window) / len(window) for window in windows]


def visible_step(curves: Sequence[Curve]) -> int | None:
    """Returns the first step from which on the deep plain net stays above the shallow one; None where it does not."""
    by_net = {curve.net: smoothed(curve.loss) for curve in curves}
    apart = [deep - shallow > APART for shallow, deep in zip(by_net[SHALLOW], by_net[DEEP], strict=True)]
    if not apart[-1]:
        return None
    return len(apart) - next((count for count, is_apart in enumerate(reversed(apart)) if not is_apart), len(apart))


def run_once(seed: int) -> dict[str, float | None]:
    """Returns seconds from Start to the first point, to the effect and to the end."""
    runs = client.store()
    begun = time.perf_counter()
    started = time.time()
    first_s, run_id = first_point_s(runs, recipe_files.make("degradation", {}, seed=seed))
    while (run := runs.run(run_id)) is None or not run.state.is_final:
        assert time.perf_counter() - begun < PATIENCE_S
        time.sleep(0.05)
    assert run.state is RunState.DONE, run.error
    curves = runs.curves(run_id)
    step = visible_step(curves)
    seconds = next(curve.seconds for curve in curves if curve.net == DEEP)
    # a curve's seconds count from when its net began, which is one step before the first point
    offset = first_s - seconds[0]
    return {
        "first_point_s": first_s,
        "visible_s": None if step is None else seconds[step] + offset,
        "visible_step": None if step is None else float(step),
        "whole_s": (run.ended or 0.0) - started,
    }


def main() -> None:
    before = outcome.machine()
    with tempfile.TemporaryDirectory() as home:
        os.environ["RESNET_VIZ_HOME"] = home
        _first_s, run_id = first_point_s(client.store(), recipe_files.make("quick", {}))  # warms the daemon
        stop_s(client.store(), run_id)
        times = [run_once(seed) for seed in SEEDS]
        client.close()
        del os.environ["RESNET_VIZ_HOME"]
    measured: dict[str, Any] = {"seeds": times}
    print(f"effect: {DEEP} above {SHALLOW} by more than {APART} nats for good; {len(SEEDS)} seeds")
    print("| seconds from Start to | median (quartiles) | most | seeds |")
    print("|---|---:|---:|---:|")
    for name in ("first_point_s", "visible_s", "whole_s"):
        values = [value for one in times if (value := one[name]) is not None]
        if len(values) < 2:  # quartiles need two
            print(f"| {name} | in {len(values)} of {len(times)} | | |")
            continue
        spread = measured[name] = outcome.spread(values)
        print(
            f"| {name} | {spread['median']:.1f} ({spread['q1']:.1f} to {spread['q3']:.1f}) | {spread['max']:.1f} "
            f"| {len(values)} of {len(times)} |"
        )
    outcome.write("degradation", measured, load_before=before)


if __name__ == "__main__":
    main()
