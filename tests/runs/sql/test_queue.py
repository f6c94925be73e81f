"""The queue under any order of events: one owner's limit, fair places, and endings that are final."""

import itertools
import tempfile
from collections import Counter
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from resnet_viz.errors import QueueError
from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.run import Claim, Run, RunState
from resnet_viz.runs.sql.attempts import MAX_ATTEMPTS
from resnet_viz.runs.sql.control import Verb
from resnet_viz.runs.sql.queue import QueueLimits, fair_order
from resnet_viz.runs.sql.retention import HELD_TOO_LONG, RetentionLimits
from resnet_viz.runs.store import RunStore
from resnet_viz.spec.presets import residual_preset
from resnet_viz.training.recipe import Recipe

RECIPE = Recipe(nets=(residual_preset("cifar_plain20"),))
LIMITS = QueueLimits(waiting=5, live_per_owner=2, held_per_owner=3)
OWNERS = st.sampled_from(["a", "b", "c", "d"])


def is_waiting(run: Run) -> bool:
    """Whether it waits for its turn."""
    return run.state is RunState.QUEUED and run.control.hold is None


def is_live(run: Run) -> bool:
    """Whether it counts against its owner."""
    return not run.state.is_final and not run.is_cancelling and run.control.hold is None


class Queue(RuleBasedStateMachine):
    """Visitors submit, cancel and control, a daemon claims, parks and ends, dies and comes back."""

    ids: Bundle[str] = Bundle("ids")
    claims: Bundle[Claim] = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        ticks = itertools.count(1)
        path = Path(self.folder.name) / "runs.sqlite"
        self.store = RunStore(path, clock=lambda: float(next(ticks)), limits=LIMITS)
        self.daemon = DaemonStore(path, clock=lambda: float(next(ticks)))
        self.final: dict[str, tuple[RunState, float | None, str]] = {}
        self.cancelled: set[str] = set()
        self.told: Counter[str] = Counter()

    def teardown(self) -> None:
        self.daemon.close()
        self.folder.cleanup()

    @rule(target=ids, owner=OWNERS)
    def submit(self, owner: str) -> str:
        runs = self.runs()
        waiting = sum(is_waiting(run) for run in runs)
        live = sum(run.owner == owner and is_live(run) for run in runs)
        held = sum(run.owner == owner and run.control.hold is not None for run in runs)
        is_full = waiting >= LIMITS.waiting or held >= LIMITS.held_per_owner or live >= LIMITS.live_per_owner
        try:
            run_id = self.store.submit(RECIPE, owner=owner)
        except QueueError:
            assert is_full
            return "0" * 12
        assert not is_full
        return run_id

    @rule(run_id=ids)
    def cancel(self, run_id: str) -> None:
        self.store.cancel(run_id)
        self.cancelled.add(run_id)

    @rule(target=claims)
    def claim(self) -> Claim:
        runs = self.runs()
        running = Counter(run.owner for run in runs if run.state is RunState.RUNNING)
        first = [run for run in runs if self.store.position(run.id) == 1]
        claim = self.daemon.claim_next()
        if claim is None:
            assert not first
            return Claim(id="0" * 12, attempt=1, recipe_json="")
        (run,) = first
        assert claim.id == run.id
        assert running[run.owner] == min(running[other.owner] for other in runs if is_waiting(other))
        assert claim.is_paused == run.control.is_pausing
        assert bool(claim.start) == bool(run.control.checkpoints)
        return claim

    @rule(claim=claims, state=st.sampled_from([RunState.DONE, RunState.FAILED, RunState.CANCELLED]))
    def finish(self, claim: Claim, state: RunState) -> None:
        self.daemon.finish(claim, state, error="It failed." if state is RunState.FAILED else "")

    @rule(claim=consumes(claims))
    def retry(self, claim: Claim) -> None:
        self.daemon.retry(claim, error="It died.")

    @rule(run_id=ids, verb=st.sampled_from(list(Verb)))
    def tell(self, run_id: str, verb: Verb) -> None:
        try:
            self.store.post_command(run_id, verb, 0.1)
        except QueueError:
            return
        self.told[run_id] += 1
        run = self.store.run(run_id)
        if run is not None and run.state is RunState.QUEUED and verb is not Verb.PAUSE:
            assert run.control.hold is None

    @rule()
    def orders(self) -> None:
        running = {run.id for run in self.runs() if run.state is RunState.RUNNING}
        assert {order.run_id for order in self.daemon.take_commands()} <= running

    @rule(claim=claims, step=st.integers(1, 400))
    def checkpoint(self, claim: Claim, step: int) -> None:
        self.daemon.add_checkpoint(claim, step, 1_000)

    @rule(claim=claims)
    def park(self, claim: Claim) -> None:
        run = self.store.run(claim.id)
        if run is not None and run.state is RunState.RUNNING:
            self.told[claim.id] += 1  # a worker is put aside after its run was told to pause, and counts as that word
        self.daemon.park(claim)

    @rule(claim=consumes(claims), target=claims)
    def rewind(self, claim: Claim) -> Claim:
        self.told[claim.id] += 1
        return self.daemon.rewind(claim) or claim

    @rule(is_recent=st.booleans())
    def recover(self, is_recent: bool) -> None:
        self.daemon.recover(is_recent=is_recent)
        assert not [run for run in self.runs() if run.state is RunState.RUNNING]

    @invariant()
    def promises_hold(self) -> None:
        runs = self.runs()  # read once for all of them
        self.check_that_final_states_never_change(runs)
        self.check_that_positions_are_one_to_n(runs)
        self.check_that_no_owner_has_more_than_the_limit(runs)
        self.check_that_a_cancelled_run_never_waits(runs)
        self.check_that_attempts_are_bounded(runs)
        self.check_that_only_runs_that_are_not_over_are_held(runs)

    def check_that_final_states_never_change(self, runs: list[Run]) -> None:
        now = {run.id: (run.state, run.ended, run.error) for run in runs if run.state.is_final}
        assert self.final.items() <= now.items()
        assert all(
            ended is not None and bool(error) == (state is RunState.FAILED) for state, ended, error in now.values()
        )
        self.final = now

    def check_that_positions_are_one_to_n(self, runs: list[Run]) -> None:
        waiting = [run.id for run in runs if is_waiting(run)]
        assert sorted(self.store.position(run_id) or 0 for run_id in waiting) == list(range(1, len(waiting) + 1))

    def check_that_no_owner_has_more_than_the_limit(self, runs: list[Run]) -> None:
        live = Counter(run.owner for run in runs if is_live(run))
        assert not live or max(live.values()) <= LIMITS.live_per_owner

    def check_that_a_cancelled_run_never_waits(self, runs: list[Run]) -> None:
        assert not [run for run in runs if run.id in self.cancelled and run.state is RunState.QUEUED]

    def check_that_attempts_are_bounded(self, runs: list[Run]) -> None:
        assert all(run.attempt <= MAX_ATTEMPTS * (1 + self.told[run.id]) for run in runs)

    def check_that_only_runs_that_are_not_over_are_held(self, runs: list[Run]) -> None:
        held = [run for run in runs if run.control.hold is not None]
        assert all(run.state is RunState.QUEUED for run in held)

    def runs(self) -> list[Run]:
        found = [self.store.run(summary.id) for summary in self.store.list(1_000)]
        return [run for run in found if run is not None]


