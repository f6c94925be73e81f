"""Runs that trained half of their steps, and what the page of training shows of them."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.run import Claim, RunState
from resnet_viz.runs.store import RunStore
from resnet_viz.training.records import NetStarted
from tests.fakes import racers
from tests.fakes.racers import Act

NET = racers.recipe(Act.QUICK).labels[0]


def progress(at: AppTest) -> str:
    """What stands at the bar of the run."""
    (bar,) = at.progress
    return str(bar.text)


def results(at: AppTest) -> dict[str, int]:
    """How many steps of which net the table counts."""
    (table,) = at.dataframe
    return {row["net"]: row["steps"] for row in table.value.to_dict("records")}


def shown(at: AppTest) -> dict[str, Any]:
    """What the race component has got."""
    components: list[Any] = list(at.get("bidi_component"))
    sent: list[Any] = [json.loads(component.proto.json) for component in components if component.proto.json]
    (found,) = (data for data in sent if isinstance(data, dict) and "head_id" in data)
    return dict(found)


def half_done(runs: RunStore, *, owner: str = "someone") -> Claim:
    """A run of 20 steps that trains, ten steps far, and stays so."""
    runs.submit(racers.recipe(Act.QUICK), owner=owner)
    with DaemonStore(runs.path) as daemon:
        claim = daemon.claim_next()
        assert claim is not None
        start = NetStarted(net=NET, params=1, macs=1, convs=racers.CONVS, blocks=racers.BLOCKS, device="cpu")
        assert daemon.append(claim, [start, *(racers.step(NET, number) for number in range(10))])
    return claim


def finish(runs: RunStore, claim: Claim) -> None:
    """Trains the second half."""
    with DaemonStore(runs.path) as daemon:
        assert daemon.append(claim, [racers.step(NET, number) for number in range(10, 20)])
        assert daemon.finish(claim, RunState.DONE)


def orders(runs: RunStore) -> list[tuple[str, float]]:
    """What was told to the runs that train."""
    with DaemonStore(runs.path) as daemon:
        return [(order.verb.value, order.value) for order in daemon.take_commands()]


def submitted(runs: RunStore) -> list[dict[str, Any]]:
    """Returns the recipes of all runs, oldest first."""
    return [dict(run.recipe_fields) for run in reversed(runs.list())]
