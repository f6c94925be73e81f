"""Answers attribution queries: the function that the query process of `jobs` calls."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from time import perf_counter
from typing import Any, Final, TypeVar

import torch

from resnet_viz.attribution import agreement
from resnet_viz.attribution.engine import test_images, topics
from resnet_viz.attribution.engine.load_net import LoadedNet, open_net
from resnet_viz.attribution.engine.net_input import NetInput, net_facts, net_input, net_prediction, unknown_facts
from resnet_viz.attribution.engine.nets.uploaded_net import read_upload
from resnet_viz.attribution.engine.progress import Tick, subtick
from resnet_viz.attribution.net_result import ImageFacts, MapAgreement, MapName, NetFacts, NetMaps
from resnet_viz.attribution.query import AttributionQuery, Topic, from_json
from resnet_viz.attribution.result import (
    AboutResult,
    DepthResult,
    FeaturesResult,
    FilmResult,
    ImageResult,
    MapsResult,
    PatchesResult,
    PickResult,
    PredictionResult,
    QueryResult,
    SanityResult,
    TrainingResult,
    to_npz,
)
from resnet_viz.attribution.sources.images import SourceImage, read_image
from resnet_viz.attribution.sources.net_sources import net_source, pin_steps
from resnet_viz.attribution.sources.refs import NetKind, NetRef
from resnet_viz.attribution.upload_facts import settle
from resnet_viz.spec.vgg import AnySpec

MOST_OPEN: Final = 8  # nets that stay in memory
MOST_PARAMS: Final = 150_000_000  # of them all; a VGG-19 has 143,667,240

Found = TypeVar("Found")

_open: OrderedDict[tuple[NetRef, str], LoadedNet] = OrderedDict()


def serve(fields: Mapping[str, Any], tick: Tick) -> bytes:
    """Returns the result of a query, given as a JSON object, as the bytes of `result.to_npz`."""
    torch.set_num_threads(1)
    query = pin_steps(from_json(fields))
    for ref in query.nets if query.topic is not Topic.ABOUT else ():
        cached_net(ref, tick)  # loading is no part of a query's time
    began = perf_counter()
    found = answer(query, tick)
    return to_npz(replace(found, seconds=perf_counter() - began))


def answer(query: AttributionQuery, tick: Tick) -> QueryResult:
    """Returns the result of a query.

    Args:
        query: the query.
        tick: receives the share that is done; it may raise `Cancelled`, which ends the work.

    Raises:
        Refusal: a net, image, layer or class that is not there.
    """
    query = pin_steps(query)
    tick(0.0)
    if query.topic is Topic.ABOUT:
        return _about(query.nets, tick)
    nets = [cached_net(ref, tick) for ref in query.nets]
    facts = tuple(net_facts(net, place) for place, net in enumerate(nets))
    match query.topic:
        case Topic.PATCHES:
            patches = [
                test_images.strongest_patches(net, query, subtick(tick, place, len(nets)))
                for place, net in enumerate(nets)
            ]
            return PatchesResult(nets=facts, patches=tuple(patches))
        case Topic.PICK:
            return PickResult(images=test_images.select_images(nets[0], query, tick))
        case _:
            assert query.image is not None
            return _of_image(query, nets, read_image(query.image), tick)


def cached_net(ref: NetRef, tick: Tick) -> LoadedNet:
    """Returns a net; the last few stay loaded, so that the next query about them need not read them."""
    key = (ref, net_source(ref).checksum())
    if key not in _open:
        found = open_net(ref, tick)
        while _open and (len(_open) >= MOST_OPEN or _num_params(found, *_open.values()) > MOST_PARAMS):
            _open.popitem(last=False)
        _open[key] = found
    _open.move_to_end(key)
    return _open[key]


def _about(refs: Sequence[NetRef], tick: Tick) -> AboutResult:
    """Returns the architectures of nets; an uploaded one that is not settled has none, and is not built."""
    nets, specs = list[NetFacts](), list[tuple[AnySpec, ...]]()
    uploads = [read_upload(ref).facts if ref.kind is NetKind.UPLOAD else None for ref in refs]
    for place, (ref, facts) in enumerate(zip(refs, uploads, strict=True)):
        if facts is None or (facts.has_head and settle(facts, ref.settings).spec is not None):
            loaded = cached_net(ref, tick)
            nets.append(net_facts(loaded, place))
            specs.append((loaded.spec,))
        else:
            nets.append(unknown_facts(ref, place))
            specs.append(())
    return AboutResult(nets=tuple(nets), specs=tuple(specs), uploads=tuple(uploads))


def _num_params(*nets: LoadedNet) -> int:
    return sum(tensor.numel() for one in nets for tensor in one.net.parameters())


def _of_image(query: AttributionQuery, loaded: Sequence[LoadedNet], source: SourceImage, tick: Tick) -> ImageResult:
    inputs = [net_input(net, query, source) for net in loaded]

    def each(find: Callable[[NetInput, Tick], Found]) -> tuple[Found, ...]:
        return tuple(find(one, subtick(tick, place, len(inputs))) for place, one in enumerate(inputs))

    nets = tuple(net_prediction(one, place, source) for place, one in enumerate(inputs))
    image = ImageFacts(ref=source.ref, label=source.label, class_name=source.class_name)
    match query.topic:
        case Topic.MAPS:
            maps = each(topics.method_maps)
            return MapsResult(nets=nets, image=image, maps=maps, agreement=_agreement(maps))
        case Topic.FILM:
            return FilmResult(nets=nets, image=image, films=each(topics.film))
        case Topic.DEPTH:
            return DepthResult(nets=nets, image=image, depths=each(topics.depth))
        case Topic.SANITY:
            return SanityResult(nets=nets, image=image, checks=each(topics.sanity_check))
        case Topic.OVER_TRAINING:
            return TrainingResult(nets=nets, image=image, steps=each(topics.over_training))
        case Topic.FEATURES:
            return FeaturesResult(nets=nets, image=image, features=each(topics.layer_features))
        case Topic.PREDICT:
            return PredictionResult(nets=nets, image=image)
        case _:
            raise AssertionError(query.topic)


def _agreement(nets: Sequence[NetMaps]) -> tuple[MapAgreement, ...]:
    """Returns the rank correlations of each two maps, resampled to one size; NaN where one is flat."""
    planes = {
        MapName(net=place, method=one.method): agreement.plane(one.values)
        for place, maps in enumerate(nets)
        for one in maps.maps
    }
    size = max(plane.shape for plane in planes.values())
    resampled = {name: agreement.resampled(plane, size) for name, plane in planes.items()}
    found = []
    for a, b in combinations(resampled, 2):
        signed, absolute = agreement.rank_correlations(resampled[a], resampled[b])
        found.append(MapAgreement(a=a, b=b, signed=signed, absolute=absolute))
    return tuple(found)
