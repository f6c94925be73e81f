"""Answers to queries: the result of each topic, through its bytes."""

import io
from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
import pytest
import torch
from PIL import Image

from resnet_viz.attribution.engine import worker
from resnet_viz.attribution.methods import METHODS, Cancelled
from resnet_viz.attribution.net_result import MapName, PickedImage, SanityVerdict
from resnet_viz.attribution.query import from_json
from resnet_viz.attribution.result import (
    DepthResult,
    FeaturesResult,
    FilmResult,
    MapsResult,
    PatchesResult,
    PickResult,
    PredictionResult,
    QueryResult,
    SanityResult,
    TrainingResult,
    from_npz,
)
from resnet_viz.attribution.sources.images import keep_image
from resnet_viz.errors import Refusal, SpecError
from tests.fakes.kept_run import STEPS, trained

pytestmark = pytest.mark.torch

IMAGE = "data:fashion_mnist_subset/12"  # a pullover, class 2
LAST = "stage3.block1"

Kind = TypeVar("Kind", bound=QueryResult)


@pytest.fixture(scope="module")
def nets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """A plain and a residual net of a run with kept steps."""
    with trained(tmp_path_factory.mktemp("home")) as run_id:
        yield [f"run:{run_id}/0/{STEPS}", f"run:{run_id}/1/last"]


def ask(kind: type[Kind], nets: list[str], **fields: Any) -> Kind:
    image = {} if fields["topic"] in ("pick", "patches") else {"picture": IMAGE}
    found = from_npz(worker.serve({"nets": nets, **image, **fields}, lambda _share: None))
    assert isinstance(found, kind)
    return found


def test_a_prediction_is_the_nets_own(nets: list[str]) -> None:
    found = ask(PredictionResult, nets, topic="predict")
    assert (str(found.image.ref), found.image.label, found.image.class_name) == (IMAGE, 2, "Pullover")
    for place, net in enumerate(found.nets):
        loaded = worker.cached_net(from_json({"topic": "pick", "nets": [nets[place]]}).nets[0], lambda _share: None)
        with torch.no_grad():
            x_1CHW = torch.from_numpy(loaded.preprocessing.normalised(net.image_CHW))[None]
            expected_K = loaded.net(x_1CHW).softmax(dim=1)[0]
        np.testing.assert_allclose(net.probabilities_K, expected_K.numpy(), atol=1e-6)
        assert net.target == net.predicted == int(expected_K.argmax())
        assert (net.weights, net.label, net.step, net.is_inverted) == (loaded.weights, 2, STEPS, False)
        assert (net.place, net.is_guess) == (place, False)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_gives_a_map_of_each_net(nets: list[str], method: str) -> None:
    found = ask(MapsResult, nets, topic="maps", method=method, target=3)
    for net, own in zip(found.nets, found.maps, strict=True):
        (row,) = own.maps
        is_of_layer = METHODS[method].needs_layer and method != "guided_grad_cam"
        assert row.values.shape == ((4, 4) if is_of_layer else (1, 14, 14))
        assert np.isfinite(row.values).all()
        assert (row.method, net.target) == (method, 3)
        assert row.layer == (LAST if METHODS[method].needs_layer else None)
        assert (row.delta is not None) == METHODS[method].has_delta
        assert (own.baseline_CHW is not None) == METHODS[method].has_baseline


def test_several_methods_are_compared_by_rank(nets: list[str]) -> None:
    found = ask(MapsResult, nets, topic="maps", method="saliency", options={"also": "grad_cam,saliency"})
    names = [MapName(net=net, method=method) for net in (0, 1) for method in ("saliency", "grad_cam")]
    assert [(pair.a, pair.b) for pair in found.agreement] == [
        (a, b) for i, a in enumerate(names) for b in names[i + 1 :]
    ]
    assert all(-1 <= pair.signed <= 1 for pair in found.agreement)


def test_a_film_has_a_frame_of_every_block(nets: list[str]) -> None:
    film = ask(FilmResult, nets, topic="film").films[1]
    assert [one.block for one in film] == ["stage1.block1", "stage2.block1", LAST]
    assert [one.values_hw.shape for one in film] == [(14, 14), (7, 7), (4, 4)]


