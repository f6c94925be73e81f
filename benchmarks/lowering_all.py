"""Spec to all costs for every preset, against torchinfo, torchview, fvcore and torchlens on the module of the same net.

Ours starts from a NetSpec: lower, then every figure of every layer, block and part; once with the caches of equal
operations as the calls before left them, once with all of them emptied before every call. The peers start from
a module that is built already (`build_ms` says what that took) and look at one image, on torch's device "meta" and on
the CPU; the quicker of the two counts. One process each, one thread each, one at work at a time, in an order that
rotates from turn to turn; garbage is collected before each turn. Ratios are taken turn by turn, of CPU time.

A contestant's first call on a net warms up and is dropped, unless it took longer than SLOW_S: then it is kept, one more
turn follows, and the peer is not tried on "meta" as well. A call that takes longer than CUT_OFF_S is ended and named.

    python -m benchmarks.lowering_all            about ten minutes; the packages of benchmarks/requirements.txt
    python -m benchmarks.lowering_all --quick    three nets, two turns; kept in the system's temporary folder
    python -m benchmarks.lowering_table          the table of what was written
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import outcome, peers
from benchmarks.peers import CONTESTANTS, OURS, OURS_COLD
from benchmarks.turns import Failure, Player, Turn
from resnet_viz.plan.lower import lower
from resnet_viz.spec.presets import preset, preset_names

TURNS = 5  # after the one that warms up
BUDGET_S = 1.0  # of a contestant for a net: slower ones take fewer turns, at least two in all
SLOW_S = 2.0
CUT_OFF_S = 60.0
QUICK_NETS = ("resnet18", "cifar_resnet20", "resnet50")
QUICK_TURNS = 2
TRIALS = Path(tempfile.gettempdir())  # where a run that is not for the record leaves its figures

Taken = dict[str, dict[int, Turn]]  # by contestant and number of the turn


def take_turns(players: list[Player], net: str, turns: int) -> tuple[Taken, dict[str, str]]:
    """Returns everybody's turns on a net, and for those who have none the reason."""
    taken: Taken = {}
    failed: dict[str, str] = {}
    wanted: dict[str, int] = {}
    slow: dict[str, str] = {}  # packages that are not tried on their second device
    for player in players:
        one = player.contestant
        if one.package in slow:
            failed[one.name] = f"not tried, {slow[one.package]}"
            continue
        first = player.take_up(net) or player.turn()
        if isinstance(first, Failure):
            failed[one.name] = first.why
            if first.is_late:
                slow[one.package] = f"{first.why} on {one.device}"
            continue
        taken[one.name] = {0: first}
        wanted[one.name] = turns if not one.device else min(turns, max(1, int(BUDGET_S * 1e3 / first.cpu_ms)))
        if first.cpu_ms > SLOW_S * 1e3:
            slow[one.package] = f"over {SLOW_S:.0f} s on {one.device}"
    for turn in range(1, max(wanted.values()) + 1):
        for player in players[turn % len(players) :] + players[: turn % len(players)]:
            name = player.contestant.name
            if name in failed or turn > wanted[name]:
                continue
            answer = player.turn()
            if isinstance(answer, Failure):
                failed[name] = answer.why
                del taken[name]
            else:
                taken[name][turn] = answer
    for name, own in taken.items():
        if own[0].cpu_ms < SLOW_S * 1e3 and len(own) > 2 and not name.startswith(OURS):
            del own[0]
    return taken, failed


def summary(net: str, taken: Taken, failed: dict[str, str]) -> dict[str, Any]:
    """Returns the figures of one net."""
    plan = lower(preset(net))

    def times(base: str) -> dict[str, Any]:
        return {
            name: outcome.spread([turn.cpu_ms / taken[base][number].cpu_ms for number, turn in own.items()])
            for name, own in taken.items()
            if not name.startswith(OURS)
        }

    return {
        "layers": len(plan.nodes),
        "cpu_ms": {name: outcome.spread([turn.cpu_ms for turn in own.values()]) for name, own in taken.items()},
        "wall_ms": {name: outcome.spread([turn.wall_ms for turn in own.values()]) for name, own in taken.items()},
        "times_ours": times(OURS),
        "times_ours_cold": times(OURS_COLD),
        "not_measured": failed,
    }


def line(net: str, case: dict[str, Any], spent_s: float) -> str:
    """Returns what is printed as soon as a net is done."""
    others = ", ".join(f"{name} {times['median']:.0f}x" for name, times in case["times_ours"].items())
    own = [f"{case['cpu_ms'][name]['median']:.2f}" for name in (OURS, OURS_COLD)]
    failed = "".join(f", {name} {why:.30}" for name, why in case["not_measured"].items())
    return f"{net:<26}{case['layers']:>6}  ours {own[0]} ms, cold {own[1]} ms; {others}{failed}  ({spent_s:.0f} s)"


def measure(nets: tuple[str, ...], turns: int, cut_off_s: float) -> dict[str, Any]:
    installed = peers.versions()
    there = [one for one in CONTESTANTS if not one.device or installed[one.package]]
    players = [Player(contestant, cut_off_s=cut_off_s) for contestant in there]
    cases: dict[str, Any] = {}
    begun = time.monotonic()
    try:
        for net in nets:
            net_begun = time.monotonic()
            taken, failed = take_turns(players, net, turns)
            built = {player.contestant.name: player.build_ms for player in players if player.contestant.device}
            cases[net] = {**summary(net, taken, failed), "build_ms": built}
            print(line(net, cases[net], time.monotonic() - net_begun), flush=True)
    finally:
        for player in players:
            player.stop()
    return {"versions": installed, "cut_off_s": cut_off_s, "took_s": time.monotonic() - begun, "nets": cases}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="From a description to all costs, every preset, against four peers.")
    parser.add_argument(
        "--quick", action="store_true", help="three nets, two turns; kept in the system's temporary folder"
    )
    parser.add_argument("--nets", nargs="+", choices=preset_names(), help="these only; kept in the temporary folder")
    parser.add_argument("--cut-off", type=float, default=CUT_OFF_S, help="seconds that one call may take")
    # `python -m benchmarks` names benchmarks on its own command line, which is none of this one's
    chosen = parser.parse_args(arguments if arguments is not None else [])
    missing = [package for package, version in peers.versions().items() if version is None]
    is_record = not (chosen.quick or chosen.nets)
    if missing and is_record:
        print(f"left out: {', '.join(missing)} not installed; see benchmarks/requirements.txt")
        return
    before = outcome.machine()
    nets = tuple(chosen.nets) if chosen.nets else QUICK_NETS if chosen.quick else preset_names()
    measured = measure(nets, QUICK_TURNS if chosen.quick else TURNS, chosen.cut_off)
    print(f"{len(nets)} nets in {measured['took_s']:.0f} s")
    outcome.write("lowering_all", measured, load_before=before, folder=outcome.RESULTS if is_record else TRIALS)


if __name__ == "__main__":
    main(sys.argv[1:])
