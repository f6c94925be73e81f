"""Attribution queries about trained nets: one frozen value that fits into an address and into a line of JSON. No torch.

Each topic has a result of its own, see `attribution.result`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from resnet_viz.attribution.methods import BASELINES, method_of
from resnet_viz.attribution.sources.refs import ImageRef, NetRef
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec.fields import MAX_CLASSES
from resnet_viz.spec.validation import known_field, number, one_of, shown, whole_in_range
from resnet_viz.training.recipe_values import MAX_SEED

NAME_PATTERN: Final = re.compile(r"[a-z0-9_]{1,40}", flags=re.ASCII)
_NAMES_PATTERN: Final = re.compile(r"[a-z0-9_]{1,40}(,[a-z0-9_]{1,40}){0,13}|", flags=re.ASCII)


class Topic(StrEnum):
    """Kind of a query."""

    PREDICT = "predict"
    MAPS = "maps"
    FILM = "film"
    DEPTH = "depth"
    SANITY = "sanity"
    OVER_TRAINING = "over_training"
    FEATURES = "features"
    PATCHES = "patches"
    PICK = "pick"
    ABOUT = "about"

    @property
    def needs_image(self) -> bool:
        """True for a topic about one image."""
        return self not in (Topic.PATCHES, Topic.PICK, Topic.ABOUT)

    @property
    def has_method(self) -> bool:
        """True for a topic with a method of attribution."""
        return self in (Topic.MAPS, Topic.SANITY, Topic.OVER_TRAINING)

    @property
    def needs_layer(self) -> bool:
        """True for a topic about one node of the net."""
        return self in (Topic.FEATURES, Topic.PATCHES)


class ImageSelection(StrEnum):
    """Selection of test images."""

    RANDOM = "random"
    CLASS = "class"
    WRONG = "wrong"  # most confidently wrong first


@dataclass(frozen=True, slots=True)
class NumberOption:
    """Integer option from `low` to `high`."""

    low: int
    high: int
    default: int


@dataclass(frozen=True, slots=True)
class ChoiceOption:
    """Option with a fixed set of values."""

    words: tuple[str, ...]
    default: str


@dataclass(frozen=True, slots=True)
class NamesOption:
    """Option of any number of names, separated by commas."""

    default: str = ""


Option = NumberOption | ChoiceOption | NamesOption

DEPTH_STEPS: Final = NumberOption(10, 400, 200)  # along the path from the baseline
OPTIONS: Final[Mapping[Topic, Mapping[str, Option]]] = {
    Topic.PREDICT: {},
    Topic.MAPS: {"also": NamesOption()},  # further methods, with their default parameters
    Topic.FILM: {},
    Topic.DEPTH: {"steps": DEPTH_STEPS},
    Topic.SANITY: {},
    Topic.OVER_TRAINING: {},
    Topic.FEATURES: {},
    Topic.PATCHES: {"channel": NumberOption(0, 16_383, 0), "count": NumberOption(1, 25, 9)},
    Topic.PICK: {
        "how": ChoiceOption(tuple(ImageSelection), ImageSelection.RANDOM),
        "label": NumberOption(-1, MAX_CLASSES - 1, -1),  # the class; -1 for all of them
        "count": NumberOption(1, 60, 12),
    },
    Topic.ABOUT: {},
}


def topic_of(text: Any) -> Topic:
    """Returns the topic of this name.

    Raises:
        SpecError: there is none.
    """
    return Topic(one_of("topic", text, tuple(Topic)))


def with_defaults(of: Topic, given: Mapping[str, Any]) -> dict[str, int | str]:
    """Returns all options of a topic: those given, and defaults for the others.

    Raises:
        SpecError: an unknown option, or a value that is not allowed.
    """
    known = OPTIONS[of]
    for name in given:
        if name not in known:
            raise SpecError(
                _("{topic} has no option {name!r}; it has {options}.").format(
                    topic=of, name=shown(name), options=", ".join(known) or _("none")
                )
            )
    found: dict[str, int | str] = {}
    for name, option in known.items():
        value = given.get(name, option.default)
        match option:
            case NumberOption(low, high):
                whole_in_range(name, value, low, high)
            case ChoiceOption(words):
                value = one_of(name, value, words)
            case NamesOption():
                check_text(name, value, _NAMES_PATTERN)
        found[name] = value
    return found


def text_of(name: str, value: Any) -> str:
    """Returns a text, or raises SpecError where it is none."""
    if not isinstance(value, str):
        raise SpecError(_("{name} is a text; got {value!r}.").format(name=name, value=shown(value)))
    return value


def check_text(name: str, value: Any, form: re.Pattern[str]) -> None:
    """Raises SpecError where a value is no text of a form."""
    if not form.fullmatch(text_of(name, value)):
        raise SpecError(_("{name} is a name; got {value!r}.").format(name=name, value=shown(value)))


MOST_NETS: Final = 2
_LARGEST: Final = 1e9  # of a parameter
_NOTHING: Final = re.compile("")
_FIELDS: Final = (  # in JSON: "picture" is the image, as files of earlier versions have it in their keys
    "topic",
    "nets",
    "picture",
    "method",
    "params",
    "target",
    "layer",
    "baseline",
    "seed",
    "options",
)
_LAYER: Final = re.compile(r"[a-z0-9_.]{1,80}", flags=re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class AttributionQuery:
    """Query about one net or two. Whether its nets and image exist is checked where it is answered.

    Attributes:
        topic: its kind.
        nets: one net, or two to compare.
        image: None where the topic needs none.
        method: of attribution, a name of `attribution.methods`; "" where the topic has none.
        params: of the method; missing ones take their defaults.
        target: class whose logit is explained; None for each net's predicted class.
        layer: a node or block of the net, for methods and topics that need one; None for the last block.
        baseline: for methods that have one.
        seed: of all random numbers.
        options: of the topic, see OPTIONS; filled with defaults.

    Raises:
        SpecError: a value that is not allowed.
    """

    topic: Topic
    nets: tuple[NetRef, ...]
    image: ImageRef | None = None
    method: str = ""
    params: Mapping[str, float] = field(default_factory=dict)
    target: int | None = None
    layer: str | None = None
    baseline: str = "black"
    seed: int = 0
    options: Mapping[str, int | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 1 <= len(self.nets) <= MOST_NETS:
            raise SpecError(_("A query is about one or two nets; got {got}.").format(got=len(self.nets)))
        if self.topic.needs_image and self.image is None:
            raise SpecError(_("This query needs an image."))
        check_text("method", self.method, NAME_PATTERN if self.method else _NOTHING)
        if self.topic.has_method != bool(self.method):
            raise SpecError(
                _("This query needs a method.")
                if self.topic.has_method
                else _("This query has no method; got {got!r}.").format(got=shown(self.method))
            )
        if self.method:
            method_of(self.method)
        if self.topic.needs_layer and self.layer is None:
            raise SpecError(_("This query needs a layer."))
        check_text("layer", "x" if self.layer is None else self.layer, _LAYER)
        one_of("baseline", self.baseline, BASELINES)
        whole_in_range("target", 0 if self.target is None else self.target, 0, MAX_CLASSES - 1)
        whole_in_range("seed", self.seed, 0, MAX_SEED)
        _check_params(self.params)
        object.__setattr__(self, "options", with_defaults(self.topic, self.options))
        for name in self.further_methods:
            method_of(name)

    @property
    def further_methods(self) -> tuple[str, ...]:
        """Further methods, with their default parameters."""
        return tuple(filter(None, str(self.options.get("also", "")).split(",")))

    def key(self) -> str:
        """Returns the query as one line of text, the same for equal queries."""
        return json.dumps(to_json(self), sort_keys=True, separators=(",", ":"))


def to_json(query: AttributionQuery) -> dict[str, Any]:
    """Returns a query as plain JSON values."""
    return {
        "topic": query.topic.value,
        "nets": [str(net) for net in query.nets],
        "picture": None if query.image is None else str(query.image),
        "method": query.method,
        "params": dict(query.params),
        "target": query.target,
        "layer": query.layer,
        "baseline": query.baseline,
        "seed": query.seed,
        "options": dict(query.options),
    }


def from_json(fields: Mapping[str, Any]) -> AttributionQuery:
    """Returns the query that `to_json` wrote; missing fields take their defaults.

    Raises:
        SpecError: an unknown field or a value that is not allowed.
    """
    if not isinstance(fields, Mapping) or not {"topic", "nets"} <= fields.keys():
        raise SpecError(_("A query is an object with at least a topic and nets."))
    for name in fields:
        known_field(_("A query"), name, _FIELDS)
    image = fields.get("picture")
    values = {name: fields[name] for name in ("target", "layer", "method", "baseline", "seed") if name in fields}
    params, options = fields.get("params", {}), fields.get("options", {})
    if not isinstance(params, Mapping) or not isinstance(options, Mapping):
        raise SpecError(_("params and options of a query are objects."))
    nets = fields["nets"]
    if not isinstance(nets, Sequence) or isinstance(nets, str):
        raise SpecError(_("The nets of a query are a list."))
    return AttributionQuery(
        topic=topic_of(fields["topic"]),
        nets=tuple(NetRef.parse(text_of("nets", net)) for net in nets[: MOST_NETS + 1]),
        image=None if image is None else ImageRef.parse(text_of("picture", image)),
        params=dict(params),
        options=dict(options),
        **values,
    )


def _check_params(params: Mapping[str, Any]) -> None:
    for name, value in params.items():
        check_text("params", name, NAME_PATTERN)
        number(name, value, largest=_LARGEST)
