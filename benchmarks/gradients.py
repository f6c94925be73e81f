"""The gradient bench: CPU seconds of one core, memory, and the time until a page has its first curve.

Six orders with and without norm at depth 56 and 110, six with norm at depth 998, a hundred steps of plain-56; each in a
process of its own. Then the query service as a page has it: a process that runs already is asked about nets that it
has not measured, and the clock runs from the question to the first record and to the last.
"""

import json
import resource
import subprocess
import sys
import time
from typing import Any

from benchmarks import outcome
from resnet_viz.jobs.queries import theory
from resnet_viz.spec.enums import Norm
from resnet_viz.theory.gradient_cost import cost_s
from resnet_viz.theory.gradients import ORDERS, GradientQuestion, StepsQuestion, bench_net
from resnet_viz.theory.question import Question

TIMES = 3
BOTH = (Norm.BATCH, Norm.NONE)


def orders(depth: int, norms: tuple[Norm, ...] = BOTH, seed: int = 0) -> GradientQuestion:
    nets = tuple(bench_net(order, depth=depth, norm=norm) for norm in norms for order in ORDERS)
    return GradientQuestion(nets=nets, seeds=(seed,))


QUESTIONS: dict[str, GradientQuestion | StepsQuestion] = {
    "depth 56, six orders, norm on and off": orders(56),
    "depth 110, six orders, norm on and off": orders(110),
    "depth 998, six orders with norm": orders(998, (Norm.BATCH,)),
    "plain-56, 100 steps": StepsQuestion(nets=(bench_net("plain"),), steps=(0, 1, 5, 20, 100)),
}


def measure(name: str) -> dict[str, Any]:
    """Returns the cost of a question in this process, imports and the first small net left out."""
    from resnet_viz.theory.engine.worker import compute

    list(compute(orders(8), lambda _share: None))
    cpu, wall = time.process_time(), time.perf_counter()
    first_s = 0.0
    for number, _record in enumerate(compute(QUESTIONS[name], lambda _share: None)):
        if number == 0:
            first_s = time.process_time() - cpu
    return {
        "cpu_s": time.process_time() - cpu,
        "first_cpu_s": first_s,
        "wall_s": time.perf_counter() - wall,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def in_a_process(name: str) -> dict[str, Any]:
    code = f"import json; from benchmarks import gradients; print(json.dumps(gradients.measure({name!r})))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    found: dict[str, Any] = json.loads(told)
    return found


def asked(question: Question) -> tuple[float, float]:
    """Returns the seconds from a question to the service until its first record and until its answer."""
    request, first_s = theory.request_for(question), 0.0
    begun = time.perf_counter()
    theory.SERVICE.ask(request, owner="benchmark")
    while True:
        status = theory.SERVICE.status(request, owner="benchmark")
        assert status is not None
        now = time.perf_counter() - begun
        if not first_s and (status.pieces or status.is_over):
            first_s = now
        if status.is_over:
            return first_s, now
        time.sleep(0.005)


def main() -> None:
    before = outcome.machine()
    measured: dict[str, Any] = {}
    for name, question in QUESTIONS.items():
        found = [in_a_process(name) for _time in range(TIMES)]
        measured[name] = {key: outcome.spread([each[key] for each in found]) for key in found[0]}
        measured[name]["estimated_s"] = cost_s(question)
        print(name, {key: round(value["median"], 2) for key, value in measured[name].items() if key != "estimated_s"})
    asked(orders(8, seed=99))
    pairs = [asked(orders(56, seed=100 + number)) for number in range(TIMES)]
    measured["page, depth 56"] = {
        "first_s": outcome.spread([first for first, _whole in pairs]),
        "whole_s": outcome.spread([whole for _first, whole in pairs]),
    }
    print("page, depth 56", {key: round(value["median"], 2) for key, value in measured["page, depth 56"].items()})
    theory.SERVICE.close()
    outcome.write("gradients", measured, load_before=before)


if __name__ == "__main__":
    main()
