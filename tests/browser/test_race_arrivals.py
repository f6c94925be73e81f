"""A run that arrives in parts, some of them doubled or lost, as the race's script puts it together."""

from collections.abc import Sequence
from typing import Any

import pytest
from playwright.sync_api import Page

from resnet_viz.present.training.race_data import SentUpTo, updates
from resnet_viz.runs import shipped
from resnet_viz.runs.run import Curve
from resnet_viz.training.records import Step
from tests.browser import records
from tests.browser.conftest import Visit
from tests.browser.serving import Server

pytestmark = pytest.mark.browser

RUN = shipped.read("no_norm_he")  # one of its nets explodes at once
NETS = RUN.recipe.labels
TAKEN = """async ([sent, steps]) => {
  const { run, take, moments, snapshot, placeOf, isEmpty } = await import("/app/static/race/buffer.js");
  const target = run(`test:${Math.random()}`);
  const wasEmpty = isEmpty(target);
  const whole = sent.map(([nets, until]) => take(target, nets, until));
  const plain = (values) => [...values].map((value) => (Number.isFinite(value) ? value : `${value}`));
  const nets = [...target.nets.values()].map((net) => ({
    label: net.label, steps: net.steps, loss: plain(net.loss), error: plain(net.error),
    testSteps: net.testSteps, testError: plain(net.testError), names: net.names, moments: net.moments,
    shots: steps.map((step) => {
      const shot = snapshot(net, "grad_norm", step);
      return shot && { step: shot.step, values: plain(shot.values), earlier: shot.earlier && plain(shot.earlier) };
    }),
  }));
  return {
    whole, nets, moments: moments(target), wasEmpty, isEmpty: isEmpty(target),
    places: steps.map((step) => placeOf([0, 10, 20], step)),
  };
}"""

Part = tuple[list[dict[str, Any]], dict[str, SentUpTo]]


@pytest.fixture(scope="module")
def page(server: Server, visit_once: Visit) -> Page:
    return visit_once(f"{server.url}/training")


def part(first: int, until: int) -> Part:
    """Returns what is sent of the steps from `first` to `until`, which is left out."""
    seen = {net: SentUpTo(last(net, first, is_probed=False), last(net, first, is_probed=True)) for net in NETS}
    curves = [cut(curve, first, until) for curve in RUN.curves]
    return updates(NETS, curves, [step for step in RUN.probes if first <= step.step < until], seen)


def last(net: str, before: int, *, is_probed: bool) -> int:
    """Returns the newest step of a net before this one, -1 where there is none."""
    own = [step.step for step in records.of_net(RUN.steps, net) if not is_probed or step.grad_norm]
    return max((step for step in own if step < before), default=-1)


def cut(curve: Curve, first: int, until: int) -> Curve:
    def within(steps: Sequence[int], values: Sequence[float]) -> tuple[float, ...]:
        return tuple(value for step, value in zip(steps, values, strict=True) if first <= step < until)

    steps = tuple(step for step in curve.steps if first <= step < until)
    test_steps = tuple(step for step in curve.test_steps if first <= step < until)
    return Curve(
        net=curve.net,
        attempt=curve.attempt,
        steps=steps,
        loss=within(curve.steps, curve.loss),
        accuracy=within(curve.steps, curve.accuracy),
        seconds=within(curve.steps, curve.seconds),
        test_steps=test_steps,
        test_loss=within(curve.test_steps, curve.test_loss),
        test_accuracy=within(curve.test_steps, curve.test_accuracy),
        images_per_s=curve.images_per_s,
    )


def taken(page: Page, parts: Sequence[Part], steps: Sequence[int] = ()) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(TAKEN, [[[nets, until] for nets, until in parts], list(steps)])
    return found


