"""A run goes out as JSON and comes back the same; a damaged file is told and changes nothing."""

import contextlib
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resnet_viz.errors import DataError
from resnet_viz.runs import shipped
from resnet_viz.runs.daemon_store import DaemonStore
from resnet_viz.runs.formats import json_import
from resnet_viz.runs.run import RunState
from resnet_viz.runs.store import RunStore
from resnet_viz.spec.presets import residual_preset
from resnet_viz.training.recipe import Recipe
from resnet_viz.training.records import Ending, NetEnded, NetStarted, Step

RECIPE = Recipe(nets=(residual_preset("cifar_plain20"), residual_preset("cifar_resnet20")), steps=1_000)
CONVS, BLOCKS = ("c1", "c2"), ("b1",)
NUMBER = st.one_of(st.floats(), st.sampled_from([math.inf, -math.inf, math.nan, 1e32, 5e-324, -0.0]))
SHARE = st.floats(0, 1) | st.just(math.nan)
AMOUNT = st.floats(0, 1e12)
STEP = st.builds(
    Step,
    net=st.sampled_from(RECIPE.labels),
    step=st.integers(0, 999),
    loss=NUMBER,
    accuracy=SHARE,
    lr=AMOUNT,
    images_per_s=AMOUNT,
    seconds=AMOUNT,
    test_loss=st.none() | NUMBER,
    test_accuracy=st.none() | SHARE,
    grad_norm=st.just({}) | st.fixed_dictionaries(dict.fromkeys(CONVS, NUMBER)),
    block_grad_norm=st.just({}) | st.fixed_dictionaries(dict.fromkeys(BLOCKS, NUMBER)),
    update_ratio=st.just({}) | st.fixed_dictionaries(dict.fromkeys(CONVS, NUMBER)),
)
STEPS = st.lists(STEP, max_size=8, unique_by=lambda step: (step.net, step.step))
NAME = st.text(st.characters(exclude_categories=("C", "Z")), max_size=60)


def test_what_a_run_was_made_with_comes_along_and_is_checked(tmp_path: Path) -> None:
    content = shipped.export("no_norm")
    content["run"]["versions"] = {"torch": "2.13.0", "cpu": "a fast one"}
    store = RunStore(tmp_path / "runs.sqlite")
    exported = store.export(store.import_run(json.dumps(content).encode(), owner="a"))
    assert exported is not None
    assert exported["run"]["versions"] == content["run"]["versions"]
    many = {str(number): "a" for number in range(99)}
    refused: tuple[object, ...] = ([], {"": "a"}, {"torch": 2}, {"torch": "\x00"}, {"x" * 200: "a"}, many)
    for wrong in refused:
        content["run"]["versions"] = wrong
        with pytest.raises(DataError, match=r"versions|torch"):
            json_import.parse(json.dumps(content).encode())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, name=NAME, state=st.sampled_from(sorted(s for s in RunState if s.is_final)))
def test_a_run_comes_back_as_it_went_out(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step], name: str, state: RunState
) -> None:
    folder = tmp_path_factory.mktemp("store")
    store = RunStore(folder / "here.sqlite")
    run_id = store.submit(RECIPE, owner="a", name=name)
    with DaemonStore(store.path) as daemon:
        claim = daemon.claim_next()
        assert claim is not None
        starts = [NetStarted(net=n, params=7, macs=9, convs=CONVS, blocks=BLOCKS, device="cpu") for n in RECIPE.labels]
        end = NetEnded(net=RECIPE.labels[0], ending=Ending.DIVERGED, sentence="It diverged.")
        assert daemon.append(claim, [*starts, *steps, end])
        assert daemon.finish(claim, state, error="why" if state is RunState.FAILED else "")
    store.rename(run_id, name=name, note="a note")
    out = store.export(run_id)
    there = RunStore(folder / "there.sqlite")
    new_id = there.import_run(json.dumps(out, allow_nan=False).encode(), owner="b")
    back = there.export(new_id)
    assert out is not None
    assert back is not None
    assert new_id != run_id
    assert back["run"].pop("origin") == out["run"].pop("id") == run_id
    assert out["run"].pop("origin") == ""
    assert back["run"].pop("id") == new_id
    assert json.dumps(back) == json.dumps(out)


def test_a_recipe_of_adam_with_drops_comes_back_too(tmp_path: Path) -> None:
    recipe = RECIPE.replace(optimizer="adam", lr=1e-3, betas=(0.8, 0.99), schedule="steps", drops=(500, 700))
    here, there = (RunStore(tmp_path / f"{place}.sqlite") for place in ("here", "there"))
    out = here.export(here.submit(recipe, owner="a"))
    back = there.run(there.import_run(json.dumps(out).encode(), owner="b"))
    assert back is not None
    assert back.recipe == recipe


Change = Callable[[dict[str, Any]], object]


def whole() -> dict[str, Any]:
    """A small exported run."""
    content = shipped.export("no_norm")
    return content | {"records": content["records"][:6]}


