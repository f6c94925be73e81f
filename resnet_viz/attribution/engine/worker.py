"""Answers to questions about trained nets; what the resident process of `jobs` is asked."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from itertools import combinations
from time import perf_counter
from typing import Any, Final

import torch

from resnet_viz.attribution import agreement
from resnet_viz.attribution.engine import test_images, topics
from resnet_viz.attribution.engine.load_net import LoadedNet, open_net
from resnet_viz.attribution.engine.net_input import NetInput, facts, label_of, net_input, to_numpy
from resnet_viz.attribution.engine.progress import subtick
from resnet_viz.attribution.engine.topics import Told
from resnet_viz.attribution.query import AttributionQuery, Topic, from_json
from resnet_viz.attribution.result import pack
from resnet_viz.attribution.sources import checksums
from resnet_viz.attribution.sources.images import SourceImage, read_image
from resnet_viz.attribution.sources.refs import NetRef
from resnet_viz.spec import codec

Tick = Callable[[float], None]

MOST_OPEN: Final = 8  # nets that stay in memory
MOST_PARAMS: Final = 150_000_000  # of them all; a VGG-19 has 143,667,240
_ON_PICTURES: Final[Mapping[Topic, Callable[[NetInput, Tick], Told]]] = {
    Topic.PREDICT: topics.predict,
    Topic.MAPS: topics.maps,
    Topic.FILM: topics.film,
    Topic.DEPTH: topics.depth,
    Topic.SANITY: topics.sane,
    Topic.OVER_TRAINING: topics.over_training,
    Topic.FEATURES: topics.featured,
}
_open: OrderedDict[tuple[NetRef, str], LoadedNet] = OrderedDict()


def serve(fields: Mapping[str, Any], tick: Tick) -> bytes:
    """Returns the answer to the JSON object of a question as bytes, `answers.pack`."""
    torch.set_num_threads(1)
    question = checksums.pin_steps(from_json(fields))
    for ref in question.nets:
        cached_net(ref, tick)  # what is read once is no part of what a question takes
    began = perf_counter()
    told, arrays = answer(question, tick)
    return pack({**told, "seconds": perf_counter() - began}, arrays)


def answer(question: AttributionQuery, tick: Tick) -> Told:
    """Returns the answer to a question: plain values, and arrays by name; see `explain.questions`.

    Args:
        question: what is asked.
        tick: is told the share that is done; it may raise `Cancelled`, which ends the work.

    Raises:
        Refusal: a net, picture, layer or class that is not there.
    """
    question = checksums.pin_steps(question)
    tick(0.0)
    nets = [cached_net(ref, tick) for ref in question.nets]
    if question.topic in _ON_PICTURES:
        assert question.picture is not None
        return _on_picture(question, nets, read_image(question.picture), tick)
    told: dict[str, Any] = {"topic": question.topic.value, "nets": [facts(net) for net in nets]}
    arrays: dict[str, Any] = {}
    match question.topic:
        case Topic.PATCHES:
            for place, net in enumerate(nets):
                own, made = test_images.strongest_patches(net, question, subtick(tick, place, len(nets)))
                told["nets"][place] |= own
                arrays |= {f"{place}.{name}": values for name, values in made.items()}
        case Topic.PICK:
            own, arrays = test_images.select_images(nets[0], question, tick)
            told |= own
        case Topic.ABOUT:
            for place, net in enumerate(nets):
                told["nets"][place]["spec"] = codec.to_json(net.spec)
        case _:
            raise AssertionError(question.topic)
    return told, arrays


def cached_net(ref: NetRef, tick: Tick) -> LoadedNet:
    """Returns a net; the last few stay open, so that the next question about them costs nothing."""
    key = (ref, checksums.of_net(ref))
    if key not in _open:
        found = open_net(ref, tick)
        while _open and (len(_open) >= MOST_OPEN or _num_params(found, *_open.values()) > MOST_PARAMS):
            _open.popitem(last=False)
        _open[key] = found
    _open.move_to_end(key)
    return _open[key]


def _num_params(*nets: LoadedNet) -> int:
    return sum(tensor.numel() for one in nets for tensor in one.net.parameters())


def _on_picture(question: AttributionQuery, nets: list[LoadedNet], picture: SourceImage, tick: Tick) -> Told:
    told_nets: list[dict[str, Any]] = []
    arrays: dict[str, Any] = {}
    is_negated = False
    for place, net in enumerate(nets):
        before = net_input(net, question, picture)
        own, made = _ON_PICTURES[question.topic](before, subtick(tick, place, len(nets)))
        label = label_of(picture, net)
        told_nets.append({**facts(net), "label": label, "target": before.target, "predicted": before.predicted, **own})
        made = {"picture": before.seen.pixels_CHW, "probabilities": to_numpy(before.probabilities_K), **made}
        arrays |= {f"{place}.{name}": values for name, values in made.items()}
        is_negated = is_negated or before.seen.is_negated
    told = {
        "topic": question.topic.value,
        "nets": told_nets,
        "picture": {
            "ref": str(picture.ref),
            "label": picture.label,
            "class_name": picture.class_name,
            "is_negated": is_negated,
        },
    }
    if question.topic is Topic.MAPS:
        told["agreement"] = _agreement(arrays)
    return told, arrays


def _agreement(arrays: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Returns how far each two maps point to the same places, brought to one size; NaN where one is flat."""
    planes = {name: agreement.plane(values) for name, values in arrays.items() if ".map." in name}
    if not planes:
        return []
    size = max(plane.shape for plane in planes.values())
    same = {name: agreement.resampled(plane, size) for name, plane in planes.items()}
    told = []
    for a, b in combinations(same, 2):
        signed, absolute = agreement.rank_correlations(same[a], same[b])
        told.append({"a": a, "b": b, "signed": signed, "absolute": absolute})
    return told
