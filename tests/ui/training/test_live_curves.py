"""Curves of a run that many watch: each step is read once, and a session gets the part that it lacks."""

from dataclasses import replace
from typing import Any

import pytest

from resnet_viz.present.training import race_data
from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.run import Claim, Curve, Run
from resnet_viz.runs.store import RunStore
from resnet_viz.training.records import NetStarted
from resnet_viz.ui.training import live_curves
from tests.fakes import racers
from tests.fakes.racers import Act
from tests.fakes.trained import NET, finish, half_done
from tests.fakes.visiting import visit


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The keyword arguments of all reads of curves."""
    calls: list[dict[str, Any]] = []
    read = RunStore.curves

    def counted(store: RunStore, run_id: str, **kwargs: Any) -> tuple[Curve, ...]:
        calls.append(kwargs)
        return read(store, run_id, **kwargs)

    monkeypatch.setattr(RunStore, "curves", counted)
    return calls


def found(runs: RunStore, claim: Claim) -> Run:
    """Returns the run as the store has it now."""
    run = runs.run(claim.id)
    assert run is not None
    return run


def train(runs: RunStore, claim: Claim, numbers: range) -> None:
    """Appends steps, every third of them evaluated."""
    steps = [racers.step(NET, number) for number in numbers]
    tested = [
        replace(step, test_loss=0.5 + step.step, test_accuracy=step.step / 100) if step.step % 3 == 2 else step
        for step in steps
    ]
    with DaemonStore(runs.path) as store:
        assert store.append(claim, tested)


def begun(runs: RunStore) -> Claim:
    """Returns a run that has trained ten of 20 steps."""
    runs.submit(racers.recipe(Act.QUICK), owner="me")
    with DaemonStore(runs.path) as store:
        claim = store.claim_next()
        assert claim is not None
        store.append(
            claim, [NetStarted(net=NET, params=1, macs=1, convs=racers.CONVS, blocks=racers.BLOCKS, device="cpu")]
        )
    train(runs, claim, range(10))
    return claim


def test_a_poll_reads_the_curves_once_and_another_session_not_at_all(
    unserved: RunStore, reads: list[dict[str, Any]]
) -> None:
    claim = half_done(unserved)
    at = visit("training", run=claim.id)
    assert len(reads) == 1
    visit("training", run=claim.id)
    assert len(reads) == 1
    finish(unserved, claim)
    at.run()
    assert [call["after"] for call in reads] == [{}, {NET: 9}]


def test_curves_read_in_parts_are_those_read_at_once(unserved: RunStore) -> None:
    claim = begun(unserved)
    live_curves.curves_of(found(unserved, claim))
    train(unserved, claim, range(10, 20))
    run = found(unserved, claim)
    whole = unserved.curves(claim.id, every=race_data.step_stride(run.recipe))
    assert live_curves.curves_of(run) == whole
    assert whole[0].test_steps == (2, 5, 8, 11, 14, 17)


def test_a_part_of_a_curve_is_what_the_store_reads_between_the_same_steps(unserved: RunStore) -> None:
    claim = begun(unserved)
    train(unserved, claim, range(10, 20))
    (whole,) = live_curves.curves_of(found(unserved, claim))
    for after, until in ((-1, 19), (-1, 4), (4, 13), (13, 19), (19, 19)):
        (part,) = unserved.curves(claim.id, after=after, until=until, every=1)
        images_per_s = part.images_per_s if part.steps else whole.images_per_s
        columns = {name: getattr(part, name) for name in Curve.__dataclass_fields__ if name != "images_per_s"}
        assert live_curves.between(whole, after, until) == Curve(**columns, images_per_s=images_per_s)


def test_a_new_attempt_begins_without_the_steps_of_the_old_one(unserved: RunStore) -> None:
    claim = half_done(unserved)
    old = found(unserved, claim)
    assert len(live_curves.curves_of(old)[0].steps) == 10
    with DaemonStore(unserved.path) as store:
        again = store.rewind(claim)
    assert again is not None
    new = found(unserved, again)
    assert new.attempt == old.attempt + 1
    assert live_curves.curves_of(new) == ()