WRONG: list[tuple[Change, str]] = [
    (lambda c: c.pop("run"), "no object `run`"),
    (lambda c: c.pop("records"), "`records` is no list"),
    (lambda c: c["run"].pop("recipe"), "A recipe is an object with a list of nets"),
    (lambda c: c["run"]["recipe"].update(warp=9), "no field 'warp'"),
    (lambda c: c["run"]["recipe"].update(steps=10**9), "steps is a whole number from 1 to 100,000; got 1,000,000,000"),
    (lambda c: c["run"]["recipe"].update(optimizer="lion"), "optimizer is one of sgd, adam, adamw; got 'lion'"),
    (lambda c: c["run"]["recipe"].update(betas=[0.9, 1]), "betas is two numbers from 0 up to but not including 1"),
    (lambda c: c["run"]["recipe"].update(eps=0.1), "eps belongs to adam and adamw, and optimizer is sgd"),
    (lambda c: c["run"]["recipe"].update(drops=[1.5]), "drops is up to 10 ascending steps"),
    (lambda c: c["run"].update(state="flying"), "state has an unknown value"),
    (lambda c: c["run"].update(state=[]), "state has an unknown value"),
    (lambda c: c["run"].update(name="x" * 121), "name is no text of at most 120"),
    (lambda c: c["run"].update(name="a\x1b[31mb"), "cannot be shown"),
    (lambda c: c["run"].update(note=5), "note is no text"),
    (lambda c: c["run"].update(created=-1), "created is no time"),
    (lambda c: c["run"].update(ended="now"), "ended is no time"),
    (lambda c: c["run"].update(nets=None), "`nets` is no list"),
    (lambda c: c["run"]["nets"][0].update(label="other"), "its nets are not those of its recipe"),
    (lambda c: c["run"]["nets"].reverse(), "its nets are not those of its recipe"),
    (
        lambda c: c["run"]["nets"][0].update(params=-1),
        "params is a whole number from 0 to 4,611,686,018,427,387,904; got -1",
    ),
    (
        lambda c: c["run"]["nets"][0].update(macs=2.5),
        "macs is a whole number from 0 to 4,611,686,018,427,387,904; got 2.5",
    ),
    (lambda c: c["run"]["nets"][0].update(ending="exploded"), "ending has an unknown value"),
    (lambda c: c["run"]["nets"][0].update(convs=["a", "a"]), "convs has a name twice"),
    (lambda c: c["run"]["nets"][0].update(blocks=[1]), "blocks is no list of names"),
    (lambda c: c["records"].append(c["records"][0]), "record 6 repeats a step"),
    (lambda c: c["records"].append([]), "record 6: it is no object"),
    (lambda c: c["records"][1].update(net="other"), "record 1: its net is none of the run's"),
    (lambda c: c["records"][1].update(step=200), "record 1: step is a whole number from 0 to 199; got 200"),
    (lambda c: c["records"][1].update(step=True), "record 1: step is a whole number from 0 to 199; got 'True'"),
    (lambda c: c["records"][1].update(loss=None), "loss is no number"),
    (lambda c: c["records"][1].update(loss="2.3"), "loss is no number"),
    (lambda c: c["records"][1].update(loss=10**400), "loss is no number"),
    (lambda c: c["records"][1].update(accuracy=1.5), "accuracy is not from 0 to 1"),
    (lambda c: c["records"][1].update(seconds="Infinity"), "seconds is not 0 or more"),
    (lambda c: c["records"][1].update(lr=-0.1), "lr is not 0 or more"),
    (lambda c: c["records"][0]["grad_norm"].popitem(), "exactly one value for each of the net's nodes"),
    (lambda c: c["records"][0].update(grad_norm=[]), "exactly one value for each of the net's nodes"),
    (lambda c: c["records"][1].update(wings=2), "field 'wings' is unknown"),
]


@pytest.mark.parametrize(("change", "told"), WRONG, ids=[told[:40] for _, told in WRONG])
def test_what_is_wrong_with_a_file_is_told(change: Change, told: str) -> None:
    content = whole()
    json_import.parse(json.dumps(content).encode())
    change(content)
    with pytest.raises(DataError) as refused:
        json_import.parse(json.dumps(content).encode())
    assert told in str(refused.value)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"run": {"x": NaN}}',
        b'{"run": ' + b"9" * 5_000 + b"}",
        b"null",
        b"[1]",
        b'"run"',
    ],
    ids=range(8),
)
def test_what_is_no_whole_json_object_is_told(content: bytes) -> None:
    with pytest.raises(DataError, match=r"^This (file|JSON file) "):
        json_import.parse(content)


def test_a_file_is_weighed_before_it_is_read() -> None:
    with pytest.raises(DataError, match="at most 20 MB"):
        json_import.parse(b" " * (json_import.MAX_BYTES + 1))


def test_a_run_that_had_not_ended_there_counts_as_stopped_here() -> None:
    content = whole()
    content["run"]["state"] = "running"
    assert json_import.parse(json.dumps(content).encode()).state is RunState.CANCELLED


TEXT = json.dumps(whole()).encode()


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_read_or_told_and_nothing_else(data: st.DataObject) -> None:
    damaged = bytearray(TEXT)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(damaged) - 1))
        match data.draw(st.sampled_from(["cut", "change", "drop"])):
            case "cut":
                del damaged[max(1, place) :]
            case "change":
                damaged[place] = data.draw(st.integers(0, 255))
            case _:
                del damaged[place : place + data.draw(st.integers(1, 40))]
        if not damaged:
            break
    with contextlib.suppress(DataError):
        json_import.parse(bytes(damaged))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), value=JSON)
def test_any_value_in_any_place_is_read_or_told(data: st.DataObject, value: Any) -> None:
    content = json.loads(TEXT)
    place: Any = content
    for _ in range(data.draw(st.integers(0, 5))):
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        inner = [key for key in keys if isinstance(place[key], dict | list) and place[key]]
        if not inner:
            break
        place = place[data.draw(st.sampled_from(inner))]
    key = data.draw(st.sampled_from(list(place) if isinstance(place, dict) else list(range(len(place)))))
    place[key] = value
    with contextlib.suppress(DataError):
        json_import.parse(json.dumps(content).encode())
