"""Fake of the query process for attribution: results at once, out of numpy alone, of the types of the real ones."""

import json
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from resnet_viz.attribution.methods import METHODS
from resnet_viz.attribution.net_result import (
    BlockDepth,
    BlockLesion,
    BlockMap,
    BranchSplit,
    ChannelPatch,
    ImageFacts,
    LayerFeatures,
    MapAgreement,
    MapName,
    MethodMap,
    NetDepth,
    NetFacts,
    NetMaps,
    NetPrediction,
    NetSanity,
    PickedImage,
    RandomisedUnit,
    SanityVerdict,
    StepMap,
)
from resnet_viz.attribution.npz_codec import Floats
from resnet_viz.attribution.query import AttributionQuery, Topic, from_json
from resnet_viz.attribution.result import (
    AboutResult,
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
)
from resnet_viz.attribution.sources import images, shipped_nets
from resnet_viz.attribution.sources.images import Preprocessing
from resnet_viz.attribution.sources.refs import ImageRef, NetRef
from resnet_viz.data.fashion_mnist import CLASS_NAMES
from resnet_viz.jobs.queries.kinds import ATTRIBUTION
from resnet_viz.jobs.queries.queue import QueryState, QueryStatus, Request
from resnet_viz.spec.presets import preset
from resnet_viz.spec.titles import title

BLOCKS = [f"stage{stage}.block{block}" for stage in (1, 2, 3) for block in (1, 2, 3)]
PREPROCESSING = Preprocessing(image_size=28, channels=1, mean=(0.286,), std=(0.353,), is_grey=True)
STEPS = (0, 50, 150, 300)
NETS = (NetRef.parse("shipped:plain20"), NetRef.parse("shipped:resnet20"))
IMAGE = ImageRef.parse("data:fashion_mnist_subset/9")


class FakeAttribution:
    """Answers in place of `jobs.queries.attribution.SERVICE`; queries are recorded in `asked`."""

    kind = ATTRIBUTION

    def __init__(self) -> None:
        self.asked: list[AttributionQuery] = []
        self.statuses: dict[str, QueryStatus] = {}
        self.cancelled: list[AttributionQuery] = []
        self.is_warm = False
        self.seconds: float | None = None  # computing time of a result
        self.knows_all = True  # as if every result were on the disk
        self.answer = QueryStatus(state=QueryState.DONE)
        self.change: Callable[[QueryResult], QueryResult] = lambda result: result

    def ask(self, request: Request, *, owner: str) -> None:
        query = from_json(request.fields)
        self.asked.append(query)
        if request.key not in self.statuses:
            is_done = self.answer.state is QueryState.DONE
            result = replace(self.change(fake_result(query)), seconds=self.seconds) if is_done else None
            self.statuses[request.key] = self.answer._replace(result=result)

    def recall(self, request: Request, *, owner: str) -> bool:
        if self.knows_all:
            self.ask(request, owner=owner)
        return self.knows_all

    def status(self, request: Request, *, owner: str) -> QueryStatus | None:
        return self.statuses.get(request.key)

    def warm_up(self) -> None:
        self.is_warm = True

    def cancel(self, request: Request, *, owner: str) -> None:
        self.cancelled.append(from_json(request.fields))
        self.statuses.pop(request.key, None)


def write_nets(folder: Path) -> Path:
    """Writes the list of two shipped nets, a plain one and a residual one, without their weights."""
    folder.mkdir()
    nets = []
    for name, kind in (("plain20", "plain"), ("resnet20", "resnet")):
        spec = preset(f"cifar_{kind}20", in_channels=1, image_size=28)
        nets.append(
            shipped_nets.ShippedNet(
                name=name,
                title=title(spec),
                spec=spec,
                data="fashion_mnist",
                image_size=28,
                mean=0.286,
                std=0.353,
                test_accuracy=0.9,
                test_images=10_000,
                recipe={},
                steps=100,
                sha256="0" * 64,
                num_bytes=1,
            )
        )
    (folder / shipped_nets.LIST).write_text(json.dumps([shipped_nets.to_json(net) for net in nets]), "utf-8")
    return folder


def query_of(topic: Topic, method: str = "") -> AttributionQuery:
    """A query on a topic about a plain and a residual net."""
    return AttributionQuery(
        topic=topic,
        nets=NETS,
        image=IMAGE if topic.needs_image else None,
        method=method or ("saliency" if topic.has_method else ""),
        layer="stage1.block1" if topic.needs_layer else None,
    )


def fake_result(query: AttributionQuery) -> QueryResult:
    """A result with values that depend on the query alone."""
    facts = tuple(NetFacts(**_facts(ref, place)) for place, ref in enumerate(query.nets))
    match query.topic:
        case Topic.PATCHES:
            return PatchesResult(nets=facts, patches=tuple(map(_patches, range(len(facts)))))
        case Topic.PICK:
            return PickResult(images=tuple(map(_picked, range(12))))
        case Topic.ABOUT:
            spec = preset("cifar_resnet20", in_channels=1, image_size=28)
            return AboutResult(nets=facts, specs=((spec,),) * len(facts), uploads=(None,) * len(facts))
        case _:
            return _of_image(query)