def test_depth_splits_every_addition_and_removes_every_block(nets: list[str]) -> None:
    plain, residual = ask(DepthResult, nets, topic="depth", options={"steps": 20}, baseline="mean").depths
    assert [block.split for block in plain.blocks] == [None] * 3
    assert [block.block for block in residual.blocks] == ["stage1.block1", "stage2.block1", LAST]
    wholes = []
    for block in residual.blocks:
        assert block.split is not None
        assert block.split.shortcut + block.split.branch == pytest.approx(block.split.whole, rel=1e-4, abs=1e-4)
        wholes.append(block.split.whole)
    assert residual.share_delta == pytest.approx(max(abs(whole - residual.change) for whole in wholes))
    assert residual.share_delta > 0
    assert plain.share_delta == 0
    assert [block.lesion.target_probability is None for block in plain.blocks] == [False, True, True]
    assert [(block.lesion.input_shape, block.lesion.output_shape) for block in plain.blocks] == [
        ((), ()),
        ((4, 14, 14), (8, 7, 7)),
        ((8, 7, 7), (16, 4, 4)),
    ]
    for block in residual.blocks:
        assert block.lesion.target_probability is not None
        assert 0 <= block.lesion.target_probability <= 1
    np.testing.assert_allclose(plain.baseline_CHW, 0.2867, atol=1e-4)  # the mean training pixel


def test_sanity_randomises_from_the_head_to_the_stem(nets: list[str]) -> None:
    (check,) = ask(SanityResult, nets[1:], topic="sanity", method="saliency").checks
    assert (check.units[0].unit, check.units[-1].unit) == ("head.fc", "stem")
    assert {one.values.shape for one in check.units} == {check.trained.shape} == {(1, 14, 14)}
    assert check.verdict in SanityVerdict
    assert -1 <= check.signed <= check.absolute <= 1


def test_over_training_has_a_map_of_every_kept_step(nets: list[str]) -> None:
    found = ask(TrainingResult, nets, topic="over_training", method="input_x_gradient", target=2)
    for steps in found.steps:
        assert [one.step for one in steps] == [0, 25, STEPS]
    last = ask(MapsResult, nets, topic="maps", method="input_x_gradient", target=2)
    np.testing.assert_array_equal(found.steps[1][-1].values, last.maps[1].maps[0].values)
    probability = found.nets[1].probability(2)
    assert found.steps[1][-1].target_probability == pytest.approx(probability)
    assert found.steps[1][0].target_probability != pytest.approx(probability)


def test_features_and_patches_are_of_the_layer(nets: list[str]) -> None:
    seen = ask(FeaturesResult, nets, topic="features", layer="stage2.block1.branch.conv1").features[1]
    assert seen.maps.shape == (8, 7, 7)
    assert seen.filters_OIhw.shape == (4, 1, 3, 3)
    options = {"channel": 1, "count": 5}
    (patches,) = ask(PatchesResult, nets[:1], topic="patches", layer="stage1.block1", options=options).patches
    values = [one.value for one in patches]
    assert len(values) == 5
    assert values == sorted(values, reverse=True)
    assert {one.pixels_CHW.shape for one in patches} == {(1, 7, 7)}  # three 3x3 convolutions see 7 pixels
    seen_pixels = np.concatenate([one.pixels_CHW[~np.isnan(one.pixels_CHW)] for one in patches])
    assert 0 <= seen_pixels.min() <= seen_pixels.max() <= 1


def test_images_are_picked_at_random_by_class_and_by_mistake(nets: list[str]) -> None:
    def pick(**options: Any) -> tuple[PickedImage, ...]:
        found = ask(PickResult, nets[:1], topic="pick", options={"count": 6, **options}).images
        assert [one.pixels_CHW.shape for one in found] == [(1, 14, 14)] * 6
        return found

    assert [(one.ref, one.predicted, one.confidence) for one in pick()] == [
        (one.ref, one.predicted, one.confidence) for one in pick()
    ]
    assert {one.label for one in pick(how="class", label=7)} == {7}
    wrong = pick(how="wrong")
    assert all(one.predicted != one.label for one in wrong)
    confidences = [one.confidence for one in wrong]
    assert confidences == sorted(confidences, reverse=True)
    again = ask(PredictionResult, nets[:1], topic="predict", picture=str(wrong[0].ref))
    assert again.nets[0].predicted == wrong[0].predicted


def test_an_uploaded_image_on_a_light_ground_is_inverted_and_says_so(nets: list[str]) -> None:
    content = io.BytesIO()
    Image.new("RGB", (20, 20), "white").save(content, "PNG")
    found = ask(PredictionResult, nets, topic="predict", picture=str(keep_image(content.getvalue())))
    assert [net.is_inverted for net in found.nets] == [True, True]
    assert (found.image.label, found.image.class_name) == (None, "")


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
        ask(QueryResult, nets, **fields)


def test_only_a_run_has_maps_over_training() -> None:
    with pytest.raises(SpecError, match="choose a net of a run"):
        ask(QueryResult, ["shipped:resnet20"], topic="over_training", method="saliency")


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
        fields["picture"] = IMAGE
    if topic in ("maps", "sanity", "over_training"):
        fields["method"] = "integrated_gradients"
    with pytest.raises(Cancelled):
        worker.serve(fields, tick)
    assert all(not module._forward_hooks for one in worker._open.values() for module in one.net.modules())
