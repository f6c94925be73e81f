"""A stand-in for the process that computes attribution: answers of the right form at once, out of numpy alone."""

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from resnet_viz.attribution.query import AttributionQuery, Topic, from_json
from resnet_viz.attribution.result import AttributionResult
from resnet_viz.attribution.sources import images, shipped_nets
from resnet_viz.attribution.sources.images import Preprocessing
from resnet_viz.data.fashion_mnist import CLASS_NAMES
from resnet_viz.jobs.queries.kinds import ATTRIBUTION
from resnet_viz.jobs.queries.queue import QueryState, QueryStatus, Request
from resnet_viz.spec import codec
from resnet_viz.spec.presets import preset
from resnet_viz.spec.titles import title

BLOCKS = [f"stage{stage}.block{block}" for stage in (1, 2, 3) for block in (1, 2, 3)]
WANTED = Preprocessing(image_size=28, channels=1, mean=(0.286,), std=(0.353,), is_grey=True)
STEPS = (0, 50, 150, 300)

Arrays = dict[str, np.ndarray[Any, np.dtype[np.float32]]]


class FakeAttribution:
    """Answers in place of `jobs.queries.attribution.SERVICE`; what is asked is kept in `asked`."""

    kind = ATTRIBUTION

    def __init__(self) -> None:
        self.asked: list[AttributionQuery] = []
        self.statuses: dict[str, QueryStatus] = {}
        self.cancelled: list[AttributionQuery] = []
        self.is_warm = False
        self.seconds: float | None = None  # that a result took
        self.knows_all = True  # as if every result were on the disk
        self.answer = QueryStatus(state=QueryState.DONE)

    def ask(self, request: Request, *, owner: str) -> None:
        query = from_json(request.fields)
        self.asked.append(query)
        if request.key not in self.statuses:
            meta, arrays = fake_result(query)
            meta |= {} if self.seconds is None else {"seconds": self.seconds}
            is_done = self.answer.state is QueryState.DONE
            result = AttributionResult(meta=meta, arrays=arrays) if is_done else None
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


def fake_result(question: AttributionQuery) -> tuple[dict[str, Any], Arrays]:
    """What `explain.questions` says that an answer holds, with values that depend on the question only."""
    meta: dict[str, Any] = {"nets": []}
    arrays: Arrays = {}
    for place, ref in enumerate(question.nets):
        facts: dict[str, Any] = {
            "ref": str(ref),
            "title": ref.name,
            "weights": "0" * 16,
            "data": "fashion_mnist",
            "image_size": 28,
            "mean": [0.286],
            "std": [0.353],
            "class_names": list(CLASS_NAMES),
            "label": None,
        }
        if question.topic is Topic.ABOUT:
            facts["spec"] = codec.to_json(preset("cifar_resnet20", in_channels=1, image_size=28))
        meta["nets"].append(facts)
        if question.picture is not None:
            seen = images.preprocess(images.read_image(question.picture), WANTED).pixels_CHW
            facts |= {"target": question.target or 9, "predicted": 9 if place else 7}
            arrays[f"{place}.picture"] = seen
            arrays[f"{place}.probabilities"] = _probabilities(9 if place else 7)
        _fill(question, place, facts, arrays)
    if question.picture is not None:
        picture = images.read_image(question.picture)
        meta["picture"] = {"ref": str(question.picture), "label": picture.label, "class_name": picture.class_name}
    if question.topic is Topic.MAPS:
        names = [name for name in arrays if ".map." in name]
        meta["agreement"] = [
            {"a": a, "b": b, "signed": 0.42, "absolute": 0.61} for i, a in enumerate(names) for b in names[i + 1 :]
        ]
    if question.topic is Topic.PICK:
        meta["pictures"] = [
            {"ref": f"data:fashion_mnist_subset/{i}", "label": i % 10, "predicted": 6, "confidence": 0.99}
            for i in range(12)
        ]
        arrays["pictures"] = np.stack([_noise(f"pick{i}", 1, 28, 28) for i in range(12)])
    return meta, arrays


def _fill(question: AttributionQuery, place: int, facts: dict[str, Any], arrays: Arrays) -> None:
    match question.topic:
        case Topic.MAPS:
            also = [name for name in str(question.options["also"]).split(",") if name]
            facts["maps"] = [
                {"method": name, "params": {}, "layer": None, "delta": 0.01, "is_signed": True, "seconds": 0.1}
                for name in (question.method, *also)
            ]
            for name in (question.method, *also):
                size = (7, 7) if name == "grad_cam" else (1, 28, 28)
                arrays[f"{place}.map.{name}"] = _noise(f"{place}{name}", *size)
        case Topic.FILM:
            facts["blocks"] = BLOCKS
            for i, name in enumerate(BLOCKS):
                side = (28, 14, 7)[i // 3]
                arrays[f"{place}.film.{name}"] = _noise(f"{place}{name}", side, side)
        case Topic.DEPTH:
            facts["conductance"] = [{"block": name, "value": 8.0} for name in BLOCKS]
            facts["shares"] = [
                {"node": f"{name}.add", "block": name, "branch": 1.0 + i - 4, "shortcut": 11.0 - i, "whole": 8.0}
                for i, name in enumerate(BLOCKS)
                if place
            ]
            facts["lesions"] = [
                {"block": name, "before": 0.9, "after": None, "predicted": None, "sentence": f"{name} stays."}
                if i in (3, 6) and not place
                else {"block": name, "before": 0.9, "after": 0.1 * i, "predicted": 9 if i > 4 else 2, "sentence": ""}
                for i, name in enumerate(BLOCKS)
            ]
        case Topic.SANITY:
            names = ["head.fc", *reversed(BLOCKS), "stem"]
            facts["sanity"] = [
                {"name": name, "signed": 1 - i / 6, "absolute": 1 - i / 12} for i, name in enumerate(names, start=1)
            ]
            facts |= {"verdict": "The map changes.", "is_sensitive": True}
            arrays[f"{place}.map.{question.method}"] = _noise(f"{place}", 1, 28, 28)
            for i in range(len(names)):
                arrays[f"{place}.sanity.{i}"] = _noise(f"{place}{i}", 1, 28, 28)
        case Topic.OVER_TRAINING:
            facts["steps"] = [{"step": step, "target_probability": step / 400, "delta": None} for step in STEPS]
            for step in STEPS:
                arrays[f"{place}.map.{step}"] = _noise(f"{place}{step}", 1, 28, 28)
        case Topic.FEATURES:
            arrays[f"{place}.features"] = _noise(f"{place}f", 16, 28, 28)
            arrays[f"{place}.filters"] = _noise(f"{place}c", 16, 1, 3, 3)
        case Topic.PATCHES:
            facts["patches"] = [
                {
                    "ref": f"data:fashion_mnist_subset/{i}",
                    "value": 3.0 - i / 9,
                    "top": 0,
                    "left": 0,
                    "size": 9,
                    "label": i,
                }
                for i in range(9)
            ]
            arrays[f"{place}.patches"] = np.abs(_noise(f"{place}p", 9, 1, 9, 9))
        case _:
            pass


def _probabilities(best: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    shares = np.full(10, 0.01, np.float32)
    shares[best] = 0.91
    return shares


def _noise(seed: str, *shape: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    values = np.random.default_rng(zlib.crc32(seed.encode())).normal(size=shape)
    return (values * np.linspace(0, 1, shape[-1])).astype(np.float32)