def _of_image(query: AttributionQuery) -> QueryResult:
    assert query.image is not None
    places = range(len(query.nets))
    source = images.read_image(query.image)
    common: dict[str, Any] = {
        "nets": tuple(_prediction(query, place) for place in places),
        "image": ImageFacts(ref=source.ref, label=source.label, class_name=source.class_name),
    }
    match query.topic:
        case Topic.MAPS:
            names = [MapName(net=place, method=name) for place in places for name in _methods(query)]
            agreement = tuple(
                MapAgreement(a=a, b=b, signed=0.42, absolute=0.61) for i, a in enumerate(names) for b in names[i + 1 :]
            )
            return MapsResult(**common, maps=tuple(_maps(query, place) for place in places), agreement=agreement)
        case Topic.FILM:
            return FilmResult(**common, films=tuple(map(_film, places)))
        case Topic.DEPTH:
            return DepthResult(**common, depths=tuple(_depth(is_plain=not place) for place in places))
        case Topic.SANITY:
            return SanityResult(**common, checks=tuple(map(_sanity, places)))
        case Topic.OVER_TRAINING:
            return TrainingResult(**common, steps=tuple(map(_steps, places)))
        case Topic.FEATURES:
            return FeaturesResult(**common, features=tuple(map(_features, places)))
        case _:
            return PredictionResult(**common)


def _facts(ref: NetRef, place: int) -> dict[str, Any]:
    return {
        "place": place,
        "ref": ref,
        "title": ref.name,
        "weights": "0" * 16,
        "data": "fashion_mnist",
        "step": None,
        "is_guess": False,
        "mean": (0.286,),
        "std": (0.353,),
        "class_names": CLASS_NAMES,
    }


def _prediction(query: AttributionQuery, place: int) -> NetPrediction:
    assert query.image is not None
    source = images.read_image(query.image)
    predicted = 9 if place else 7
    return NetPrediction(
        **_facts(query.nets[place], place),
        label=source.label,
        target=query.target or 9,
        predicted=predicted,
        image_CHW=images.preprocess(source, PREPROCESSING).pixels_CHW,
        is_inverted=False,
        probabilities_K=_probabilities(predicted),
    )


def _methods(query: AttributionQuery) -> tuple[str, ...]:
    return (query.method, *query.further_methods)


def _maps(query: AttributionQuery, place: int) -> NetMaps:
    def values(name: str) -> Floats:
        return _noise(f"{place}{name}", *((7, 7) if name == "grad_cam" else (1, 28, 28)))

    def layer(name: str) -> str | None:
        return query.layer or BLOCKS[-1] if METHODS[name].needs_layer else None

    maps = [MethodMap(method=name, layer=layer(name), delta=0.01, values=values(name)) for name in _methods(query)]
    return NetMaps(maps=tuple(maps), baseline_CHW=None)


def _film(place: int) -> tuple[BlockMap, ...]:
    sides = [(28, 14, 7)[i // 3] for i in range(len(BLOCKS))]
    return tuple(
        BlockMap(block=name, values_hw=_noise(f"{place}{name}", side, side))
        for name, side in zip(BLOCKS, sides, strict=True)
    )


def _depth(*, is_plain: bool) -> NetDepth:
    blocks = []
    for i, name in enumerate(BLOCKS):
        lesion = BlockLesion(target_probability=0.1 * i, predicted=9 if i > 4 else 2)
        if is_plain and i in (3, 6):
            lesion = BlockLesion(
                target_probability=None, predicted=None, input_shape=(16, 28, 28), output_shape=(32, 14, 14)
            )
        split = None if is_plain else BranchSplit(shortcut=11.0 - i, branch=i - 3.0, whole=8.0)
        blocks.append(BlockDepth(block=name, conductance=8.0, split=split, lesion=lesion))
    return NetDepth(
        blocks=tuple(blocks),
        change=8.0,
        share_delta=0.0 if is_plain else 0.25,
        baseline_CHW=np.zeros((1, 28, 28), np.float32),
    )


def _sanity(place: int) -> NetSanity:
    names = ["head.fc", *reversed(BLOCKS), "stem"]
    units = [
        RandomisedUnit(unit=name, signed=1 - i / 6, absolute=1 - i / 12, values=_noise(f"{place}{i}", 1, 28, 28))
        for i, name in enumerate(names, start=1)
    ]
    return NetSanity(
        trained=_noise(f"{place}", 1, 28, 28),
        units=tuple(units),
        verdict=SanityVerdict.STAYS if place else SanityVerdict.CHANGES,
        signed=0.72 if place else 0.04,
        absolute=0.75 if place else 0.21,
    )


def _steps(place: int) -> tuple[StepMap, ...]:
    return tuple(
        StepMap(step=step, target_probability=step / 400, values=_noise(f"{place}{step}", 1, 28, 28)) for step in STEPS
    )


def _features(place: int) -> LayerFeatures:
    return LayerFeatures(maps=_noise(f"{place}f", 16, 28, 28), filters_OIhw=_noise(f"{place}c", 16, 1, 3, 3))


def _patches(place: int) -> tuple[ChannelPatch, ...]:
    pixels_NCHW = np.abs(_noise(f"{place}p", 9, 1, 9, 9))
    return tuple(ChannelPatch(label=i, value=3.0 - i / 9, pixels_CHW=pixels_NCHW[i]) for i in range(9))


def _picked(index: int) -> PickedImage:
    ref = ImageRef.parse(f"data:fashion_mnist_subset/{index}")
    pixels_CHW = _noise(f"pick{index}", 1, 28, 28)
    return PickedImage(ref=ref, label=index % 10, predicted=6, confidence=0.99, pixels_CHW=pixels_CHW)


def _probabilities(best: int) -> Floats:
    shares = np.full(10, 0.01, np.float32)
    shares[best] = 0.91
    return shares


def _noise(seed: str, *shape: int) -> Floats:
    values = np.random.default_rng(zlib.crc32(seed.encode())).normal(size=shape)
    return (values * np.linspace(0, 1, shape[-1])).astype(np.float32)