Queue.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
test_the_queue_keeps_its_promises_in_any_order_of_events = Queue.TestCase


def test_fair_order_prefers_owners_with_fewest_running_then_the_oldest() -> None:
    waiting = [("1", "a"), ("2", "a"), ("3", "b"), ("4", "c"), ("5", "b")]
    assert fair_order(waiting, {"a": 1}) == ("3", "4", "1", "5", "2")


def test_a_full_queue_is_refused_with_its_length(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs.sqlite")
    for number in range(20):
        store.submit(RECIPE, owner=str(number))
    with pytest.raises(QueueError, match=r"full \(20 runs\)"):
        store.submit(RECIPE, owner="late")


def paused(store: RunStore, daemon: DaemonStore, owner: str, *, num_bytes: int = 0) -> str:
    """A run that was parked, with two checkpoints."""
    run_id = store.submit(RECIPE, owner=owner)
    claim = daemon.claim_next()
    assert claim is not None
    store.post_command(run_id, Verb.PAUSE)
    for step in (10, 20):
        daemon.add_checkpoint(claim, step, num_bytes)
    daemon.park(claim)
    return run_id


def test_runs_put_aside_are_few_for_each_owner(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs.sqlite", limits=LIMITS)
    with DaemonStore(store.path) as daemon:
        held = [paused(store, daemon, "a") for _ in range(3)]
        with pytest.raises(QueueError, match="3 paused or interrupted runs"):
            store.submit(RECIPE, owner="a")
        with pytest.raises(QueueError, match="3 paused or interrupted runs"):
            store.branch(held[0], RECIPE, [0], owner="a")
        store.submit(RECIPE, owner="b")
        store.post_command(held[0], Verb.CONTINUE)
        store.submit(RECIPE, owner="a")


def test_of_too_many_runs_put_aside_the_oldest_ends_in_words_unless_it_is_pinned(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs.sqlite")
    with DaemonStore(store.path, retention=RetentionLimits(held_runs=2)) as daemon:
        ids = [paused(store, daemon, str(n)) for n in range(2)]
        store.pin(ids[0], is_pinned=True)
        ids += [paused(store, daemon, str(n)) for n in (3, 4)]
        while daemon.tidy():
            pass
        found = [store.run(run_id) for run_id in ids]
    assert [(run.state, run.error) for run in found if run] == [
        (RunState.QUEUED, ""), (RunState.FAILED, HELD_TOO_LONG), (RunState.QUEUED, ""), (RunState.QUEUED, ""),
    ]  # fmt: skip


def test_checkpoints_of_runs_put_aside_are_bounded_too_and_the_newest_of_each_goes_last(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs.sqlite")
    with DaemonStore(store.path, retention=RetentionLimits(checkpoint_bytes=2_500)) as daemon:
        ids = [paused(store, daemon, str(n), num_bytes=1_000) for n in range(3)]
        kept = []
        while daemon.tidy():
            kept.append([run.control.checkpoints for run_id in ids if (run := store.run(run_id))])
        states = [run.state for run_id in ids if (run := store.run(run_id))]
    assert kept[:3] == [[(20,), (10, 20), (10, 20)], [(20,), (20,), (10, 20)], [(20,), (20,), (20,)]]
    assert kept[-1] == [(), (20,), (20,)]
    assert states == [RunState.FAILED, RunState.QUEUED, RunState.QUEUED]


def test_a_run_that_is_being_stopped_does_not_count_against_its_owner(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs.sqlite", limits=QueueLimits(live_per_owner=1))
    first = store.submit(RECIPE, owner="a")
    with pytest.raises(QueueError, match="You already have a run"):
        store.submit(RECIPE, owner="a")
    with DaemonStore(store.path) as daemon:
        daemon.claim_next()
        store.cancel(first)
        assert daemon.cancelled_running() == {first}
        store.submit(RECIPE, owner="a")


def test_a_full_disk_is_told_as_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "runs.sqlite").mkdir()  # what cannot be opened is told like what cannot be written
    with pytest.raises(QueueError, match="disk is full or busy"):
        RunStore(tmp_path / "runs.sqlite").submit(RECIPE, owner="a")
