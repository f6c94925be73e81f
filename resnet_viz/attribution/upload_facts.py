"""What the weights of an uploaded net tell, what they leave open, and what a person has chosen about it. No torch.

A plain net and a residual one whose shortcuts have no parameters have the same tensors. Which of them is meant is never
decided here without a reason: a choice, a statement in the file, or predictions that agree with the labels of
Fashion-MNIST for one of them only. Other fields that leave no trace have a usual value, which is assumed and named so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from resnet_viz.attribution.sources.net_settings import CHOSEN_FIELDS, NetSettings
from resnet_viz.errors import SpecError
from resnet_viz.i18n import _
from resnet_viz.spec.vgg import AnySpec
from resnet_viz.weights.identified import Remark

NUM_COMPARED: Final = 200  # test images of Fashion-MNIST
_CLEAR: Final = 40  # more of them that agree: three standard deviations of a net that guesses are 13
_HAS_NO_USUAL: Final = ("shortcut",)


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenField:
    """Field of the architecture that weights leave open.

    Attributes:
        field: of the spec.
        values: possible ones, as texts of the vocabulary.
    """

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadFacts:
    """Weights of an uploaded net.

    Attributes:
        specs: all architectures that the weights leave possible, the likeliest first; () where `entries` has several
            and none is chosen.
        open_fields: fields in which they differ.
        unseen_fields: fields that leave no trace in weights either; the usual value, which is the first, is taken.
        agreement: for each of `specs`, the number of test images of Fashion-MNIST whose label it predicts; () where
            its input or outputs do not fit.
        entry: place of the weights in the file, TOP for its top.
        entries: places of all weights of a net in the file.
        naming: name of the table by which the keys were read.
        missing: our names of tensors that the file lacks: the head's.
        extra: names of the file's tensors that belong to no layer.
        heads: the file's names of layers that can be the head, where there are several.
        other_head: names of the fully connected layers, where none of them can be the head.
        prefixes: of all nets among the weights, TOP for none, where there are several; the first is taken.
        remarks: properties that the original net may have and a net here has not.
        is_stated: whether the file states the first of `specs`.
        contradicted: architecture that the file states and its tensors cannot have; () where there is none.
        notes: messages of the file's reader.
        known_as: title of the shipped net that the file is; "" for others.
    """

    specs: tuple[AnySpec, ...]
    open_fields: tuple[OpenField, ...] = ()
    unseen_fields: tuple[OpenField, ...] = ()
    agreement: tuple[int, ...] = ()
    entry: str = ""
    entries: tuple[str, ...] = ()
    naming: str = ""
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    other_head: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    is_stated: bool = False
    contradicted: tuple[AnySpec, ...] = ()
    notes: tuple[str, ...] = ()
    known_as: str = ""

    @property
    def has_head(self) -> bool:
        """Whether the last layer's weights are there, without which nothing is predicted."""
        return "head.fc.weight" not in self.missing


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldChoice:
    """State of an open field.

    Attributes:
        field: of the spec.
        values: possible ones.
        value: the chosen one, or else the assumed one; "" where one has to be chosen.
        is_chosen: whether a person chose it.
        agreement: for each value, the most test images of Fashion-MNIST whose label a net with it predicts; () where
            that was not measured.
    """

    field: str
    values: tuple[str, ...]
    value: str
    is_chosen: bool
    agreement: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SettledNet:
    """Architecture under the choices.

    Attributes:
        spec: the architecture; None where something has to be chosen first.
        choices: all open fields.
    """

    spec: AnySpec | None
    choices: tuple[FieldChoice, ...] = ()

    @property
    def is_assumed(self) -> bool:
        """Whether an open field has its usual value without having been chosen."""
        return any(choice.value and not choice.is_chosen for choice in self.choices)


def settle(facts: UploadFacts, settings: NetSettings) -> SettledNet:
    """Returns the architecture of uploaded weights under the choices of a person.

    Raises:
        SpecError: the weights are of no net with these choices.
    """
    if not facts.specs:
        return SettledNet(spec=None)
    unseen = {one.field: settings.chosen[one.field] for one in facts.unseen_fields if one.field in settings.chosen}
    seen = settings
    for name in unseen:
        seen = seen.with_choice(name, "")
    ranked = sorted(range(len(facts.specs)), key=lambda place: -_agreement(facts, place))  # of equals the first
    fitting = [place for place in ranked if _fits(facts.specs[place], seen)]
    possible = {one.field: one.values for one in (*facts.open_fields, *facts.unseen_fields)}
    if not fitting or any(value not in possible[name] for name, value in unseen.items()):
        raise SpecError(
            _("These weights are of no net with {chosen}. Possible are {possible}.").format(
                chosen=", ".join(f"{name}={value}" for name, value in settings.chosen.items()),
                possible="; ".join(f"{name}: {', '.join(values)}" for name, values in possible.items())
                or _("no other nets"),
            )
        )
    choices = tuple(_choice(facts, one, seen, fitting) for one in facts.open_fields)
    if not all(choice.value for choice in choices):
        return SettledNet(spec=None, choices=choices)
    changes: dict[str, Any] = {name: CHOSEN_FIELDS[name](value) for name, value in unseen.items()}
    return SettledNet(spec=facts.specs[fitting[0]].replace(**changes), choices=choices)


def _choice(facts: UploadFacts, one: OpenField, settings: NetSettings, fitting: Sequence[int]) -> FieldChoice:
    chosen = settings.chosen.get(one.field, "")
    others = _without(settings, one.field)
    best = {
        value: max((_agreement(facts, p) for p, spec in enumerate(facts.specs) if _has(spec, one.field, value, others)))
        for value in one.values
        if any(_has(spec, one.field, value, others) for spec in facts.specs)
    }
    assumed = str(getattr(facts.specs[fitting[0]], one.field))
    lead = best[assumed] - max((num for value, num in best.items() if value != assumed), default=-NUM_COMPARED)
    if one.field in _HAS_NO_USUAL and lead <= _CLEAR and len(best) > 1:
        assumed = ""
    return FieldChoice(
        field=one.field,
        values=tuple(best),
        value=chosen or assumed,
        is_chosen=bool(chosen),
        agreement=tuple(best.values()) if facts.agreement else (),
    )


def _agreement(facts: UploadFacts, place: int) -> int:
    return facts.agreement[place] if facts.agreement else 0


def _without(settings: NetSettings, field: str) -> NetSettings:
    return settings.with_choice(field, "")


def _has(spec: AnySpec, field: str, value: str, settings: NetSettings) -> bool:
    return str(getattr(spec, field, "")) == value and _fits(spec, settings)


def _fits(spec: AnySpec, settings: NetSettings) -> bool:
    return all(str(getattr(spec, field, "")) == value for field, value in settings.chosen.items())


def is_choosable(field: str) -> bool:
    """Whether a person can choose a field on the page."""
    return field in CHOSEN_FIELDS
