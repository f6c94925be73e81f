"""What a run recorded comes out of the store unchanged, whole or thinned."""

import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.store import RunStore
from resnet_viz.training.records import Ending, NetEnded, Step
from tests.fakes.small_runs import BLOCKS, CONVS, PLAIN, RECIPE, RESIDUAL, claimed, started, step

NUMBER = st.one_of(st.floats(), st.sampled_from([math.inf, -math.inf, math.nan, 1e32, 5e-324, -0.0]))


NORMS = {
    "grad_norm": st.fixed_dictionaries(dict.fromkeys(CONVS, NUMBER)),
    "block_grad_norm": st.fixed_dictionaries(dict.fromkeys(BLOCKS, NUMBER)),
    "update_ratio": st.fixed_dictionaries(dict.fromkeys(CONVS, NUMBER)),
    "activation_std": st.fixed_dictionaries(dict.fromkeys(BLOCKS, NUMBER)),
    "branch_share": st.fixed_dictionaries(dict.fromkeys(BLOCKS, NUMBER)),
}


STEP = st.builds(
    Step,
    net=st.sampled_from([PLAIN, RESIDUAL]),
    step=st.integers(0, 2**40),
    **dict.fromkeys(("loss", "accuracy", "lr", "images_per_s", "seconds"), NUMBER),
    **dict.fromkeys(("test_loss", "test_accuracy"), st.none() | NUMBER),
    **{name: st.just({}) | norms for name, norms in NORMS.items()},
)


def comparable(step: Step) -> tuple[object, ...]:
    """The fields of a step, with a word for NaN, which is not equal to itself."""

    def of(value: object) -> object:
        if isinstance(value, dict):
            return {name: of(norm) for name, norm in value.items()}
        return "nan" if isinstance(value, float) and math.isnan(value) else value

    return tuple(of(getattr(step, field)) for field in Step.__dataclass_fields__)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=8, unique_by=lambda step: (step.net, step.step)))
def test_steps_come_back_exactly(tmp_path_factory: pytest.TempPathFactory, steps: list[Step]) -> None:
    store = RunStore(tmp_path_factory.mktemp("store") / "runs.sqlite")
    with DaemonStore(store.path) as daemon:
        claim = claimed(store, daemon)
        assert daemon.append(claim, [started(PLAIN), started(RESIDUAL), *steps])
    expected = sorted(steps, key=lambda step: (step.step, RECIPE.labels.index(step.net)))
    assert list(map(comparable, store.steps(claim.id))) == list(map(comparable, expected))
    text = json.dumps(store.export(claim.id), allow_nan=False)
    assert len(json.loads(text)["records"]) == len(steps)


def test_export_writes_what_json_lacks_as_words(store: RunStore, daemon: DaemonStore) -> None:
    claim = claimed(store, daemon)
    odd = Step(
        net=PLAIN,
        step=0,
        loss=math.nan,
        accuracy=0.0,
        lr=0.1,
        images_per_s=1.0,
        seconds=0.0,
        grad_norm=dict(zip(CONVS, (math.inf, -math.inf, 1e32), strict=True)),
    )
    daemon.append(claim, [started(PLAIN), odd])
    export = store.export(claim.id)
    assert export is not None
    assert "owner" not in export["run"]
    (record,) = export["records"]
    assert (record["net"], record["step"], record["lr"], record["test_loss"]) == (PLAIN, 0, 0.1, None)
    assert record["loss"] == "NaN"
    assert record["grad_norm"] == {"c1": "Infinity", "c2": "-Infinity", "c3": 1e32}


def test_nets_and_their_endings_are_read_back(store: RunStore, daemon: DaemonStore) -> None:
    claim = claimed(store, daemon)
    daemon.append(claim, [started(PLAIN), started(RESIDUAL), step(PLAIN, 0), step(PLAIN, 1)])
    daemon.append(claim, [NetEnded(net=PLAIN, ending=Ending.DIVERGED, sentence="It diverged.")])
    run = store.run(claim.id)
    assert run is not None
    plain, residual = run.nets
    assert (plain.label, plain.params, plain.convs, plain.blocks) == (PLAIN, 270_000, CONVS, BLOCKS)
    assert (plain.num_steps, plain.ending, plain.sentence) == (2, Ending.DIVERGED, "It diverged.")
    assert (residual.num_steps, residual.ending) == (0, None)


def test_reading_goes_on_where_each_net_was_left(store: RunStore, daemon: DaemonStore) -> None:
    claim = claimed(store, daemon)
    steps = [*(step(PLAIN, n) for n in range(5)), *(step(RESIDUAL, n) for n in range(3))]
    daemon.append(claim, [started(PLAIN), started(RESIDUAL), *steps])
    rest = store.steps(claim.id, after={PLAIN: 3, RESIDUAL: 0})
    assert [(s.net, s.step) for s in rest] == [(RESIDUAL, 1), (RESIDUAL, 2), (PLAIN, 4)]
    assert [curve.steps for curve in store.curves(claim.id, after=2)] == [(3, 4), ()]