def assert_whole(found: dict[str, Any]) -> None:
    assert [net["label"] for net in found["nets"]] == list(NETS)
    for net in found["nets"]:
        own: list[Step] = records.of_net(RUN.steps, net["label"])
        loss, test = records.losses(own, net["label"]), records.errors_on_test_images(own, net["label"])
        assert net["steps"] == loss.steps
        assert net["loss"] == pytest.approx(loss.values, rel=2e-5)
        assert net["error"] == pytest.approx(records.errors(own, net["label"]).values, rel=2e-5)
        assert net["testSteps"] == test.steps
        assert net["testError"] == pytest.approx(test.values, rel=2e-5)
        measured = records.by_depth(own, net["label"], "grad_norm")
        assert net["moments"] == list(measured)
        assert net["names"]["convs"] == records.names_by_depth(own, net["label"], "grad_norm")


@pytest.mark.parametrize("ends", [(200,), (1, 200), (31, 32, 90, 200), (50, 100, 150, 200)])
def test_parts_make_the_whole_run(ends: tuple[int, ...], page: Page) -> None:
    starts = (0, *ends[:-1])
    found = taken(page, [part(first, until) for first, until in zip(starts, ends, strict=True)])
    assert found["whole"] == [True] * len(ends)
    assert (found["wasEmpty"], found["isEmpty"]) == (True, False)
    assert found["moments"] == sorted({step.step for step in RUN.probes})
    assert_whole(found)


def test_what_comes_twice_counts_once(page: Page) -> None:
    found = taken(page, [part(0, 90), part(31, 150), part(0, 60), part(150, 200)])
    assert found["whole"] == [True] * 4
    assert_whole(found)


def test_a_lost_part_is_noticed_and_made_good(page: Page) -> None:
    found = taken(page, [part(0, 50), part(90, 200), part(0, 200)])
    assert found["whole"] == [True, False, True]
    assert_whole(found)


def test_a_part_that_was_lost_between_two_measurements_is_noticed(page: Page) -> None:
    assert [step.step for step in RUN.probes if 140 < step.step < 170] == []
    assert taken(page, [part(0, 146), part(158, 165)])["whole"] == [True, False]


@pytest.mark.parametrize(("step", "moment"), [(191, 170), (189, 180)])
def test_a_lost_end_is_noticed(step: int, moment: int, page: Page) -> None:
    """Two updates that come at once are one to the script: only `until` shows that there was more."""
    nothing: list[dict[str, Any]] = []
    _parts, until = part(0, 190)
    more = until | {NETS[0]: SentUpTo(step, moment)}
    assert taken(page, [part(0, 190), (nothing, until), (nothing, more)])["whole"] == [True, True, False]


def test_a_snapshot_is_the_newest_up_to_a_step_with_the_one_before(page: Page) -> None:
    steps = (0, 9, 10, 155, 199)
    found = taken(page, [part(0, 200)], steps)
    for net in found["nets"]:
        measured = records.by_depth(RUN.steps, net["label"], "grad_norm")
        known = list(measured)
        for step, shot in zip(steps, net["shots"], strict=True):
            place = max(number for number, one in enumerate(known) if one <= step)
            assert shot["step"] == known[place]
            assert shot["values"] == pytest.approx(records.arrived(measured[known[place]]))
            earlier = records.arrived(measured[known[place - 1]]) if place else None
            assert shot.get("earlier") == (earlier and pytest.approx(earlier))
    assert taken(page, [part(0, 60)], (-1, 0, 9, 10, 25))["places"] == [-1, 0, 0, 1, 2]


PRESSED_EARLY = """async () => {
  const { default: show } = await import("/app/static/race/main.js");
  const errors = [];
  const note = (event) => { errors.push(event.message); event.preventDefault(); };
  window.addEventListener("error", note);
  const parent = document.createElement("div"); // not on the page: its styles, which an update waits for, never come
  const end = show({ parentElement: parent, data: {} });
  for (const button of parent.querySelectorAll("button")) button.click();
  parent.querySelector("input").dispatchEvent(new Event("input"));
  end();
  window.removeEventListener("error", note);
  return errors;
}"""


def test_what_is_pressed_before_anything_came_does_nothing(page: Page) -> None:
    assert page.evaluate(PRESSED_EARLY) == []
