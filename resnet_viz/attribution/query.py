"""What can be asked about trained nets: one frozen value that fits into an address and into a line of JSON. No torch.

An answer has two parts: `meta`, plain JSON values, and float32 arrays by name. `N` is a net's place in the question,
0 or 1; pixels are from 0 to 1 as the net sees them (resized, before normalisation), shape (C, H, W).

    every topic   meta.seconds: that it took, where it was computed for somebody who asked; shipped answers have none
                  meta.nets[N]: ref, title, weights (checksum), data, step, test_accuracy, is_guess (whether the rest is
                  guessed from shapes), image_size, channels, mean, std, class_names, label (null)
    with picture  meta.nets[N]: target, predicted, label where the net knows the picture's class; meta.picture: ref,
                  label (or null), class_name, is_negated; arrays N.picture (C, H, W), N.probabilities (K)
    predict       nothing more
    maps          meta.nets[N].maps: list of {method, params, layer, delta or null, is_signed, seconds}
                  arrays N.map.METHOD, (C, H, W) or a layer's (H', W'); N.baseline (C, H, W) where a method has one
                  meta.agreement: list of {a: "N.map.METHOD", b, signed, absolute}, Spearman's rank correlations
    film          meta.nets[N].blocks: names; arrays N.film.BLOCK (H', W'), GradCAM at each block's output
    depth         meta.nets[N].conductance: list of {block, value}
                  meta.nets[N].shares: list of {node, block, shortcut, branch, whole}
                  meta.nets[N].lesions: list of {block, before, after, predicted, sentence}; before and after are the
                  target's probabilities, null with a sentence where the block cannot be removed
                  meta.nets[N]: important, idle (blocks or null), change (in logits), share_delta; array N.baseline
    sanity        meta.nets[N].sanity: list of {name, signed, absolute} from the head down; meta.nets[N]: verdict (a
                  sentence), is_sensitive, signed and absolute (means over random nets)
                  arrays N.map.METHOD and N.sanity.I, the map after entry I of the list
    over_training meta.nets[N].steps: list of {step, target_probability, delta}; arrays N.map.STEP and one scale for all
    features      arrays N.features (C, H', W'); N.filters (O, I, kH, kW) of the first convolution
    patches       meta.nets[N].patches: list of {ref, value, top, left, size, label, class_name}
                  arrays N.patches (k, C, h, w), NaN where the channel cannot see
    pick          of the first net alone; meta.pictures: list of {ref, label, class_name, predicted, confidence}
                  array pictures (k, C, H, W)
    about         meta.nets[N].spec: what the net is built like, as `spec.codec` writes it
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
from resnet_viz.spec.net import MAX_CLASSES
from resnet_viz.spec.validation import known_field, number, one_of, shown, whole_in_range
from resnet_viz.training.recipe import MAX_SEED

NAME_PATTERN: Final = re.compile(r"[a-z0-9_]{1,40}", flags=re.ASCII)
_NAMES_PATTERN: Final = re.compile(r"[a-z0-9_]{1,40}(,[a-z0-9_]{1,40}){0,13}|", flags=re.ASCII)


class Topic(StrEnum):
    """What is asked."""

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
    def needs_picture(self) -> bool:
        """Whether it is asked about one picture."""
        return self not in (Topic.PATCHES, Topic.PICK, Topic.ABOUT)

    @property
    def has_method(self) -> bool:
        """Whether it is asked about a method of attribution."""
        return self in (Topic.MAPS, Topic.SANITY, Topic.OVER_TRAINING)

    @property
    def needs_layer(self) -> bool:
        """Whether it is asked about one node of the net."""
        return self in (Topic.FEATURES, Topic.PATCHES)


class ImageSelection(StrEnum):
    """How pictures are picked from the test pictures."""

    RANDOM = "random"
    CLASS = "class"
    WRONG = "wrong"  # most confidently wrong first


@dataclass(frozen=True, slots=True)
class NumberOption:
    """An option that is a whole number from `low` to `high`."""

    low: int
    high: int
    default: int


@dataclass(frozen=True, slots=True)
class ChoiceOption:
    """An option that is one of some words."""

    words: tuple[str, ...]
    default: str


@dataclass(frozen=True, slots=True)
class NamesOption:
    """An option that is none, one or several names with commas between."""

    default: str = ""


Option = NumberOption | ChoiceOption | NamesOption

OPTIONS: Final[Mapping[Topic, Mapping[str, Option]]] = {
    Topic.PREDICT: {},
    Topic.MAPS: {"also": NamesOption()},  # further methods, with their default parameters
    Topic.FILM: {},
    Topic.DEPTH: {"steps": NumberOption(10, 400, 200)},  # along the path from the baseline
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
        SpecError: an option that the topic has not, or a value that is not allowed.
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


__all__ = ["MOST_NETS", "OPTIONS", "AttributionQuery", "ImageSelection", "Topic", "from_json", "to_json", "topic_of"]

MOST_NETS: Final = 2
_LARGEST: Final = 1e9  # of a parameter
_NOTHING: Final = re.compile("")
_LAYER: Final = re.compile(r"[a-z0-9_.]{1,80}", flags=re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class AttributionQuery:
    """One question. Whether its nets and pictures are there is found out where it is answered.

    Attributes:
        topic: what is asked.
        nets: one net, or two to compare.
        picture: None where the topic needs none.
        method: of attribution, a name of `explain.methods`; "" where the topic has none.
        params: the method's parameters; those that are missing take their defaults.
        target: class whose logit is explained; None for the class that each net predicts.
        layer: a node or block of the net, for methods and topics that need one; None for the last block.
        baseline: what "nothing" looks like, for methods that compare with it.
        seed: of all that is drawn.
        options: what else the topic can be told, see OPTIONS; filled with defaults.

    Raises:
        SpecError: a value that is not allowed.
    """

    topic: Topic
    nets: tuple[NetRef, ...]
    picture: ImageRef | None = None
    method: str = ""
    params: Mapping[str, float] = field(default_factory=dict)
    target: int | None = None
    layer: str | None = None
    baseline: str = "black"
    seed: int = 0
    options: Mapping[str, int | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 1 <= len(self.nets) <= MOST_NETS:
            raise SpecError(_("A question is about one net or two; got {got}.").format(got=len(self.nets)))
        if self.topic.needs_picture and self.picture is None:
            raise SpecError(_("This is asked about a picture; choose one."))
        check_text("method", self.method, NAME_PATTERN if self.method else _NOTHING)
        if self.topic.has_method != bool(self.method):
            raise SpecError(
                _("This is asked about a method of attribution; choose one.")
                if self.topic.has_method
                else _("This is asked about no method of attribution; got {got!r}.").format(got=shown(self.method))
            )
        if self.method:
            method_of(self.method)
        if self.topic.needs_layer and self.layer is None:
            raise SpecError(_("This is asked about a layer; choose one."))
        check_text("layer", "x" if self.layer is None else self.layer, _LAYER)
        one_of("baseline", self.baseline, BASELINES)
        whole_in_range("target", 0 if self.target is None else self.target, 0, MAX_CLASSES - 1)
        whole_in_range("seed", self.seed, 0, MAX_SEED)
        _check_params(self.params)
        object.__setattr__(self, "options", with_defaults(self.topic, self.options))
        for name in filter(None, str(self.options.get("also", "")).split(",")):
            method_of(name)

    def key(self) -> str:
        """Returns the question as one line that is the same for equal questions."""
        return json.dumps(to_json(self), sort_keys=True, separators=(",", ":"))


def to_json(question: AttributionQuery) -> dict[str, Any]:
    """Returns a question as plain JSON values."""
    return {
        "topic": question.topic.value,
        "nets": [str(net) for net in question.nets],
        "picture": None if question.picture is None else str(question.picture),
        "method": question.method,
        "params": dict(question.params),
        "target": question.target,
        "layer": question.layer,
        "baseline": question.baseline,
        "seed": question.seed,
        "options": dict(question.options),
    }


def from_json(fields: Mapping[str, Any]) -> AttributionQuery:
    """Returns the question that `to_json` wrote; missing fields take their defaults.

    Raises:
        SpecError: an unknown field or a value that is not allowed.
    """
    if not isinstance(fields, Mapping) or not {"topic", "nets"} <= fields.keys():
        raise SpecError(_("A question is an object with at least a topic and nets."))
    for name in fields:
        known_field(_("A question"), name, AttributionQuery.__dataclass_fields__)
    picture = fields.get("picture")
    values = {name: fields[name] for name in ("target", "layer", "method", "baseline", "seed") if name in fields}
    params, options = fields.get("params", {}), fields.get("options", {})
    if not isinstance(params, Mapping) or not isinstance(options, Mapping):
        raise SpecError(_("params and options of a question are objects."))
    nets = fields["nets"]
    if not isinstance(nets, Sequence) or isinstance(nets, str):
        raise SpecError(_("The nets of a question are a list."))
    return AttributionQuery(
        topic=topic_of(fields["topic"]),
        nets=tuple(NetRef.parse(text_of("nets", net)) for net in nets[: MOST_NETS + 1]),
        picture=None if picture is None else ImageRef.parse(text_of("picture", picture)),
        params=dict(params),
        options=dict(options),
        **values,
    )


def _check_params(params: Mapping[str, Any]) -> None:
    for name, value in params.items():
        check_text("params", name, NAME_PATTERN)
        number(name, value, largest=_LARGEST)