def test_reading_stops_where_each_net_is_to_end(store: RunStore, daemon: DaemonStore) -> None:
    claim = claimed(store, daemon)
    daemon.append(claim, [started(PLAIN), started(RESIDUAL)])
    daemon.append(claim, [step(net, number, is_probed=True) for number in range(12) for net in RECIPE.labels])
    until = {PLAIN: 7, RESIDUAL: 5}
    found = [(taken.net, taken.step) for taken in store.steps(claim.id, after=4, until=until, is_probed=True)]
    assert found == [(PLAIN, 5), (RESIDUAL, 5), (PLAIN, 6), (PLAIN, 7)]
    assert [curve.steps for curve in store.curves(claim.id, after=4, until=until, every=1)] == [(5, 6, 7), (5,)]
    assert [curve.steps for curve in store.curves(claim.id, until={PLAIN: 1}, every=1)] == [(0, 1), ()]


def test_curves_are_thinned_evenly_and_keep_their_last_and_tested_steps(store: RunStore, daemon: DaemonStore) -> None:
    claim = claimed(store, daemon)
    daemon.append(claim, [started(PLAIN), *(step(PLAIN, n) for n in range(98))])
    (whole,) = store.curves(claim.id)
    (thin,) = store.curves(claim.id, at_most=5)
    assert whole.steps == tuple(range(98))
    assert thin.steps == (0, 9, 19, 20, 29, 39, 40, 49, 59, 60, 69, 79, 80, 89, 97)
    assert thin.test_steps == whole.test_steps == (9, 19, 29, 39, 49, 59, 69, 79, 89)


def test_curves_are_thinned_to_the_same_steps_at_every_look(store: RunStore, daemon: DaemonStore) -> None:
    claim = claimed(store, daemon)
    daemon.append(claim, [started(PLAIN), *(step(PLAIN, n) for n in range(24))])
    (all_at_once,) = store.curves(claim.id, every=5)
    assert all_at_once.steps == (0, 5, 9, 10, 15, 19, 20)
    (rest,) = store.curves(claim.id, after=10, every=5)
    assert rest.steps == (15, 19, 20)


def test_a_probe_is_the_newest_measured_step_of_each_net(store: RunStore, daemon: DaemonStore) -> None:
    claim = claimed(store, daemon)
    steps = [step(net, n, is_probed=n % 10 == 0) for net in (PLAIN, RESIDUAL) for n in range(25)]
    daemon.append(claim, [started(PLAIN), started(RESIDUAL), *steps])
    assert [(s.net, s.step) for s in store.probe(claim.id)] == [(PLAIN, 20), (RESIDUAL, 20)]
    assert [s.step for s in store.probe(claim.id, step=19)] == [10, 10]
    assert [s.step for s in store.steps(claim.id, is_probed=True)] == [0, 0, 10, 10, 20, 20]


def test_a_step_that_was_shown_is_never_changed(store: RunStore, daemon: DaemonStore) -> None:
    claim = claimed(store, daemon)
    daemon.append(claim, [started(PLAIN), step(PLAIN, 0)])
    daemon.append(claim, [Step(net=PLAIN, step=0, loss=9.9, accuracy=1.0, lr=1.0, images_per_s=1.0, seconds=1.0)])
    assert store.steps(claim.id) == (step(PLAIN, 0),)


def test_only_the_newest_attempt_is_shown(store: RunStore, daemon: DaemonStore) -> None:
    first = claimed(store, daemon)
    daemon.append(first, [started(PLAIN), step(PLAIN, 0)])
    daemon.retry(first, error="It died.")
    second = daemon.claim_next()
    assert second is not None
    assert (second.id, second.attempt) == (first.id, 2)
    assert store.steps(first.id) == ()
    assert not daemon.append(first, [step(PLAIN, 1)])  # a late record of the first attempt
    daemon.append(second, [started(PLAIN), step(PLAIN, 0)])
    assert [curve.attempt for curve in store.curves(first.id)] == [2]


@pytest.mark.parametrize(
    "wrong",
    [
        step("nobody", 0),
        Step(net=PLAIN, step=0, loss=0, accuracy=0, lr=0, images_per_s=0, seconds=0, grad_norm={"c1": 1}),
    ],
)
def test_records_that_make_no_sense_are_refused_whole(store: RunStore, daemon: DaemonStore, wrong: Step) -> None:
    claim = claimed(store, daemon)
    with pytest.raises(ValueError, match="net"):
        daemon.append(claim, [started(PLAIN), step(PLAIN, 7), wrong])
    assert store.curves(claim.id) == ()
