"""Answers to questions: each topic's facts and arrays are those that `explain.questions` writes down."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from resnet_viz.attribution.engine import worker
from resnet_viz.attribution.methods import METHODS, Cancelled
from resnet_viz.attribution.query import from_json
from resnet_viz.attribution.result import AttributionResult, unpack
from resnet_viz.errors import Refusal, SpecError
from tests.fakes.kept_run import STEPS, trained

pytestmark = pytest.mark.torch

PICTURE = "data:fashion_mnist_subset/12"  # a pullover, class 2
LAST = "stage3.block1"


@pytest.fixture(scope="module")
def nets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """A plain and a residual net of a run with kept steps."""
    with trained(tmp_path_factory.mktemp("home")) as run_id:
        yield [f"run:{run_id}/0/{STEPS}", f"run:{run_id}/1/last"]


def ask(nets: list[str], **fields: Any) -> AttributionResult:
    picture = {} if fields["topic"] in ("pick", "patches") else {"picture": PICTURE}
    return unpack(worker.serve({"nets": nets, **picture, **fields}, lambda _share: None))


def test_a_prediction_is_the_nets_own(nets: list[str]) -> None:
    answer = ask(nets, topic="predict")
    assert answer.meta["picture"] == {"ref": PICTURE, "label": 2, "class_name": "Pullover", "is_negated": False}
    for place, told in enumerate(answer.meta["nets"]):
        opened = worker.cached_net(from_json({"topic": "pick", "nets": [nets[place]]}).nets[0], lambda _share: None)
        pixels_CHW = answer.arrays[f"{place}.picture"]
        with torch.no_grad():
            expected_K = opened.net(torch.from_numpy(opened.wanted.normalised(pixels_CHW))[None]).softmax(dim=1)[0]
        np.testing.assert_allclose(answer.arrays[f"{place}.probabilities"], expected_K.numpy(), atol=1e-6)
        assert told["target"] == told["predicted"] == int(expected_K.argmax())
        assert (told["weights"], told["label"], told["step"]) == (opened.weights, 2, STEPS)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_gives_a_map_of_each_net(nets: list[str], method: str) -> None:
    answer = ask(nets, topic="maps", method=method, target=3)
    for place, told in enumerate(answer.meta["nets"]):
        (row,) = told["maps"]
        is_of_layer = METHODS[method].needs_layer and method != "guided_grad_cam"
        values = answer.arrays[f"{place}.map.{method}"]
        assert values.shape == ((4, 4) if is_of_layer else (1, 14, 14))
        assert np.isfinite(values).all()
        assert (row["method"], told["target"]) == (method, 3)
        assert row["layer"] == (LAST if METHODS[method].needs_layer else None)
        assert (row["delta"] is not None) == METHODS[method].has_delta
        assert (f"{place}.baseline" in answer.arrays) == METHODS[method].has_baseline


def test_several_methods_are_compared_by_rank(nets: list[str]) -> None:
    answer = ask(nets, topic="maps", method="saliency", options={"also": "grad_cam,saliency"})
    pairs = {(row["a"], row["b"]): row for row in answer.meta["agreement"]}
    names = [f"{place}.map.{method}" for place in (0, 1) for method in ("saliency", "grad_cam")]
    assert set(pairs) == {(a, b) for i, a in enumerate(names) for b in names[i + 1 :]}
    assert all(-1 <= row["signed"] <= 1 for row in pairs.values())


def test_a_film_has_a_frame_of_every_block(nets: list[str]) -> None:
    answer = ask(nets, topic="film")
    assert answer.meta["nets"][1]["blocks"] == ["stage1.block1", "stage2.block1", LAST]
    assert [answer.arrays[f"1.film.{block}"].shape for block in answer.meta["nets"][1]["blocks"]] == [
        (14, 14),
        (7, 7),
        (4, 4),
    ]


def test_depth_splits_every_addition_and_removes_every_block(nets: list[str]) -> None:
    answer = ask(nets, topic="depth", options={"steps": 20}, baseline="mean")
    plain, residual = answer.meta["nets"]
    assert plain["shares"] == []
    assert [row["block"] for row in residual["shares"]] == ["stage1.block1", "stage2.block1", LAST]
    for row in residual["shares"]:
        assert row["shortcut"] + row["branch"] == pytest.approx(row["whole"], rel=1e-4, abs=1e-4)
    assert len(plain["conductance"]) == len(residual["conductance"]) == 3
    assert [row["after"] is None for row in plain["lesions"]] == [False, True, True]
    assert all(row["sentence"] for row in plain["lesions"][1:])
    assert all(0 <= row["after"] <= 1 for row in residual["lesions"])
    np.testing.assert_allclose(answer.arrays["0.baseline"], 0.2867, atol=1e-4)  # the mean training pixel


def test_sanity_randomises_from_the_head_to_the_stem(nets: list[str]) -> None:
    answer = ask(nets[1:], topic="sanity", method="saliency")
    (told,) = answer.meta["nets"]
    names = [row["name"] for row in told["sanity"]]
    assert (names[0], names[-1]) == ("head.fc", "stem")
    assert f"0.sanity.{len(names) - 1}" in answer.arrays
    assert "0.map.saliency" in answer.arrays
    assert told["verdict"].startswith("Saliency")


def test_over_training_has_a_map_of_every_kept_step(nets: list[str]) -> None:
    answer = ask(nets, topic="over_training", method="input_x_gradient", target=2)
    for place, told in enumerate(answer.meta["nets"]):
        assert [row["step"] for row in told["steps"]] == [0, 25, STEPS]
        assert all(f"{place}.map.{step}" in answer.arrays for step in (0, 25, STEPS))
    last = ask(nets, topic="maps", method="input_x_gradient", target=2)
    np.testing.assert_array_equal(answer.arrays[f"1.map.{STEPS}"], last.arrays["1.map.input_x_gradient"])


def test_features_and_patches_are_of_the_layer(nets: list[str]) -> None:
    seen = ask(nets, topic="features", layer="stage2.block1.branch.conv1")
    assert seen.arrays["1.features"].shape == (8, 7, 7)
    assert seen.arrays["1.filters"].shape == (4, 1, 3, 3)
    found = ask(nets[:1], topic="patches", layer="stage1.block1", options={"channel": 1, "count": 5})
    (told,) = found.meta["nets"]
    values = [row["value"] for row in told["patches"]]
    assert values == sorted(values, reverse=True)
    assert found.arrays["0.patches"].shape == (5, 1, 7, 7)  # three 3x3 convolutions see 7 pixels
    seen_pixels = found.arrays["0.patches"][~np.isnan(found.arrays["0.patches"])]
    assert 0 <= seen_pixels.min() <= seen_pixels.max() <= 1


def test_pictures_are_picked_at_random_by_class_and_by_mistake(nets: list[str]) -> None:
    def pick(**options: Any) -> list[dict[str, Any]]:
        answer = ask(nets[:1], topic="pick", options={"count": 6, **options})
        assert answer.arrays["pictures"].shape == (6, 1, 14, 14)
        return list(answer.meta["pictures"])

    assert pick() == pick()
    assert {row["label"] for row in pick(how="class", label=7)} == {7}
    wrong = pick(how="wrong")
    assert all(row["predicted"] != row["label"] for row in wrong)
    confidences = [row["confidence"] for row in wrong]
    assert confidences == sorted(confidences, reverse=True)
    told = ask(nets[:1], topic="predict", picture=wrong[0]["ref"]).meta["nets"][0]
    assert told["predicted"] == wrong[0]["predicted"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"topic": "predict", "target": 10}, "10 classes, 0 to 9; got 10"),
        ({"topic": "maps", "method": "grad_cam", "layer": "stage9"}, "no layer 'stage9'"),
        ({"topic": "features", "layer": "stage9"}, "no layer 'stage9'"),
        ({"topic": "patches", "layer": "stage1.block1", "options": {"channel": 99}}, "channels 0 to 3"),
        ({"topic": "pick", "options": {"label": 10}}, "classes 0 to 9; got 10"),
        ({"topic": "maps", "method": "occlusion", "params": {"window": 99}}, "window is a whole number"),
        ({"topic": "predict", "picture": "upload:" + "0" * 64}, "no longer here"),
    ],
)
def test_what_cannot_be_answered_is_told_in_a_sentence(nets: list[str], fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refusal, match=sentence):
        ask(nets, **fields)


def test_only_a_run_has_maps_over_training() -> None:
    with pytest.raises(SpecError, match="choose a net of a run"):
        ask(["shipped:resnet20"], topic="over_training", method="saliency")


@pytest.mark.parametrize("topic", ["maps", "film", "depth", "sanity", "over_training", "patches"])
def test_every_topic_can_be_given_up_half_way(nets: list[str], topic: str) -> None:
    ticks = 0

    def tick(share: float) -> None:
        nonlocal ticks
        assert 0 <= share <= 1.0001
        ticks += 1
        if ticks > 3:
            raise Cancelled

    fields: dict[str, Any] = {"topic": topic, "nets": nets}
    if topic == "patches":
        fields["layer"] = LAST
    else:
        fields["picture"] = PICTURE
    if topic in ("maps", "sanity", "over_training"):
        fields["method"] = "integrated_gradients"
    with pytest.raises(Cancelled):
        worker.serve(fields, tick)
    assert all(not module._forward_hooks for one in worker._open.values() for module in one.net.modules())
